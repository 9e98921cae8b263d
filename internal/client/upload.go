package client

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"

	"github.com/google/uuid"

	"meshgen/internal/api/types"
)

// UploadFile is a CAD file to send.
type UploadFile struct {
	Name      string // for display
	Bytes     io.ReaderAt
	Size      int64
	Units     string // of the numbers, where the format has none
	ProjectID string
	// Sent is told how many bytes of the file are on their way, if set.
	Sent func(bytes int64)
}

// Upload sends a CAD file and returns the geometry that it becomes. It may be sent more than once, and becomes one geometry.
func (c *Client) Upload(ctx context.Context, f UploadFile) (types.Geometry, error) {
	var geometry types.Geometry
	key := uuid.NewString()
	err := c.patiently(ctx, worthRepeating, func() error { return c.upload(ctx, f, key, &geometry) })
	return geometry, err
}

// Fetch has the service fetch a CAD file by its address, and returns the geometry that it becomes. The same key and request return the
// same geometry, however often they are sent.
func (c *Client) Fetch(ctx context.Context, f types.FetchGeometry, key string) (types.Geometry, error) {
	var geometry types.Geometry
	err := c.do(ctx, call{
		method: http.MethodPost, path: []string{"geometries"}, body: f, header: http.Header{"Idempotency-Key": {key}},
	}, &geometry)
	return geometry, err
}

func (c *Client) upload(ctx context.Context, f UploadFile, key string, into *types.Geometry) error {
	head, tail, mediaType, err := form(f)
	if err != nil {
		return err
	}
	ctx, watch := watch(ctx, answerTimeout)
	defer watch.stop()
	bytesOfFile := &counted{r: watch.reader(io.NewSectionReader(f.Bytes, 0, f.Size)), count: f.Sent}
	body := io.MultiReader(bytes.NewReader(head), bytesOfFile, bytes.NewReader(tail))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url(nil, "upload").String(), io.NopCloser(body))
	if err != nil {
		return err
	}
	req.ContentLength = int64(len(head)) + f.Size + int64(len(tail))
	req.Header.Set("Content-Type", mediaType)
	req.Header.Set("Idempotency-Key", key)
	// A server that will not have the file can say so before it is sent.
	req.Header.Set("Expect", "100-continue")
	res, err := c.send(req, "application/json")
	if err != nil {
		return err
	}
	return decode(res, into)
}

// form returns what stands before and after the bytes of the file in the form, so that its length is known.
func form(f UploadFile) (head, tail []byte, mediaType string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, field := range []struct{ name, value string }{{"units", f.Units}, {"project_id", f.ProjectID}} {
		if field.value == "" {
			continue
		}
		if err := w.WriteField(field.name, field.value); err != nil {
			return nil, nil, "", fmt.Errorf("upload form: %w", err)
		}
	}
	if _, err := w.CreateFormFile("file", filepath.Base(f.Name)); err != nil {
		return nil, nil, "", fmt.Errorf("upload form: %w", err)
	}
	n := b.Len()
	if err := w.Close(); err != nil {
		return nil, nil, "", fmt.Errorf("upload form: %w", err)
	}
	return b.Bytes()[:n], b.Bytes()[n:], w.FormDataContentType(), nil
}

// counted tells how much was read through it.
type counted struct {
	r     io.Reader
	n     int64
	count func(int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.count != nil && n > 0 {
		c.count(c.n)
	}
	return n, err
}
