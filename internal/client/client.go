package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Time limits. A call as a whole is bounded by its context alone.
const (
	dialTimeout = 5 * time.Second
	// answerTimeout is how long the server may think once it has the request: it may wait for S3.
	answerTimeout = 90 * time.Second
	// callTimeout bounds one try of a call that carries JSON both ways.
	callTimeout = 2 * time.Minute

	firstPause = 100 * time.Millisecond
	maxPause   = 2 * time.Second
)

// Client speaks to one server. It may be used from many goroutines.
type Client struct {
	cfg  Config
	base *url.URL
	http *http.Client
}

// New returns a client. It opens no connection.
func New(cfg Config) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	base, err := url.Parse(cfg.Server)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}).DialContext
	transport.ResponseHeaderTimeout = answerTimeout
	transport.MaxIdleConnsPerHost = 16
	return &Client{cfg: cfg, base: base, http: &http.Client{
		Transport: transport,
		// The API redirects downloads only, and those are followed by hand: any other redirect would turn a POST into a GET.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Server returns the address that the client was made with.
func (c *Client) Server() string { return c.cfg.Server }

// call is a request that carries JSON.
type call struct {
	method string
	path   []string // below /v1
	query  url.Values
	header http.Header
	body   any // becomes JSON; nil for none
	once   bool
}

func (c *Client) url(query url.Values, path ...string) *url.URL {
	parts := []string{"v1"}
	for _, part := range path {
		parts = append(parts, url.PathEscape(part))
	}
	u := c.base.JoinPath(parts...)
	u.RawQuery = query.Encode()
	return u
}

// do makes a call, again and again while it fails for a time only, and decodes the answer into `into` (nil for none).
// The call must be one that may be sent twice, unless it is sent once.
func (c *Client) do(ctx context.Context, call call, into any) error {
	var body []byte
	if call.body != nil {
		var err error
		if body, err = json.Marshal(call.body); err != nil {
			return fmt.Errorf("%s %v: %w", call.method, call.path, err)
		}
	}
	again := worthRepeating
	if call.once {
		again = func(error) bool { return false }
	}
	return c.patiently(ctx, again, func() error {
		ctx, cancel := context.WithTimeoutCause(ctx, callTimeout, errSlow)
		defer cancel()
		var reader io.Reader
		if body != nil {
			reader = bytes.NewReader(body)
		}
		req, err := http.NewRequestWithContext(ctx, call.method, c.url(call.query, call.path...).String(), reader)
		if err != nil {
			return err
		}
		for name, values := range call.header {
			req.Header[name] = values
		}
		if body != nil {
			req.Header.Set("Content-Type", "application/json")
		}
		res, err := c.send(req, "application/json")
		if err != nil {
			return err
		}
		return decode(res, into)
	})
}

// send makes one request of the API, with the key. An answer that is not a success becomes an error and its body is closed.
func (c *Client) send(req *http.Request, accept string) (*http.Response, error) {
	req.Header.Set("Accept", accept+", application/problem+json")
	if c.cfg.UserAgent != "" {
		req.Header.Set("User-Agent", c.cfg.UserAgent)
	}
	if c.cfg.APIKey != "" {
		req.Header.Set("Authorization", "Bearer "+string(c.cfg.APIKey))
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, unreachable(req.Context(), req.URL, err)
	}
	if res.StatusCode/100 != 2 {
		defer res.Body.Close()
		return res, problemOf(res)
	}
	return res, nil
}

func decode(res *http.Response, into any) error {
	defer res.Body.Close()
	if into == nil {
		_, err := io.Copy(io.Discard, res.Body)
		return unreachable(res.Request.Context(), res.Request.URL, err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return unreachable(res.Request.Context(), res.Request.URL, err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return &Problem{
			Title: http.StatusText(res.StatusCode), Status: res.StatusCode, Code: CodeNotMeshgen,
			Detail: fmt.Sprintf("%s://%s answered something that is not Meshgen's: %s.", res.Request.URL.Scheme, res.Request.URL.Host, err),
		}
	}
	return nil
}

// patiently repeats f while again accepts its error, with growing pauses, for Config.Patience at most. A server that
// says when to come back is believed.
func (c *Client) patiently(ctx context.Context, again func(error) bool, f func() error) error {
	deadline := time.Now().Add(c.cfg.Patience)
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		err := f()
		if err == nil || ctx.Err() != nil || !again(err) {
			return err
		}
		if !c.rest(ctx, err, pause, deadline) {
			return err
		}
	}
}

// rest waits before the next try, and reports whether there may be one.
func (c *Client) rest(ctx context.Context, err error, pause time.Duration, deadline time.Time) bool {
	// A random half keeps many clients from coming back at the same moment.
	pause = pause/2 + rand.N(pause/2+1)
	if a, ok := errors.AsType[*answered](err); ok {
		pause = max(pause, a.retryAfter)
	}
	if time.Now().Add(pause).After(deadline) {
		return false
	}
	if c.cfg.Waiting != nil {
		c.cfg.Waiting(err)
	}
	return sleep(ctx, pause)
}

// sleep reports whether it was not ended by ctx.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
