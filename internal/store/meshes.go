package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/spec"
)

var (
	// ErrKeyReused says that an idempotency key came with another request than before.
	ErrKeyReused = errors.New("the idempotency key was used for another request")
	// ErrGeometryFailed says that the import of the geometry has failed; it comes as a *GeometryFailed.
	ErrGeometryFailed = errors.New("the geometry could not be imported")
)

// GeometryFailed is why a geometry cannot be meshed.
type GeometryFailed struct{ Diagnosis *diagnosis.Diagnosis }

func (e *GeometryFailed) Error() string {
	return ErrGeometryFailed.Error() + ": " + e.Diagnosis.Error()
}
func (e *GeometryFailed) Unwrap() error { return ErrGeometryFailed }

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
	Job
}

const meshQuery = `
	SELECT m.id, m.project_id, m.geometry_id, m.spec, m.report, m.warnings, m.created_at, g.filename, ` + jobColumns + `
	FROM meshes m JOIN jobs j ON j.mesh_id = m.id AND j.kind = 'mesh' JOIN geometries g ON g.id = m.geometry_id `

// NewMesh is a mesh to be made.
type NewMesh struct {
	TenantID    string
	GeometryID  string
	Spec        spec.Spec // resolved
	Class       Class
	MaxAttempts int
	Traceparent string
	// IdempotencyKey, if not empty, makes a repetition of the request (the same RequestHash) return the first's mesh.
	IdempotencyKey string
	RequestHash    string
}

// Created is what CreateMesh did.
type Created struct {
	Mesh    Mesh
	Existed bool // an earlier request with the same key made it
	Waits   bool // for the import of its geometry; the job is not to be rung for yet
}

// CreateMesh records a mesh and queues its job in one commit, which is seen at once and durable after the next Flush: a
// worker need not wait for the disk, only the answer must. That holds for one that existed too. The row of the import is read FOR SHARE, so that an
// import that ends meanwhile either is seen as ended here, or sees the waiting job there (FinishImport). ErrNotFound
// means that the geometry does not exist.
func (db *DB) CreateMesh(ctx context.Context, n NewMesh) (c Created, err error) {
	if n.IdempotencyKey == "" {
		return createMesh(ctx, db.relaxed, n, id.New(id.Mesh))
	}
	for {
		err = pgx.BeginFunc(ctx, db.relaxed, func(tx pgx.Tx) error {
			c, err = createMeshOnce(ctx, tx, n)
			return err
		})
		if !errors.Is(err, errKeyGone) {
			return c, err
		}
	}
}

// errKeyGone says that an idempotency key went, with its mesh, while it was looked up.
var errKeyGone = errors.New("the idempotency key is gone")

