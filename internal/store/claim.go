package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

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
	Followers   []string    `db:"followers"` // meshes that are to have the same result
	Held        bool        `db:"held"`      // it was held for workers that had its part
	Hot         bool        `db:"hot"`       // this worker has said that it has its part
	Last        bool        `db:"last"`      // nothing else was queued when it was claimed: of what is queued since, a bell is rung
	Limited     bool        `db:"limited"`   // its tenant may have no more than so many jobs under way: another one may wait for its end

	// The source: the CAD or, where formats are to be written of a mesh that is there, its .msh.
	Format    engine.Format `db:"format"`
	Units     string        `db:"units"`
	ObjectKey string        `db:"object_key"`
	SHA256    string        `db:"sha256"`
	Size      int64         `db:"size_bytes"`

	Spec    *spec.Spec    `db:"spec"`    // of a mesh
	Model   *engine.Model `db:"model"`   // what the import found, for a mesh
	Formats []string      `db:"formats"` // of an export, or of a mesh that lacks only these

	MaxElements int64 `db:"max_elements"` // of the tenant's own; 0: as configured
}

// Exports reports whether there is nothing to mesh: the source is a mesh, and Formats are to be written of it.
func (c Claim) Exports() bool {
	return c.Kind == engine.Export || len(c.Formats) > 0 && c.Format == engine.MSH
}

// Subject names the stream of events that a claim's progress belongs to.
func (c Claim) Subject() string {
	mesh := ""
	if c.MeshID != nil {
		mesh = *c.MeshID
	}
	return Subject(c.Kind, c.JobID, c.GeometryID, mesh)
}

// claimable is what a worker may take of jobs j: what waits for nothing.
const claimable = `j.status = 'queued' AND j.waits_for = '' AND j.follows = '' AND j.not_before <= now()`

// forWorker is what worker $1 may take.
const forWorker = claimable + ` AND ` + notHeld

// turnQuery ranks the tenants that have work, by one look into an index for each: it does not count what waits. First are those
// whose next job is due, be it interactive or a batch job that has let others pass for long enough. Of these comes first who has
// the least work under way, then who was served longest ago, so that nobody waits behind the whole queue of another, and
// everybody gets a turn. Who has as much under way as a tenant may, $4 jobs unless its own limit is another, has none.
const turnQuery = `
	waiting AS ( -- the first job of each tenant
		(SELECT j.tenant_id, j.rank_at FROM jobs j WHERE ` + forWorker + ` ORDER BY j.tenant_id, j.rank_at, j.id LIMIT 1)
		UNION ALL
		SELECT next.* FROM waiting w CROSS JOIN LATERAL (
			SELECT j.tenant_id, j.rank_at FROM jobs j WHERE ` + forWorker + ` AND j.tenant_id > w.tenant_id ORDER BY j.tenant_id, j.rank_at, j.id LIMIT 1
		) next
	), turn AS MATERIALIZED (
		SELECT w.tenant_id FROM waiting w
		CROSS JOIN LATERAL (SELECT count(*) AS running FROM jobs r WHERE r.status = 'running' AND r.tenant_id = w.tenant_id) load
		CROSS JOIN LATERAL (SELECT max(s.started_at) AS at FROM jobs s WHERE s.tenant_id = w.tenant_id AND s.claim <> '') served
		JOIN tenants t ON t.id = w.tenant_id
		WHERE coalesce(t.max_running, $4) = 0 OR load.running < coalesce(t.max_running, $4)
		ORDER BY w.rank_at > now(), load.running, served.at NULLS FIRST, w.rank_at
	)`

// claimQuery takes the job that ranks first of the tenant whose turn it is.
const claimQuery = `
	WITH RECURSIVE ` + turnQuery + `, next AS (
		-- The tenants are gone through in their order, until one has a job that nobody else takes at this moment.
		SELECT n.id FROM turn CROSS JOIN LATERAL (
			SELECT j.id FROM jobs j WHERE ` + forWorker + ` AND j.tenant_id = turn.tenant_id
			ORDER BY j.rank_at, j.id LIMIT 1 FOR UPDATE SKIP LOCKED
		) n LIMIT 1
	)
	UPDATE jobs SET status = 'running', attempt = attempt + 1, worker = $1, claim = $2,
		lease_until = now() + $3::interval, started_at = now(), stage = 'fetch', progress = 0
	FROM next WHERE jobs.id = next.id`

// claimedQuery says what is to be done for claim $2 of worker $1. It is a statement of its own, since a job may have been handed over
// to a mesh that claimQuery cannot see. A tenant is limited as in turnQuery, with $3.
const claimedQuery = `
	SELECT c.id, c.kind, c.tenant_id, c.geometry_id, c.mesh_id, c.attempt, c.claim, c.class, c.traceparent, c.queued_at,
		ARRAY(SELECT f.mesh_id FROM jobs f WHERE f.follows = c.id AND f.follows <> '' AND f.status = 'queued' ORDER BY f.id) AS followers,
		c.held_until > '-infinity' AS held, c.kind = 'mesh' AND EXISTS (SELECT FROM ` + holders + ` AND k.worker = $1) AS hot,
		NOT EXISTS (SELECT FROM jobs q WHERE q.status = 'queued' AND q.waits_for = '' AND q.follows = '') AS last, coalesce(t.max_running, $3) <> 0 AS limited,
		c.formats, coalesce(t.max_elements, 0) AS max_elements, m.spec, CASE WHEN c.kind = 'mesh' THEN g.model END AS model,
		coalesce(a.format, g.format) AS format, g.units,
		coalesce(a.object_key, g.object_key) AS object_key,
		coalesce(a.sha256, g.sha256) AS sha256,
		coalesce(a.size_bytes, g.size_bytes) AS size_bytes
	FROM jobs c
	JOIN geometries g ON g.id = c.geometry_id
	JOIN tenants t ON t.id = c.tenant_id
	LEFT JOIN meshes m ON m.id = c.mesh_id
	LEFT JOIN LATERAL (
		SELECT * FROM artifacts WHERE c.formats <> '[]' AND mesh_id = c.mesh_id AND format = 'msh' ORDER BY id LIMIT 1
	) a ON true
	WHERE c.status = 'running' AND c.claim = $2`

// Claim takes the job that ranks first of the tenant whose turn it is, if any waits: ok is false when none does. token must be
// new for each call; with the attempt it fences what is written about the job later. perTenant bounds what runs of one tenant that
// has no limit of its own; 0 does not.
func (db *DB) Claim(ctx context.Context, worker, token string, lease time.Duration, perTenant int) (c Claim, ok bool, err error) {
	var batch pgx.Batch
	batch.Queue(claimQuery, worker, token, lease, perTenant)
	batch.Queue(claimedQuery, worker, token, perTenant)
	err = send(ctx, db.relaxed, &batch, func(results pgx.BatchResults) (err error) {
		if _, err = results.Exec(); err == nil {
			c, err = one[Claim](results.Query())
		}
		return err
	})
	if err == ErrNotFound {
		return Claim{}, false, nil
	}
	return c, err == nil, err
}
