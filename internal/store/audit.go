package store

import (
	"context"
	"time"

	"meshgen/internal/id"
)

// AuditEntry says who did what, when, from where, to which thing, and what came of it.
type AuditEntry struct {
	ID        string    `db:"id"`
	TenantID  string    `db:"tenant_id"`
	At        time.Time `db:"at"`
	Actor     string    `db:"actor"`
	Via       string    `db:"via"`
	Action    string    `db:"action"`
	Object    string    `db:"object"`
	Outcome   string    `db:"outcome"`
	Sender    string    `db:"sender"`
	RequestID string    `db:"request_id"`
}

// OutcomeOK is the outcome of what was done; every other one is the code of a problem.
const OutcomeOK = "ok"

// ShortestAudit is how long an entry is kept at least: before, Postgres itself refuses to remove it (migration 0015).
const ShortestAudit = 30 * 24 * time.Hour

// Record adds an entry to the audit log. Its ID and At are given here.
func (db *DB) Record(ctx context.Context, e AuditEntry) error {
	return record(ForTenant(ctx, e.TenantID), db.pool, e)
}

func record(ctx context.Context, on execer, e AuditEntry) error {
	_, err := on.Exec(ctx, `
		INSERT INTO audit_log (id, tenant_id, actor, via, action, object, outcome, sender, request_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id.New(id.Audit), e.TenantID, e.Actor, e.Via, e.Action, e.Object, e.Outcome, e.Sender, e.RequestID)
	return err
}

// AuditFilter narrows the audit log; empty fields do not.
type AuditFilter struct {
	Actor  string
	Action string
	Object string
}

// Audit returns a page of a tenant's audit log, newest first.
func (db *DB) Audit(ctx context.Context, tenant string, f AuditFilter, p Page) ([]AuditEntry, error) {
	return many[AuditEntry](db.pool.Query(ctx, `
		SELECT id, tenant_id, at, actor, via, action, object, outcome, sender, request_id FROM audit_log
		WHERE tenant_id = $1 AND ($2 = '' OR id < $2) AND ($3 = '' OR actor = $3) AND ($4 = '' OR action = $4) AND ($5 = '' OR object = $5)
		ORDER BY id DESC LIMIT $6`, tenant, p.After, f.Actor, f.Action, f.Object, p.Limit))
}

// ExpireAudit forgets entries that are older than keep.
func (db *DB) ExpireAudit(ctx context.Context, keep time.Duration) error {
	_, err := db.pool.Exec(ctx, `DELETE FROM audit_log WHERE at < now() - $1::interval`, max(keep, ShortestAudit))
	return err
}
