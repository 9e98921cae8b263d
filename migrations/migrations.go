// Package migrations holds the database schema as forward-only steps, embedded into every binary that needs them.
package migrations

import "embed"

// FS holds the steps, named NNNN_what.sql, in goose's format.
//
//go:embed *.sql
var FS embed.FS
