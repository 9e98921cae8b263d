package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// Status is where a job stands. The last three are final.
type Status string

// The statuses.
const (
	Queued    Status = "queued"
	Running   Status = "running"
	Succeeded Status = "succeeded"
	Failed    Status = "failed"
	Canceled  Status = "canceled"
)

// Final reports whether the status never changes again.
func (s Status) Final() bool { return s == Succeeded || s == Failed || s == Canceled }

// Class decides how long a job may be overtaken by others.
type Class string

// The classes.
const (
	Interactive Class = "interactive" // a person waits
	Batch       Class = "batch"       // interactive jobs that arrive within BatchDelay go first
)

// BatchDelay is how long a batch job lets interactive ones overtake it. It is what keeps it from starving: after that
// time it ranks as an interactive job of that age.
const BatchDelay = time.Minute

func (c Class) delay() time.Duration {
	if c == Batch {
		return BatchDelay
	}
	return 0
}

// Job is the state that a user may see.
type Job struct {
	ID         string               `db:"job_id"`
	Kind       engine.Kind          `db:"kind"`
	Status     Status               `db:"status"`
	Attempt    int                  `db:"attempt"`
	Stage      engine.Stage         `db:"stage"`
	Progress   float64              `db:"progress"`
	Error      *diagnosis.Diagnosis `db:"error"`
	Timings    []engine.Timing      `db:"timings"`
	QueuedAt   time.Time            `db:"queued_at"`
	StartedAt  *time.Time           `db:"started_at"`
	FinishedAt *time.Time           `db:"finished_at"`
}

// jobColumns fill a Job; the jobs table is named j.
const jobColumns = `j.id AS job_id, j.kind, j.status, j.attempt, j.stage, j.progress, j.error, j.timings, j.queued_at, j.started_at, j.finished_at`

// Claim is a job that a worker holds, with all it needs to run it.
type Claim struct {
	JobID       string      `db:"id"`
	Kind        engine.Kind `db:"kind"`
	TenantID    string      `db:"tenant_id"`
	GeometryID  string      `db:"geometry_id"`
	MeshID      *string     `db:"mesh_id"`
	Attempt     int         `db:"attempt"`
	Token       string      `db:"claim"`
	Class       Class       `db:"class"`
	Traceparent string      `db:"traceparent"`
	QueuedAt    time.Time   `db:"queued_at"`

	// The source: the CAD, or for an export the mesh's own .msh.
	Format    engine.Format `db:"format"`
	Units     string        `db:"units"`
	ObjectKey string        `db:"object_key"`
	SHA256    string        `db:"sha256"`
	Size      int64         `db:"size_bytes"`

	Spec    *spec.Spec    `db:"spec"`    // of a mesh
	Model   *engine.Model `db:"model"`   // what the import found, for a mesh
	Formats []string      `db:"formats"` // of an export
}

// Subject names the stream of events that a claim's progress belongs to.
func (c Claim) Subject() string {
	mesh := ""
	if c.MeshID != nil {
		mesh = *c.MeshID
	}
	return Subject(c.Kind, c.JobID, c.GeometryID, mesh)
}

// Subject names the stream of events of a job: the geometry of an import, the mesh of a mesh job, else the job itself.
func Subject(kind engine.Kind, jobID, geometryID, meshID string) string {
	switch kind {
	case engine.Import:
		return geometryID
	case engine.Mesh:
		return meshID
	}
	return jobID
}

// Claim takes the job that ranks first, if any waits: ok is false when none does. token must be new for each call; with
// the attempt it fences what is written about the job later.
func (db *DB) Claim(ctx context.Context, worker, token string, lease time.Duration) (c Claim, ok bool, err error) {
	const q = `
	WITH next AS (
		SELECT id FROM jobs
		WHERE status = 'queued' AND waits_for = '' AND not_before <= now()
		ORDER BY rank_at, id
		FOR UPDATE SKIP LOCKED
		LIMIT 1
	), claimed AS (
		UPDATE jobs SET status = 'running', attempt = attempt + 1, worker = $1, claim = $2,
			lease_until = now() + $3::interval, started_at = now(), stage = 'fetch', progress = 0
		FROM next WHERE jobs.id = next.id
		RETURNING jobs.*
	)
	SELECT c.id, c.kind, c.tenant_id, c.geometry_id, c.mesh_id, c.attempt, c.claim, c.class, c.traceparent, c.queued_at,
		c.formats, m.spec, CASE WHEN c.kind = 'mesh' THEN g.model END AS model,
		coalesce(a.format, g.format) AS format, g.units,
		coalesce(a.object_key, g.object_key) AS object_key,
		coalesce(a.sha256, g.sha256) AS sha256,
		coalesce(a.size_bytes, g.size_bytes) AS size_bytes
	FROM claimed c
	JOIN geometries g ON g.id = c.geometry_id
	LEFT JOIN meshes m ON m.id = c.mesh_id
	LEFT JOIN LATERAL (
		SELECT * FROM artifacts WHERE c.kind = 'export' AND mesh_id = c.mesh_id AND format = 'msh' ORDER BY id LIMIT 1
	) a ON true`
	rows, err := db.relaxed.Query(ctx, q, worker, token, lease)
	if err != nil {
		return Claim{}, false, err
	}
	c, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Claim])
	if err == pgx.ErrNoRows {
		return Claim{}, false, nil
	}
	return c, err == nil, err
}

