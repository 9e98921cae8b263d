package blob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/uuid"
)

// Ping reports whether the bucket can be reached, in one cheap call.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	_, err := s.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &s.cfg.Bucket})
	return s.explain(err)
}

// Check reports whether objects can be listed, written, read and deleted, and if not, what is wrong.
func (s *Store) Check(ctx context.Context) error {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	// A listing, since the answer to a HEAD has no body to say why.
	_, err := s.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &s.cfg.Bucket, MaxKeys: aws.Int32(1)})
	if err != nil {
		return s.explain(err)
	}
	key := "check/" + uuid.NewString()
	if _, err := s.Put(ctx, key, strings.NewReader("meshgen"), 7, "text/plain"); err != nil {
		return fmt.Errorf("cannot write: %w", s.explain(err))
	}
	if _, err := s.Head(ctx, key); err != nil {
		return fmt.Errorf("cannot read: %w", s.explain(err))
	}
	if err := s.Delete(ctx, key); err != nil {
		return fmt.Errorf("cannot delete: %w", s.explain(err))
	}
	return nil
}

// explain says in an operator's words why the bucket cannot be used.
func (s *Store) explain(err error) error {
	if err == nil {
		return nil
	}
	where := s.cfg.where()
	switch code(err) {
	case "NoSuchBucket":
		return fmt.Errorf("%s does not exist: create it, or set MESHGEN_S3_BUCKET: %w", where, err)
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "XAdminUserNotFound": // the last is VersityGW's
		return fmt.Errorf("%s refuses the keys: check MESHGEN_S3_ACCESS_KEY and MESHGEN_S3_SECRET_KEY: %w", where, err)
	case "RequestTimeTooSkewed":
		return fmt.Errorf("%s refuses requests because the clocks differ: set this machine's time: %w", where, err)
	case "AuthorizationHeaderMalformed", "PermanentRedirect":
		return fmt.Errorf("%s is in another region: set MESHGEN_S3_REGION: %w", where, err)
	}
	switch status(err) {
	case 0:
		if errors.Is(err, context.Canceled) {
			return err
		}
		return fmt.Errorf("%s cannot be reached: check MESHGEN_S3_ENDPOINT and whether it runs: %w", where, err)
	case http.StatusNotFound:
		return fmt.Errorf("%s does not exist: create it, or set MESHGEN_S3_BUCKET: %w", where, err)
	case http.StatusForbidden:
		return fmt.Errorf("%s denies access: its keys may not list, read, write and delete there: %w", where, err)
	}
	return fmt.Errorf("%s: %w", where, err)
}

// EnsureBucket makes the bucket if it is missing, and lets pages of other origins use presigned URLs where the server
// can be told so. It is for set-up steps and development; in production the bucket is made by whoever owns it.
func (s *Store) EnsureBucket(ctx context.Context) error {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	input := &s3.CreateBucketInput{Bucket: &s.cfg.Bucket}
	if s.cfg.Region != "us-east-1" { // which may not be named
		input.CreateBucketConfiguration = &types.CreateBucketConfiguration{
			LocationConstraint: types.BucketLocationConstraint(s.cfg.Region),
		}
	}
	if _, err := s.client.CreateBucket(ctx, input); err != nil {
		// It may be ours already, or be there without our right to make it: then it only has to be usable.
		if _, head := s.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &s.cfg.Bucket}); head != nil {
			return s.explain(err)
		}
	}
	if len(s.cfg.CORSOrigins) == 0 {
		return nil
	}
	_, err := s.client.PutBucketCors(ctx, &s3.PutBucketCorsInput{
		Bucket: &s.cfg.Bucket,
		CORSConfiguration: &types.CORSConfiguration{CORSRules: []types.CORSRule{{
			AllowedOrigins: s.cfg.CORSOrigins,
			AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPut},
			AllowedHeaders: []string{"*"},
			ExposeHeaders:  []string{"ETag", "Content-Disposition", "Content-Length"}, // a multipart upload needs the ETags
			MaxAgeSeconds:  aws.Int32(3600),
		}}},
	})
	if code(err) == "NotImplemented" || status(err) == http.StatusNotImplemented {
		s.log.InfoContext(ctx, "S3 knows no CORS, so presigned URLs work for pages of its own origin only")
		return nil
	}
	if err != nil {
		return fmt.Errorf("CORS of %s: %w", s.cfg.where(), err)
	}
	return nil
}
