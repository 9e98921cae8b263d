package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

var (
	// ErrNotFound says that there is no such object or multipart upload.
	ErrNotFound = errors.New("no such object")
	// ErrTooLarge says that a stream went on beyond its limit.
	ErrTooLarge = errors.New("object is too large")
	// ErrBadParts says that an upload cannot be completed of these parts: one is missing, too small or another's.
	ErrBadParts = errors.New("parts do not make an object")
	// errIncomplete says that fewer bytes came than the server had promised.
	errIncomplete = errors.New("object came incompletely")
)

// wrap names the call and the key, and turns the server's ways of saying "not found" into ErrNotFound.
func wrap(call, key string, err error) error {
	if err == nil {
		return nil
	}
	if isNotFound(err) {
		return fmt.Errorf("%s %s: %w", call, key, ErrNotFound)
	}
	return fmt.Errorf("%s %s: %w", call, key, err)
}

func isNotFound(err error) bool {
	switch code(err) {
	case "NoSuchKey", "NoSuchUpload", "NotFound":
		return true
	}
	return false
}

// code returns the S3 error code in err, or "".
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func status(err error) int {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

var retryables = retry.IsErrorRetryables(retry.DefaultRetryables)

// IsRefusal reports whether S3 answered, and says that the same call does not succeed: it is forbidden, or what it is of is not there.
func IsRefusal(err error) bool {
	return errors.Is(err, ErrNotFound) || status(err) != 0 && !IsTemporary(err)
}

// IsTemporary reports whether the same call may succeed later: S3 was away, overloaded or failing, or the connection
// broke.
func IsTemporary(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrTooLarge) {
		return false
	}
	if s := status(err); s != 0 {
		return s == http.StatusTooManyRequests || s >= 500 && s != http.StatusNotImplemented ||
			retryables.IsErrorRetryable(err) == aws.TrueTernary // such as 400 RequestTimeout
	}
	var netErr net.Error
	return errors.As(err, &netErr) ||
		errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errIncomplete) ||
		retryables.IsErrorRetryable(err) == aws.TrueTernary
}
