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

// artifactColumns fill an Artifact from a table named a.
const artifactColumns = `a.id, a.name, a.format, a.media_type, a.object_key, a.size_bytes, a.sha256, a.preview, a.created_at`

// shownFiles leaves out the previews of attempts that were given up: their objects are swept. One that is lent is of a job
// that had succeeded. Few files are previews, so that jobs are looked at one by one: a join would let Postgres read all jobs first.
const shownFiles = `(NOT a.preview OR a.source_job <> ''
	OR (SELECT a.attempt = j.attempt AND j.status NOT IN ('queued', 'canceled') FROM jobs j WHERE j.id = a.job_id))`

// MeshArtifacts returns the files of a mesh, oldest first: those of its own job and of later exports, and while it follows
// another, what that shows.
func (db *DB) MeshArtifacts(ctx context.Context, tenant, meshID string) ([]Artifact, error) {
	return many[Artifact](db.pool.Query(ctx, meshFilesQuery, meshID, tenant))
}

// meshFilesQuery asks for what a mesh has and for what its leader has apart: with an OR, Postgres reads the files of all. The id is within a
// SELECT, where Postgres does not look at it when it plans: it would find that this mesh has fewer files than others, and so plan anew
// each time, which takes many times as long as to read them.
const meshFilesQuery = `
	SELECT ` + artifactColumns + ` FROM artifacts a WHERE a.mesh_id = (SELECT $1::text) AND a.tenant_id = $2 AND ` + shownFiles + `
	UNION ALL
	SELECT ` + artifactColumns + ` FROM artifacts a
	WHERE a.job_id = (SELECT f.follows FROM jobs f WHERE f.mesh_id = $1 AND f.kind = 'mesh' AND f.follows <> '') AND a.tenant_id = $2 AND ` + shownFiles + `
	ORDER BY id`

// GeometryArtifacts returns the files that the import of a geometry has made, oldest first.
func (db *DB) GeometryArtifacts(ctx context.Context, tenant, geometryID string) ([]Artifact, error) {
	return many[Artifact](db.pool.Query(ctx, `
		SELECT `+artifactColumns+` FROM artifacts a
		WHERE a.geometry_id = $1 AND a.tenant_id = $2 AND a.mesh_id IS NULL AND `+shownFiles+` ORDER BY a.id`, geometryID, tenant))
}

// DropPreviews hides files again that AddPreview made visible. Fence: attempt and claim.
func (db *DB) DropPreviews(ctx context.Context, c Claim, ids []string) error {
	_, err := db.pool.Exec(ctx, `
		DELETE FROM artifacts a USING jobs j
		WHERE a.id = ANY($4) AND a.preview AND j.id = a.job_id AND j.id = $1 AND j.attempt = $2 AND j.claim = $3 AND j.status = 'running'`,
		c.JobID, c.Attempt, c.Token, ids)
	return err
}

// AddPreview makes a file visible while its job still runs; repeating it changes nothing. It is durable with the job's end at the latest,
// which has the file too. Fence: attempt and claim.
func (db *DB) AddPreview(ctx context.Context, c Claim, a Artifact) error {
	tag, err := db.relaxed.Exec(ctx, `
		INSERT INTO artifacts (id, tenant_id, job_id, geometry_id, mesh_id, attempt, name, format, media_type, object_key, size_bytes, sha256, preview)
		SELECT $4, tenant_id, id, geometry_id, mesh_id, attempt, $5, $6, $7, $8, $9, $10, true FROM jobs
		WHERE id = $1 AND attempt = $2 AND claim = $3 AND status = 'running' FOR SHARE -- of the mesh that it is for in the end: handOver
		ON CONFLICT (id) DO UPDATE SET preview = true -- the answer to the first try was lost`,
		c.JobID, c.Attempt, c.Token, a.ID, a.Name, a.Format, a.MediaType, a.ObjectKey, a.Size, a.SHA256)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrFenced
	}
	return err
}
