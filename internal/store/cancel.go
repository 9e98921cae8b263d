package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
)

// Held names one claim of a job: what a worker may have put into S3 under it, and what fences it.
type Held struct {
	TenantID   string      `db:"tenant_id"`
	JobID      string      `db:"id"`
	Kind       engine.Kind `db:"kind"`
	GeometryID string      `db:"geometry_id"`
	MeshID     *string     `db:"mesh_id"`
	Attempt    int         `db:"attempt"`
	Token      string      `db:"claim"`
	Status     Status      `db:"status"` // see the function that returns it
	Followers  []string    `db:"followers"`
}

// Subjects names the streams of events of the job: its own first, then those of the meshes that follow it.
func (h Held) Subjects() []string {
	mesh := ""
	if h.MeshID != nil {
		mesh = *h.MeshID
	}
	return append([]string{Subject(h.Kind, h.JobID, h.GeometryID, mesh)}, h.Followers...)
}

// Cancellation is what a cancellation or deletion changed.
type Cancellation struct {
	Jobs  []Held   // are canceled
	Moved []string // jobs that go on, for another mesh than before
	Left  []Waiter // jobs that followed one that is canceled, and may run now
}

func (c *Cancellation) add(more Cancellation) {
	c.Jobs, c.Moved, c.Left = append(c.Jobs, more.Jobs...), append(c.Moved, more.Moved...), append(c.Left, more.Left...)
}

// followers lists the meshes that follow job j. Here as elsewhere it is said beside that they follow somebody: the index holds only
// those who do, and without that Postgres would read all that is queued.
const followers = `ARRAY(SELECT f.mesh_id FROM jobs f WHERE f.follows = j.id AND f.follows <> '' AND f.status = 'queued' ORDER BY f.id)`

// heldColumns fill a Held from the table jobs as j, but for what a claim leaves: attempt, claim and status.
const heldColumns = `j.tenant_id, j.id, j.kind, j.geometry_id, j.mesh_id, ` + followers + ` AS followers`

// Prefix says under which key prefix a claim puts its objects.
type Prefix func(h Held) string

// CancelMesh makes a mesh's unfinished jobs canceled, at once and for good: a worker that runs one is fenced from then
// on, unless the run goes on for another mesh. It returns them with the status that they had; none if all were final
// already. What a running one may have stored becomes garbage.
func (db *DB) CancelMesh(ctx context.Context, tenant, meshID string, prefix Prefix) (canceled Cancellation, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := one[struct{ ID string }](tx.Query(ctx, `SELECT id FROM meshes WHERE id = $1 AND tenant_id = $2`, meshID, tenant)); err != nil {
			return err
		}
		canceled, err = cancelAll(ctx, tx, `mesh_id = $1`, meshID, prefix)
		return err
	})
	return canceled, err
}

// cancelJobs cancels the unfinished jobs that where selects by $1, but for work that others follow.
func cancelJobs(ctx context.Context, tx pgx.Tx, where, arg string, prefix Prefix) (c Cancellation, err error) {
	jobs, err := many[struct{ ID string }](tx.Query(ctx, `
		SELECT id FROM jobs WHERE `+where+` AND status IN ('queued', 'running') ORDER BY id FOR UPDATE`, arg))
	if err != nil || len(jobs) == 0 {
		return c, err
	}
	ids := make([]string, len(jobs))
	for i, j := range jobs {
		ids[i] = j.ID
	}
	if ids, c, err = handOver(ctx, tx, ids); err != nil {
		return c, err
	}
	c.Jobs, err = many[Held](tx.Query(ctx, `
		WITH old AS (SELECT id, status FROM jobs WHERE id = ANY($1))
		UPDATE jobs j SET status = 'canceled', finished_at = now(), lease_until = NULL, waits_for = '', follows = ''
		FROM old WHERE j.id = old.id
		RETURNING `+heldColumns+`, j.attempt, j.claim, old.status`, ids))
	if err != nil {
		return c, err
	}
	for _, h := range c.Jobs {
		if h.Status == Running {
			if err := addGarbage(ctx, tx, prefix(h), zombieDelay); err != nil {
				return c, err
			}
		}
	}
	return c, nil
}

// cancelAll cancels what where selects by $1, and what was handed over to it meanwhile: the first look waits for whoever hands over, and
// does not see that.
func cancelAll(ctx context.Context, tx pgx.Tx, where, arg string, prefix Prefix) (Cancellation, error) {
	c, err := cancelJobs(ctx, tx, where, arg, prefix)
	if err != nil {
		return c, err
	}
	late, err := cancelJobs(ctx, tx, where, arg, prefix)
	c.add(late)
	return c, err
}

// emptied cancels all jobs that where selects by $1 and locks the row that they belong to, so that none comes after them. The jobs
// come first, since whoever finishes one has locked it when it comes to the row.
func emptied[T any](ctx context.Context, tx pgx.Tx, where, arg string, prefix Prefix, lock func() (T, error)) (row T, c Cancellation, err error) {
	if c, err = cancelJobs(ctx, tx, where, arg, prefix); err != nil {
		return row, c, err
	}
	if row, err = lock(); err != nil {
		return row, c, err
	}
	late, err := cancelJobs(ctx, tx, where, arg, prefix)
	c.add(late)
	return row, c, err
}