// Heartbeat extends the lease and records how far the job is. Fence: attempt and claim.
func (db *DB) Heartbeat(ctx context.Context, c Claim, lease time.Duration, stage engine.Stage, progress float64) error {
	tag, err := db.relaxed.Exec(ctx, `
		UPDATE jobs SET lease_until = now() + $4::interval, stage = $5, progress = $6
		WHERE id = $1 AND attempt = $2 AND claim = $3 AND status = 'running'`,
		c.JobID, c.Attempt, c.Token, lease, stage, progress)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrFenced
	}
	return err
}

// Outcome is what a finished job leaves behind.
type Outcome struct {
	Error     *diagnosis.Diagnosis  // nil: succeeded
	Model     *engine.Model         // of an import
	Report    *engine.MeshReport    // of a mesh
	Warnings  []diagnosis.Diagnosis // of either
	Timings   []engine.Timing
	Artifacts []Artifact
}

// status returns the status that the outcome means.
func (o Outcome) status() Status {
	if o.Error != nil {
		return Failed
	}
	return Succeeded
}

// Finish makes a mesh or export job final, its artifacts visible and its result known, in one statement and so in one
// commit. Fence: attempt and claim. An import is finished by FinishImport, for others wait for it.
func (db *DB) Finish(ctx context.Context, c Claim, o Outcome) error {
	const q = `
	WITH done AS (
		UPDATE jobs SET status = $4, error = $5, timings = $6, lease_until = NULL, finished_at = now(),
			progress = CASE WHEN $4 = 'succeeded' THEN 1 ELSE progress END
		WHERE id = $1 AND attempt = $2 AND claim = $3 AND status = 'running'
		RETURNING id, tenant_id, geometry_id, mesh_id, kind, attempt
	), files AS (
		INSERT INTO artifacts (id, tenant_id, job_id, geometry_id, mesh_id, attempt, name, format, media_type, object_key, size_bytes, sha256)
		SELECT a.id, done.tenant_id, done.id, done.geometry_id, done.mesh_id, done.attempt, a.name, a.format, a.media_type, a.object_key, a.size_bytes, a.sha256
		FROM done, jsonb_to_recordset($7) AS a(id text, name text, format text, media_type text, object_key text, size_bytes bigint, sha256 text)
		ON CONFLICT (id) DO NOTHING -- a preview is there already
	), result AS (
		UPDATE meshes SET report = $8, warnings = $9 FROM done
		WHERE meshes.id = done.mesh_id AND done.kind = 'mesh'
	)
	SELECT count(*) FROM done`
	warnings, err := list(o.Warnings)
	if err != nil {
		return err
	}
	artifacts, err := list(o.Artifacts)
	if err != nil {
		return err
	}
	timings, err := list(o.Timings)
	if err != nil {
		return err
	}
	var n int
	err = db.pool.QueryRow(ctx, q, c.JobID, c.Attempt, c.Token, o.status(), o.Error, timings, artifacts, o.Report, warnings).Scan(&n)
	if err == nil && n == 0 {
		return db.finishedBefore(ctx, c, o)
	}
	return err
}

