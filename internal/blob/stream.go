package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// streamPart is the size of a part of a streamed upload, and all that is held of it in memory. (The SDK's
// transfermanager holds three parts even with a concurrency of one.)
const streamPart = 8 << 20

var streamBuffers = sync.Pool{New: func() any { return new([streamPart]byte) }}

// PutStream stores what r yields until its end. Up to 8 MiB it is one request, beyond that parts of 8 MiB; no more than one is in
// memory. Beyond limit bytes it fails with ErrTooLarge. If it fails, for whatever reason, it leaves neither an object nor
// parts of one, as long as S3 can be reached; the death of the process leaves parts, which DeletePrefix finds.
//
// It reads r in the caller's goroutine, so a reader that blocks must itself heed the end of ctx, as the body of an HTTP
// request does.
func (s *Store) PutStream(ctx context.Context, key string, r io.Reader, limit int64) (Object, error) {
	buffer := streamBuffers.Get().(*[streamPart]byte)
	defer streamBuffers.Put(buffer)
	up := streamed{store: s, key: key, limit: limit, body: r, hash: sha256.New(), buffer: buffer[:]}

	etag, err := up.run(ctx)
	if err != nil {
		if up.sent {
			s.drop(ctx, key, up.uploadID)
		}
		return Object{}, err
	}
	return Object{Key: key, Size: up.size, SHA256: hex.EncodeToString(up.hash.Sum(nil)), ETag: etag}, nil
}

// streamed is one upload of unknown length.
type streamed struct {
	store  *Store
	key    string
	limit  int64
	body   io.Reader
	buffer []byte

	hash     hash.Hash
	size     int64
	sent     bool // something may be in S3
	uploadID string
	parts    []Part
}

func (u *streamed) run(ctx context.Context) (etag string, err error) {
	chunk, last, err := u.next(ctx)
	if err != nil {
		return "", err
	}
	if last {
		u.sent = true
		return u.store.putSingle(ctx, u.key, bytes.NewReader(chunk), u.size, checksum(crc32.Checksum(chunk, castagnoli)), hex.EncodeToString(u.hash.Sum(nil)), "")
	}
	if u.uploadID, err = u.store.createMultipart(ctx, u.key, "", types.ChecksumAlgorithmCrc32c); err != nil {
		return "", err
	}
	u.sent = true
	for {
		if len(chunk) > 0 {
			number := int32(len(u.parts) + 1)
			part, err := u.store.putPart(ctx, u.key, u.uploadID, number, bytes.NewReader(chunk), int64(len(chunk)), checksum(crc32.Checksum(chunk, castagnoli)))
			if err != nil {
				return "", err
			}
			u.parts = append(u.parts, part)
		}
		if last {
			return u.store.CompleteMultipart(ctx, u.key, u.uploadID, u.parts)
		}
		if chunk, last, err = u.next(ctx); err != nil {
			return "", err
		}
	}
}

// next fills the buffer; last tells that the body has ended.
func (u *streamed) next(ctx context.Context) (chunk []byte, last bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	// One byte more than is allowed tells that there is more.
	room := u.limit - u.size + 1
	chunk, err = fill(u.body, u.buffer[:min(int64(len(u.buffer)), room)])
	u.size += int64(len(chunk))
	switch {
	case u.size > u.limit:
		return nil, false, fmt.Errorf("%s: %w: more than %d bytes", u.key, ErrTooLarge, u.limit)
	case err == io.EOF:
		last = true
	case err != nil:
		return nil, false, fmt.Errorf("read the body of %s: %w", u.key, err)
	}
	_, _ = u.hash.Write(chunk) // never fails
	return chunk, last, nil
}

// fill reads until the buffer is full or the reader ends. Unlike io.ReadFull it leaves the reader's error as it is: a
// request's body that was cut off says io.ErrUnexpectedEOF, and must not pass for one that has ended.
func fill(r io.Reader, buffer []byte) (filled []byte, err error) {
	n := 0
	for n < len(buffer) && err == nil {
		var more int
		more, err = r.Read(buffer[n:])
		n += more
	}
	return buffer[:n], err
}
