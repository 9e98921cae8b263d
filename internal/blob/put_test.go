package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"meshgen/internal/testenv"
)

// newReader hides that a body can be seeked.
func newReader(b []byte) io.Reader { return io.MultiReader(bytes.NewReader(b)) }

func requireObject(t testing.TB, s *Store, key string, want []byte) {
	t.Helper()
	body, size, err := s.Get(deadline(t), key)
	require.NoError(t, err)
	defer body.Close()
	got, err := io.ReadAll(body)
	require.NoError(t, err)
	require.EqualValues(t, len(want), size)
	require.True(t, bytes.Equal(want, got), "the object has other bytes")
}

func TestPut_StoresAFileWithItsHashAndType(t *testing.T) {
	s := shared(t)
	body := content(100 << 10)
	path := filepath.Join(t.TempDir(), "part.msh")
	require.NoError(t, os.WriteFile(path, body, 0o600))
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	key := ArtifactKey("acme", "job_1", 2, "token", "part.msh")

	object, err := s.Put(deadline(t), key, f, int64(len(body)), "model/mesh")
	require.NoError(t, err)
	require.Equal(t, Object{Key: key, Size: int64(len(body)), SHA256: sum(body), ETag: object.ETag}, object)
	// The server had no checksum to compute but the one that it was given.
	require.Equal(t, fmt.Sprintf(`"CRC32C-%s"`, checksum(crc32.Checksum(body, castagnoli))), object.ETag)

	requireObject(t, s, key, body)
	info, err := s.Head(deadline(t), key)
	require.NoError(t, err)
	require.Equal(t, "model/mesh", info.ContentType)
	require.Equal(t, object.Size, info.Size)
	require.Equal(t, object.ETag, info.ETag)
	require.False(t, info.Modified.IsZero())

	fetched := filepath.Join(t.TempDir(), "fetched")
	require.NoError(t, s.GetToFile(deadline(t), key, fetched))
	got, err := os.ReadFile(fetched)
	require.NoError(t, err)
	require.Equal(t, sum(body), sum(got))
}

func TestPut_BeginsAtTheStartOfTheBodyAndStoresAnEmptyOne(t *testing.T) {
	s := shared(t)
	body := strings.NewReader("solid")
	_, err := body.Seek(3, io.SeekStart)
	require.NoError(t, err)
	_, err = s.Put(deadline(t), "a", body, 5, "")
	require.NoError(t, err)
	requireObject(t, s, "a", []byte("solid"))

	object, err := s.Put(deadline(t), "b", strings.NewReader(""), 0, "")
	require.NoError(t, err)
	require.Equal(t, sum(nil), object.SHA256)
	requireObject(t, s, "b", []byte{})
}

func TestPut_ABodyOfAnotherSizeIsRefused(t *testing.T) {
	s := shared(t)
	_, err := s.Put(deadline(t), "a", strings.NewReader("solid"), 6, "")
	require.ErrorContains(t, err, "body has 5 bytes, not 6")
	requireEmpty(t, s)
}

// changing yields other bytes from the second reading on. Parts of it may be read side by side.
type changing struct {
	*bytes.Reader
	readings atomic.Int32
}

func (c *changing) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.Reader.ReadAt(p, off)
	if off == 0 && c.readings.Add(1) > 1 && n > 0 {
		p[0] ^= 1
	}
	return n, err
}

func TestPut_BytesThatChangeOnTheirWayAreRefused(t *testing.T) {
	s := shared(t)
	require.True(t, s.trusted, "the server of tests is on loopback")
	body := content(100 << 10)
	object, err := s.Put(deadline(t), "a", &changing{Reader: bytes.NewReader(body)}, int64(len(body)), "")
	require.Equal(t, "BadDigest", code(err), "%v", err)
	require.Zero(t, object)
	requireEmpty(t, s)
}

