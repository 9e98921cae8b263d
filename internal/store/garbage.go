package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// zombieDelay is how long garbage waits when a worker that lost its job may still be writing it.
const zombieDelay = 10 * time.Minute

// expectation is how long an object that is to be the file of a geometry may take to arrive and be adopted: longer than any
// upload. Whoever died over it leaves an object that goes after that time.
const expectation = 24 * time.Hour

// sweepTakes is for how long a sweeper has a piece of garbage to itself.
const sweepTakes = 5 * time.Minute

// Expect records that an object is about to be stored under key, before the first byte is: unless CreateGeometry adopts it,
// it is garbage.
func (db *DB) Expect(ctx context.Context, key string) (expected int64, err error) {
	// It has to outlive this process, not the machine.
	err = db.relaxed.QueryRow(ctx, `INSERT INTO garbage (prefix, due_at) VALUES ($1, now() + $2::interval) RETURNING id`,
		key, expectation).Scan(&expected)
	return expected, err
}

// adopt keeps an expected object from becoming garbage, unless it is that already.
func adopt(ctx context.Context, tx execer, expected int64) error {
	// One that a sweeper has taken is due within sweepTakes.
	tag, err := tx.Exec(ctx, `DELETE FROM garbage WHERE id = $1 AND due_at > now() + $2::interval`, expected, 2*sweepTakes)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrTooLate
	}
	return err
}

// Garbage is a prefix of objects that nothing refers to any more.
type Garbage struct {
	ID          int64  `db:"id"`
	Prefix      string `db:"prefix"`
	MultipartID string `db:"multipart_id"` // of an unfinished upload to Prefix, which is then a whole key
	JobID       string `db:"job_id"`       // whose objects they are; they may be lent to others
}

type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

func addGarbage(ctx context.Context, tx execer, prefix string, delay time.Duration) error {
	_, err := tx.Exec(ctx, `INSERT INTO garbage (prefix, due_at) VALUES ($1, now() + $2::interval)`, prefix, delay)
	return err
}

// Discard has the objects under prefix, which the claim stored, swept soon, unless the claim finished the job and they
// are its artifacts. It waits for a Finish whose answer was not: its commit may be on its way.
func (db *DB) Discard(ctx context.Context, c Claim, prefix string) error {
	_, err := db.pool.Exec(ctx, `
		WITH claimed AS MATERIALIZED (SELECT status FROM jobs WHERE id = $1 AND attempt = $2 AND claim = $3 FOR SHARE)
		INSERT INTO garbage (prefix) SELECT $4 WHERE NOT EXISTS (SELECT FROM claimed WHERE status IN ('succeeded', 'failed'))`,
		c.JobID, c.Attempt, c.Token, prefix)
	return err
}

// SweepGarbage takes one piece of garbage that is due and hands it to remove; the row goes when remove succeeds. It
// reports whether there was one.
func (db *DB) SweepGarbage(ctx context.Context, remove func(context.Context, Garbage) error) (found bool, err error) {
	g, err := one[Garbage](db.pool.Query(ctx, `
		UPDATE garbage SET due_at = now() + $1::interval WHERE id = (
			SELECT id FROM garbage WHERE due_at <= now() ORDER BY due_at FOR UPDATE SKIP LOCKED LIMIT 1
		) RETURNING id, prefix, multipart_id, job_id`, sweepTakes)) // if remove fails, or we die, it is due again then
	if err == ErrNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if g.JobID != "" {
		kept, err := db.isReferred(ctx, g.JobID)
		if err != nil {
			return true, err
		}
		if kept { // who refers to them last makes them garbage again
			remove = func(context.Context, Garbage) error { return nil }
		}
	}
	if err := remove(ctx, g); err != nil {
		return true, err
	}
	_, err = db.pool.Exec(ctx, `DELETE FROM garbage WHERE id = $1`, g.ID)
	return true, err
}

// isReferred reports whether an artifact may refer to the objects of a job. A job that is gone lends nothing any more, so that
// no says so for good.
func (db *DB) isReferred(ctx context.Context, jobID string) (referred bool, err error) {
	err = db.pool.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM jobs WHERE id = $1) OR EXISTS (SELECT FROM artifacts WHERE source_job = $1)`, jobID).Scan(&referred)
	return referred, err
}

// Orphans returns those of the keys, each under the prefix of the job beside it, that no artifact names. Those of jobs that are
// not at their end are none: their artifacts are written when they end.
func (db *DB) Orphans(ctx context.Context, keys, jobs []string) (orphans []string, err error) {
	if len(keys) == 0 {
		return nil, nil
	}
	rows, err := db.pool.Query(ctx, `
		WITH named AS (
			SELECT object_key FROM artifacts WHERE job_id = ANY($2)
			UNION ALL
			SELECT object_key FROM artifacts WHERE source_job <> '' AND source_job = ANY($2)
		)
		SELECT o.key FROM unnest($1::text[], $2::text[]) AS o(key, job)
		WHERE o.key NOT IN (SELECT object_key FROM named)
		AND NOT EXISTS (SELECT FROM jobs WHERE id = o.job AND status IN ('queued', 'running'))`, keys, jobs)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// Expire turns the objects of uploads that are over into garbage, unless they are the file of a geometry, and forgets
// idempotency keys older than a day, sessions and links that are over. The object of a single PUT never is: it was copied, since its URL goes on working.
func (db *DB) Expire(ctx context.Context) error {
	return db.inTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			WITH gone AS (
				DELETE FROM uploads WHERE expires_at < now() RETURNING object_key, multipart_id, geometry_id
			)
			INSERT INTO garbage (prefix, multipart_id)
			SELECT object_key, multipart_id FROM gone WHERE geometry_id IS NULL OR multipart_id = ''`)
		if err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, `DELETE FROM sessions WHERE expires_at < now()`); err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, `
			DELETE FROM shares WHERE expires_at < now() - $1::interval OR revoked_at < now() - $1::interval`, shareKept); err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, `DELETE FROM idempotency_keys WHERE created_at < now() - interval '1 day'`); err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, `DELETE FROM kept_parts WHERE until < now() - interval '1 minute'`); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE batches SET idempotency_key = NULL WHERE idempotency_key IS NOT NULL AND created_at < now() - interval '1 day'`)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE geometries SET idempotency_key = NULL WHERE idempotency_key IS NOT NULL AND created_at < now() - interval '1 day'`)
		return err
	})
}
