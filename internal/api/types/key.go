package types

import "time"

// CreateKey asks for an API key.
type CreateKey struct {
	Name      string     `json:"name" minLength:"1" maxLength:"100" doc:"what it is for, such as the program that uses it" example:"nightly variants"`
	Scope     string     `json:"scope,omitempty" enum:"read,write,admin" default:"write" doc:"read: see and download. write: upload, mesh, cancel, delete, share. admin: keys and the audit log, too"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"when it stops working; absent: never"`
}

// RotateKey asks for a key to be replaced.
type RotateKey struct {
	OverlapSeconds *int `json:"overlap_seconds,omitempty" minimum:"0" maximum:"2592000" default:"86400" doc:"how long the old key goes on working, so that programs can change over"`
}

// Key is what is known of an API key.
type Key struct {
	ID         string     `json:"id" example:"key_0190163d-8694-739b-aea5-966c26f8ad91"`
	Name       string     `json:"name"`
	Prefix     string     `json:"prefix" doc:"the beginning of the key, by which it is told from others" example:"msh_live_7q2k9d4m1x0v"`
	Scope      string     `json:"scope" enum:"read,write,admin"`
	Status     string     `json:"status" enum:"active,expired,revoked"`
	CreatedAt  time.Time  `json:"created_at"`
	CreatedBy  string     `json:"created_by" doc:"id of the key that made it, or meshgen admin"`
	ExpiresAt  *time.Time `json:"expires_at,omitempty"`
	RevokedAt  *time.Time `json:"revoked_at,omitempty"`
	ReplacedBy string     `json:"replaced_by,omitempty" doc:"the key that a rotation made of it"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty" doc:"to the minute; absent: never"`
}

// NewKey is a key when it was just made.
type NewKey struct {
	Key
	Secret string `json:"secret" doc:"the API key. It is shown now and never again" example:"msh_live_7q2k9d4m1x0v_…"`
}

// KeyList is a page of keys.
type KeyList struct {
	Items      []Key  `json:"items"`
	NextCursor string `json:"next_cursor,omitempty" doc:"cursor of the next page; absent on the last"`
}

// Login asks for a session.
type Login struct {
	Key string `json:"key" minLength:"1" maxLength:"200" doc:"an API key"`
}

// Session is who asks.
type Session struct {
	By         string     `json:"by" enum:"key,cookie,token,nothing" doc:"how that is known: an API key, the page's cookie, a token of the identity provider, or nothing because the service asks for no key"`
	Tenant     string     `json:"tenant"`
	TenantName string     `json:"tenant_name"`
	Scope      string     `json:"scope" enum:"read,write,admin"`
	Actor      string     `json:"actor" doc:"as the audit log names it"`
	ExpiresAt  *time.Time `json:"expires_at,omitempty" doc:"of a session that was just opened, or of a token"`
}
