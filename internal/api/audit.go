package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/id"
	"meshgen/internal/store"
)

// audited are the operations that the audit log tells of, whatever comes of them: what decides who may, what takes away, and what
// hands files out. Of all others it tells refusals alone (see refusals).
var audited = map[string]bool{
	"create-key": true, "rotate-key": true, "revoke-key": true, "log-in": true, "log-out": true,
	"create-share": true, "revoke-share": true, "get-shared": true, "download-shared": true,
	"delete-geometry": true, "delete-mesh": true, "delete-batch": true, "delete-project": true,
	"download-mesh": true, "download-batch": true, "get-mesh-log": true,
	"fetch-geometry": true, "get-webhook-secret": true, "redeliver-webhook": true, "read-audit": true,
	"create-webhook-endpoint": true, "pause-webhook-endpoint": true, "resume-webhook-endpoint": true, "test-webhook-endpoint": true, "remove-webhook-endpoint": true,
}

// refusals are the codes that the audit log tells of for any operation: somebody may not, or took too much.
var refusals = map[string]bool{
	types.CodeUnauthenticated: true, types.CodeForbidden: true, types.CodeCrossOrigin: true,
	types.CodeTooManyRequests: true, types.CodeQueueFull: true, types.CodeStorageFull: true,
}

// repeats are told of once in auditEvery: a program that is refused comes again at once, and a page looks again.
const auditEvery = time.Minute

// repeated reports whether an entry is one of those that may come many times a second.
func repeated(e store.AuditEntry) bool {
	return e.Action == "get-shared" || e.Action == "get-mesh-log" || e.Action == "read-audit" || refusals[e.Outcome] || e.Outcome == types.CodeNotFound ||
		e.Action == "fetch-geometry" && e.Outcome != store.OutcomeOK
}

// audit adds what was done, or was refused, to the log of the tenant whose caller is known; where nobody is, there is no tenant to
// tell. It is written before the request is answered. If that fails the request goes on, and the entry stands in the service's log.
func (s *Server) audit(ctx context.Context, operation string, failure error) {
	n := noteOf(ctx)
	if n.caller.Tenant == "" {
		return
	}
	outcome := store.OutcomeOK
	if failure != nil {
		outcome = types.CodeInternal
		var p *types.Problem
		if errors.As(failure, &p) {
			outcome = p.Code
		}
	}
	if !audited[operation] && !refusals[outcome] {
		return
	}
	for _, made := range n.made {
		s.record(ctx, "create-key", made, store.OutcomeOK)
	}
	s.record(ctx, operation, objectOf(ctx), outcome)
}

// record adds an entry, unless it repeats one.
func (s *Server) record(ctx context.Context, action, object, outcome string) {
	n := noteOf(ctx)
	entry := store.AuditEntry{
		TenantID: n.caller.Tenant, Actor: n.caller.Actor, Via: s.via(n.caller), Action: action, Object: object,
		Outcome: outcome, Sender: n.sender, RequestID: n.requestID,
	}
	if repeated(entry) && !s.seldom.first(entry, time.Now()) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTimeout)
	defer cancel()
	if err := s.db.Record(ctx, entry); err != nil {
		s.log.ErrorContext(ctx, "not in the audit log", "error", err, "tenant", entry.TenantID, "actor", entry.Actor, "action", entry.Action,
			"object", entry.Object, "outcome", entry.Outcome, "from", entry.Sender, "request_id", entry.RequestID)
	}
}

// auditTimeout is how long an answer waits for its entry: as long as for any statement that waits for the disk.
const auditTimeout = 5 * time.Second

// via says how a caller was known.
func (s *Server) via(c auth.Caller) string {
	switch {
	case c.Mesh != "":
		return "share"
	case s.cfg.Auth == AuthOff:
		return "nothing"
	case c.Browser:
		return "cookie"
	case c.Token:
		return "token"
	}
	return "key"
}

// nameOfThing is what names of things look like. Anything else in a path may be a secret that was sent by mistake.
var nameOfThing = regexp.MustCompile(`^[a-z]{3}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// objectOf returns the thing of a request: the one that it made or found, or that its path names.
func objectOf(ctx context.Context) string {
	if made := noteOf(ctx).object; made != "" {
		return made
	}
	if route := chi.RouteContext(ctx); route != nil && nameOfThing.MatchString(route.URLParam("id")) {
		return route.URLParam("id")
	}
	return ""
}

// seldom knows what was told within auditEvery.
type seldom struct {
	mu     sync.Mutex
	told   map[store.AuditEntry]time.Time
	tidied time.Time
}

// first reports whether an entry is the first of its kind for auditEvery.
func (s *seldom) first(e store.AuditEntry, now time.Time) bool {
	e.RequestID = ""
	if e.Outcome != store.OutcomeOK {
		e.Object, e.Sender = "", "" // whoever is refused may name any thing, from anywhere
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.told[e]) < auditEvery {
		return false
	}
	if now.Sub(s.tidied) > auditEvery || s.told == nil {
		fresh := map[store.AuditEntry]time.Time{}
		for old, at := range s.told {
			if now.Sub(at) < auditEvery {
				fresh[old] = at
			}
		}
		s.told, s.tidied = fresh, now
	}
	s.told[e] = now
	return true
}

func (s *Server) addAudit() {
	add(s, huma.Operation{
		OperationID: "read-audit", Method: http.MethodGet, Path: "/v1/audit", Tags: []string{tagKeys}, Metadata: needs(auth.Admin),
		Summary: "Read the audit log",
		Description: "Newest first: keys, sessions, share links, deletions, downloads, logs read, files fetched, webhooks' secret, and requests that were refused for a scope, a revoked key " +
			"or a limit. Of what repeats itself, the first in a minute is told. Entries are never changed, and kept for MESHGEN_AUDIT_KEEP.",
		Errors: []int{422}, RejectUnknownQueryParameters: true,
	}, s.readAudit)
}

type auditInput struct {
	Paging
	Actor  string `query:"actor" maxLength:"260" doc:"only what they did"`
	Action string `query:"action" maxLength:"100" doc:"only this"`
	Object string `query:"object" maxLength:"260" doc:"only what was done to it"`
}

type auditOutput struct{ Body types.AuditLog }

func (s *Server) readAudit(ctx context.Context, in *auditInput) (*auditOutput, error) {
	page, err := in.page(id.Audit)
	if err != nil {
		return nil, err
	}
	if err := cmp.Or(filterText("query.actor", in.Actor), filterText("query.action", in.Action), filterText("query.object", in.Object)); err != nil {
		return nil, err
	}
	rows, err := s.db.Audit(ctx, tenant(ctx), store.AuditFilter{Actor: in.Actor, Action: in.Action, Object: in.Object}, ask(page))
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, page.Limit, func(e store.AuditEntry) string { return e.ID })
	out := &auditOutput{types.AuditLog{Items: make([]types.AuditEntry, len(rows)), NextCursor: next}}
	for i, e := range rows {
		out.Body.Items[i] = types.AuditEntry{
			ID: e.ID, At: e.At, Actor: e.Actor, Via: e.Via, Action: e.Action, Object: e.Object, Outcome: e.Outcome, From: e.Sender, RequestID: e.RequestID,
		}
	}
	return out, nil
}