// reconcileLock is the advisory lock that lets one process at a time reconcile.
const reconcileLock = 0x6d657368_0001

// ErrBusy says that another process reconciles just now.
var ErrBusy = errors.New("another process reconciles")

// Reconciled is what a pass of Reconcile changed or found.
type Reconciled struct {
	Requeued []Held   // lost their lease and are queued again; Attempt and Token are the lost ones
	Failed   []Held   // lost their lease once too often
	Settled  []Waiter // waited for an import that had ended, or followed a job that was lost
	Ring     []Bell   // are queued, and nobody came for a while
}

// Bell is a queued job to ring for.
type Bell struct {
	JobID       string `db:"id"`
	Traceparent string `db:"traceparent"`
}

// Reconcile mends what crashes leave behind: leases that ran out, waiters that nobody let go of, queued jobs whose bell
// was lost. lost is the diagnosis of a job that lost its last attempt. It returns ErrBusy if another process is at it.
func (db *DB) Reconcile(ctx context.Context, prefix Prefix, lost *diagnosis.Diagnosis) (r Reconciled, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		r = Reconciled{}
		var mine bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1)`, int64(reconcileLock)).Scan(&mine); err != nil {
			return err
		}
		if !mine {
			return ErrBusy
		}
		over, err := many[Held](tx.Query(ctx, `
			WITH old AS (
				SELECT id, attempt, claim FROM jobs WHERE status = 'running' AND lease_until < now()
				ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED
			)
			UPDATE jobs j SET
				status      = CASE WHEN j.attempt < j.max_attempts THEN 'queued' ELSE 'failed' END,
				error       = CASE WHEN j.attempt < j.max_attempts THEN NULL ELSE $1::jsonb END,
				finished_at = CASE WHEN j.attempt < j.max_attempts THEN NULL ELSE now() END,
				claim = '', lease_until = NULL, stage = '', progress = 0, rung_at = 'epoch'
			FROM old WHERE j.id = old.id
			RETURNING `+heldColumns+`, old.attempt, old.claim, j.status`, lost))
		if err != nil {
			return err
		}
		for _, h := range over {
			if err := addGarbage(ctx, tx, prefix(h), zombieDelay); err != nil {
				return err
			}
			if h.Status == Failed {
				r.Failed = append(r.Failed, h)
			} else {
				r.Requeued = append(r.Requeued, h)
			}
		}
		if err := r.settle(ctx, tx); err != nil {
			return err
		}
		r.Ring, err = many[Bell](tx.Query(ctx, `
			UPDATE jobs SET rung_at = now() WHERE id IN (
				SELECT id FROM jobs
				WHERE status = 'queued' AND waits_for = '' AND follows = '' AND not_before <= now() AND rung_at < now() - interval '3 seconds'
				ORDER BY rank_at, id LIMIT 100 FOR UPDATE SKIP LOCKED
			) RETURNING id, traceparent`))
		return err
	})
	return r, err
}

// settle lets go of waiters whose import is final, and of those who follow a job that is: it failed in this pass, or its
// worker died in the middle of a transaction.
func (r *Reconciled) settle(ctx context.Context, tx pgx.Tx) error {
	type ended struct {
		GeometryID string               `db:"geometry_id"`
		Status     Status               `db:"status"`
		Error      *diagnosis.Diagnosis `db:"error"`
	}
	imports, err := many[ended](tx.Query(ctx, `
		SELECT DISTINCT ON (i.geometry_id) i.geometry_id, i.status, i.error FROM jobs w
		JOIN jobs i ON i.kind = 'import' AND i.geometry_id = w.waits_for
		WHERE w.waits_for <> '' AND w.status = 'queued' AND i.status IN ('succeeded', 'failed', 'canceled') LIMIT 100`))
	if err != nil {
		return err
	}
	for _, i := range imports {
		found := i.Error
		if found == nil && i.Status != Succeeded {
			found = diagnosis.New(diagnosis.Internal, "the import of the geometry was canceled")
		}
		settled, err := settleWaiters(ctx, tx, i.GeometryID, i.Status, found)
		if err != nil {
			return err
		}
		r.Settled = append(r.Settled, settled...)
	}
	ends, err := many[struct{ ID string }](tx.Query(ctx, `
		SELECT DISTINCT f.follows AS id FROM jobs f LEFT JOIN jobs l ON l.id = f.follows
		WHERE f.follows <> '' AND f.status = 'queued' AND (l.id IS NULL OR l.status NOT IN ('queued', 'running')) LIMIT 100`))
	if err != nil {
		return err
	}
	for _, leader := range ends {
		left, err := endFollowed(ctx, tx, leader.ID, nil, false)
		if err != nil {
			return err
		}
		r.Settled = append(r.Settled, left...)
	}
	return nil
}
