package store

import (
	"context"
	"time"
)

// Upload is a promise of bytes that the client sends straight to S3.
type Upload struct {
	ID          string    `db:"id"`
	ProjectID   *string   `db:"project_id"`
	Filename    string    `db:"filename"`
	Units       string    `db:"units"`
	Size        int64     `db:"size_bytes"`
	ObjectKey   string    `db:"object_key"`
	MultipartID string    `db:"multipart_id"` // "": a single PUT
	PartSize    int64     `db:"part_size"`
	GeometryID  *string   `db:"geometry_id"` // set once completed
	CreatedAt   time.Time `db:"created_at"`
	ExpiresAt   time.Time `db:"expires_at"`
}

const uploadColumns = `id, project_id, filename, units, size_bytes, object_key, multipart_id, part_size, geometry_id, created_at, expires_at`

// CreateUpload records an upload. ErrNotFound means that its project does not exist.
func (db *DB) CreateUpload(ctx context.Context, tenant string, u Upload) (Upload, error) {
	return one[Upload](db.pool.Query(ctx, `
		INSERT INTO uploads (id, tenant_id, project_id, filename, units, size_bytes, object_key, multipart_id, part_size, expires_at)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
		WHERE $3::text IS NULL OR EXISTS (SELECT FROM projects WHERE id = $3 AND tenant_id = $2)
		RETURNING `+uploadColumns,
		u.ID, tenant, u.ProjectID, u.Filename, u.Units, u.Size, u.ObjectKey, u.MultipartID, u.PartSize, u.ExpiresAt))
}

// Upload returns an upload of a tenant.
func (db *DB) Upload(ctx context.Context, tenant, uploadID string) (Upload, error) {
	return one[Upload](db.pool.Query(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE id = $1 AND tenant_id = $2`, uploadID, tenant))
}

// DiscardUpload forgets an upload that has not been completed; its object becomes garbage.
func (db *DB) DiscardUpload(ctx context.Context, tenant, uploadID string) error {
	_, err := db.pool.Exec(ctx, `
		WITH gone AS (
			DELETE FROM uploads WHERE id = $1 AND tenant_id = $2 AND geometry_id IS NULL RETURNING object_key, multipart_id
		)
		INSERT INTO garbage (prefix, multipart_id) SELECT object_key, multipart_id FROM gone`, uploadID, tenant)
	return err
}