// createMeshOnce creates the mesh or finds the one that was created under the same key. A concurrent insert of the key
// is waited for.
func createMeshOnce(ctx context.Context, tx pgx.Tx, n NewMesh) (c Created, err error) {
	meshID := id.New(id.Mesh)
	tag, err := tx.Exec(ctx, `
		INSERT INTO idempotency_keys (tenant_id, key, request_hash, mesh_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		n.TenantID, n.IdempotencyKey, n.RequestHash, meshID)
	if err != nil {
		return Created{}, err
	}
	if tag.RowsAffected() == 1 {
		return createMesh(ctx, tx, n, meshID)
	}
	var hash string
	err = tx.QueryRow(ctx, `SELECT request_hash, mesh_id FROM idempotency_keys WHERE tenant_id = $1 AND key = $2`,
		n.TenantID, n.IdempotencyKey).Scan(&hash, &meshID)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Created{}, errKeyGone
	case err != nil:
		return Created{}, err
	case hash != n.RequestHash:
		return Created{}, ErrKeyReused
	}
	c.Existed = true
	c.Mesh, err = one[Mesh](tx.Query(ctx, meshQuery+`WHERE m.id = $1`, meshID))
	if errors.Is(err, ErrNotFound) {
		err = errKeyGone
	}
	return c, err
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func createMesh(ctx context.Context, q querier, n NewMesh, meshID string) (Created, error) {
	type row struct {
		ProjectID    *string              `db:"project_id"`
		ImportStatus Status               `db:"import_status"`
		ImportError  *diagnosis.Diagnosis `db:"import_error"`
		CreatedAt    *time.Time           `db:"created_at"`
	}
	jobID := id.New(id.Job)
	r, err := one[row](q.Query(ctx, `
		WITH g AS (
			SELECT g.id, g.project_id, i.status, i.error FROM geometries g JOIN jobs i ON i.geometry_id = g.id AND i.kind = 'import'
			WHERE g.id = $1 AND g.tenant_id = $2 FOR SHARE OF i
		), m AS (
			INSERT INTO meshes (id, tenant_id, project_id, geometry_id, spec)
			SELECT $3, $2, g.project_id, g.id, $4 FROM g WHERE g.status NOT IN ('failed', 'canceled')
			RETURNING created_at
		), j AS (
			INSERT INTO jobs (id, kind, tenant_id, geometry_id, mesh_id, class, max_attempts, traceparent, rank_at, waits_for)
			SELECT $5, 'mesh', $2, g.id, $3, $6, $7, $8, now() + $9::interval, CASE WHEN g.status = 'succeeded' THEN '' ELSE g.id END
			FROM g WHERE g.status NOT IN ('failed', 'canceled')
		)
		SELECT g.project_id, g.status AS import_status, g.error AS import_error, m.created_at FROM g LEFT JOIN m ON true`,
		n.GeometryID, n.TenantID, meshID, n.Spec, jobID, n.Class, n.MaxAttempts, n.Traceparent, n.Class.delay()))
	if err != nil {
		return Created{}, err
	}
	if r.CreatedAt == nil {
		d := r.ImportError
		if d == nil {
			d = diagnosis.New(diagnosis.Internal, "the import of the geometry was canceled")
		}
		return Created{}, &GeometryFailed{Diagnosis: d}
	}
	return Created{
		Waits: r.ImportStatus != Succeeded,
		Mesh: Mesh{
			ID: meshID, ProjectID: r.ProjectID, GeometryID: n.GeometryID, Spec: n.Spec, CreatedAt: *r.CreatedAt,
			Job: Job{ID: jobID, Kind: engine.Mesh, Status: Queued, QueuedAt: *r.CreatedAt},
		},
	}, nil
}

// Mesh returns a mesh of a tenant.
func (db *DB) Mesh(ctx context.Context, tenant, meshID string) (Mesh, error) {
	return one[Mesh](db.pool.Query(ctx, meshQuery+`WHERE m.id = $1 AND m.tenant_id = $2`, meshID, tenant))
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
			AND ($4 = '' OR m.geometry_id = $4) AND ($5 = '' OR j.status = $5)
		ORDER BY m.id DESC LIMIT $6`, tenant, p.After, f.ProjectID, f.GeometryID, f.Status, p.Limit))
}

// DeleteMesh removes a mesh. Its objects become garbage; its unfinished jobs are canceled and returned.
func (db *DB) DeleteMesh(ctx context.Context, tenant, meshID string, prefix Prefix, jobPrefix func(tenant, job string) string) (canceled []Held, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := one[struct{ ID string }](tx.Query(ctx, `SELECT id FROM meshes WHERE id = $1 AND tenant_id = $2 FOR UPDATE`, meshID, tenant)); err != nil {
			return err
		}
		if canceled, err = cancelJobs(ctx, tx, `mesh_id = $1`, meshID, prefix); err != nil {
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

// discardJobs turns all objects of the jobs that where selects by $1 into garbage.
func discardJobs(ctx context.Context, tx pgx.Tx, where, arg string, jobPrefix func(tenant, job string) string) error {
	type job struct {
		ID       string
		TenantID string `db:"tenant_id"`
	}
	jobs, err := many[job](tx.Query(ctx, `SELECT id, tenant_id FROM jobs WHERE `+where, arg))
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if err := addGarbage(ctx, tx, jobPrefix(j.TenantID, j.ID), 0); err != nil {
			return err
		}
	}
	return nil
}
