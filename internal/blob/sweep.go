package blob

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// deletesAtOnce is S3's limit of keys in one request.
const deletesAtOnce = 1000

// Delete removes objects. One that is not there is no error.
func (s *Store) Delete(ctx context.Context, keys ...string) error {
	if len(keys) == 1 {
		ctx, cancel := s.bounded(ctx)
		defer cancel()
		_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.cfg.Bucket, Key: &keys[0]})
		if err = wrap("delete", keys[0], err); errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	}
	for some := range slices.Chunk(keys, deletesAtOnce) {
		if err := s.deleteSome(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) deleteSome(ctx context.Context, keys []string) error {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	objects := make([]types.ObjectIdentifier, len(keys))
	for i := range keys {
		objects[i].Key = &keys[i]
	}
	out, err := s.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: &s.cfg.Bucket, Delete: &types.Delete{Objects: objects, Quiet: aws.Bool(true)},
	})
	if err != nil {
		return fmt.Errorf("delete %d objects from %s: %w", len(keys), keys[0], err)
	}
	var failed []error
	for _, e := range out.Errors {
		if c := aws.ToString(e.Code); c != "NoSuchKey" {
			failed = append(failed, fmt.Errorf("delete %s: %s: %s", aws.ToString(e.Key), c, aws.ToString(e.Message)))
		}
	}
	return errors.Join(failed...)
}

// DeletePrefix removes all objects whose keys begin with prefix, and the parts of such that were never put together: S3
// charges for them and shows them nowhere.
func (s *Store) DeletePrefix(ctx context.Context, prefix string) error {
	if prefix == "" {
		return errors.New("delete prefix: it is empty, which means the whole bucket")
	}
	if _, err := s.AbortPrefix(ctx, prefix); err != nil {
		return err
	}
	keys := make([]string, 0, deletesAtOnce)
	for info, err := range s.List(ctx, prefix) {
		if err != nil {
			return err
		}
		if keys = append(keys, info.Key); len(keys) == deletesAtOnce {
			if err := s.Delete(ctx, keys...); err != nil {
				return err
			}
			keys = keys[:0]
		}
	}
	return s.Delete(ctx, keys...)
}

// List yields the objects whose keys begin with prefix, in the order of their keys. It ends at the first error.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{Bucket: &s.cfg.Bucket, Prefix: &prefix})
		for pages.HasMorePages() {
			page, err := nextPage(ctx, s, pages.NextPage)
			if err != nil {
				yield(Info{}, wrap("list", prefix, err))
				return
			}
			for _, o := range page.Contents {
				info := Info{
					Key: aws.ToString(o.Key), Size: aws.ToInt64(o.Size), ETag: aws.ToString(o.ETag), Modified: aws.ToTime(o.LastModified),
				}
				if !yield(info, nil) {
					return
				}
			}
		}
	}
}

func nextPage[T any](ctx context.Context, s *Store, next func(context.Context, ...func(*s3.Options)) (T, error)) (T, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	return next(ctx)
}

// AbortPrefix aborts the multipart uploads to keys that begin with prefix, whoever began them, and returns how many there
// were. They are left by processes that died.
func (s *Store) AbortPrefix(ctx context.Context, prefix string) (aborted int, err error) {
	for u, err := range s.ListMultiparts(ctx, prefix) {
		if err == nil {
			err = s.AbortMultipart(ctx, u.Key, u.ID)
		}
		if err != nil && !errors.Is(err, ErrNotFound) { // finished meanwhile
			return aborted, err
		}
		aborted++
	}
	return aborted, nil
}

// Multipart is a multipart upload that is not finished.
type Multipart struct{ Key, ID string }

// ListMultiparts yields the unfinished multipart uploads to keys that begin with prefix. It ends at the first error.
func (s *Store) ListMultiparts(ctx context.Context, prefix string) iter.Seq2[Multipart, error] {
	return func(yield func(Multipart, error) bool) {
		pages := s3.NewListMultipartUploadsPaginator(s.client, &s3.ListMultipartUploadsInput{Bucket: &s.cfg.Bucket, Prefix: &prefix})
		for pages.HasMorePages() {
			page, err := nextPage(ctx, s, pages.NextPage)
			if err != nil {
				yield(Multipart{}, fmt.Errorf("list unfinished uploads to %s: %w", prefix, err))
				return
			}
			for _, u := range page.Uploads {
				if !yield(Multipart{Key: aws.ToString(u.Key), ID: aws.ToString(u.UploadId)}, nil) {
					return
				}
			}
		}
	}
}
