package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"meshgen/internal/api/types"
)

// ErrDamaged says that the bytes that arrived are not those that the server holds.
var ErrDamaged = errors.New("the file arrived damaged")

// Download writes a mesh in a format to w and returns what it is. A format that was not asked for when the mesh was made
// is made now, which is waited for. The size and the SHA-256 of what arrived are checked against the server's record:
// after an error, what was written is not to be used. progress, which may be nil, is told the bytes written and their
// number in all.
func (c *Client) Download(ctx context.Context, mesh, format string, w io.Writer, progress func(done, all int64)) (types.Artifact, error) {
	location, err := c.locate(ctx, mesh, format)
	if err != nil {
		return types.Artifact{}, err
	}
	m, err := c.Mesh(ctx, mesh)
	if err != nil {
		return types.Artifact{}, err
	}
	artifact, ok := Artifact(m, format)
	if !ok {
		return artifact, fmt.Errorf("the server offers %s of %s but does not list it, so that it could not be checked", format, mesh)
	}
	d := &download{c: c, url: location, w: w, hash: sha256.New(), size: artifact.Size, progress: progress}
	if err := d.run(ctx); err != nil {
		return artifact, err
	}
	if d.done != artifact.Size {
		return artifact, fmt.Errorf("%w: it has %d bytes instead of %d", ErrDamaged, d.done, artifact.Size)
	}
	if sum := hex.EncodeToString(d.hash.Sum(nil)); sum != artifact.SHA256 {
		return artifact, fmt.Errorf("%w: its SHA-256 is %s instead of %s", ErrDamaged, sum, artifact.SHA256)
	}
	return artifact, nil
}

// Artifact returns the newest file of a mesh that holds a format.
func Artifact(m types.Mesh, format string) (types.Artifact, bool) {
	for _, a := range slices.Backward(m.Artifacts) {
		if a.Format == format && !a.Preview {
			return a, true
		}
	}
	return types.Artifact{}, false
}

// locate returns where the bytes are, waiting while the server makes the format. That is bounded by the server, which
// ends it with a diagnosis.
func (c *Client) locate(ctx context.Context, mesh, format string) (*url.URL, error) {
	var location *url.URL
	ask := func() error {
		u := c.url(url.Values{"format": {format}}, "meshes", mesh, "download")
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return err
		}
		res, err := c.send(req, "*/*")
		if res != nil && res.StatusCode == http.StatusFound {
			location, err = res.Location()
			return err
		}
		if err == nil {
			res.Body.Close()
			err = &Problem{Status: res.StatusCode, Title: res.Status, Code: CodeNotMeshgen, Detail: "The server did not say where the file is."}
		}
		return err
	}
	for {
		err := c.patiently(ctx, func(err error) bool { return worthRepeating(err) && !pending(err) }, ask)
		if !pending(err) {
			return location, err
		}
		if !sleep(ctx, max(time.Second/2, retryAfterOf(err))) {
			return nil, context.Cause(ctx)
		}
	}
}

// pending reports whether the server is making what was asked for.
func pending(err error) bool {
	p, ok := errors.AsType[*Problem](err)
	return ok && p.Code == types.CodeExportPending
}

func retryAfterOf(err error) time.Duration {
	if a, ok := errors.AsType[*answered](err); ok {
		return a.retryAfter
	}
	return 0
}

// download is one file on its way, over as many connections as it takes.
type download struct {
	c        *Client
	url      *url.URL
	w        io.Writer
	hash     hash.Hash
	size     int64
	done     int64
	progress func(done, all int64)
}

// run repeats get from where it broke off. Whatever arrives makes the patience begin anew.
func (d *download) run(ctx context.Context) error {
	for {
		before := d.done
		err := d.c.patiently(ctx, func(err error) bool { return worthRepeating(err) && d.done == before }, func() error { return d.get(ctx) })
		if err == nil || !worthRepeating(err) || d.done == before || ctx.Err() != nil {
			return err
		}
	}
}

func (d *download) get(ctx context.Context) error {
	ctx, watch := watch(ctx, idleLimit)
	defer watch.stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url.String(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Encoding", "identity") // the bytes themselves
	if d.c.cfg.UserAgent != "" {
		req.Header.Set("User-Agent", d.c.cfg.UserAgent)
	}
	if d.done > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", d.done))
	}
	res, err := d.c.http.Do(req)
	if err != nil {
		return unreachable(ctx, d.url, err)
	}
	defer res.Body.Close()
	body := watch.reader(res.Body)
	switch {
	case res.StatusCode == http.StatusPartialContent && d.done > 0:
	case res.StatusCode == http.StatusOK:
		if _, err := io.CopyN(io.Discard, body, d.done); err != nil { // all of it again
			return unreachable(ctx, d.url, err)
		}
	default:
		return d.refused(res)
	}
	return d.copy(ctx, body)
}

func (d *download) copy(ctx context.Context, body io.Reader) error {
	buffer := make([]byte, 128<<10)
	for {
		n, err := body.Read(buffer)
		if d.done+int64(n) > d.size {
			return fmt.Errorf("%w: it has more than %d bytes", ErrDamaged, d.size)
		}
		if n > 0 {
			if _, err := d.w.Write(buffer[:n]); err != nil {
				return err
			}
			d.hash.Write(buffer[:n])
			d.done += int64(n)
			if d.progress != nil {
				d.progress(d.done, d.size)
			}
		}
		if err == io.EOF && d.done < d.size {
			err = io.ErrUnexpectedEOF
		} else if err == io.EOF {
			return nil
		}
		if err != nil {
			return unreachable(ctx, d.url, err)
		}
	}
}

// refused turns the answer of the object store into a problem; its own words are XML.
func (d *download) refused(res *http.Response) error {
	return &answered{retryAfter: retryAfter(res.Header), Problem: &Problem{
		Title: http.StatusText(res.StatusCode), Status: res.StatusCode, Code: CodeNotMeshgen,
		Detail: fmt.Sprintf("The store of the files, %s://%s, answered %s.", d.url.Scheme, d.url.Host, res.Status),
	}}
}
