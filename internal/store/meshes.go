package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// Mesh is a mesh and the job that makes it.
type Mesh struct {
	ID         string                `db:"id"`
	ProjectID  *string               `db:"project_id"`
	GeometryID string                `db:"geometry_id"`
	Spec       spec.Spec             `db:"spec"`
	Report     *engine.MeshReport    `db:"report"`
	Warnings   []diagnosis.Diagnosis `db:"warnings"`
	CreatedAt  time.Time             `db:"created_at"`
	// Filename is that of the geometry; a mesh that was just created does not have it.
	Filename string `db:"filename"`
	// ReusedFrom is the mesh whose run made the result; "" where its own did. It may be deleted.
	ReusedFrom string `db:"reused_from"`
	// Follows is the mesh whose run will make the result of this one too; "" for none. The Job shows how far that is.
	Follows string `db:"follows"`
	Job
}

const meshQuery = `
	SELECT m.id, m.project_id, m.geometry_id, m.spec, m.report, m.warnings, m.created_at, g.filename, m.reused_from,
		coalesce(l.mesh_id, '') AS follows, ` + meshJobColumns + `
	FROM meshes m JOIN jobs j ON j.mesh_id = m.id AND j.kind = 'mesh' JOIN geometries g ON g.id = m.geometry_id` + leaderJoin

// meshJobColumns fill the Job of a mesh, with the leader's progress where it follows one; leaderJoin adds that to jobs j.
const (
	meshJobColumns = `j.id AS job_id, j.kind, coalesce(l.status, j.status) AS status, coalesce(l.attempt, j.attempt) AS attempt,
		coalesce(l.stage, j.stage) AS stage, coalesce(l.progress, j.progress) AS progress, j.error, j.timings, j.queued_at,
		coalesce(l.started_at, j.started_at) AS started_at, j.finished_at`
	leaderJoin = ` LEFT JOIN jobs l ON j.follows <> '' AND l.id = j.follows AND l.status IN ('queued', 'running') `
)

const oneMeshQuery = meshQuery + `WHERE m.id = $1 AND m.tenant_id = $2`

// Mesh returns a mesh of a tenant.
func (db *DB) Mesh(ctx context.Context, tenant, meshID string) (Mesh, error) {
	return one[Mesh](db.pool.Query(ctx, oneMeshQuery, meshID, tenant))
}

// MeshWithFiles returns a mesh of a tenant with what MeshArtifacts tells of it, in one round trip.
func (db *DB) MeshWithFiles(ctx context.Context, tenant, meshID string) (m Mesh, files []Artifact, err error) {
	var batch pgx.Batch
	batch.Queue(oneMeshQuery, meshID, tenant)
	batch.Queue(meshFilesQuery, meshID, tenant)
	err = send(ctx, db.pool, &batch, func(results pgx.BatchResults) (err error) {
		if m, err = one[Mesh](results.Query()); err == nil {
			files, err = many[Artifact](results.Query())
		}
		return err
	})
	return m, files, err
}

// MeshJob returns the Job of a mesh of a tenant as Mesh does, without what the mesh is like.
func (db *DB) MeshJob(ctx context.Context, tenant, meshID string) (Job, error) {
	return one[Job](db.pool.Query(ctx, `SELECT `+meshJobColumns+`
		FROM meshes m JOIN jobs j ON j.mesh_id = m.id AND j.kind = 'mesh'`+leaderJoin+`WHERE m.id = $1 AND m.tenant_id = $2`, meshID, tenant))
}

// MeshFilter narrows a list of meshes; empty fields do not.
type MeshFilter struct {
	ProjectID  string
	GeometryID string
	Status     Status
}

// Meshes returns a page of a tenant's meshes, newest first.
func (db *DB) Meshes(ctx context.Context, tenant string, f MeshFilter, p Page) ([]Mesh, error) {
	return many[Mesh](db.pool.Query(ctx, meshQuery+`
		WHERE m.tenant_id = $1 AND ($2 = '' OR m.id < $2) AND ($3 = '' OR m.project_id = $3)
			AND ($4 = '' OR m.geometry_id = $4) AND ($5 = '' OR coalesce(l.status, j.status) = $5)
		ORDER BY m.id DESC LIMIT $6`, tenant, p.After, f.ProjectID, f.GeometryID, f.Status, p.Limit))
}

// DeleteMesh removes a mesh. Its objects become garbage; its unfinished jobs are canceled and returned.
func (db *DB) DeleteMesh(ctx context.Context, tenant, meshID string, prefix Prefix, jobPrefix func(tenant, job string) string) (canceled Cancellation, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		type mesh struct{ ID string }
		_, canceled, err = emptied(ctx, tx, `mesh_id = $1`, meshID, prefix, func() (mesh, error) {
			return one[mesh](tx.Query(ctx, `SELECT id FROM meshes WHERE id = $1 AND tenant_id = $2 FOR UPDATE`, meshID, tenant))
		})
		if err != nil {
			return err
		}
		if err := discardJobs(ctx, tx, `mesh_id = $1`, meshID, jobPrefix); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM meshes WHERE id = $1`, meshID)
		return err
	})
	return canceled, err
}

// discardJobs turns all objects of the jobs that where selects by $1 into garbage, and those that were lent to them if nobody
// else has them.
func discardJobs(ctx context.Context, tx pgx.Tx, where, arg string, jobPrefix func(tenant, job string) string) error {
	type job struct {
		ID       string
		TenantID string `db:"tenant_id"`
	}
	jobs, err := many[job](tx.Query(ctx, `
		SELECT id, tenant_id FROM jobs WHERE `+where+`
		UNION SELECT source_job, tenant_id FROM artifacts WHERE source_job <> '' AND `+where, arg))
	if err != nil {
		return err
	}
	for _, j := range jobs {
		_, err := tx.Exec(ctx, `INSERT INTO garbage (prefix, job_id) VALUES ($1, $2)`, jobPrefix(j.TenantID, j.ID), j.ID)
		if err != nil {
			return err
		}
	}
	return nil
}
