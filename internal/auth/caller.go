package auth

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Scope is what a caller may do. Each includes those before it.
type Scope string

// The scopes.
const (
	Read  Scope = "read"  // see and download
	Write Scope = "write" // upload, mesh, cancel, delete, share
	Admin Scope = "admin" // keys, webhooks and the audit log of the tenant
)

// Scopes lists them, the narrowest first.
var Scopes = []Scope{Read, Write, Admin}

// Includes reports whether who has the scope may do what asks for another.
func (s Scope) Includes(asked Scope) bool {
	have := slices.Index(Scopes, s)
	return have >= 0 && have >= slices.Index(Scopes, asked)
}

// ParseScope reads the name of a scope.
func ParseScope(s string) (Scope, error) {
	if slices.Contains(Scopes, Scope(s)) {
		return Scope(s), nil
	}
	return "", fmt.Errorf("scope must be one of read, write, admin (is %q)", s)
}

// Caller is who sends a request.
type Caller struct {
	Tenant string
	Scope  Scope
	// Actor names the caller in the audit log: the id of a key or share link, or oidc:subject; "anybody" while authentication is off.
	Actor string
	// Token tells that a token of the identity provider said who it is.
	Token bool
	// Mesh is the one mesh that the caller sees, who has nothing but a share link to it, and so no scope.
	Mesh string
	// Until is when a share link or a token ends.
	Until time.Time
	// Browser tells that a cookie said who it is: the browser sends it along whoever made the request.
	Browser bool
}

// Anybody is the caller while authentication is off.
func Anybody(tenant string) Caller { return Caller{Tenant: tenant, Scope: Admin, Actor: "anybody"} }

var tenantID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// ErrTenantID says what the id of a tenant looks like.
var ErrTenantID = errors.New("the id of a tenant is made of lower-case letters, digits and hyphens, 63 at most")

// CheckTenantID reports whether a word can be the id of a tenant. It becomes part of object keys and of SQL settings.
func CheckTenantID(s string) error {
	if !tenantID.MatchString(s) {
		return ErrTenantID
	}
	return nil
}