func TestPut_InHaste_StoresTheSame(t *testing.T) {
	s := shared(t)
	for _, size := range []int{0, 5, hastyFrom - 1, hastyFrom, 3<<20 + 7} {
		body := content(size)
		path := filepath.Join(t.TempDir(), "mesh.inp")
		require.NoError(t, os.WriteFile(path, body, 0o600))
		f, err := os.Open(path)
		require.NoError(t, err)
		defer f.Close()
		for _, of := range []io.ReadSeeker{f, bytes.NewReader(body)} {
			told := make(chan Object, 1)
			object, err := s.PutWith(deadline(t), "a", of, int64(size), "text/plain", PutOptions{Hasty: true, Tell: func(o Object) { told <- o }})
			require.NoError(t, err)
			require.Equal(t, Object{Key: "a", Size: int64(size), SHA256: sum(body), ETag: object.ETag}, object)
			require.Equal(t, Object{Key: "a", Size: int64(size), SHA256: sum(body)}, <-told)
			require.Equal(t, fmt.Sprintf(`"CRC32C-%s"`, checksum(crc32.Checksum(body, castagnoli))), object.ETag)
			requireObject(t, s, "a", body)
		}
	}
	_, err := s.PutWith(deadline(t), "b", bytes.NewReader(content(hastyFrom)), hastyFrom+1, "", PutOptions{Hasty: true})
	require.ErrorContains(t, err, fmt.Sprintf("body has %d bytes, not %d", hastyFrom, hastyFrom+1))
}

// Of a body that is read for its checksum, to be sent and for its hash, one reading yields other bytes, be it which it may.
func TestPut_InHaste_BytesThatChangeAreRefused(t *testing.T) {
	s := shared(t)
	body := content(hastyFrom)
	for _, readings := range []int32{0, -1} {
		of := &changing{Reader: bytes.NewReader(body)}
		of.readings.Store(readings)
		object, err := s.PutWith(deadline(t), "a", of, int64(len(body)), "", PutOptions{Hasty: true})
		if code(err) != "BadDigest" {
			require.ErrorIs(t, err, errChanged)
		}
		require.Zero(t, object)
		requireEmpty(t, s)
	}
}

func TestPut_InHaste_ARefusalIsTold(t *testing.T) {
	s := shared(t)
	s.cfg.Bucket = "no-such-bucket"
	_, err := s.PutWith(deadline(t), "a", bytes.NewReader(content(hastyFrom)), hastyFrom, "", PutOptions{Hasty: true})
	require.Equal(t, "NoSuchBucket", code(err), "%v", err)
}

// unsteady yields other bytes at each reading, and remembers what it has yielded.
type unsteady struct {
	*bytes.Reader
	readings byte
	yielded  []byte
}

func (u *unsteady) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	if n > 0 {
		u.readings++
		p[0] ^= u.readings
		u.yielded = append(u.yielded, p[:n]...)
	}
	return n, err
}

func TestPut_HashIsNeverThatOfOtherBytes(t *testing.T) {
	body := &unsteady{Reader: bytes.NewReader(content(3*readAtOnce + 5))}
	for _, partSize := range []int64{1 << 40, 2*readAtOnce + 3, body.Size()} {
		body.yielded = nil
		checks, hash, err := readAll(body, body.Size(), partSize)
		require.NoError(t, err)
		require.Equal(t, sum(body.yielded), hash)
		var want []string
		for part := range slices.Chunk(body.yielded, int(min(partSize, body.Size()))) {
			want = append(want, checksum(crc32.Checksum(part, castagnoli)))
		}
		require.Equal(t, want, checks, "what the server checks is what was hashed")
	}
}

func TestPut_PartsThatChangeOnTheirWayAreRefused(t *testing.T) {
	for _, trusted := range []bool{true, false} {
		s := shared(t)
		s.trusted, s.largestSingle = trusted, largePart
		body := content(largePart + 5)
		object, err := s.Put(deadline(t), "a", &changing{Reader: bytes.NewReader(body)}, int64(len(body)), "")
		require.Equal(t, "BadDigest", code(err), "%v", err)
		require.Zero(t, object)
		requireEmpty(t, s)
	}
}

// sentParts has what the requests that send parts say of their bodies kept.
func sentParts(s *Store) (headers func() []http.Header) {
	var mutex sync.Mutex
	var sent []http.Header
	under(s, func(next s3.HTTPClient, req *http.Request) (*http.Response, error) {
		if req.URL.Query().Has("partNumber") {
			mutex.Lock()
			sent = append(sent, req.Header.Clone())
			mutex.Unlock()
		}
		return next.Do(req)
	})
	return func() []http.Header { return sent }
}

