package blob

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"
)

type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(req *http.Request) (*http.Response, error) { return f(req) }

// under puts a client between the SDK and the connection.
func under(s *Store, f func(next s3.HTTPClient, req *http.Request) (*http.Response, error)) {
	s.client = s3.New(s.client.Options(), func(o *s3.Options) {
		sender := o.HTTPClient.(fileSender)
		o.HTTPClient = fileSender{clientFunc(func(req *http.Request) (*http.Response, error) { return f(sender.HTTPClient, req) })}
	})
}

func openFile(t *testing.T, body []byte) *os.File {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, body, 0o600))
	f, err := os.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

// That the kernel sends it is the transport's part: it does with a file as the body, which is all that is looked at here.
func TestPut_AFileIsTheBodyThatIsSent_FromItsBeginningAtEachAttempt(t *testing.T) {
	s := shared(t)
	body := content(3 << 20)
	f := openFile(t, body)
	attempts := 0
	under(s, func(next s3.HTTPClient, req *http.Request) (*http.Response, error) {
		if req.Method != http.MethodPut {
			return next.Do(req)
		}
		require.IsType(t, &os.File{}, req.Body, "what the transport knows how to have the kernel send")
		if attempts++; attempts == 1 { // breaks off in the middle, and never closes the file
			_, err := io.CopyN(io.Discard, req.Body, 1<<20)
			require.NoError(t, err)
			return nil, errors.New("connection reset")
		}
		return next.Do(req)
	})
	object, err := s.Put(deadline(t), "a", f, int64(len(body)), "")
	require.NoError(t, err)
	require.Equal(t, sum(body), object.SHA256)
	require.Equal(t, 2, attempts)
	requireObject(t, s, "a", body)
}

func TestPut_AnEmptyFile(t *testing.T) {
	s := shared(t)
	object, err := s.Put(deadline(t), "empty", openFile(t, nil), 0, "")
	require.NoError(t, err)
	require.Equal(t, sum(nil), object.SHA256)
	requireObject(t, s, "empty", []byte{})
}

func TestPut_APartOfAFile(t *testing.T) {
	s := shared(t)
	f := openFile(t, content(100<<10))
	const size = 70 << 10
	for key, body := range map[string]io.ReadSeeker{"file": f, "section": io.NewSectionReader(f, 0, size)} {
		object, err := s.Put(deadline(t), key, body, size, "")
		require.NoError(t, err)
		require.Equal(t, sum(content(100 << 10)[:size]), object.SHA256)
		requireObject(t, s, key, content(100 << 10)[:size])
	}
	// A part from the middle is no file either.
	object, err := s.Put(deadline(t), "middle", io.NewSectionReader(f, 10, size), size, "")
	require.NoError(t, err)
	require.Equal(t, sum(content(100 << 10)[10:10+size]), object.SHA256)
	requireObject(t, s, "middle", content(100 << 10)[10:10+size])
}

// changedBefore changes a file before the request that sends it.
func changedBefore(s *Store, change func() error) {
	sender := s.client.Options().HTTPClient
	s.client = s3.New(s.client.Options(), func(o *s3.Options) {
		o.HTTPClient = clientFunc(func(req *http.Request) (*http.Response, error) {
			if req.Method == http.MethodPut {
				if err := change(); err != nil && !errors.Is(err, os.ErrNotExist) {
					return nil, err
				}
			}
			return sender.Do(req)
		})
	})
}

func TestPut_AFileThatHasOtherBytesWhenItIsSentIsRefused(t *testing.T) {
	body := content(100 << 10)
	for name, change := range map[string]func(path string) error{
		"other bytes": func(path string) error { return os.WriteFile(path, append([]byte("x"), body[1:]...), 0o600) },
		"shorter":     func(path string) error { return os.Truncate(path, 10) },
	} {
		t.Run(name, func(t *testing.T) {
			s := shared(t)
			f := openFile(t, body)
			changedBefore(s, func() error { return change(f.Name()) })
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			object, err := s.Put(ctx, "a", f, int64(len(body)), "")
			require.Error(t, err)
			require.NotErrorIs(t, err, context.DeadlineExceeded)
			require.Zero(t, object)
			requireEmpty(t, s)
		})
	}
}

func TestPut_AFileWhoseNameIsGoneOrAnothersIsSentByItsDescriptor(t *testing.T) {
	body := content(100 << 10)
	for name, replace := range map[string]func(path string) error{
		"gone":      func(string) error { return nil },
		"same size": func(path string) error { return os.WriteFile(path, make([]byte, len(body)), 0o600) },
		"folder":    func(path string) error { return os.Mkdir(path, 0o700) },
		"pipe":      func(path string) error { return syscall.Mkfifo(path, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			s := shared(t)
			f := openFile(t, body)
			attempts := 0
			changedBefore(s, func() error {
				attempts++
				return errors.Join(os.Remove(f.Name()), replace(f.Name()))
			})
			object, err := s.Put(deadline(t), "a", f, int64(len(body)), "")
			require.NoError(t, err)
			require.Equal(t, 1, attempts)
			require.Equal(t, sum(body), object.SHA256)
			requireObject(t, s, "a", body)
		})
	}
}

func TestFileSender_ChangesNoRequestButThePutOverAPlainConnection(t *testing.T) {
	f := openFile(t, content(10))
	for _, c := range []struct {
		method, endpoint string
		file             bool
	}{
		{http.MethodPut, "http://s3:7070", true},
		{http.MethodPut, "https://s3.example.org", false},
		{http.MethodPut, "", false}, // Amazon's
		{http.MethodPost, "http://s3:7070", false},
	} {
		s := &Store{plain: Config{Endpoint: c.endpoint}.plain()}
		req, err := http.NewRequestWithContext(s.sendingFile(context.Background(), f), c.method, "http://s3:7070", strings.NewReader("0123456789"))
		require.NoError(t, err)
		is := false
		_, _ = fileSender{clientFunc(func(req *http.Request) (*http.Response, error) {
			var sent *os.File
			if sent, is = req.Body.(*os.File); is {
				require.NoError(t, sent.Close())
			}
			return nil, nil
		})}.Do(req)
		require.Equal(t, c.file, is, "%s %s", c.method, c.endpoint)
	}
}
