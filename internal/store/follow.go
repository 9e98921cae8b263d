package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/diagnosis"
)

// A mesh job that asks for what another unfinished one will make anyway follows that one (its leader): it is not claimed,
// and ends with it in the same transaction. A leader never follows. The locks go from the leader to its followers, by id.
//
//	leader succeeds ─────────────▶ so do they; one that asked for other formats is queued for these alone
//	leader fails by the file ────▶ so do they
//	leader fails otherwise ──────▶ the first of them leads the others, and is queued
//	leader is canceled, deleted ─▶ the first of them takes over its run (handOver), or is queued

// lentFiles selects the files of a mesh that further meshes may have: alias a. Jobs are looked at one by one, as in shownFiles.
const lentFiles = `artifacts a CROSS JOIN LATERAL (
	SELECT FROM jobs WHERE id = a.job_id AND (NOT a.preview OR a.source_job <> '' OR a.attempt = attempt) OFFSET 0
) made`

// lentColumns are inserted into artifacts for a file that is lent to job f: the object is that of the first owner, and goes
// when nobody refers to it. The id keeps the time of the first, by which files are ordered.
const lentColumns = `left(a.id, 19) || substr(gen_random_uuid()::text, 16), a.tenant_id, f.job_id, f.geometry_id, f.mesh_id, 0,
	a.name, a.format, a.media_type, a.object_key, a.size_bytes, a.sha256, a.preview, coalesce(nullif(a.source_job, ''), a.job_id)`

// intoArtifacts names the columns that lentColumns fill.
const intoArtifacts = `artifacts (id, tenant_id, job_id, geometry_id, mesh_id, attempt, name, format, media_type, object_key, size_bytes, sha256, preview, source_job)`

// lacking computes the formats (a JSON array) that wanted has beyond those that the mesh was asked for or has: what it was
// asked for and has not cannot hold it.
func lacking(wanted, had, mesh string) string {
	return `(SELECT coalesce(jsonb_agg(w), '[]') FROM jsonb_array_elements(` + wanted + `) w
		WHERE NOT ` + had + ` @> w AND NOT EXISTS (SELECT FROM artifacts x WHERE x.mesh_id = ` + mesh + ` AND x.format = w #>> '{}'))`
}

// followedQuery tells whether anybody follows a job. It is a statement of its own, and comes after the one that ends the job: who has read its row
// before (FOR SHARE) is seen, and who comes after sees its end. Most jobs have no follower, and need not be asked what shareQuery gives to none.
const followedQuery = `SELECT EXISTS (SELECT FROM jobs WHERE follows = $1 AND follows <> '' AND status = 'queued')`

// shareQuery gives what a claim has made to all who follow its job ($1, $2 and $3 are the claim).
var shareQuery = `
	WITH leader AS (
		SELECT j.id, j.mesh_id, j.attempt, j.started_at, j.finished_at, j.engine_version,
			m.spec->'formats' AS formats, m.report, m.warnings, m.reused_from
		FROM jobs j JOIN meshes m ON m.id = j.mesh_id
		WHERE j.id = $1 AND j.attempt = $2 AND j.claim = $3 AND j.status = 'succeeded' AND ` + makesMesh + `
	), f AS (
		SELECT j.id AS job_id, j.mesh_id, j.geometry_id, ` + lacking("m.spec->'formats'", "leader.formats", "leader.mesh_id") + ` AS lacks
		FROM leader JOIN jobs j ON j.follows = leader.id AND j.follows <> '' AND j.status = 'queued' JOIN meshes m ON m.id = j.mesh_id
		ORDER BY j.id FOR UPDATE OF j
	), results AS (
		UPDATE meshes m SET report = leader.report, warnings = leader.warnings,
			reused_from = coalesce(nullif(leader.reused_from, ''), leader.mesh_id)
		FROM f, leader WHERE m.id = f.mesh_id
	), files AS (
		INSERT INTO ` + intoArtifacts + ` SELECT ` + lentColumns + `
		FROM leader, f, ` + lentFiles + ` WHERE a.mesh_id = leader.mesh_id
	)
	UPDATE jobs j SET follows = '', waits_for = '', engine_version = leader.engine_version, formats = f.lacks, rung_at = now(),
		status      = CASE WHEN f.lacks = '[]' THEN 'succeeded' ELSE 'queued' END,
		progress    = CASE WHEN f.lacks = '[]' THEN 1 ELSE 0 END,
		attempt     = CASE WHEN f.lacks = '[]' THEN leader.attempt ELSE 0 END,
		started_at  = CASE WHEN f.lacks = '[]' THEN leader.started_at END,
		finished_at = CASE WHEN f.lacks = '[]' THEN leader.finished_at END
	FROM f, leader WHERE j.id = f.job_id
	RETURNING ` + waiterColumns

// share gives what a claim has made to all who follow its job.
func share(ctx context.Context, tx batcher, c Claim) (waiters []Waiter, err error) {
	var batch pgx.Batch
	batch.Queue(shareQuery, c.JobID, c.Attempt, c.Token)
	err = send(ctx, tx, &batch, func(results pgx.BatchResults) (err error) {
		waiters, err = many[Waiter](results.Query())
		return err
	})
	return waiters, err
}

