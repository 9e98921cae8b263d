package blob

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/sync/errgroup"
)

const (
	// largestSingle is the size above which Put sends parts: a retry then repeats a part and not everything. Tests have a smaller one.
	largestSingle = 128 << 20
	// largePart is the size of those parts, unless there would be too many.
	largePart = 32 << 20
	// partsAtOnce are sent side by side: one connection rarely fills a network.
	partsAtOnce = 4
	// mostParts is S3's limit of parts of one upload.
	mostParts = 10_000
)

// Put stores size bytes of body from its beginning. Up to 128 MiB it is one request, and beyond that parts, if the body is an io.ReaderAt, as
// files are. The server checks each against a CRC-32C: those and the SHA-256 are of one reading, so that a body that changes before it is sent
// is refused rather than stored under the hash of other bytes.
func (s *Store) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string) (Object, error) {
	return s.PutWith(ctx, key, body, size, contentType, PutOptions{})
}

// PutOptions say how an object is stored.
type PutOptions struct {
	// Tell, if not nil, is told what will be stored as soon as that is known, but for the ETag: before the body is sent or meanwhile. An object that is
	// sent anew is told of again.
	Tell func(Object)
	// Hasty has the SHA-256 of a large body computed while it is sent. That takes a reading more and, with a processor to spare, a fifth less of
	// the time (BenchmarkPutLastFile).
	Hasty bool
}

// hastyFrom is from what size on two readings are worth their while.
const hastyFrom = 1 << 20

// PutWith is Put with options.
func (s *Store) PutWith(ctx context.Context, key string, body io.ReadSeeker, size int64, contentType string, options PutOptions) (Object, error) {
	at, isAt := body.(io.ReaderAt)
	if isAt {
		body = io.NewSectionReader(at, 0, size)
	}
	tell := options.Tell
	if tell == nil {
		tell = func(Object) {}
	}
	inParts := isAt && size > s.largestSingle
	if isAt && !inParts && options.Hasty && s.trusted && size >= hastyFrom {
		return s.putHastily(ctx, key, at, size, contentType, tell)
	}
	partSize := int64(math.MaxInt64)
	if inParts {
		partSize = max(largePart, size/(mostParts-1)+1)
	}
	checks, hash, err := readAll(body, size, partSize)
	if err != nil {
		return Object{}, fmt.Errorf("put %s: %w", key, err)
	}
	object := Object{Key: key, Size: size, SHA256: hash}
	tell(object)
	if inParts {
		object.ETag, err = s.putParts(ctx, key, at, size, partSize, checks, contentType)
	} else {
		object.ETag, err = s.putSingle(s.sendingFile(ctx, at), key, body, size, checks[0], hash, contentType)
	}
	if err != nil {
		return Object{}, err
	}
	return object, nil
}

// putHastily stores a body in one request whose signature need not cover the SHA-256, which is computed meanwhile. The reading for that has to have
// the checksum that the server was given.
func (s *Store) putHastily(ctx context.Context, key string, body io.ReaderAt, size int64, contentType string, tell func(Object)) (Object, error) {
	object := Object{Key: key, Size: size}
	check, err := readCheck(io.NewSectionReader(body, 0, size), size)
	if err != nil {
		return Object{}, fmt.Errorf("put %s: %w", key, err)
	}
	var hashing sync.WaitGroup
	var unread error
	hashing.Go(func() {
		checks, hash, err := readAll(io.NewSectionReader(body, 0, size), size, math.MaxInt64)
		if err == nil && checks[0] != check {
			err = errChanged
		}
		if err != nil {
			unread = fmt.Errorf("put %s: %w", key, err)
			return
		}
		object.SHA256 = hash
		tell(Object{Key: key, Size: size, SHA256: hash})
	})
	object.ETag, err = s.putSingle(s.sendingFile(ctx, body), key, io.NewSectionReader(body, 0, size), size, check, unsignedPayload, contentType)
	hashing.Wait()
	if err == nil && unread != nil {
		s.drop(ctx, key, "")
	}
	if err := errors.Join(err, unread); err != nil {
		return Object{}, err
	}
	return object, nil
}

