package blob

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/sync/errgroup"
)

const (
	// largestSingle is the size above which Put sends parts: a retry then repeats a part and not everything.
	largestSingle = 128 << 20
	// largePart is the size of those parts, unless there would be too many.
	largePart = 32 << 20
	// partsAtOnce are sent side by side: one connection rarely fills a network.
	partsAtOnce = 4
	// mostParts is S3's limit of parts of one upload.
	mostParts = 10_000
)

// Put stores size bytes of body from its beginning. Up to 128 MiB it is one request, whose bytes the server checks against a CRC-32C: that and
// the SHA-256 are of one reading, so that a body that changes before it is sent is refused rather than stored under the hash of other bytes.
// A body that is an io.ReaderAt, as files are, may be larger.
func (s *Store) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string) (Object, error) {
	at, isFile := body.(io.ReaderAt)
	inParts := isFile && size > largestSingle
	direct := isFile && !inParts && s.trusted
	if direct {
		body = io.NewSectionReader(at, 0, size)
	}
	check, hash, err := readAll(body, size)
	if err != nil {
		return Object{}, fmt.Errorf("put %s: %w", key, err)
	}
	object := Object{Key: key, Size: size, SHA256: hash}
	switch {
	case inParts:
		object.ETag, err = s.putParts(ctx, key, at, size, contentType)
	case direct:
		object.ETag, err = s.putSingle(sendingFile(ctx, at), key, body, size, check, unsignedPayload, contentType)
	default:
		object.ETag, err = s.putSingle(ctx, key, body, size, check, hash, contentType)
	}
	return object, err
}

// readAll returns the checksum of a body and its SHA-256 in hexadecimal, and goes back to the body's beginning.
func readAll(body io.ReadSeeker, size int64) (check, hash string, err error) {
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return "", "", err
	}
	buffer := buffers.Get().(*[readAtOnce]byte)
	defer buffers.Put(buffer)
	sum, sha := crc32.New(castagnoli), sha256.New()
	n, err := io.CopyBuffer(io.MultiWriter(sum, sha), struct{ io.Reader }{body}, buffer[:])
	if err != nil {
		return "", "", err
	}
	if n != size {
		return "", "", fmt.Errorf("body has %d bytes, not %d", n, size)
	}
	_, err = body.Seek(0, io.SeekStart)
	return checksum(sum.Sum32()), hex.EncodeToString(sha.Sum(nil)), err
}

// readAtOnce stays in a processor's cache between the checksum and the hash.
const readAtOnce = 64 << 10

var buffers = sync.Pool{New: func() any { return new([readAtOnce]byte) }}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum returns a CRC-32C as S3 writes it.
func checksum(sum uint32) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, sum))
}

// unsignedPayload stands for the hash of a body that the signature does not cover.
const unsignedPayload = "UNSIGNED-PAYLOAD"

// putSingle stores a body whose checksum is known; signed is its SHA-256, or unsignedPayload. A server that is given a checksum
// computes that one; given none, VersityGW computes a CRC-64, which takes it ten times as long.
func (s *Store) putSingle(ctx context.Context, key string, body io.Reader, size int64, check, signed, contentType string) (etag string, err error) {
	out, err := s.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &s.cfg.Bucket, Key: &key, Body: body, ContentLength: &size, ContentType: orNil(contentType),
		ContentEncoding: orNil(Encoding(key)), ChecksumCRC32C: &check,
	}, signedHash(signed))
	if err != nil {
		return "", wrap("put", key, err)
	}
	return aws.ToString(out.ETag), nil
}

// signedHash has the signature cover a hash that is known already; the SDK would read the body for it.
func signedHash(hash string) func(*s3.Options) {
	known := middleware.InitializeMiddlewareFunc("KnownPayloadHash", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		return next.HandleInitialize(v4.SetPayloadHash(ctx, hash), in)
	})
	return s3.WithAPIOptions(func(stack *middleware.Stack) error {
		return stack.Initialize.Add(known, middleware.Before)
	})
}

// putParts stores a large body in parts that are sent side by side.
func (s *Store) putParts(ctx context.Context, key string, body io.ReaderAt, size int64, contentType string) (etag string, err error) {
	uploadID, err := s.createMultipart(ctx, key, contentType)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			s.drop(ctx, key, uploadID)
		}
	}()
	partSize := max(largePart, size/(mostParts-1)+1)
	parts := make([]Part, (size+partSize-1)/partSize)
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(partsAtOnce)
	for i := range parts {
		group.Go(func() error {
			from := int64(i) * partSize
			n := min(partSize, size-from)
			part, err := s.putPart(groupCtx, key, uploadID, int32(i+1), io.NewSectionReader(body, from, n), n)
			parts[i] = part
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return "", err
	}
	return s.CompleteMultipart(ctx, key, uploadID, parts)
}

func (s *Store) putPart(ctx context.Context, key, uploadID string, number int32, body io.ReadSeeker, size int64) (Part, error) {
	out, err := s.client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: &s.cfg.Bucket, Key: &key, UploadId: &uploadID, PartNumber: &number, Body: body, ContentLength: &size,
	})
	if err != nil {
		return Part{}, wrap(fmt.Sprintf("put part %d of", number), key, err)
	}
	return Part{Number: number, Size: size, ETag: aws.ToString(out.ETag)}, nil
}

// drop removes what a failed upload may have left: its parts, or the object, if it was the last answer that got lost.
func (s *Store) drop(ctx context.Context, key, uploadID string) {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	if uploadID != "" {
		if err := s.AbortMultipart(ctx, key, uploadID); err != nil {
			s.log.WarnContext(ctx, "parts of a failed upload are left", "key", key, "upload", uploadID, "error", err)
		}
	}
	if err := s.Delete(ctx, key); err != nil {
		s.log.WarnContext(ctx, "the object of a failed upload may be left", "key", key, "error", err)
	}
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
