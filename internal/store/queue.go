package store

import "context"

// QueueStats is how much work waits and runs, and how fast it is done.
type QueueStats struct {
	Queued  int `db:"queued"`  // ready to be claimed
	Waiting int `db:"waiting"` // for an import, a retry's time, or another's run
	Running int `db:"running"`
	// OldestSeconds is the age of the job that has waited longest among those ready.
	OldestSeconds float64 `db:"oldest_seconds"`

	// Of those that are to be run some time, by class, and of the tenant that asks.
	Interactive int `db:"interactive"`
	Batch       int `db:"batch"`
	OwnQueued   int `db:"own_queued"`
	OwnRunning  int `db:"own_running"`
	Tenants     int `db:"tenants"` // that have unfinished work

	// Of the last jobs that ended by their run, 200 at most.
	Ended         int     `db:"ended"`
	PerMinute     float64 `db:"per_minute"` // in the last minute
	MedianSeconds float64 `db:"median_seconds"`
	MeanSeconds   float64 `db:"mean_seconds"`
}

// QueueStats counts the work of all tenants, and that of one of them.
func (db *DB) QueueStats(ctx context.Context, tenant string) (QueueStats, error) {
	return one[QueueStats](db.relaxed.Query(forAll(ctx), `
		WITH ended AS (
			SELECT finished_at, extract(epoch FROM finished_at - started_at)::float8 AS took FROM jobs
			WHERE claim <> '' AND status IN ('succeeded', 'failed') AND finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT 200
		), pace AS (
			SELECT count(*) AS ended, coalesce(avg(took), 0) AS mean_seconds,
				coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY took), 0) AS median_seconds,
				-- 200 may be less than what ended in the minute: then they are counted over the time that they took.
				count(*) FILTER (WHERE finished_at > now() - interval '1 minute')
					* 60 / CASE WHEN count(*) = 200 THEN least(60, greatest(extract(epoch FROM now() - min(finished_at)), 0.1)) ELSE 60 END AS per_minute
			FROM ended
		), load AS (
			SELECT count(*) FILTER (WHERE status = 'queued' AND waits_for = '' AND follows = '' AND not_before <= now()) AS queued,
				count(*) FILTER (WHERE status = 'queued' AND (waits_for <> '' OR follows <> '' OR not_before > now())) AS waiting,
				count(*) FILTER (WHERE status = 'running') AS running,
				coalesce(extract(epoch FROM now() - min(queued_at) FILTER (
					WHERE status = 'queued' AND waits_for = '' AND follows = '' AND not_before <= now())), 0) AS oldest_seconds,
				count(*) FILTER (WHERE status = 'queued' AND follows = '' AND class = 'interactive') AS interactive,
				count(*) FILTER (WHERE status = 'queued' AND follows = '' AND class = 'batch') AS batch,
				count(*) FILTER (WHERE status = 'queued' AND follows = '' AND tenant_id = $1) AS own_queued,
				count(*) FILTER (WHERE status = 'running' AND tenant_id = $1) AS own_running,
				count(DISTINCT tenant_id) AS tenants
			FROM jobs WHERE status IN ('queued', 'running')
		)
		SELECT queued, waiting, running, oldest_seconds::float8, interactive, batch, own_queued, own_running, tenants,
			ended, per_minute::float8, median_seconds, mean_seconds FROM load, pace`, tenant))
}
