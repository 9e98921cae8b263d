package store

import "context"

// StoredBytes returns how much a tenant has in the object store: parts, what was made of them, and what uploads that are under way
// have announced. A file that a reused mesh has in common with another counts once.
func (db *DB) StoredBytes(ctx context.Context, tenant string) (bytes int64, err error) {
	err = db.relaxed.QueryRow(ctx, `
		SELECT (coalesce((SELECT sum(size_bytes) FROM geometries WHERE tenant_id = $1), 0)
			+ coalesce((SELECT sum(size_bytes) FROM artifacts WHERE tenant_id = $1 AND source_job = ''), 0)
			+ coalesce((SELECT sum(size_bytes) FROM uploads WHERE tenant_id = $1 AND geometry_id IS NULL AND expires_at > now()), 0))::bigint`,
		tenant).Scan(&bytes)
	return bytes, err
}