func TestPut_EachPartIsCheckedByItsChecksumAndNothingElse(t *testing.T) {
	body := content(largePart + 5)
	for name, put := range map[string]func(s *Store) (Object, error){
		"file": func(s *Store) (Object, error) {
			return s.Put(deadline(t), "a", bytes.NewReader(body), int64(len(body)), "")
		},
		"stream": func(s *Store) (Object, error) { return s.PutStream(deadline(t), "a", newReader(body), 1<<40) },
	} {
		for _, trusted := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, trusted %v", name, trusted), func(t *testing.T) {
				s := shared(t)
				s.trusted, s.largestSingle = trusted, largePart
				headers, partSize := sentParts(s), largePart
				if name == "stream" {
					partSize = streamPart
				}
				object, err := put(s)
				require.NoError(t, err)
				require.Equal(t, sum(body), object.SHA256)
				requireObject(t, s, "a", body)

				var checks, hashes, sent []string
				for part := range slices.Chunk(body, partSize) {
					checks = append(checks, checksum(crc32.Checksum(part, castagnoli)))
					if trusted {
						hashes = append(hashes, unsignedPayload)
					} else {
						hashes = append(hashes, sum(part))
					}
				}
				var signed []string
				for _, header := range headers() {
					sent = append(sent, header.Get("X-Amz-Checksum-Crc32c"))
					signed = append(signed, header.Get("X-Amz-Content-Sha256"))
					require.Empty(t, header.Get("X-Amz-Trailer"))
					require.Empty(t, header.Get("Content-Encoding"))
				}
				require.ElementsMatch(t, checks, sent)
				require.ElementsMatch(t, hashes, signed)
				// VersityGW had no checksum to compute but those: the ETag is made of them.
				require.Regexp(t, fmt.Sprintf(`^"CRC32C-.+-%d"$`, len(checks)), object.ETag)
			})
		}
	}
}

func TestPut_WhereSomebodyMayStandBetween_TheSignatureCoversTheBytes(t *testing.T) {
	s := shared(t)
	for endpoint, trusted := range map[string]bool{
		"": true, "https://s3.example.org": true, "http://127.0.0.1:7070": true, "http://[::1]:7070": true,
		"http://s3.example.org": false, "http://10.0.0.7:7070": false, "http://versitygw:7070": false,
	} {
		require.Equal(t, trusted, Config{Endpoint: endpoint}.trusted(), endpoint)
	}
	s.trusted = false
	body := content(100 << 10)
	f := openFile(t, body)
	var signed []string
	var files int
	under(s, func(next s3.HTTPClient, req *http.Request) (*http.Response, error) {
		if req.Method == http.MethodPut {
			signed = append(signed, req.Header.Get("X-Amz-Content-Sha256"))
			if _, is := req.Body.(*os.File); is {
				files++
			}
		}
		return next.Do(req)
	})
	for _, from := range []io.ReadSeeker{bytes.NewReader(body), f} {
		object, err := s.Put(deadline(t), "a", from, int64(len(body)), "")
		require.NoError(t, err)
		require.Equal(t, sum(body), object.SHA256)
		requireObject(t, s, "a", body)
	}
	require.Equal(t, []string{sum(body), sum(body)}, signed)
	require.Equal(t, 1, files, "a file is sent by itself there, too")
}

func TestPut_ALargeFileGoesInParts(t *testing.T) {
	s := shared(t)
	var parts atomic.Int32
	s.client = s3.New(s.client.Options(), s3.WithAPIOptions(func(stack *middleware.Stack) error {
		count := func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			if _, is := in.Parameters.(*s3.UploadPartInput); is {
				parts.Add(1)
			}
			return next.HandleInitialize(ctx, in)
		}
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("CountParts", count), middleware.Before)
	}))
	body := content(largestSingle + 12345)
	object, err := s.Put(deadline(t), "large", bytes.NewReader(body), int64(len(body)), "model/mesh")
	require.NoError(t, err)
	require.Equal(t, sum(body), object.SHA256)
	require.EqualValues(t, 5, parts.Load())
	requireObject(t, s, "large", body)
	info, err := s.Head(deadline(t), "large")
	require.NoError(t, err)
	require.Equal(t, "model/mesh", info.ContentType)
}

