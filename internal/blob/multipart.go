package blob

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Part is a part of a multipart upload that has arrived.
type Part struct {
	Number int32 // from 1
	Size   int64
	ETag   string
	check  string // the CRC-32C, of parts of uploads that were begun with it
}

// CreateMultipart begins an upload in parts, which come by presigned URLs. Each part but the last must have 5 MiB at
// least; there may be 10,000.
func (s *Store) CreateMultipart(ctx context.Context, key string) (uploadID string, err error) {
	return s.createMultipart(ctx, key, "", "")
}

// createMultipart begins an upload whose parts come with a checksum, or without one if algorithm is empty.
func (s *Store) createMultipart(ctx context.Context, key, contentType string, algorithm types.ChecksumAlgorithm) (uploadID string, err error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	out, err := s.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: &s.cfg.Bucket, Key: &key, ContentType: orNil(contentType), ContentEncoding: orNil(Encoding(key)),
		ChecksumAlgorithm: algorithm,
	})
	if err != nil {
		return "", wrap("begin upload of", key, err)
	}
	return aws.ToString(out.UploadId), nil
}

// ListParts returns the parts that have arrived, in the order of their numbers.
func (s *Store) ListParts(ctx context.Context, key, uploadID string) ([]Part, error) {
	var parts []Part
	pages := s3.NewListPartsPaginator(s.client, &s3.ListPartsInput{Bucket: &s.cfg.Bucket, Key: &key, UploadId: &uploadID})
	for pages.HasMorePages() {
		page, err := nextPage(ctx, s, pages.NextPage)
		if err != nil {
			return nil, wrap("list parts of", key, err)
		}
		for _, p := range page.Parts {
			parts = append(parts, Part{Number: aws.ToInt32(p.PartNumber), Size: aws.ToInt64(p.Size), ETag: aws.ToString(p.ETag)})
		}
	}
	return parts, nil
}

// CompleteMultipart makes the object of its parts, which must be in the order of their numbers, and returns its ETag.
// S3 may take minutes for that, so only ctx bounds it. Completing it again returns the same.
func (s *Store) CompleteMultipart(ctx context.Context, key, uploadID string, parts []Part) (etag string, err error) {
	completed := make([]types.CompletedPart, len(parts))
	for i, p := range parts {
		completed[i] = types.CompletedPart{PartNumber: aws.Int32(p.Number), ETag: aws.String(p.ETag), ChecksumCRC32C: orNil(p.check)}
	}
	out, err := s.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &s.cfg.Bucket, Key: &key, UploadId: &uploadID,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: completed},
	})
	switch code(err) {
	case "InvalidPart", "InvalidPartOrder", "EntityTooSmall":
		return "", fmt.Errorf("complete upload of %s: %w: %w", key, ErrBadParts, err)
	}
	if isNotFound(err) {
		// Completed already, if the answer to an earlier attempt was lost: a key belongs to one upload.
		if info, headErr := s.Head(ctx, key); headErr == nil {
			return info.ETag, nil
		}
	}
	if err != nil {
		return "", wrap("complete upload of", key, err)
	}
	return aws.ToString(out.ETag), nil
}

// AbortMultipart forgets an upload and its parts. One that is not there is no error.
func (s *Store) AbortMultipart(ctx context.Context, key, uploadID string) error {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	_, err := s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
		Bucket: &s.cfg.Bucket, Key: &key, UploadId: &uploadID,
	})
	if err = wrap("abort upload of", key, err); errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
