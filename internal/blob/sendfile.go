package blob

import (
	"context"
	"io"
	"net/http"
	"os"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// sentKey is of the context value that is the file that a request sends.
type sentKey struct{}

// sendingFile has the PUT whose body is a whole file send it by itself: the kernel takes it from the file to the connection
// then. A body as the SDK wraps it is copied into the process and out of it again. What the request says of the body is as before, its
// checksum too. Over TLS the process has to see each byte.
func (s *Store) sendingFile(ctx context.Context, body io.ReaderAt) context.Context {
	if section, is := body.(*io.SectionReader); is {
		if outer, from, _ := section.Outer(); from == 0 {
			body = outer
		}
	}
	if file, is := body.(*os.File); is && s.plain {
		return context.WithValue(ctx, sentKey{}, file)
	}
	return ctx
}

// fileSender is what the SDK sends requests by.
type fileSender struct{ s3.HTTPClient }

func (c fileSender) Do(req *http.Request) (*http.Response, error) {
	if file, is := req.Context().Value(sentKey{}).(*os.File); is && req.Method == http.MethodPut {
		if again := reopened(file, req.ContentLength); again != nil {
			req.Body = again // which the transport closes
		}
	}
	return c.HTTPClient.Do(req)
}

// reopened opens a file anew, since an attempt that was given up may still read from the one that it had. It returns nil if that is left to the
// SDK, which reads by the descriptor of the caller: of a file whose name is gone or another's; of one that has grown, as of one that is its
// body, the transport wants to see the end; and of an empty one, as with a body, the transport takes no length for one that it does not know,
// and S3 refuses that.
func reopened(file *os.File, size int64) *os.File {
	if size == 0 {
		return nil
	}
	again, err := os.OpenFile(file.Name(), os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe of that name would wait for who writes it
	if err != nil {
		return nil
	}
	was, err := file.Stat()
	if err == nil {
		var is os.FileInfo
		if is, err = again.Stat(); err == nil && os.SameFile(was, is) && is.Mode().IsRegular() && is.Size() == size {
			return again
		}
	}
	again.Close()
	return nil
}
