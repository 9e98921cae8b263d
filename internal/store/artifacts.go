package store

import (
	"context"
	"time"
)

// Artifact is a file that a job made.
type Artifact struct {
	ID        string    `db:"id" json:"id"`
	Name      string    `db:"name" json:"name"`
	Format    string    `db:"format" json:"format"`
	MediaType string    `db:"media_type" json:"media_type"`
	ObjectKey string    `db:"object_key" json:"object_key"`
	Size      int64     `db:"size_bytes" json:"size_bytes"`
	SHA256    string    `db:"sha256" json:"sha256"`
	Preview   bool      `db:"preview" json:"preview"`
	CreatedAt time.Time `db:"created_at" json:"-"`
}

const artifactColumns = `id, name, format, media_type, object_key, size_bytes, sha256, preview, created_at`

// MeshArtifacts returns the files of a mesh: those of its own job and of later exports.
func (db *DB) MeshArtifacts(ctx context.Context, tenant, meshID string) ([]Artifact, error) {
	return many[Artifact](db.pool.Query(ctx, `
		SELECT `+artifactColumns+` FROM artifacts WHERE mesh_id = $1 AND tenant_id = $2 ORDER BY id`, meshID, tenant))
}

// AddPreview makes a file visible while its job still runs. Fence: attempt and claim.
func (db *DB) AddPreview(ctx context.Context, c Claim, a Artifact) error {
	tag, err := db.pool.Exec(ctx, `
		INSERT INTO artifacts (id, tenant_id, job_id, geometry_id, mesh_id, attempt, name, format, media_type, object_key, size_bytes, sha256, preview)
		SELECT $4, tenant_id, id, geometry_id, mesh_id, attempt, $5, $6, $7, $8, $9, $10, true FROM jobs
		WHERE id = $1 AND attempt = $2 AND claim = $3 AND status = 'running'`,
		c.JobID, c.Attempt, c.Token, a.ID, a.Name, a.Format, a.MediaType, a.ObjectKey, a.Size, a.SHA256)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrFenced
	}
	return err
}

// GeometryArtifacts returns the files that the import of a geometry has made, oldest first.
func (db *DB) GeometryArtifacts(ctx context.Context, tenant, geometryID string) ([]Artifact, error) {
	return many[Artifact](db.pool.Query(ctx, `
		SELECT `+artifactColumns+` FROM artifacts WHERE geometry_id = $1 AND tenant_id = $2 AND mesh_id IS NULL ORDER BY id`, geometryID, tenant))
}
