package client

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/http/httpguts"
)

// readAll returns the events of a stream, and how it ended.
func readAll(r io.Reader, most int) (events []Event, err error) {
	s := newStream(r, most, func() {}, func(time.Duration) {})
	for {
		e, err := s.next()
		if err != nil {
			return events, err
		}
		events = append(events, e)
	}
}

// A stream is read the same however it is cut into pieces, holds no event that is longer than may be, and no id that cannot be sent back.
func FuzzStream(f *testing.F) {
	for _, text := range []string{
		"", "\n\n", ": hello\n\n", "id: 1\nevent: status\ndata: {\"status\":\"queued\"}\n\n", "id: 2\r\nevent: log\r\ndata: a\r\ndata: b\r\n\r\n",
		"data\n\n", "data:\n\n", "data: x", "retry: 10\n\n", "retry: 9223372036854775807\n\n", "retry: -1\n", "id: a\x00b\ndata: x\n\n", "id: \x7f\ndata:  y\n\n",
		"event: done\ndata: {}\n\nid: 9\ndata: after\n\n", "data: " + strings.Repeat("x", 100) + "\n\n", strings.Repeat("data: 0123456789\n", 10) + "\n", "\xff: \xfe\ndata: \xff\n\n",
	} {
		f.Add([]byte(text))
	}
	const most = 64
	f.Fuzz(func(t *testing.T, text []byte) {
		events, err := readAll(bytes.NewReader(text), most)
		require.Error(t, err)
		if err != io.EOF {
			require.ErrorIs(t, err, bufio.ErrTooLong)
		}
		slowly, slow := readAll(iotest.OneByteReader(bytes.NewReader(text)), most)
		require.Equal(t, events, slowly)
		require.Equal(t, err, slow)
		for _, e := range events {
			require.LessOrEqual(t, len(e.Data), most)
			require.True(t, httpguts.ValidHeaderFieldValue(e.ID), "%q", e.ID)
		}
		if _, broken := readAll(iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(text))), most); len(text) > 1 {
			require.True(t, errors.Is(broken, iotest.ErrTimeout) || errors.Is(broken, bufio.ErrTooLong), "%v", broken)
		}
	})
}

// Whatever answers, a person is told something, and when to come again is never long ago.
func FuzzProblem(f *testing.F) {
	f.Add(429, "application/problem+json", "5", `{"title": "Too Many Requests", "status": 429, "code": "too_many_requests", "detail": "x"}`)
	f.Add(503, "text/html", "Sun, 06 Nov 1994 08:49:37 GMT", "<html>")
	f.Add(302, "application/problem+json; charset=x", "-3", `{"diagnosis": {"code": 1}}`)
	f.Add(500, "application/problem+json", "99999999999999999999", `{"errors": [{"value": {"a": [1e999]}}]}`)
	f.Add(400, "application/problem+json", "", "null")
	f.Fuzz(func(t *testing.T, status int, media, retry, body string) {
		request, err := http.NewRequest(http.MethodGet, "https://example.com/v1/meshes", nil)
		require.NoError(t, err)
		err = problemOf(&http.Response{
			Request: request, StatusCode: status, Header: http.Header{"Content-Type": {media}, "Retry-After": {retry}, "Location": {body}}, Body: io.NopCloser(strings.NewReader(body)),
		})
		a, ok := errors.AsType[*answered](err)
		require.True(t, ok)
		require.NotNil(t, a.Problem)
		require.Equal(t, status, a.Status)
		require.NotEmpty(t, err.Error())
		require.GreaterOrEqual(t, a.retryAfter, time.Duration(0))
	})
}
