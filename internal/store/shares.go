package store

import (
	"context"
	"time"

	"meshgen/internal/auth"
	"meshgen/internal/id"
)

// Share is what is known of a link that shows one mesh; its word is nowhere.
type Share struct {
	ID         string     `db:"id"`
	TenantID   string     `db:"tenant_id"`
	MeshID     string     `db:"mesh_id"`
	Prefix     string     `db:"prefix"`
	CreatedBy  string     `db:"created_by"`
	CreatedAt  time.Time  `db:"created_at"`
	ExpiresAt  time.Time  `db:"expires_at"`
	RevokedAt  *time.Time `db:"revoked_at"`
	LastUsedAt *time.Time `db:"last_used_at"` // to the minute
}

// Status tells whether a link works: active, expired or revoked.
func (s Share) Status() string { return statusOf(s.RevokedAt, &s.ExpiresAt) }

const shareColumns = `s.id, s.tenant_id, s.mesh_id, s.prefix, s.created_by, s.created_at, s.expires_at, s.revoked_at, s.last_used_at`

// shareKept is for how long a link that is over stays in the list.
const shareKept = 30 * 24 * time.Hour

// NewShare is a link to be recorded.
type NewShare struct {
	TenantID  string
	MeshID    string
	CreatedBy string
	ExpiresAt time.Time
}

// CreateShare records a link to a mesh of the tenant, or returns ErrNotFound if it has none of that name.
func (db *DB) CreateShare(ctx context.Context, n NewShare, word auth.Key) (Share, error) {
	return one[Share](db.pool.Query(ctx, `
		INSERT INTO shares AS s (id, tenant_id, mesh_id, prefix, secret_hash, created_by, expires_at)
		SELECT $3, m.tenant_id, m.id, $4, $5, $6, $7 FROM meshes m WHERE m.id = $1 AND m.tenant_id = $2 FOR KEY SHARE
		RETURNING `+shareColumns, n.MeshID, n.TenantID, id.New(id.Share), word.Prefix(), word.Hash(), n.CreatedBy, n.ExpiresAt))
}

// Shares returns a page of a tenant's links, newest first, those that are over among them; of one mesh, if it is named.
func (db *DB) Shares(ctx context.Context, tenant, meshID string, p Page) ([]Share, error) {
	return many[Share](db.pool.Query(ctx, `
		SELECT `+shareColumns+` FROM shares s WHERE s.tenant_id = $1 AND ($2 = '' OR s.id < $2) AND ($3 = '' OR s.mesh_id = $3)
		ORDER BY s.id DESC LIMIT $4`, tenant, p.After, meshID, p.Limit))
}

// RevokeShare makes a link useless at once and for good. It is idempotent.
func (db *DB) RevokeShare(ctx context.Context, tenant, shareID string) (Share, error) {
	return one[Share](db.pool.Query(ctx, `
		UPDATE shares s SET revoked_at = coalesce(s.revoked_at, now()) WHERE s.id = $1 AND s.tenant_id = $2 RETURNING `+shareColumns,
		shareID, tenant))
}

// OpenShare returns what is known of a link, if it is one that stands.
func (db *DB) OpenShare(ctx context.Context, word auth.Key) (Share, error) {
	type candidate struct {
		Share
		SecretHash []byte `db:"secret_hash"`
	}
	found, err := one[candidate](db.pool.Query(ctx, `
		SELECT `+shareColumns+`, s.secret_hash FROM shares s WHERE s.prefix = $1 AND s.revoked_at IS NULL AND s.expires_at > now()`, word.Prefix()))
	if err == nil && !auth.SameHash(found.SecretHash, word.Hash()) {
		err = ErrNotFound
	}
	if err != nil {
		return Share{}, err
	}
	return found.Share, db.used(ctx, "shares", found.ID, found.LastUsedAt)
}

// ShareOfPrefix returns the link of a prefix, whether it stands or not. It tells nothing of whoever knows the prefix.
func (db *DB) ShareOfPrefix(ctx context.Context, prefix string) (Share, error) {
	return one[Share](db.pool.Query(ctx, `SELECT `+shareColumns+` FROM shares s WHERE s.prefix = $1`, prefix))
}