// finishedBefore tells a lost claim (ErrFenced) from a repetition of a Finish that had succeeded although its answer
// was lost with the connection (nil).
func (db *DB) finishedBefore(ctx context.Context, c Claim, o Outcome) error {
	var ours bool
	err := db.pool.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM jobs WHERE id = $1 AND attempt = $2 AND claim = $3 AND status = $4)`,
		c.JobID, c.Attempt, c.Token, o.status()).Scan(&ours)
	if err == nil && !ours {
		return ErrFenced
	}
	return err
}

// Waiter is a mesh job that waited for an import.
type Waiter struct {
	JobID    string `db:"id"`
	MeshID   string `db:"mesh_id"`
	TenantID string `db:"tenant_id"`
	Status   Status `db:"status"`
	// Error is why it failed with its geometry; nil if it may run now.
	Error *diagnosis.Diagnosis `db:"error"`
}

// FinishImport makes an import final and lets the meshes that wait for it go on, or fail with its diagnosis. It returns
// them. Fence: attempt and claim.
//
// Two statements in this order: the update of the import's row waits for every CreateMesh that has read it (FOR SHARE),
// and the second statement then sees the jobs that those made.
func (db *DB) FinishImport(ctx context.Context, c Claim, o Outcome) (waiters []Waiter, err error) {
	warnings, err := list(o.Warnings)
	if err != nil {
		return nil, err
	}
	timings, err := list(o.Timings)
	if err != nil {
		return nil, err
	}
	artifacts, err := list(o.Artifacts)
	if err != nil {
		return nil, err
	}
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		var n int
		err := tx.QueryRow(ctx, `
			WITH done AS (
				UPDATE jobs SET status = $4, error = $5, timings = $6, lease_until = NULL, finished_at = now(),
					progress = CASE WHEN $4 = 'succeeded' THEN 1 ELSE progress END
				WHERE id = $1 AND attempt = $2 AND claim = $3 AND status = 'running'
				RETURNING id, tenant_id, geometry_id, attempt
			), files AS (
				INSERT INTO artifacts (id, tenant_id, job_id, geometry_id, attempt, name, format, media_type, object_key, size_bytes, sha256)
				SELECT a.id, done.tenant_id, done.id, done.geometry_id, done.attempt, a.name, a.format, a.media_type, a.object_key, a.size_bytes, a.sha256
				FROM done, jsonb_to_recordset($7) AS a(id text, name text, format text, media_type text, object_key text, size_bytes bigint, sha256 text)
				ON CONFLICT (id) DO NOTHING -- a preview is there already
			), result AS (
				UPDATE geometries SET model = $8, warnings = $9 FROM done WHERE geometries.id = done.geometry_id
			)
			SELECT count(*) FROM done`,
			c.JobID, c.Attempt, c.Token, o.status(), o.Error, timings, artifacts, o.Model, warnings).Scan(&n)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrFenced
		}
		waiters, err = settleWaiters(ctx, tx, c.GeometryID, o.Error)
		return err
	})
	if err == ErrFenced {
		err = db.finishedBefore(ctx, c, o)
	}
	return waiters, err
}

// settleWaiters lets go of the jobs that wait for an import: failed is its diagnosis, or nil.
func settleWaiters(ctx context.Context, tx pgx.Tx, geometryID string, failed *diagnosis.Diagnosis) ([]Waiter, error) {
	if failed == nil {
		return many[Waiter](tx.Query(ctx, `
			UPDATE jobs SET waits_for = '', rung_at = now() WHERE waits_for = $1 AND status = 'queued'
			RETURNING id, mesh_id, tenant_id, status, error`, geometryID))
	}
	return many[Waiter](tx.Query(ctx, `
		UPDATE jobs SET waits_for = '', status = 'failed', error = $2, finished_at = now()
		WHERE waits_for = $1 AND status = 'queued'
		RETURNING id, mesh_id, tenant_id, status, error`, geometryID, failed))
}

// Release gives a running job back to the queue, without counting the attempt: the worker stops, or what it needs is
// away for now. Fence: attempt and claim.
func (db *DB) Release(ctx context.Context, c Claim, delay time.Duration) error {
	tag, err := db.pool.Exec(ctx, `
		WITH back AS (
			UPDATE jobs SET status = 'queued', claim = '', lease_until = NULL, max_attempts = max_attempts + 1,
				stage = '', progress = 0, not_before = now() + $4::interval, rung_at = now()
			WHERE id = $1 AND attempt = $2 AND claim = $3 AND status = 'running'
			RETURNING id
		)
		SELECT id FROM back`, c.JobID, c.Attempt, c.Token, delay)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrFenced
	}
	return err
}

// list encodes a slice as a JSON array; nil becomes [], which is what the columns hold.
func list[T any](v []T) (json.RawMessage, error) {
	if v == nil {
		return json.RawMessage("[]"), nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return b, nil
}

// Job returns a job of a tenant.
func (db *DB) Job(ctx context.Context, tenant, jobID string) (Job, error) {
	return one[Job](db.pool.Query(ctx, `SELECT `+jobColumns+` FROM jobs j WHERE j.id = $1 AND j.tenant_id = $2`, jobID, tenant))
}

// Unfinished is a job of an import or mesh that is not final.
type Unfinished struct {
	GeometryID string  `db:"geometry_id"`
	MeshID     *string `db:"mesh_id"`
	Job
}

// Unfinished returns a tenant's imports and meshes that are not final, the latest first, up to limit.
func (db *DB) Unfinished(ctx context.Context, tenant string, limit int) ([]Unfinished, error) {
	return many[Unfinished](db.pool.Query(ctx, `
		SELECT j.geometry_id, j.mesh_id, `+jobColumns+` FROM jobs j
		WHERE j.tenant_id = $1 AND j.status IN ('queued', 'running') AND j.kind <> 'export' ORDER BY j.id DESC LIMIT $2`, tenant, limit))
}
