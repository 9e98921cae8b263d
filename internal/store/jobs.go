package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
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

// jobColumns fill a Job; the jobs table is named j. The error of an import that has succeeded is the defect of what it found, which is
// told of with that.
const jobColumns = `j.id AS job_id, j.kind, j.status, j.attempt, j.stage, j.progress,
	CASE WHEN j.kind <> 'import' OR j.status <> 'succeeded' THEN j.error END AS error, j.timings, j.queued_at, j.started_at, j.finished_at`

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

// Heartbeat extends the lease and records how far the job is. It returns who hears of it now, as Subjects of a Held does. Fence:
// attempt and claim.
func (db *DB) Heartbeat(ctx context.Context, c Claim, lease time.Duration, stage engine.Stage, progress float64) (subjects []string, err error) {
	return subjectsOf(one[audience](db.relaxed.Query(ctx, `
		UPDATE jobs j SET lease_until = now() + $4::interval, stage = $5, progress = $6
		WHERE id = $1 AND attempt = $2 AND claim = $3 AND status = 'running'
		RETURNING `+audienceColumns,
		c.JobID, c.Attempt, c.Token, lease, stage, progress)))
}

// audience is who hears of a job.
type audience struct {
	JobID      string      `db:"id"`
	Kind       engine.Kind `db:"kind"`
	GeometryID string      `db:"geometry_id"`
	MeshID     *string     `db:"mesh_id"`
	Followers  []string    `db:"followers"`
}

const audienceColumns = `j.id, j.kind, j.geometry_id, j.mesh_id, ` + followers + ` AS followers`

// subjectsOf returns the subjects of the row of a claim; without one, the claim is not held.
func subjectsOf(a audience, err error) ([]string, error) {
	if err == ErrNotFound {
		return nil, ErrFenced
	}
	return Held{JobID: a.JobID, Kind: a.Kind, GeometryID: a.GeometryID, MeshID: a.MeshID, Followers: a.Followers}.Subjects(), err
}

// Release gives a running job back to the queue, without counting the attempt: the worker stops, or what it needs is
// away for now. It returns who hears of it. Fence: attempt and claim.
func (db *DB) Release(ctx context.Context, c Claim, delay time.Duration) (subjects []string, err error) {
	return subjectsOf(one[audience](db.pool.Query(ctx, `
		UPDATE jobs j SET status = 'queued', claim = '', lease_until = NULL, max_attempts = max_attempts + 1,
			stage = '', progress = 0, not_before = now() + $4::interval, rung_at = now()
		WHERE id = $1 AND attempt = $2 AND claim = $3 AND status = 'running'
		RETURNING `+audienceColumns, c.JobID, c.Attempt, c.Token, delay)))
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
		SELECT j.geometry_id, j.mesh_id, `+meshJobColumns+` FROM jobs j`+leaderJoin+`
		WHERE j.tenant_id = $1 AND j.status IN ('queued', 'running') AND j.kind <> 'export' ORDER BY j.id DESC LIMIT $2`, tenant, limit))
}
