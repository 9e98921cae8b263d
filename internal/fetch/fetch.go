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
	// TimeLimit of a file, from the request for it to its last byte.
	TimeLimit time.Duration `env:"MESHGEN_FETCH_TIME_LIMIT" envDefault:"2m"`
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

// ErrBusy says that as many files are on their way as may be.
var ErrBusy = errors.New("too many files are being fetched")

const (
	// wait is how long the other side may take to connect, and to begin its answer.
	wait = 10 * time.Second
	// atOnce is how many files one process fetches side by side.
	atOnce = 16
)

// Fetcher gets files. It may be used from many goroutines.
type Fetcher struct {
	cfg    Config
	rule   outward.Rule
	client *http.Client
	places chan struct{}
}

// New returns a Fetcher; nil where nothing is to be fetched.
func New(cfg Config) *Fetcher {
	if cfg.Fetch == "off" {
		return nil
	}
	rule := outward.Rule{Allow: cfg.Allow, HTTP: cfg.HTTP}
	return &Fetcher{cfg: cfg, rule: rule, client: rule.Client(wait), places: make(chan struct{}, atOnce)}
}

// Check says what is wrong with an address, as far as that can be seen without asking anybody.
func (f *Fetcher) Check(address string) error { return f.rule.Check(address) }

// File is one on its way. What goes wrong with reading it is a Failed.
type File struct {
	io.Reader
	Name string // as the other side calls it
	Size int64  // -1 if the other side does not say
	end  func()
}

// Close lets go of it.
func (f *File) Close() { f.end() }

// Open asks for a file. The error is a Failed, ErrBusy, or that of a client who left.
func (f *Fetcher) Open(ctx context.Context, address string) (*File, error) {
	select {
	case f.places <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	asked := ctx
	ctx, cancel := context.WithTimeout(ctx, f.cfg.TimeLimit)
	end := func() { cancel(); <-f.places }
	failed := func(words string) error { // what is told of it, unless time is up
		switch {
		case asked.Err() != nil:
			return asked.Err()
		case ctx.Err() != nil:
			return Failed(fmt.Sprintf("has not come within %s", f.cfg.TimeLimit))
		}
		return Failed(words)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		end()
		return nil, Failed("must be the address of a web server")
	}
	request.Header.Set("User-Agent", "meshgen")
	answer, err := f.client.Do(request)
	if err != nil {
		err = failed(outward.Plain(err))
		end()
		return nil, err
	}
	file := &File{Name: nameOf(answer), Size: answer.ContentLength, end: func() { answer.Body.Close(); end() }}
	file.Reader = &body{answer.Body, func() error { return failed("broke off before its end") }}
	switch {
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		err = Failed(fmt.Sprintf("redirects (%d): name the address that it leads to", answer.StatusCode))
	case answer.StatusCode != http.StatusOK:
		err = Failed(fmt.Sprintf("answers %d", answer.StatusCode))
	case answer.Header.Get("Content-Encoding") != "":
		err = Failed("comes in an encoding, though none was asked for")
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// body tells what goes wrong as a Failed.
type body struct {
	io.Reader
	failed func() error
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil && err != io.EOF {
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