// endFollowed is for those who follow a job that has not succeeded: they fail with it, or go on without it.
func endFollowed(ctx context.Context, tx pgx.Tx, jobID string, failed *diagnosis.Diagnosis, shared bool) ([]Waiter, error) {
	followers, err := many[struct{ ID string }](tx.Query(ctx, `
		SELECT id FROM jobs WHERE follows = $1 AND follows <> '' AND status = 'queued' ORDER BY id FOR UPDATE`, jobID))
	if err != nil || len(followers) == 0 {
		return nil, err
	}
	if shared {
		return many[Waiter](tx.Query(ctx, `
			UPDATE jobs j SET follows = '', waits_for = '', status = 'failed', error = $2, finished_at = now(), attempt = leader.attempt
			FROM jobs leader WHERE j.follows = $1 AND j.follows <> '' AND j.status = 'queued' AND leader.id = $1
			RETURNING `+waiterColumns, jobID, failed))
	}
	return lead(ctx, tx, jobID, followers[0].ID)
}

// lead makes the heir the leader of those who follow a job, the heir being one of them, and returns it.
func lead(ctx context.Context, tx pgx.Tx, jobID, heir string) ([]Waiter, error) {
	if _, err := tx.Exec(ctx, `
		UPDATE jobs SET follows = $2 WHERE follows = $1 AND follows <> '' AND status = 'queued' AND id <> $2`, jobID, heir); err != nil {
		return nil, err
	}
	return many[Waiter](tx.Query(ctx, `
		UPDATE jobs j SET follows = '', rung_at = now() WHERE id = $1 RETURNING `+waiterColumns, heir))
}

// heir is the first who follows a job, and fits to take over what it does.
type heir struct {
	JobID      string `db:"id"`
	MeshID     string `db:"mesh_id"`
	GeometryID string `db:"geometry_id"`
	WaitsFor   string `db:"waits_for"`
	Leader     string `db:"leader"`
	Fits       bool   `db:"fits"` // the run writes all formats that it asks for

	LeaderMesh     string `db:"leader_mesh"`
	LeaderGeometry string `db:"leader_geometry"`
}

// handOver lets the work of jobs that are about to be canceled go on for those who follow them, if anybody else does. The job
// that is under way keeps its id, and so its claim and its place in the queue, and becomes that of the heir's mesh, whose
// job the canceled mesh gets in turn. It returns the jobs to cancel; their rows are locked.
func handOver(ctx context.Context, tx pgx.Tx, jobs []string) (cancel []string, c Cancellation, err error) {
	heirs, err := many[heir](tx.Query(ctx, `
		SELECT f.id, f.mesh_id, f.geometry_id, f.waits_for, f.follows AS leader, l.mesh_id AS leader_mesh, l.geometry_id AS leader_geometry,
			l.status = 'queued' OR lm.spec->'formats' @> (fm.spec->'formats') AS fits
		FROM jobs f JOIN meshes fm ON fm.id = f.mesh_id JOIN jobs l ON l.id = f.follows JOIN meshes lm ON lm.id = l.mesh_id
		WHERE f.follows = ANY($1) AND f.follows <> '' AND f.status = 'queued' AND f.id <> ALL($1)
		ORDER BY NOT (l.status = 'queued' OR lm.spec->'formats' @> (fm.spec->'formats')), f.id FOR UPDATE OF f`, jobs))
	if err != nil || len(heirs) == 0 {
		return jobs, c, err
	}
	first := map[string]heir{}
	for _, h := range heirs {
		if _, there := first[h.Leader]; !there {
			first[h.Leader] = h
		}
	}
	for _, job := range jobs {
		h, followed := first[job]
		switch {
		case !followed:
			cancel = append(cancel, job)
		case h.Fits:
			if err := swap(ctx, tx, h); err != nil {
				return nil, c, err
			}
			cancel = append(cancel, h.JobID)
			c.Moved = append(c.Moved, job)
		default:
			queued, err := lead(ctx, tx, job, h.JobID)
			if err != nil {
				return nil, c, err
			}
			c.Left = append(c.Left, queued...)
			cancel = append(cancel, job)
		}
	}
	return cancel, c, nil
}

// swap exchanges the meshes of the heir's job and of the one that it follows.
func swap(ctx context.Context, tx pgx.Tx, h heir) error {
	var batch pgx.Batch
	batch.Queue(`UPDATE jobs SET mesh_id = NULL, follows = '', waits_for = '' WHERE id = $1`, h.JobID) // no mesh may have two
	batch.Queue(`
		UPDATE jobs SET mesh_id = $2, geometry_id = $3, waits_for = CASE WHEN status = 'queued' THEN $4 ELSE '' END WHERE id = $1`,
		h.Leader, h.MeshID, h.GeometryID, h.WaitsFor)
	batch.Queue(`UPDATE jobs SET mesh_id = $2, geometry_id = $3 WHERE id = $1`, h.JobID, h.LeaderMesh, h.LeaderGeometry)
	batch.Queue(`UPDATE artifacts SET mesh_id = $2, geometry_id = $3 WHERE job_id = $1`, h.Leader, h.MeshID, h.GeometryID) // previews
	return tx.SendBatch(ctx, &batch).Close()
}
