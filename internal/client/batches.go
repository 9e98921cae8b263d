package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"meshgen/internal/api/types"
)

// CreateBatch asks for a mesh of each geometry by each spec. The same key and request return the same batch.
func (c *Client) CreateBatch(ctx context.Context, b types.CreateBatch, key string) (types.Batch, error) {
	var batch types.Batch
	err := c.do(ctx, call{
		method: http.MethodPost, path: []string{"batches"}, body: b, header: http.Header{"Idempotency-Key": {key}},
	}, &batch)
	return batch, err
}

// Batch returns a batch with its meshes.
func (c *Client) Batch(ctx context.Context, id string) (types.Batch, error) {
	return get[types.Batch](ctx, c, nil, "batches", id)
}

// Batches returns a page of the batches, newest first.
func (c *Client) Batches(ctx context.Context, f Filter, p Page) (types.BatchList, error) {
	return get[types.BatchList](ctx, c, p.with("project_id", f.ProjectID), "batches")
}

// CancelBatch cancels what has not ended of a batch, and returns it.
func (c *Client) CancelBatch(ctx context.Context, id string) (types.Batch, error) {
	var batch types.Batch
	err := c.do(ctx, call{method: http.MethodPost, path: []string{"batches", id, "cancel"}}, &batch)
	return batch, err
}

// DeleteBatch deletes a batch and its meshes.
func (c *Client) DeleteBatch(ctx context.Context, id string) error {
	return c.remove(ctx, "batches", id)
}

// Archive writes the ZIP of a batch to w, with the files of its meshes in some formats (none: msh). Formats that are not
// there yet are waited for. progress, which may be nil, is told the bytes written. After an error, what was written is
// not to be used: an archive is made as it is sent, and cannot be taken up where it broke off.
func (c *Client) Archive(ctx context.Context, id string, formats []string, w io.Writer, progress func(done int64)) error {
	query := url.Values{}
	if len(formats) > 0 {
		query.Set("format", strings.Join(formats, ","))
	}
	var res *http.Response
	ask := func() error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url(query, "batches", id, "archive").String(), nil)
		if err != nil {
			return err
		}
		res, err = c.send(req, "application/zip")
		return err
	}
	for {
		err := c.patiently(ctx, func(err error) bool { return worthRepeating(err) && !pending(err) }, ask)
		if err == nil {
			break
		}
		if !pending(err) {
			return err
		}
		if !sleep(ctx, max(time.Second/2, retryAfterOf(err))) {
			return context.Cause(ctx)
		}
	}
	defer res.Body.Close()
	var local error // of w, which is none of the network's
	_, err := io.Copy(writerFunc(func(p []byte) (n int, err error) {
		n, local = w.Write(p)
		return n, local
	}), &counted{r: res.Body, count: progress})
	if err != nil && !errors.Is(err, local) {
		return unreachable(ctx, res.Request.URL, err)
	}
	return err
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
