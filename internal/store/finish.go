package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// Outcome is what a finished job leaves behind.
type Outcome struct {
	Error     *diagnosis.Diagnosis  // nil: succeeded
	Model     *engine.Model         // of an import
	Report    *engine.MeshReport    // of a mesh; nil where only formats were written
	Warnings  []diagnosis.Diagnosis // of either
	Timings   []engine.Timing
	Artifacts []Artifact
	// ReusableAs is the engine version under which the result of a mesh may answer the same request again; "" for never.
	ReusableAs string
	// Shared tells that a failure is one of those who follow the job, too. Otherwise the first of them runs.
	Shared bool
}

// status returns the status that the outcome means.
func (o Outcome) status() Status {
	if o.Error != nil {
		return Failed
	}
	return Succeeded
}

// Finished is what Finish changed beside the job.
type Finished struct {
	MeshID  string // of the job: another than the claim's if it was handed over meanwhile
	Waiters []Waiter
	Holders []string // workers that the waiters of an import are held for
}

// finishQuery makes a mesh or export job final, and its artifacts visible. Fence: attempt and claim.
const finishQuery = `
	WITH done AS (
		UPDATE jobs SET status = $4, error = $5, timings = $6, lease_until = NULL, finished_at = now(),
			engine_version = CASE WHEN $8 <> '' OR $4 <> 'succeeded' THEN $8 ELSE engine_version END,
			progress = CASE WHEN $4 = 'succeeded' THEN 1 ELSE progress END
		WHERE id = $1 AND attempt = $2 AND claim = $3 AND status = 'running'
		RETURNING id, tenant_id, geometry_id, mesh_id, attempt
	), files AS (
		INSERT INTO artifacts (id, tenant_id, job_id, geometry_id, mesh_id, attempt, name, format, media_type, object_key, size_bytes, sha256)
		SELECT a.id, done.tenant_id, done.id, done.geometry_id, done.mesh_id, done.attempt, a.name, a.format, a.media_type, a.object_key, a.size_bytes, a.sha256
		FROM done, jsonb_to_recordset($7) AS a(id text, name text, format text, media_type text, object_key text, size_bytes bigint, sha256 text)
		ON CONFLICT (id) DO NOTHING -- a preview is there already
	)
	SELECT mesh_id FROM done`

// makesMesh holds for the job j that makes a mesh, where it is asked for by its id. With kind = 'mesh' Postgres may take the index of such jobs
// and look through all of them: in a plan that it made when the table was empty, that is as good as the primary key.
const makesMesh = `j.kind NOT IN ('import', 'export')`

// resultQuery makes the result of a mesh job known that finishQuery has finished. It is a statement of its own, and comes after
// that: a job that was handed over while finishQuery waited for its row may belong to a mesh that finishQuery cannot see. The time
// tells a job that this transaction has finished from one that an earlier try had.
const resultQuery = `
	UPDATE meshes SET report = coalesce($5, report),
		warnings = CASE WHEN $5::jsonb IS NULL THEN warnings || $6::jsonb ELSE $6 END
	FROM jobs j WHERE j.id = $1 AND j.attempt = $2 AND j.claim = $3 AND j.status = $4 AND j.finished_at = now() AND ` + makesMesh + ` AND meshes.id = j.mesh_id`

// Finish makes a mesh or export job final, its artifacts visible and its result known, in one commit, in which those who
// follow it end too or go on without it. Fence: attempt and claim. An import is finished by FinishImport, for others wait
// for it.
//
// ready, if not nil, is called when all is written and nothing is committed. Its error undoes all of it, and is returned. It may be called again,
// and has to be short: the rows of the job are locked meanwhile.
func (db *DB) Finish(ctx context.Context, c Claim, o Outcome, ready func() error) (f Finished, err error) {
	warnings, err := list(o.Warnings)
	if err != nil {
		return f, err
	}
	artifacts, err := list(o.Artifacts)
	if err != nil {
		return f, err
	}
	timings, err := list(o.Timings)
	if err != nil {
		return f, err
	}
	queue := func(batch *pgx.Batch) {
		batch.Queue(finishQuery, c.JobID, c.Attempt, c.Token, o.status(), o.Error, timings, artifacts, o.ReusableAs)
		batch.Queue(resultQuery, c.JobID, c.Attempt, c.Token, o.status(), o.Report, warnings)
		if o.Error == nil {
			batch.Queue(followedQuery, c.JobID)
		}
	}
	var followed bool
	read := func(results pgx.BatchResults) error {
		err := results.QueryRow().Scan(&f.MeshID)
		if err == nil {
			_, err = results.Exec()
		}
		if err == nil && o.Error == nil {
			err = results.QueryRow().Scan(&followed)
		}
		return err
	}
	if o.Error == nil {
		err = db.sendWhen(ctx, queue, read, func(tx batcher) (err error) {
			if followed {
				f.Waiters, err = share(ctx, tx, c)
			}
			if err == nil && ready != nil {
				err = ready()
			}
			return err
		})
	} else {
		err = db.inTxWhen(ctx, ready, func(tx pgx.Tx) (err error) {
			var batch pgx.Batch
			queue(&batch)
			if err = send(ctx, tx, &batch, read); err == nil {
				f.Waiters, err = endFollowed(ctx, tx, c.JobID, o.Error, o.Shared)
			}
			return err
		})
	}
	if err == pgx.ErrNoRows {
		f.MeshID, err = db.finishedBefore(ctx, c, o)
	}
	return f, err
}

