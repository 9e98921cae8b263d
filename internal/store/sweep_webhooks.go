package store

import (
	"context"
	"errors"
)

// sweepAtOnce is how many rows one statement of SweepDeliveries changes: they are many, and each commits by itself, so that none of
// them takes so long that it is rolled back.
const sweepAtOnce = 1000

// deliverySweeps each change $1 rows at most, which they then find no more. An index leads to each of those.
var deliverySweeps = []string{
	// Of old: a week after they were delivered, a month after they were given up.
	`DELETE FROM webhook_deliveries WHERE id IN (
		SELECT id FROM webhook_deliveries WHERE ended_at < now() - interval '7 days' AND (status <> 'dead' OR ended_at < now() - interval '30 days')
		ORDER BY ended_at LIMIT $1 FOR UPDATE SKIP LOCKED)`,
	// That have waited for a month, as those of an endpoint that stays paused.
	`UPDATE webhook_deliveries SET status = 'dead', ended_at = now(), answer = 'not sent within 30 days' WHERE id IN (
		SELECT id FROM webhook_deliveries WHERE status = 'pending' AND since < now() - interval '30 days' LIMIT $1 FOR UPDATE SKIP LOCKED)`,
	// For endpoints that are gone, also those written in a transaction that still saw them.
	waitingFor + `
	UPDATE webhook_deliveries SET status = 'dead', ended_at = now(), answer = 'the endpoint was removed' WHERE id IN (
		SELECT d.id FROM webhook_deliveries d WHERE d.status = 'pending' AND d.endpoint_id <> '' AND d.endpoint_id IN (
			SELECT endpoint_id FROM waiting w WHERE NOT EXISTS (SELECT FROM webhook_endpoints e WHERE e.id = w.endpoint_id))
		LIMIT $1 FOR UPDATE SKIP LOCKED)`,
	// Batches that have ended and that nobody asked to be told of: an endpoint that is added later is not told either.
	`UPDATE batches SET webhook_told = true WHERE id IN (
		SELECT b.id FROM batches b WHERE NOT b.webhook_told AND b.webhook_url = ''
			AND NOT EXISTS (SELECT FROM webhook_endpoints e WHERE e.tenant_id = b.tenant_id AND 'batch.done' = ANY(e.events))
			AND NOT EXISTS (` + openMeshes + `)
		LIMIT $1 FOR UPDATE SKIP LOCKED)`,
}

// waitingFor are the endpoints that anything waits for, found from each to the next however much that is.
const waitingFor = `
	WITH RECURSIVE waiting AS (
		(SELECT endpoint_id FROM webhook_deliveries WHERE endpoint_id <> '' AND status = 'pending' ORDER BY endpoint_id LIMIT 1)
		UNION ALL
		SELECT n.endpoint_id FROM waiting w, LATERAL (
			SELECT d.endpoint_id FROM webhook_deliveries d
			WHERE d.endpoint_id <> '' AND d.status = 'pending' AND d.endpoint_id > w.endpoint_id ORDER BY d.endpoint_id LIMIT 1) n
	)`

// SweepDeliveries forgets old deliveries and gives up those that can arrive no more. What goes wrong with one kind holds up no other.
func (db *DB) SweepDeliveries(ctx context.Context) error {
	var failures error
	for _, sweep := range deliverySweeps {
		for {
			tag, err := db.pool.Exec(ctx, sweep, sweepAtOnce)
			failures = errors.Join(failures, err)
			if err != nil || tag.RowsAffected() < sweepAtOnce {
				break
			}
		}
	}
	return failures
}
