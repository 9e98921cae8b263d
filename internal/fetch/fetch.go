// Package fetch gets files from addresses that strangers name.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"meshgen/internal/outward"
)

// Config says whether and from where files are fetched.
type Config struct {
	// Fetch is on or off: whether files are fetched that requests name by their address (geometry_url).
	Fetch string `env:"MESHGEN_FETCH" envDefault:"on"`
	// Allow are networks that may be asked though they are not of the public internet, such as 10.1.0.0/16.
	Allow []netip.Prefix `env:"MESHGEN_FETCH_ALLOW"`
	// HTTP lets addresses begin with http://, where anybody on the way can change what is fetched.
	HTTP bool `env:"MESHGEN_FETCH_HTTP" envDefault:"false"`
	// TimeLimit of a file, from the request for it to its last byte, with the wait for a place to fetch it; whoever asked waits as long, so what stands in front of the API must not give up before.
	TimeLimit time.Duration `env:"MESHGEN_FETCH_TIME_LIMIT" envDefault:"50s"`
}

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	if c.Fetch != "on" && c.Fetch != "off" {
		return fmt.Errorf("MESHGEN_FETCH must be on or off, not %q", c.Fetch)
	}
	if c.TimeLimit <= 0 {
		return errors.New("MESHGEN_FETCH_TIME_LIMIT must be positive")
	}
	return nil
}

// Failed says, in words for whoever named the address, why there is no file.
type Failed string

func (f Failed) Error() string { return string(f) }

// errIdle ends the fetch of a file of which nothing more comes.
var errIdle = errors.New("nothing comes")

// wait is how long the other side may take to connect, to begin its answer, and for each piece of it.
const wait = 10 * time.Second

// Fetcher gets files. It may be used from many goroutines.
type Fetcher struct {
	cfg    Config
	rule   outward.Rule
	client *http.Client
	idle   time.Duration
	places places
}

// New returns a Fetcher; nil where nothing is to be fetched.
func New(cfg Config) *Fetcher {
	if cfg.Fetch == "off" {
		return nil
	}
	rule := outward.Rule{Allow: cfg.Allow, HTTP: cfg.HTTP}
	return &Fetcher{cfg: cfg, rule: rule, client: rule.Client(wait), idle: wait, places: places{held: map[string][]*place{}}}
}

// Check says what is wrong with an address, as far as that can be seen without asking anybody.
func (f *Fetcher) Check(address string) error { return f.rule.Check(address) }

// File is one on its way. What goes wrong with reading it is as that of Open. Its place
// is another's as soon as it has been read to its end.
type File struct {
	io.Reader
	Name string // as the other side calls it
	Size int64  // -1 if the other side does not say
	end  func()
}

// Close lets go of it; more than once is no harm.
func (f *File) Close() { f.end() }

// Open asks for a file on behalf of a tenant, once there is a place for it. The error is a Failed, ErrShare, ErrBusy, ErrYielded, or that
// of a client who left.
func (f *Fetcher) Open(ctx context.Context, tenant, address string) (*File, error) {
	asked := ctx
	ctx, stop := context.WithTimeout(ctx, f.cfg.TimeLimit)
	ctx, cancel := context.WithCancelCause(ctx)
	failed := func(words string) error { // what is told of it, unless time is up
		switch {
		case asked.Err() != nil:
			return asked.Err()
		case errors.Is(context.Cause(ctx), ErrYielded):
			return ErrYielded
		case errors.Is(context.Cause(ctx), errIdle):
			return Failed(fmt.Sprintf("broke off before its end: nothing came for %s", f.idle))
		case ctx.Err() != nil:
			return Failed(fmt.Sprintf("has not come within %s", f.cfg.TimeLimit))
		}
		return Failed(words)
	}
	taken, err := f.places.take(ctx, tenant, cancel)
	if err != nil {
		if ctx.Err() != nil && asked.Err() == nil { // time was up before there was a place
			err = ErrBusy
		}
		cancel(nil)
		stop()
		return nil, err
	}
	give := sync.OnceFunc(func() { f.places.give(taken) })
	end := sync.OnceFunc(func() { cancel(nil); stop(); give() })
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		end()
		return nil, Failed("must be the address of a web server")
	}
	request.Header.Set("User-Agent", "meshgen")
	request.Header.Set("Accept-Encoding", "identity")
	answer, err := f.client.Do(request)
	if err != nil {
		err = failed(outward.Plain(err))
		end()
		return nil, err
	}
	file := &File{Name: nameOf(answer), Size: answer.ContentLength, end: func() { answer.Body.Close(); end() }}
	file.Reader = &body{
		Reader: answer.Body, failed: func() error { return failed("broke off before its end") },
		idle: f.idle, left: func() { cancel(errIdle) }, came: &taken.came, whole: give,
	}
	switch {
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		err = Failed(fmt.Sprintf("redirects (%d): name the address that it leads to", answer.StatusCode))
	case answer.StatusCode != http.StatusOK:
		err = Failed(fmt.Sprintf("answers %d", answer.StatusCode))
	case encoded(answer):
		err = Failed("comes in an encoding, though none was asked for")
	case answer.ContentLength < 0 && len(answer.TransferEncoding) == 0:
		// It would end with the connection, wherever that breaks off (RFC 9112, 8): half a file would pass for a whole one.
		err = Failed("comes in an answer that does not say how long it is (no Content-Length, not chunked)")
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// encoded reports whether an answer is anything else than the file itself.
func encoded(answer *http.Response) bool {
	encoding := answer.Header.Get("Content-Encoding")
	return encoding != "" && !strings.EqualFold(encoding, "identity")
}

// body tells what goes wrong as a Failed, and leaves a server that sends nothing for a while.
type body struct {
	io.Reader
	failed func() error
	idle   time.Duration
	left   func()
	came   *atomic.Int64
	whole  func() // called at the end of the file: what becomes of it then keeps nobody from fetching another
}

func (b *body) Read(p []byte) (int, error) {
	silence := time.AfterFunc(b.idle, b.left) // of the server: what is done with the bytes between two reads may take its time
	n, err := b.Reader.Read(p)
	silence.Stop()
	b.came.Add(int64(n))
	switch err {
	case nil:
	case io.EOF:
		b.whole()
	default:
		err = b.failed()
	}
	return n, err
}

// nameOf is what the other side calls a file or, where it does not say, the end of its address.
func nameOf(answer *http.Response) string {
	if _, params, err := mime.ParseMediaType(answer.Header.Get("Content-Disposition")); err == nil && params["filename"] != "" {
		return params["filename"]
	}
	return strings.TrimPrefix(path.Base("/"+answer.Request.URL.Path), "/")
}
