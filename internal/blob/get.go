package blob

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Get returns the content of an object and its size. The caller closes the content.
func (s *Store) Get(ctx context.Context, key string) (content io.ReadCloser, size int64, err error) {
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.cfg.Bucket, Key: &key})
	if err != nil {
		return nil, 0, wrap("get", key, err)
	}
	return out.Body, aws.ToInt64(out.ContentLength), nil
}

// GetToFile stores an object as a new file. If it fails, no file is left.
func (s *Store) GetToFile(ctx context.Context, key, path string) (err error) {
	content, size, err := s.Get(ctx, key)
	if err != nil {
		return err
	}
	defer content.Close()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("get %s: %w", key, err)
	}
	defer func() {
		if closeErr := f.Close(); err == nil && closeErr != nil {
			err = fmt.Errorf("get %s: %w", key, closeErr)
		}
		if err != nil {
			_ = os.Remove(path)
		}
	}()
	n, err := io.Copy(f, content)
	if err != nil {
		return fmt.Errorf("get %s: %w", key, err)
	}
	if n != size {
		return fmt.Errorf("get %s: %w: %d bytes of %d", key, errIncomplete, n, size)
	}
	return nil
}

// Head returns what the bucket knows of an object.
func (s *Store) Head(ctx context.Context, key string) (Info, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.cfg.Bucket, Key: &key})
	if err != nil {
		return Info{}, wrap("head", key, err)
	}
	return Info{
		Key: key, Size: aws.ToInt64(out.ContentLength), ETag: aws.ToString(out.ETag),
		ContentType: aws.ToString(out.ContentType), Modified: aws.ToTime(out.LastModified),
	}, nil
}
