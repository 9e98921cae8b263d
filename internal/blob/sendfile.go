package blob

import (
	"context"
	"io"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// sentKey is of the context value that names the file that a request sends.
type sentKey struct{}

// sendingFile has a request whose body is a whole file send it by itself: the kernel takes it from the file to the connection
// then. A body as the SDK wraps it is copied into the process and out of it again. What the request says of the body is as before, its
// checksum too.
func sendingFile(ctx context.Context, body io.ReaderAt) context.Context {
	if section, is := body.(*io.SectionReader); is {
		if outer, from, _ := section.Outer(); from == 0 {
			body = outer
		}
	}
	if file, is := body.(*os.File); is {
		return context.WithValue(ctx, sentKey{}, file.Name())
	}
	return ctx
}

// fileSender is what the SDK sends requests by.
type fileSender struct{ s3.HTTPClient }

// Do opens the file anew: an attempt that was given up may still read from the one that it had. A file that has grown is left to the SDK:
// of one that is its body, the transport wants to see the end. So is an empty one: with a body, the transport takes no length for one that
// it does not know, and S3 refuses that.
func (c fileSender) Do(req *http.Request) (*http.Response, error) {
	if path, is := req.Context().Value(sentKey{}).(string); is {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		if info, err := file.Stat(); err != nil || info.Size() != req.ContentLength || req.ContentLength == 0 {
			file.Close()
			return c.HTTPClient.Do(req)
		}
		req.Body = file // which the transport closes
	}
	return c.HTTPClient.Do(req)
}
