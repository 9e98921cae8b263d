package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/engine"
)

// A mesh whose part a worker's engine holds is held for such workers for a moment before any may take it (jobs.held_until):
// for as long as it took to read the part when it was imported, since another worker would spend that on reading it again, and
// for Config.Affinity of package jobs at most.

// Part is what an engine keeps of a file: the file as it is read, of a tenant.
type Part struct {
	TenantID string        `json:"tenant_id"`
	SHA256   string        `json:"sha256"`
	Format   engine.Format `json:"format"`
	Units    string        `json:"units"`
}

// Compare orders parts.
func (p Part) Compare(q Part) int {
	return slices.Compare([]string{p.TenantID, p.SHA256, string(p.Format), p.Units}, []string{q.TenantID, q.SHA256, string(q.Format), q.Units})
}

// SetParts records which parts a worker holds, each once, until it says so again; for ttl at most.
func (db *DB) SetParts(ctx context.Context, worker string, parts []Part, ttl time.Duration) error {
	list, err := list(parts)
	if err != nil {
		return err
	}
	_, err = db.relaxed.Exec(ctx, `
		WITH parts AS (
			SELECT * FROM jsonb_to_recordset($2) AS p(tenant_id text, sha256 text, format text, units text)
		), gone AS (
			DELETE FROM kept_parts k WHERE k.worker = $1
				AND (k.tenant_id, k.sha256, k.format, k.units) NOT IN (SELECT tenant_id, sha256, format, units FROM parts)
		)
		INSERT INTO kept_parts (worker, tenant_id, sha256, format, units, until)
		SELECT $1, tenant_id, sha256, format, units, now() + $3::interval FROM parts
		ON CONFLICT (tenant_id, sha256, format, units, worker) DO UPDATE SET until = excluded.until`, worker, list, ttl)
	return err
}

// holders are the rows of kept_parts k that name a worker with the part of geometry g.
const holders = `kept_parts k WHERE k.tenant_id = g.tenant_id AND k.sha256 = g.sha256 AND k.format = g.format AND k.units = g.units AND k.until > now()`

// holdColumns tell of geometry g with import job i for whom a mesh of it is to be held, and for how long; most is the longest time,
// 0 for not at all. Of many workers that have the part some are enough: they are woken by name.
func holdColumns(most string) string {
	return `
	CASE WHEN ` + most + `::interval > interval '0' THEN ARRAY(SELECT k.worker FROM ` + holders + ` ORDER BY random() LIMIT 4) ELSE '{}' END AS holders,
	least(` + most + `::interval, (SELECT coalesce(sum((t->>'seconds')::float8), 0) FROM jsonb_array_elements(i.timings) t WHERE t->>'stage' IN ('fetch', 'import'))
		* interval '1 second') AS hold`
}

// notHeld lets worker $1 have a job j that is held for it, or for none that is left.
const notHeld = `(j.held_until <= now() OR (
	SELECT count(*) = 0 OR bool_or(k.worker = $1) FROM geometries g, ` + holders + ` AND g.id = j.geometry_id))`

// HeldFor returns how long it is until the first of the jobs that are held, or were a moment ago, is anybody's. ok is false if
// there is none.
func (db *DB) HeldFor(ctx context.Context) (d time.Duration, ok bool, err error) {
	var seconds *float64
	err = db.relaxed.QueryRow(ctx, `
		SELECT extract(epoch FROM min(j.held_until) - now())::float8 FROM jobs j
		WHERE `+claimable+` AND j.held_until > now() - interval '1 second'`).Scan(&seconds)
	if err != nil || seconds == nil {
		return 0, false, err
	}
	return time.Duration(*seconds * float64(time.Second)), true, nil
}

// holdMeshes holds the meshes that wait for an import which has ended well, for the workers that it returns.
func holdMeshes(ctx context.Context, tx pgx.Tx, geometryID string, most time.Duration) (workers []string, err error) {
	type hold struct {
		Holders []string `db:"holders"`
	}
	h, err := one[hold](tx.Query(ctx, `
		WITH hold AS (
			SELECT `+holdColumns("$2")+` FROM geometries g JOIN jobs i ON i.geometry_id = g.id AND i.kind = 'import' WHERE g.id = $1
		), held AS (
			UPDATE jobs SET held_until = now() + hold.hold FROM hold
			WHERE hold.holders <> '{}' AND waits_for = $1 AND waits_for <> '' AND status = 'queued'
		)
		SELECT holders FROM hold`, geometryID, most))
	return h.Holders, err
}
