package api

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"meshgen/internal/api/types"
	"meshgen/internal/id"
	"meshgen/internal/store"
)

// Paging is how a list is asked for.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"items at most"`
	Cursor string `query:"cursor" maxLength:"200" doc:"next_cursor of the page before"`
}

// page turns the input into what the store wants. A cursor is the id of the last item, wrapped so that nobody builds on it.
func (in Paging) page(kind id.Kind) (store.Page, error) {
	p := store.Page{Limit: in.Limit}
	if in.Cursor == "" {
		return p, nil
	}
	after, err := base64.RawURLEncoding.DecodeString(in.Cursor)
	if err != nil || !id.Valid(kind, string(after)) {
		return p, invalid(types.FieldError{Location: "query.cursor", Message: "is not a next_cursor of this list", Value: in.Cursor})
	}
	p.After = string(after)
	p.Limit = in.Limit
	return p, nil
}

// ask returns the page with one row more, which tells whether there is a next page.
func ask(p store.Page) store.Page {
	p.Limit++
	return p
}

// cut takes the surplus row away and returns the cursor of the next page, empty if there is none.
func cut[T any](rows []T, limit int, name func(T) string) (page []T, next string) {
	if len(rows) <= limit {
		return rows, ""
	}
	return rows[:limit], base64.RawURLEncoding.EncodeToString([]byte(name(rows[limit-1])))
}

// filterID checks an optional id in the query.
func filterID(location string, kind id.Kind, value string) error {
	if value != "" && !id.Valid(kind, value) {
		return invalid(types.FieldError{Location: location, Message: "is not the id of a " + noun[kind], Value: value})
	}
	return nil
}

// filterText checks a text in the query that rows are compared with: Postgres takes UTF-8 without NUL.
func filterText(location, value string) error {
	if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
		return invalid(types.FieldError{Location: location, Message: "is no text", Value: value})
	}
	return nil
}

var noun = map[id.Kind]string{
	id.Geometry: "geometry", id.Mesh: "mesh", id.Project: "project", id.Upload: "upload",
	id.Batch: "batch", id.Key: "key", id.Delivery: "delivery", id.Endpoint: "endpoint", id.Share: "share link", id.Audit: "audit entry",
}

// pathID checks the id in a path; one that cannot be is not found.
func pathID(kind id.Kind, value string) error {
	if !id.Valid(kind, value) {
		return notFound(noun[kind])
	}
	return nil
}