func TestPut_ManySideBySide(t *testing.T) {
	s := shared(t)
	var puts sync.WaitGroup
	for i := range 40 {
		puts.Go(func() {
			body := content(i << 12)
			object, err := s.Put(deadline(t), fmt.Sprintf("file-%d", i), bytes.NewReader(body), int64(len(body)), "")
			if err != nil || object.SHA256 != sum(body) {
				t.Errorf("file %d: %v", i, err)
			}
		})
	}
	puts.Wait()
	require.Len(t, keys(t, s), 40)
}

func TestPutStream_StoresBodiesAroundTheSizeOfAPart(t *testing.T) {
	s := shared(t)
	for _, n := range []int{0, 1, streamPart - 1, streamPart, streamPart + 1, 2 * streamPart} {
		body := content(n)
		object, err := s.PutStream(deadline(t), "a", iotest.OneByteReader(bytes.NewReader(body[:min(n, 1)])), 1<<40)
		require.NoError(t, err)
		require.EqualValues(t, min(n, 1), object.Size)

		object, err = s.PutStream(deadline(t), "a", newReader(body), int64(n))
		require.NoError(t, err, "%d bytes", n)
		require.Equal(t, sum(body), object.SHA256, "%d bytes", n)
		require.EqualValues(t, n, object.Size)
		requireObject(t, s, "a", body)
	}
	require.NoError(t, s.Delete(deadline(t), "a"))
	requireEmpty(t, s)
}

// repeating yields n bytes without having them, and remembers the largest heap seen while it was read.
type repeating struct {
	left int
	heap uint64
}

func (r *repeating) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), r.left, 1<<20)
	r.left -= n
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	r.heap = max(r.heap, m.HeapAlloc)
	return n, nil
}

func TestPutStream_HoldsNoMoreThanOnePartInMemory(t *testing.T) {
	s := shared(t)
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	const n = 20<<20 + 7
	body := &repeating{left: n}
	object, err := s.PutStream(deadline(t), "a", body, n)
	require.NoError(t, err)
	require.EqualValues(t, n, object.Size)
	require.Less(t, body.heap, m.HeapAlloc+streamPart+4<<20)
}

func TestPutStream_ALargerBodyThanAllowedLeavesNothing(t *testing.T) {
	s := shared(t)
	for _, limit := range []int64{0, 10, streamPart - 1, streamPart, 2*streamPart + 5} {
		_, err := s.PutStream(deadline(t), "a", &repeating{left: int(limit) + 1}, limit)
		require.ErrorIs(t, err, ErrTooLarge, "limit %d", limit)
		require.False(t, IsTemporary(err))
		requireEmpty(t, s)
	}
}

func TestPutStream_ABodyThatBreaksOffLeavesNothing(t *testing.T) {
	s := shared(t)
	broken := errors.New("client went away")
	for _, n := range []int64{0, 10, streamPart, 2*streamPart + 5} {
		// io.ErrUnexpectedEOF is what the body of a request says when the connection ends too soon.
		for _, cause := range []error{broken, io.ErrUnexpectedEOF} {
			body := io.MultiReader(io.LimitReader(&repeating{left: 1 << 30}, n), iotest.ErrReader(cause))
			_, err := s.PutStream(deadline(t), "a", body, 1<<40)
			require.ErrorIs(t, err, cause, "after %d bytes", n)
			requireEmpty(t, s)
		}
	}
}

// cancelAfter ends a context when n bytes were read.
type cancelAfter struct {
	repeating
	n      int
	cancel context.CancelFunc
}

func (c *cancelAfter) Read(p []byte) (int, error) {
	n, err := c.repeating.Read(p)
	if c.n -= n; c.n <= 0 {
		c.cancel()
	}
	return n, err
}

