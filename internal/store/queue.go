package store

import "context"

// QueueStats is how much work waits and runs.
type QueueStats struct {
	Queued  int `db:"queued"`  // ready to be claimed
	Waiting int `db:"waiting"` // for an import, or a retry's time
	Running int `db:"running"`
	// OldestSeconds is the age of the job that has waited longest among those ready.
	OldestSeconds float64 `db:"oldest_seconds"`
}

// QueueStats counts the work of all tenants.
func (db *DB) QueueStats(ctx context.Context) (QueueStats, error) {
	return one[QueueStats](db.relaxed.Query(ctx, `
		SELECT count(*) FILTER (WHERE status = 'queued' AND waits_for = '' AND not_before <= now()) AS queued,
			count(*) FILTER (WHERE status = 'queued' AND (waits_for <> '' OR not_before > now())) AS waiting,
			count(*) FILTER (WHERE status = 'running') AS running,
			coalesce(extract(epoch FROM now() - min(queued_at) FILTER (WHERE status = 'queued' AND waits_for = '' AND not_before <= now())), 0)::float8 AS oldest_seconds
		FROM jobs WHERE status IN ('queued', 'running')`))
}