// errChanged says that a body was not the same each time that it was read.
var errChanged = errors.New("the body changed while it was stored")

// readCheck returns the checksum of a body.
func readCheck(body io.Reader, size int64) (string, error) {
	buffer := buffers.Get().(*[readAtOnce]byte)
	defer buffers.Put(buffer)
	sum := crc32.New(castagnoli)
	n, err := io.CopyBuffer(sum, body, buffer[:])
	if err == nil && n != size {
		err = wrongSize(n, size)
	}
	return checksum(sum.Sum32()), err
}

func wrongSize(is, want int64) error { return fmt.Errorf("body has %d bytes, not %d", is, want) }

// readAll returns the checksum of each part of a body, of one at least, and the body's SHA-256 in hexadecimal, and goes back to its beginning.
func readAll(body io.ReadSeeker, size, partSize int64) (checks []string, hash string, err error) {
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return nil, "", err
	}
	buffer := buffers.Get().(*[readAtOnce]byte)
	defer buffers.Put(buffer)
	sum, sha := crc32.New(castagnoli), sha256.New()
	for read := int64(0); ; {
		n, err := io.CopyBuffer(io.MultiWriter(sum, sha), io.LimitReader(body, partSize), buffer[:])
		if err != nil {
			return nil, "", err
		}
		if n > 0 || checks == nil {
			checks = append(checks, checksum(sum.Sum32()))
			sum.Reset()
		}
		if read += n; n == partSize {
			continue
		}
		if read != size {
			return nil, "", wrongSize(read, size)
		}
		_, err = body.Seek(0, io.SeekStart)
		return checks, hex.EncodeToString(sha.Sum(nil)), err
	}
}

// readAtOnce stays in a processor's cache between the checksum and the hash. To map a file instead of reading it takes no less.
const readAtOnce = 64 << 10

var buffers = sync.Pool{New: func() any { return new([readAtOnce]byte) }}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum returns a CRC-32C as S3 writes it.
func checksum(sum uint32) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, sum))
}

// unsignedPayload stands for the hash of a body that the signature does not cover.
const unsignedPayload = "UNSIGNED-PAYLOAD"

// putSingle stores a body whose checksum and SHA-256 are known. A server that is given a checksum computes that one; given none, VersityGW
// computes a CRC-64, which takes it ten times as long.
func (s *Store) putSingle(ctx context.Context, key string, body io.Reader, size int64, check, hash, contentType string) (etag string, err error) {
	signed := hash
	if s.trusted {
		signed = unsignedPayload
	}
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

// putParts stores a large body in parts that are sent side by side, and whose checksums are known.
func (s *Store) putParts(ctx context.Context, key string, body io.ReaderAt, size, partSize int64, checks []string, contentType string) (etag string, err error) {
	uploadID, err := s.createMultipart(ctx, key, contentType, types.ChecksumAlgorithmCrc32c)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			s.drop(ctx, key, uploadID)
		}
	}()
	parts := make([]Part, len(checks))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(partsAtOnce)
	for i := range parts {
		group.Go(func() error {
			from := int64(i) * partSize
			n := min(partSize, size-from)
			part, err := s.putPart(groupCtx, key, uploadID, int32(i+1), io.NewSectionReader(body, from, n), n, checks[i])
			parts[i] = part
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return "", err
	}
	return s.CompleteMultipart(ctx, key, uploadID, parts)
}

// putPart stores a part whose checksum is known, of an upload that was begun with CRC-32C.
func (s *Store) putPart(ctx context.Context, key, uploadID string, number int32, body io.ReadSeeker, size int64, check string) (Part, error) {
	var options []func(*s3.Options)
	if s.trusted { // else the SDK reads the part for its SHA-256
		options = append(options, signedHash(unsignedPayload))
	}
	out, err := s.client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: &s.cfg.Bucket, Key: &key, UploadId: &uploadID, PartNumber: &number, Body: body, ContentLength: &size, ChecksumCRC32C: &check,
	}, options...)
	if err != nil {
		return Part{}, wrap(fmt.Sprintf("put part %d of", number), key, err)
	}
	return Part{Number: number, Size: size, ETag: aws.ToString(out.ETag), check: check}, nil
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
