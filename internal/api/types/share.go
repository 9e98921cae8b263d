package types

import "time"

// CreateShare asks for a link that shows one mesh.
type CreateShare struct {
	MeshID    string     `json:"mesh_id" minLength:"1" doc:"mesh to show" example:"msh_0190163d-8694-739b-aea5-966c26f8ad91"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"when the link stops working, within a year; absent: in 30 days"`
}

// Share is what is known of a share link.
type Share struct {
	ID         string     `json:"id" example:"shr_0190163d-8694-739b-aea5-966c26f8ad91"`
	MeshID     string     `json:"mesh_id" doc:"mesh that it shows"`
	Prefix     string     `json:"prefix" doc:"the beginning of its word, by which it is told from others" example:"msh_share_7q2k9d4m1x0v"`
	Status     string     `json:"status" enum:"active,expired,revoked"`
	CreatedAt  time.Time  `json:"created_at"`
	CreatedBy  string     `json:"created_by" doc:"id of the key that made it"`
	ExpiresAt  time.Time  `json:"expires_at"`
	RevokedAt  *time.Time `json:"revoked_at,omitempty"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty" doc:"to the minute; absent: never"`
}

// NewShare is a share link when it was just made.
type NewShare struct {
	Share
	Secret string `json:"secret" doc:"the word of the link. It is shown now and never again" example:"msh_share_7q2k9d4m1x0v_…"`
	Path   string `json:"path" doc:"the link, behind the address of the page. What follows # stays in the browser: no server, proxy or log sees it" example:"/shared#msh_share_7q2k9d4m1x0v_…"`
}

// ShareList is a page of share links, newest first.
type ShareList struct {
	Items      []Share `json:"items"`
	NextCursor string  `json:"next_cursor,omitempty" doc:"cursor of the next page; absent on the last"`
}

// Shared is what a share link shows.
type Shared struct {
	ExpiresAt time.Time `json:"expires_at" doc:"when the link stops working"`
	Mesh      Mesh      `json:"mesh" doc:"without its log, its project, and what it was reused from"`
	Geometry  Geometry  `json:"geometry" doc:"the part that it is of, without its project; the CAD file cannot be downloaded"`
}
