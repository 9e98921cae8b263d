// Package id makes and checks the names of things: a type prefix and a UUIDv7, such as
// geo_0190163d-8694-739b-aea5-966c26f8ad91. They sort by the time they were made.
package id

import (
	"strings"

	"github.com/google/uuid"
)

// Kind is the prefix of a name.
type Kind string

// The kinds of things that have a name.
const (
	Geometry Kind = "geo"
	Mesh     Kind = "msh"
	Project  Kind = "prj"
	Batch    Kind = "bat"
	Job      Kind = "job"
	Upload   Kind = "upl"
	Artifact Kind = "art"
	Worker   Kind = "wrk"
	Key      Kind = "key"
	Delivery Kind = "whk"
	Endpoint Kind = "whe"
	Share    Kind = "shr"
	Audit    Kind = "aud"
)

// New returns a fresh name of the kind.
func New(kind Kind) string { return string(kind) + "_" + uuid.Must(uuid.NewV7()).String() }

// Valid reports whether s is a well-formed name of the kind.
func Valid(kind Kind, s string) bool {
	rest, ok := strings.CutPrefix(s, string(kind)+"_")
	if !ok || len(rest) != 36 || strings.ToLower(rest) != rest {
		return false
	}
	return uuid.Validate(rest) == nil
}
