package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/id"
	"meshgen/internal/store"
)

type KeyPath struct {
	ID string `path:"id" doc:"key" example:"key_0190163d-8694-739b-aea5-966c26f8ad91"`
}

func (s *Server) addKeys() {
	tags := []string{tagKeys}
	add(s, huma.Operation{
		OperationID: "create-key", Method: http.MethodPost, Path: "/v1/keys", Tags: tags, Metadata: needs(auth.Admin),
		Summary: "Create an API key", Description: "The answer holds the key itself, which is shown only then: what is stored is its SHA-256.",
		DefaultStatus: http.StatusCreated, Errors: []int{422},
	}, s.createKey)
	add(s, huma.Operation{
		OperationID: "list-keys", Method: http.MethodGet, Path: "/v1/keys", Tags: tags, Metadata: needs(auth.Admin),
		Summary: "List API keys", Description: "Newest first, with those that are revoked or have expired.",
		Errors: []int{422}, RejectUnknownQueryParameters: true,
	}, s.listKeys)
	add(s, huma.Operation{
		OperationID: "rotate-key", Method: http.MethodPost, Path: "/v1/keys/{id}/rotate", Tags: tags, Metadata: needs(auth.Admin),
		Summary:       "Replace an API key",
		Description:   "Makes a key of the same name, scope and length of life. The old one goes on for overlap_seconds, a day if nothing is said.",
		DefaultStatus: http.StatusCreated, Errors: []int{404, 409, 422},
	}, s.rotateKey)
	add(s, huma.Operation{
		OperationID: "revoke-key", Method: http.MethodDelete, Path: "/v1/keys/{id}", Tags: tags, Metadata: needs(auth.Admin),
		Summary: "Revoke an API key", Description: "It works no longer, nor do the sessions that were opened with it; streams of events end within seconds. The key stays in the list.",
		Errors: []int{404},
	}, s.revokeKey)
}

func toKey(k store.APIKey) types.Key {
	t := types.Key{
		ID: k.ID, Name: k.Name, Prefix: auth.KeyMark + k.Prefix, Scope: string(k.Scope), Status: k.Status(), CreatedAt: k.CreatedAt,
		CreatedBy: k.CreatedBy, ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt, LastUsedAt: k.LastUsedAt,
	}
	if k.ReplacedBy != nil {
		t.ReplacedBy = *k.ReplacedBy
	}
	return t
}

type newKeyOutput struct{ Body types.NewKey }

func (s *Server) createKey(ctx context.Context, in *struct{ Body types.CreateKey }) (*newKeyOutput, error) {
	name, err := plainName("body.name", in.Body.Name)
	if err != nil {
		return nil, err
	}
	if at := in.Body.ExpiresAt; at != nil && !at.After(time.Now()) {
		return nil, invalid(types.FieldError{Location: "body.expires_at", Message: "must be later than now", Value: at.Format(time.RFC3339)})
	}
	key := auth.NewKey()
	row, err := s.db.CreateKey(ctx, store.NewAPIKey{
		TenantID: tenant(ctx), Name: name, Scope: auth.Scope(in.Body.Scope), CreatedBy: callerOf(ctx).Actor, ExpiresAt: in.Body.ExpiresAt,
	}, key)
	if err != nil {
		return nil, err
	}
	noteOf(ctx).object = row.ID
	return &newKeyOutput{types.NewKey{Key: toKey(row), Secret: key.Reveal()}}, nil
}

// plainName checks a name that a person gives.
func plainName(location, name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", invalid(types.FieldError{Location: location, Message: "must be a name"})
	}
	return name, nil
}

type keyListOutput struct{ Body types.KeyList }

func (s *Server) listKeys(ctx context.Context, in *struct{ Paging }) (*keyListOutput, error) {
	page, err := in.page(id.Key)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.Keys(ctx, tenant(ctx), ask(page))
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, page.Limit, func(k store.APIKey) string { return k.ID })
	out := &keyListOutput{types.KeyList{Items: make([]types.Key, len(rows)), NextCursor: next}}
	for i, k := range rows {
		out.Body.Items[i] = toKey(k)
	}
	return out, nil
}

type rotateKeyInput struct {
	KeyPath
	Body *types.RotateKey
}

// overlap is how long a key that was replaced goes on if nothing is said.
const overlap = 24 * time.Hour

func (s *Server) rotateKey(ctx context.Context, in *rotateKeyInput) (*newKeyOutput, error) {
	if err := pathID(id.Key, in.ID); err != nil {
		return nil, err
	}
	lasts := overlap
	if in.Body != nil && in.Body.OverlapSeconds != nil {
		lasts = time.Duration(*in.Body.OverlapSeconds) * time.Second
	}
	key := auth.NewKey()
	row, err := s.db.RotateKey(ctx, tenant(ctx), in.ID, callerOf(ctx).Actor, lasts, key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, notFound("key")
	case errors.Is(err, store.ErrKeyOver):
		return nil, refuse(http.StatusConflict, types.CodeKeyOver, "The key is revoked or has expired. Create another.")
	case err != nil:
		return nil, err
	}
	noteOf(ctx).made = append(noteOf(ctx).made, row.ID) // who looks for where a key came from finds it, too
	return &newKeyOutput{types.NewKey{Key: toKey(row), Secret: key.Reveal()}}, nil
}

func (s *Server) revokeKey(ctx context.Context, in *KeyPath) (*struct{}, error) {
	if err := pathID(id.Key, in.ID); err != nil {
		return nil, err
	}
	_, err := s.db.RevokeKey(ctx, tenant(ctx), in.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound("key")
	}
	return nil, err
}
