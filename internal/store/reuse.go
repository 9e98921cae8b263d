package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/engine"
)

// requestKey names the file of geometry g as it is read, and the mesh that is asked of it (spec.Identity). The tenant, and the
// engine's version, are columns beside it.
func requestKey(identity string) string {
	return `(g.sha256 || '/' || g.format || '/' || g.units || '/' || ` + identity + `)`
}

// currentEngine is the version of the worker that came last: only its results are given again.
const currentEngine = `(SELECT version FROM engine_versions ORDER BY started_at DESC, version LIMIT 1)`

// SeeEngine records that a worker with engines of a version begins to work.
func (db *DB) SeeEngine(ctx context.Context, version string) error {
	_, err := db.pool.Exec(ctx, `
		INSERT INTO engine_versions (version) VALUES ($1) ON CONFLICT (version) DO UPDATE SET started_at = clock_timestamp()`, version)
	return err
}

// Result is a mesh that answers a request.
type Result struct {
	MeshID string     `db:"mesh_id"`
	Files  []Artifact `db:"files"` // all that the answer would show
}

// reusableQuery selects the mesh with the latest result of a tenant that answers a request, formats apart.
func reusableQuery(tenant, requestKey string) string {
	return `
		SELECT j.mesh_id FROM jobs j
		WHERE j.tenant_id = ` + tenant + ` AND j.request_key = ` + requestKey + ` AND j.request_key <> ''
			AND j.engine_version = ` + currentEngine + ` AND j.engine_version <> '' AND j.status = 'succeeded'
		ORDER BY j.id DESC LIMIT 1`
}

// resultFiles computes the files that are given on with the result of a mesh.
func resultFiles(mesh string) string {
	return `(SELECT coalesce(json_agg(a), '[]') FROM ` + lentFiles + ` WHERE a.mesh_id = ` + mesh + `)`
}

// Reusable returns the latest result that answers a request for a mesh of a geometry, formats apart; ErrNotFound where there is
// none.
func (db *DB) Reusable(ctx context.Context, n NewMesh) (Result, error) {
	return one[Result](db.pool.Query(ctx, `
		SELECT r.mesh_id, `+resultFiles("r.mesh_id")+` AS files FROM geometries g CROSS JOIN LATERAL (`+reusableQuery("$2", requestKey("$3::text"))+`) r
		WHERE g.id = $1 AND g.tenant_id = $2`, n.GeometryID, n.TenantID, n.Spec.Identity()))
}

// Forget keeps the result of a mesh from being given again.
func (db *DB) Forget(ctx context.Context, meshID string) error {
	_, err := db.pool.Exec(ctx, `UPDATE jobs SET engine_version = '' WHERE mesh_id = $1 AND kind = 'mesh'`, meshID)
	return err
}

// Lent are the files of another's result that the job of a claim was given.
func (db *DB) Lent(ctx context.Context, c Claim) ([]Artifact, error) {
	return many[Artifact](db.pool.Query(ctx, `
		SELECT `+artifactColumns+` FROM artifacts a WHERE a.job_id = $1 AND a.source_job <> '' ORDER BY a.id`, c.JobID))
}

// forgetQuery looks for jobs by their meshes, one by one, as in shownFiles.
const forgetQuery = `
	WITH owner AS (
		SELECT a.source_job AS id FROM artifacts a WHERE a.job_id = $1 AND a.object_key = $2 AND a.source_job <> ''
	), having_it AS (
		SELECT a.mesh_id FROM owner JOIN artifacts a ON a.job_id = owner.id AND a.object_key = $2
		UNION
		SELECT a.mesh_id FROM owner JOIN artifacts a ON a.source_job = owner.id AND a.source_job <> '' AND a.object_key = $2
	)
	UPDATE jobs SET engine_version = '' WHERE id IN (
		SELECT j.id FROM having_it CROSS JOIN LATERAL (
			SELECT id FROM jobs WHERE mesh_id = having_it.mesh_id AND kind = 'mesh' AND status = 'succeeded' AND engine_version <> '' OFFSET 0
		) j
	)`

// ForgetFile keeps all results that have a file, which was lent to a job, from being given again.
func (db *DB) ForgetFile(ctx context.Context, jobID, objectKey string) error {
	return unlocked(func() error {
		_, err := db.pool.Exec(ctx, forgetQuery, jobID, objectKey)
		return err
	})
}

// Remesh has a claim that was to write formats of another's result make the mesh itself: what it was given is gone. It returns
// the claim as it is then. Fence: attempt and claim.
func (db *DB) Remesh(ctx context.Context, c Claim) (Claim, error) {
	type source struct {
		Format    engine.Format `db:"format"`
		Units     string        `db:"units"`
		ObjectKey string        `db:"object_key"`
		SHA256    string        `db:"sha256"`
		Size      int64         `db:"size_bytes"`
	}
	var batch pgx.Batch
	batch.Queue(`
		UPDATE jobs SET formats = '[]', engine_version = '' WHERE id = $1 AND attempt = $2 AND claim = $3 AND status = 'running'`,
		c.JobID, c.Attempt, c.Token)
	// Others may follow it from then on, and it be handed over to one: a repetition that waits for the row sees that in a second statement.
	batch.Queue(`
		WITH c AS (
			SELECT id, geometry_id, mesh_id FROM jobs WHERE id = $1 AND attempt = $2 AND claim = $3 AND status = 'running'
		), m AS (
			UPDATE meshes SET report = NULL, warnings = '[]', reused_from = '' FROM c WHERE meshes.id = c.mesh_id
		), files AS (
			DELETE FROM artifacts USING c WHERE job_id = c.id AND source_job <> ''
		)
		SELECT g.format, g.units, g.object_key, g.sha256, g.size_bytes FROM c JOIN geometries g ON g.id = c.geometry_id`,
		c.JobID, c.Attempt, c.Token)
	var s source
	err := send(ctx, db.pool, &batch, func(results pgx.BatchResults) (err error) {
		if _, err = results.Exec(); err == nil {
			s, err = one[source](results.Query())
		}
		return err
	})
	if err == ErrNotFound {
		return c, ErrFenced
	}
	c.Formats, c.Format, c.Units, c.ObjectKey, c.SHA256, c.Size = nil, s.Format, s.Units, s.ObjectKey, s.SHA256, s.Size
	return c, err
}