// finishedBefore tells a lost claim (ErrFenced) from a repetition of a Finish that had succeeded although its answer
// was lost with the connection (nil). It returns the mesh of the job, which may be another than the claim's.
func (db *DB) finishedBefore(ctx context.Context, c Claim, o Outcome) (meshID string, err error) {
	err = db.pool.QueryRow(ctx, `
		SELECT coalesce(mesh_id, '') FROM jobs WHERE id = $1 AND attempt = $2 AND claim = $3 AND status = $4`,
		c.JobID, c.Attempt, c.Token, o.status()).Scan(&meshID)
	if err == pgx.ErrNoRows {
		err = ErrFenced
	}
	return meshID, err
}

// Waiter is a mesh job that waited for an import, or followed another job.
type Waiter struct {
	JobID    string `db:"id"`
	MeshID   string `db:"mesh_id"`
	TenantID string `db:"tenant_id"`
	Status   Status `db:"status"`
	Attempt  int    `db:"attempt"`
	// Error is why it failed with what it waited for; nil if it may run now, or has succeeded.
	Error *diagnosis.Diagnosis `db:"error"`
	// Waits tells that it still waits: for an import, or for the run of another job.
	Waits bool `db:"waits"`
}

// waiterColumns fill a Waiter from a table named j.
const waiterColumns = `j.id, j.mesh_id, j.tenant_id, j.status, j.attempt, j.error, j.waits_for <> '' OR j.follows <> '' AS waits`

// FinishImport makes an import final and lets the meshes that wait for it go on, or fail with its diagnosis, or with the defect of
// what it found if nothing makes them of that. It returns them. Those that go on are held for workers that have the part, for hold at most. Fence: attempt and claim.
// ready is as of Finish.
//
// A defect is kept in the import's row, too, as its error: that row is what a CreateMesh locks.
//
// Two statements in this order: the update of the import's row waits for every CreateMesh that has read it (FOR SHARE),
// and the second statement then sees the jobs that those made.
func (db *DB) FinishImport(ctx context.Context, c Claim, o Outcome, hold time.Duration, ready func() error) (f Finished, err error) {
	warnings, err := list(o.Warnings)
	if err != nil {
		return f, err
	}
	timings, err := list(o.Timings)
	if err != nil {
		return f, err
	}
	artifacts, err := list(o.Artifacts)
	if err != nil {
		return f, err
	}
	found := o.Error
	if found == nil && o.Model != nil {
		found = o.Model.Defect
	}
	err = db.inTxWhen(ctx, ready, func(tx pgx.Tx) error {
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
			c.JobID, c.Attempt, c.Token, o.status(), found, timings, artifacts, o.Model, warnings).Scan(&n)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrFenced
		}
		if o.Error == nil {
			if f.Holders, err = holdMeshes(ctx, tx, c.GeometryID, hold); err != nil {
				return err
			}
		}
		f.Waiters, err = settleWaiters(ctx, tx, c.GeometryID, o.status(), found)
		return err
	})
	if err == ErrFenced {
		_, err = db.finishedBefore(ctx, c, o)
	}
	return f, err
}

// settleWaiters lets go of the jobs that wait for an import: found is why it failed, or the defect of what it found, or nil. Those
// that follow one that fails have a geometry of their own, and go on without it.
func settleWaiters(ctx context.Context, tx pgx.Tx, geometryID string, end Status, found *diagnosis.Diagnosis) (settled []Waiter, err error) {
	if found != nil {
		if settled, err = failWaiters(ctx, tx, geometryID, found, func(s spec.Spec) bool {
			field, _ := s.Unfilled()
			return end != Succeeded || field != ""
		}); err != nil || end != Succeeded {
			return settled, err
		}
	}
	released, err := many[Waiter](tx.Query(ctx, `
		UPDATE jobs j SET waits_for = '', rung_at = now() WHERE waits_for = $1 AND waits_for <> '' AND status = 'queued'
		RETURNING `+waiterColumns, geometryID))
	return append(settled, released...), err
}

// failWaiters fails the jobs that wait for an import and have a spec that fails with it.
func failWaiters(ctx context.Context, tx pgx.Tx, geometryID string, why *diagnosis.Diagnosis, fails func(spec.Spec) bool) ([]Waiter, error) {
	type waiting struct {
		ID   string    `db:"id"`
		Spec spec.Spec `db:"spec"`
	}
	all, err := many[waiting](tx.Query(ctx, `
		SELECT j.id, m.spec FROM jobs j JOIN meshes m ON m.id = j.mesh_id
		WHERE j.waits_for = $1 AND j.waits_for <> '' AND j.status = 'queued' ORDER BY j.id FOR UPDATE OF j`, geometryID))
	if err != nil {
		return nil, err
	}
	var failing []string
	for _, w := range all {
		if fails(w.Spec) {
			failing = append(failing, w.ID)
		}
	}
	settled, err := many[Waiter](tx.Query(ctx, `
		UPDATE jobs j SET waits_for = '', follows = '', status = 'failed', error = $2, finished_at = now() WHERE id = ANY($1)
		RETURNING `+waiterColumns, failing, why))
	if err != nil {
		return nil, err
	}
	for _, w := range settled {
		left, err := endFollowed(ctx, tx, w.JobID, why, false)
		if err != nil {
			return nil, err
		}
		settled = append(settled, left...)
	}
	return settled, nil
}
