package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/id"
	"meshgen/internal/store"
)

// shared marks an operation for whoever has a share link; a key does not do.
const shared auth.Scope = "shared"

// sharePage is where the page shows what a link is for. The word stands behind #, which browsers send to nobody.
const sharePage = "/shared#"

const (
	shareLife     = 30 * 24 * time.Hour  // if nothing is said
	mostShareLife = 366 * 24 * time.Hour // and at most
)

func (s *Server) addShares() {
	tags := []string{tagShares}
	add(s, huma.Operation{
		OperationID: "create-share", Method: http.MethodPost, Path: "/v1/shares", Tags: tags,
		Summary: "Share a mesh", Description: "Makes a link that shows this mesh, and nothing else, to whoever has it. " +
			"The answer holds its word, which is shown only then: what is stored is its SHA-256.",
		DefaultStatus: http.StatusCreated, Errors: []int{422},
	}, s.createShare)
	add(s, huma.Operation{
		OperationID: "list-shares", Method: http.MethodGet, Path: "/v1/shares", Tags: tags,
		Summary: "List share links", Description: "Newest first, with those that are revoked or have expired, for a month.",
		Errors: []int{422}, RejectUnknownQueryParameters: true,
	}, s.listShares)
	add(s, huma.Operation{
		OperationID: "revoke-share", Method: http.MethodDelete, Path: "/v1/shares/{id}", Tags: tags,
		Summary: "Revoke a share link", Description: "It shows nothing from the next request on. It stays in the list for a month.",
		Errors: []int{404},
	}, s.revokeShare)
	add(s, huma.Operation{
		OperationID: "get-shared", Method: http.MethodGet, Path: "/v1/shared", Tags: tags, Metadata: needs(shared),
		Summary: "See what is shared", Description: "The mesh of a share link, with its files, and the part that it is of.",
		Errors: []int{404},
	}, s.getShared)
	add(s, huma.Operation{
		OperationID: "download-shared", Method: http.MethodGet, Path: "/v1/shared/download", Tags: tags, Metadata: needs(shared),
		Summary:       "Download what is shared",
		Description:   "Redirects to a URL that holds the file, for an hour. Formats that are not there are not written for a link.",
		DefaultStatus: http.StatusFound, Errors: []int{404, 422}, RejectUnknownQueryParameters: true,
	}, s.downloadShared)
}

// visitor finds out which share link a request was sent with. Postgres is asked each time, as it is for keys.
func (s *Server) visitor(r *http.Request) (auth.Caller, error) {
	word, err := bearerWord(r)
	if err != nil {
		return auth.Caller{}, err
	}
	if word == "" {
		return auth.Caller{}, unauthenticated("Send the word of a share link: the header Authorization: Bearer msh_share_….")
	}
	parsed, err := auth.ParseShareWord(word)
	if err != nil {
		return auth.Caller{}, notFound("share link")
	}
	found, err := s.db.OpenShare(r.Context(), parsed)
	if errors.Is(err, store.ErrNotFound) {
		if claimed, err := s.db.ShareOfPrefix(r.Context(), parsed.Prefix()); err == nil {
			noteOf(r.Context()).caller = shareCaller(claimed) // its tenant is told that somebody tried
		}
		return auth.Caller{}, refuse(http.StatusNotFound, types.CodeNotFound, "This link shows nothing: it was revoked, or has expired.")
	}
	return shareCaller(found), err
}

func shareCaller(s store.Share) auth.Caller {
	return auth.Caller{Tenant: s.TenantID, Actor: s.ID, Mesh: s.MeshID, Until: s.ExpiresAt}
}

func toShare(s store.Share) types.Share {
	return types.Share{
		ID: s.ID, MeshID: s.MeshID, Prefix: auth.ShareMark + s.Prefix, Status: s.Status(), CreatedAt: s.CreatedAt, CreatedBy: s.CreatedBy,
		ExpiresAt: s.ExpiresAt, RevokedAt: s.RevokedAt, LastUsedAt: s.LastUsedAt,
	}
}

type newShareOutput struct{ Body types.NewShare }