func TestPutStream_ACancelledContextLeavesNothing(t *testing.T) {
	s := shared(t)
	for _, n := range []int{1, streamPart + 1, 2*streamPart + 5} {
		ctx, cancel := context.WithCancel(deadline(t))
		_, err := s.PutStream(ctx, "a", &cancelAfter{repeating{left: 3 * streamPart}, n, cancel}, 1<<40)
		require.ErrorIs(t, err, context.Canceled)
		require.False(t, IsTemporary(err))
		requireEmpty(t, s)
	}
}

func TestPut_RetriesUntilTheServerIsBack(t *testing.T) {
	bucket := testenv.NewS3(t)
	s := open(t, bucket, map[string]string{"MESHGEN_S3_ATTEMPTS": "1000", "MESHGEN_S3_TIMEOUT": "60s"})
	body := content(1 << 20)
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, body, 0o600))
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	put(t, s, "warm", nil) // leaves a connection that the restart breaks

	require.NoError(t, bucket.Server.Kill())
	stored := make(chan error)
	go func() {
		_, err := s.Put(deadline(t), "a", f, int64(len(body)), "")
		stored <- err
	}()
	require.NoError(t, bucket.Server.Start(deadline(t)))
	require.NoError(t, <-stored)
	requireObject(t, s, "a", body)
}

func TestEveryCall_WhileTheServerIsAwayFailsTemporarilyAndWorksAfterwards(t *testing.T) {
	bucket := testenv.NewS3(t)
	s := open(t, bucket, map[string]string{"MESHGEN_S3_ATTEMPTS": "2"})
	ctx := deadline(t)
	path := filepath.Join(t.TempDir(), "file")
	uploadID, err := s.CreateMultipart(ctx, "m")
	require.NoError(t, err)
	unwanted, err := s.CreateMultipart(ctx, "w")
	require.NoError(t, err)
	put(t, s, "a", []byte("solid"))

	calls := map[string]func() error{
		"put":       func() error { _, err := s.Put(ctx, "b", strings.NewReader("solid"), 5, ""); return err },
		"stream":    func() error { _, err := s.PutStream(ctx, "c", newReader([]byte("solid")), 10); return err },
		"get":       func() error { return s.GetToFile(ctx, "a", path) },
		"head":      func() error { _, err := s.Head(ctx, "a"); return err },
		"ping":      func() error { return s.Ping(ctx) },
		"check":     func() error { return s.Check(ctx) },
		"parts":     func() error { _, err := s.ListParts(ctx, "m", uploadID); return err },
		"abort":     func() error { return s.AbortMultipart(ctx, "w", unwanted) },
		"delete":    func() error { return s.Delete(ctx, "x") },
		"deletes":   func() error { return s.Delete(ctx, "x", "y") },
		"prefix":    func() error { return s.DeletePrefix(ctx, "x/") },
		"stale":     func() error { _, err := s.AbortPrefix(ctx, "x/"); return err },
		"multipart": func() error { _, err := s.CreateMultipart(ctx, "n"); return err },
	}
	require.NoError(t, bucket.Server.Kill())
	for name, call := range calls { // in any order: none needs another
		err := call()
		require.True(t, IsTemporary(err), "%s: %v", name, err)
		require.NotErrorIs(t, err, ErrNotFound, name)
	}
	require.NoFileExists(t, path)
	require.NoError(t, bucket.Server.Start(ctx))
	for name, call := range calls {
		require.NoError(t, call(), name)
	}
}

func TestPutStream_TheServerDiesInTheMiddle_TheErrorIsTemporaryAndItCanBeRepeated(t *testing.T) {
	bucket := testenv.NewS3(t)
	s := open(t, bucket, map[string]string{"MESHGEN_S3_ATTEMPTS": "2"})
	body := content(3 * streamPart)
	first := newReader(body[:streamPart+10])
	killer := readerFunc(func([]byte) (int, error) { _ = bucket.Server.Kill(); return 0, io.EOF })
	_, err := s.PutStream(deadline(t), "a", io.MultiReader(first, killer, newReader(body)), 1<<40)
	require.True(t, IsTemporary(err), "%v", err)

	require.NoError(t, bucket.Server.Start(deadline(t)))
	require.Empty(t, keys(t, s))
	object, err := s.PutStream(deadline(t), "a", newReader(body), 1<<40)
	require.NoError(t, err)
	require.Equal(t, sum(body), object.SHA256)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
