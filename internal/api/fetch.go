package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
	"meshgen/internal/fetch"
	"meshgen/internal/id"
	"meshgen/internal/store"
)

func (s *Server) addFetch() {
	add(s, huma.Operation{
		OperationID: "fetch-geometry", Method: http.MethodPost, Path: "/v1/geometries", Tags: []string{tagGeometries},
		Summary: "Have a CAD file fetched",
		Description: "Fetches the file from a web server, which has to be of the public internet, without following redirects, and answers when it is there; " +
			"from then on all is as with an upload. A presigned URL of an object store is such an address. The answer of its server has to say how long it is, by Content-Length or in chunks. " +
			"Of one tenant a few are fetched at a time, fewer while others wait for theirs: 429 then, also for one that had begun.",
		DefaultStatus: http.StatusCreated, Errors: []int{408, 413, 422},
	}, s.fetchGeometry)
}

// fetchGeometryInput checks what the schema cannot.
type fetchGeometryInput struct {
	Idempotent
	Body types.FetchGeometry
}

// Resolve checks the form of the project's id.
func (in *fetchGeometryInput) Resolve(ctx huma.Context) []error {
	bad := in.Idempotent.Resolve(ctx)
	if err := bodyID(id.Project, "body.project_id", in.Body.ProjectID); err != nil {
		bad = append(bad, err)
	}
	return bad
}

// atURL is where a request names the address.
const atURL = "body.geometry_url"

func (s *Server) fetchGeometry(ctx context.Context, in *fetchGeometryInput) (*completeUploadOutput, error) {
	address := in.Body.GeometryURL
	noteOf(ctx).object = hostIn(address)
	hash, err := requestHash(in.Body)
	if err != nil {
		return nil, err
	}
	if g, err := s.before(ctx, in.IdempotencyKey); err != nil {
		return nil, err
	} else if g != nil { // nobody is asked again: the address may be gone by now
		if g.RequestHash != hash {
			return nil, store.ErrKeyReused
		}
		noteOf(ctx).object = g.ID
		return geometryCreated(*g), nil
	}
	if in.Body.ProjectID != "" {
		if _, err := s.db.Project(ctx, tenant(ctx), in.Body.ProjectID); errors.Is(err, store.ErrNotFound) {
			return nil, unknown("body.project_id", in.Body.ProjectID, "project")
		} else if err != nil {
			return nil, err
		}
	}
	if s.fetcher == nil {
		return nil, unfetched(address, "this service fetches nothing: the operator has to set MESHGEN_FETCH")
	}
	if err := s.fetcher.Check(address); err != nil {
		return nil, unfetched(address, err.Error())
	}
	room, err := s.roomOf(ctx, 0) // before anybody else is troubled
	if err != nil {
		return nil, err
	}
	f := s.incoming(ctx, room)
	f.new.ProjectID, f.new.Units = in.Body.ProjectID, in.Body.Units
	f.new.IdempotencyKey, f.new.RequestHash = in.IdempotencyKey, hash
	g, err := f.fetch(ctx, in.Body)
	f.settle(ctx, g, err)
	if err != nil {
		return nil, err
	}
	noteOf(ctx).object = g.ID
	return geometryCreated(g), nil
}

// fetch makes a geometry of what is at an address.
func (f *incoming) fetch(ctx context.Context, asked types.FetchGeometry) (store.Geometry, error) {
	fault := func(err error) error { return unfetchedFor(asked.GeometryURL, err) }
	file, err := f.server.fetcher.Open(ctx, f.new.TenantID, asked.GeometryURL)
	if err != nil {
		return store.Geometry{}, fault(err)
	}
	defer file.Close()
	switch {
	case file.Size > f.server.cfg.MaxUpload:
		return store.Geometry{}, f.server.tooLarge(atURL)
	case file.Size > f.room.left():
		return store.Geometry{}, f.room.full()
	}
	f.new.Filename = cleanFilename(file.Name)
	if asked.Filename != "" {
		f.new.Filename = cleanFilename(asked.Filename)
	}
	if err := f.keep(ctx, file, atURL, fault); err != nil {
		return store.Geometry{}, err
	}
	return f.create(ctx)
}

// unfetchedFor is what went wrong with fetching a file, as a problem.
func unfetchedFor(address string, err error) error {
	var failed fetch.Failed
	later := func(words string) error {
		return retryAfter(refuse(http.StatusTooManyRequests, types.CodeTooManyRequests, words), "5")
	}
	switch {
	case errors.As(err, &failed):
		return unfetched(address, failed.Error())
	case errors.Is(err, fetch.ErrShare):
		return later(fmt.Sprintf("%d files are being fetched for you, which is as many as may be at a time. Try again when one of them is there.", fetch.Share))
	case errors.Is(err, fetch.ErrBusy):
		return later("As many files are being fetched for others as may be, and none of them has ended soon enough. Try again in a moment.")
	case errors.Is(err, fetch.ErrYielded):
		return later("The file was given up so that somebody else's could be fetched: you had more on their way than they. Try again in a moment.")
	}
	return err
}

// longestHost is that of a name (RFC 1035).
const longestHost = 253

// hostIn is what the audit log may tell of an address: path and query may be secrets, as of a presigned URL.
func hostIn(address string) string {
	u, err := url.Parse(address)
	if err != nil || len(u.Hostname()) > longestHost {
		return ""
	}
	return strings.ToValidUTF8(u.Hostname(), "")
}

// unfetched is the problem of an address of which no file comes.
func unfetched(address, why string) *types.Problem {
	return invalid(types.FieldError{Location: atURL, Message: why, Value: address})
}
