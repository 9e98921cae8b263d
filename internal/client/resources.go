package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"meshgen/internal/api/types"
)

// Page asks for a part of a list.
type Page struct {
	Limit  int    // at most; 0 leaves it to the server
	Cursor string // of the page before; empty for the first
}

func (p Page) query() url.Values {
	q := url.Values{}
	if p.Limit > 0 {
		q.Set("limit", strconv.Itoa(p.Limit))
	}
	if p.Cursor != "" {
		q.Set("cursor", p.Cursor)
	}
	return q
}

// Filter narrows a list down. An empty field lets everything pass.
type Filter struct {
	GeometryID string // meshes
	ProjectID  string // meshes and geometries
	Status     string // meshes
}

// with returns the query of a page with these filters, given as name and value in turn.
func (p Page) with(filters ...string) url.Values {
	q := p.query()
	for i := 0; i < len(filters); i += 2 {
		if filters[i+1] != "" {
			q.Set(filters[i], filters[i+1])
		}
	}
	return q
}

func get[T any](ctx context.Context, c *Client, query url.Values, path ...string) (T, error) {
	var v T
	err := c.do(ctx, call{method: http.MethodGet, path: path, query: query}, &v)
	return v, err
}

// Geometry returns a geometry.
func (c *Client) Geometry(ctx context.Context, id string) (types.Geometry, error) {
	return get[types.Geometry](ctx, c, nil, "geometries", id)
}

// Geometries returns a page of the geometries, newest first.
func (c *Client) Geometries(ctx context.Context, f Filter, p Page) (types.GeometryList, error) {
	return get[types.GeometryList](ctx, c, p.with("project_id", f.ProjectID), "geometries")
}

// DeleteGeometry deletes a geometry and its meshes.
func (c *Client) DeleteGeometry(ctx context.Context, id string) error {
	return c.remove(ctx, "geometries", id)
}

// CreateMesh asks for a mesh. The same key and request return the same mesh, however often they are sent.
func (c *Client) CreateMesh(ctx context.Context, m types.CreateMesh, key string) (types.Mesh, error) {
	var mesh types.Mesh
	err := c.do(ctx, call{
		method: http.MethodPost, path: []string{"meshes"}, body: m, header: http.Header{"Idempotency-Key": {key}},
	}, &mesh)
	return mesh, err
}

// Mesh returns a mesh.
func (c *Client) Mesh(ctx context.Context, id string) (types.Mesh, error) {
	return get[types.Mesh](ctx, c, nil, "meshes", id)
}

// Meshes returns a page of the meshes, newest first.
func (c *Client) Meshes(ctx context.Context, f Filter, p Page) (types.MeshList, error) {
	return get[types.MeshList](ctx, c, p.with("geometry_id", f.GeometryID, "project_id", f.ProjectID, "status", f.Status), "meshes")
}

// CancelMesh cancels a mesh and returns it. One that is final stays as it is.
func (c *Client) CancelMesh(ctx context.Context, id string) (types.Mesh, error) {
	var mesh types.Mesh
	err := c.do(ctx, call{method: http.MethodPost, path: []string{"meshes", id, "cancel"}}, &mesh)
	return mesh, err
}

// DeleteMesh deletes a mesh and its files.
func (c *Client) DeleteMesh(ctx context.Context, id string) error { return c.remove(ctx, "meshes", id) }

// Projects returns a page of the projects, newest first.
func (c *Client) Projects(ctx context.Context, p Page) (types.ProjectList, error) {
	return get[types.ProjectList](ctx, c, p.query(), "projects")
}

// DeleteProject deletes a project with everything in it.
func (c *Client) DeleteProject(ctx context.Context, id string) error {
	return c.remove(ctx, "projects", id)
}

// Pool returns who works and how much waits.
func (c *Client) Pool(ctx context.Context) (types.Pool, error) {
	return get[types.Pool](ctx, c, nil, "pool")
}

// remove deletes a thing. If an answer was lost and the thing is gone when asked again, it was deleted.
func (c *Client) remove(ctx context.Context, path ...string) error {
	tries := 0
	return c.patiently(ctx, worthRepeating, func() error {
		tries++
		req, err := http.NewRequestWithContext(ctx, http.MethodDelete, c.url(nil, path...).String(), nil)
		if err != nil {
			return err
		}
		res, err := c.send(req, "application/json")
		if tries > 1 && IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		return decode(res, nil)
	})
}

// Ready asks the server once whether it can do its work. That it cannot is an answer, not an error.
func (c *Client) Ready(ctx context.Context) (types.Readiness, error) {
	var ready types.Readiness
	ctx, cancel := context.WithTimeoutCause(ctx, callTimeout, errSlow)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base.JoinPath("readyz").String(), nil)
	if err != nil {
		return ready, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return ready, unreachable(ctx, req.URL, err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&ready); err != nil || ready.Status == "" {
		return ready, fmt.Errorf("what answers at %s is no Meshgen (%s)", c.Server(), res.Status)
	}
	return ready, nil
}