func (s *Server) createShare(ctx context.Context, in *struct{ Body types.CreateShare }) (*newShareOutput, error) {
	now := time.Now()
	until := now.Add(shareLife)
	if at := in.Body.ExpiresAt; at != nil {
		if !at.After(now) || at.After(now.Add(mostShareLife)) {
			return nil, invalid(types.FieldError{Location: "body.expires_at", Message: "must be later than now, and within a year", Value: at.Format(time.RFC3339)})
		}
		until = *at
	}
	word := auth.NewShareWord()
	row, err := s.db.CreateShare(ctx, store.NewShare{
		TenantID: tenant(ctx), MeshID: in.Body.MeshID, CreatedBy: callerOf(ctx).Actor, ExpiresAt: until,
	}, word)
	if errors.Is(err, store.ErrNotFound) {
		return nil, unknown("body.mesh_id", in.Body.MeshID, "mesh")
	}
	if err != nil {
		return nil, err
	}
	noteOf(ctx).object = row.ID
	return &newShareOutput{types.NewShare{Share: toShare(row), Secret: word.Reveal(), Path: sharePage + word.Reveal()}}, nil
}

type listSharesInput struct {
	Paging
	MeshID string `query:"mesh_id" doc:"only those of this mesh"`
}

type shareListOutput struct{ Body types.ShareList }

func (s *Server) listShares(ctx context.Context, in *listSharesInput) (*shareListOutput, error) {
	page, err := in.page(id.Share)
	if err == nil {
		err = filterID("query.mesh_id", id.Mesh, in.MeshID)
	}
	if err != nil {
		return nil, err
	}
	rows, err := s.db.Shares(ctx, tenant(ctx), in.MeshID, ask(page))
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, page.Limit, func(s store.Share) string { return s.ID })
	out := &shareListOutput{types.ShareList{Items: make([]types.Share, len(rows)), NextCursor: next}}
	for i, row := range rows {
		out.Body.Items[i] = toShare(row)
	}
	return out, nil
}

// SharePath names a share link.
type SharePath struct {
	ID string `path:"id" doc:"share link" example:"shr_0190163d-8694-739b-aea5-966c26f8ad91"`
}

func (s *Server) revokeShare(ctx context.Context, in *SharePath) (*struct{}, error) {
	if err := pathID(id.Share, in.ID); err != nil {
		return nil, err
	}
	_, err := s.db.RevokeShare(ctx, tenant(ctx), in.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound(noun[id.Share])
	}
	return nil, err
}

type sharedOutput struct{ Body types.Shared }

func (s *Server) getShared(ctx context.Context, _ *struct{}) (*sharedOutput, error) {
	visitor := callerOf(ctx)
	noteOf(ctx).object = visitor.Mesh
	m, err := s.mesh(ctx, visitor.Mesh)
	if err != nil {
		return nil, err
	}
	mesh, err := s.whole(ctx, m)
	if err != nil {
		return nil, err
	}
	part, err := s.getGeometry(ctx, &geometryPath{ID: m.GeometryID})
	if err != nil {
		return nil, err
	}
	// What leads to other things of the tenant, and what the service says of itself, are not shared.
	mesh.ProjectID, mesh.ReusedFrom, mesh.Follows, part.Body.ProjectID = "", "", "", ""
	mesh.Artifacts = slices.DeleteFunc(mesh.Artifacts, func(a types.Artifact) bool { return a.Format == logFormat })
	return &sharedOutput{types.Shared{ExpiresAt: visitor.Until, Mesh: mesh, Geometry: part.Body}}, nil
}

func (s *Server) downloadShared(ctx context.Context, in *struct {
	Format string `query:"format" default:"msh" doc:"one of those that the mesh has"`
	Asking
}) (*downloadOutput, error) {
	noteOf(ctx).object = callerOf(ctx).Mesh
	m, err := s.mesh(ctx, callerOf(ctx).Mesh)
	if err != nil {
		return nil, err
	}
	file, err := s.findFile(ctx, m.ID, in.Format)
	if errors.Is(err, errNoFile) || err == nil && in.Format == logFormat {
		return nil, notFound("file of the mesh that is shared")
	}
	if err != nil {
		return nil, err
	}
	return s.lead(ctx, file, m.Filename, in.Asking)
}
