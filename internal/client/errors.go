package client

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"meshgen/internal/api/types"
)

// Problem is what the server answers instead of what was asked for.
type Problem = types.Problem

// CodeNotMeshgen is the code of a Problem that we make ourselves of an answer that is not the API's: that of a proxy,
// or of another server.
const CodeNotMeshgen = "unexpected_answer"

// Unreachable says that no answer came from a server, or not the whole of it.
type Unreachable struct {
	Server string // scheme and host
	Err    error
}

func (e *Unreachable) Error() string {
	return fmt.Sprintf("%s cannot be reached: %s", e.Server, e.Reason())
}
func (e *Unreachable) Unwrap() error { return e.Err }

// Reason says in a few words why.
func (e *Unreachable) Reason() string {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(e.Err, syscall.ECONNREFUSED):
		return "nothing listens there (connection refused)"
	case errors.As(e.Err, &dns):
		return "there is no host of the name " + dns.Name
	case errors.Is(e.Err, errIdle), errors.Is(e.Err, errSlow):
		return e.Err.Error()
	case errors.As(e.Err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.Is(e.Err, io.EOF), errors.Is(e.Err, io.ErrUnexpectedEOF), errors.Is(e.Err, syscall.ECONNRESET), errors.Is(e.Err, syscall.EPIPE):
		return "the connection broke"
	}
	var inner *url.Error
	if errors.As(e.Err, &inner) { // drop the method and the address, which may be a presigned one
		return inner.Err.Error()
	}
	return e.Err.Error()
}

// answered is a Problem and when to ask again, if the server said so.
type answered struct {
	*Problem
	retryAfter time.Duration
}

func (a *answered) Unwrap() error { return a.Problem }

// IsTemporary reports whether the same call may succeed later.
func IsTemporary(err error) bool {
	if _, ok := errors.AsType[*Unreachable](err); ok {
		return true
	}
	if p, ok := errors.AsType[*Problem](err); ok {
		switch p.Status {
		case http.StatusRequestTimeout, http.StatusTooManyRequests,
			http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
	}
	return false
}

// IsNotFound reports whether the server knows no such thing.
func IsNotFound(err error) bool {
	p, ok := errors.AsType[*Problem](err)
	return ok && p.Status == http.StatusNotFound && p.Code != CodeNotMeshgen
}

// worthRepeating reports whether the same call may succeed within seconds: a name that does not exist and a certificate
// that is not trusted stay so.
func worthRepeating(err error) bool {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	if errors.As(err, &dns) && dns.IsNotFound || errors.As(err, &certificate) || errors.As(err, &plain) {
		return false
	}
	return IsTemporary(err)
}

// unreachable wraps what the transport says, unless it is the caller's own doing or none of the network's.
func unreachable(ctx context.Context, u *url.URL, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); errors.Is(cause, errIdle) || errors.Is(cause, errSlow) {
		err = cause // our own limits: the server's fault
	} else if cause != nil {
		return cause
	}
	if errors.Is(err, os.ErrClosed) || errors.As(err, new(*os.PathError)) {
		return err // of the local file that was to be sent
	}
	return &Unreachable{Server: u.Scheme + "://" + u.Host, Err: err}
}

// maxProblem is how much of an error's body is read, in bytes.
const maxProblem = 1 << 20

// problemOf reads the problem that an answer holds, or makes one of an answer that is not the API's.
func problemOf(res *http.Response) error {
	a := &answered{retryAfter: retryAfter(res.Header)}
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if media == types.ProblemJSON {
		var p Problem
		if json.NewDecoder(io.LimitReader(res.Body, maxProblem)).Decode(&p) == nil {
			p.Status = res.StatusCode
			a.Problem = &p
			return a
		}
	}
	a.Problem = &Problem{Title: http.StatusText(res.StatusCode), Status: res.StatusCode, Code: CodeNotMeshgen}
	server := res.Request.URL.Scheme + "://" + res.Request.URL.Host
	switch location, _ := res.Location(); {
	case location != nil:
		a.Detail = fmt.Sprintf("%s sends us on to %s://%s.", server, location.Scheme, location.Host)
	default:
		a.Detail = fmt.Sprintf("%s answered %s, which is not how Meshgen's API answers.", server, strings.TrimSpace(res.Status))
	}
	return a
}

// retryAfter reads the header of that name: seconds, or a date.
func retryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(v); err == nil {
		return time.Duration(max(0, seconds)) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
