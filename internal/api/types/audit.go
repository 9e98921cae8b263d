package types

import "time"

// AuditEntry says who did what, when, from where, to which thing, and what came of it.
type AuditEntry struct {
	ID        string    `json:"id" example:"aud_0190163d-8694-739b-aea5-966c26f8ad91"`
	At        time.Time `json:"at" doc:"when"`
	Actor     string    `json:"actor" doc:"who: the id of a key or share link, oidc:subject of the identity provider, anybody where the service asks for no key, meshgen admin for the operator"`
	Via       string    `json:"via" enum:"key,cookie,share,token,nothing,operator" doc:"how that was known"`
	Action    string    `json:"action" doc:"what: the operation of this document, or the command of the operator that is named alike" example:"delete-mesh"`
	Object    string    `json:"object,omitempty" doc:"id of the thing that it was done to; of a file that was not fetched, the host; of limits, what changed"`
	Outcome   string    `json:"outcome" doc:"ok, or the code of the problem that it was refused with" example:"ok"`
	From      string    `json:"from,omitempty" doc:"address that the request came from"`
	RequestID string    `json:"request_id,omitempty" doc:"as in the header X-Request-Id and in the server's log"`
}

// AuditLog is a page of the audit log, newest first.
type AuditLog struct {
	Items      []AuditEntry `json:"items"`
	NextCursor string       `json:"next_cursor,omitempty" doc:"cursor of the next page; absent on the last"`
}
