package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// DeliveryStatus is where a delivery of a webhook stands.
type DeliveryStatus string

// The statuses of deliveries.
const (
	Pending   DeliveryStatus = "pending"
	Delivered DeliveryStatus = "delivered"
	Dead      DeliveryStatus = "dead" // given up
)

// Delivery is one piece of news for an endpoint, or for the address that a mesh or batch was requested with.
type Delivery struct {
	ID         string         `db:"id"`
	TenantID   string         `db:"tenant_id"`
	MeshID     string         `db:"mesh_id"`     // "" of news of a batch
	BatchID    string         `db:"batch_id"`    // "" of news of a mesh
	EndpointID string         `db:"endpoint_id"` // that is told; "" where the request named the address
	URL        string         `db:"url"`
	Payload    string         `db:"payload"`
	Status     DeliveryStatus `db:"status"`
	Attempts   int            `db:"attempts"`
	DueAt      *time.Time     `db:"due_at"` // nil while its endpoint is paused, or if it is gone
	Lane       int            `db:"lane"`   // of its server, among those of the tenant
	Answer     string         `db:"answer"`
	CreatedAt  time.Time      `db:"created_at"` // when what it tells of happened
	EndedAt    *time.Time     `db:"ended_at"`
}

const deliveryColumns = `id, tenant_id, mesh_id, batch_id, endpoint_id, url, payload, status, attempts, webhook_lane(url) AS lane, answer, created_at, ended_at,
	CASE WHEN endpoint_id = '' THEN due_at
		ELSE (SELECT greatest(due_at, e.rests_until) FROM webhook_endpoints e WHERE e.id = endpoint_id AND NOT e.paused) END AS due_at`

// openMeshes are those of a batch b that have not ended.
const openMeshes = `
	SELECT FROM batch_items i JOIN jobs j ON j.mesh_id = i.mesh_id AND j.kind = 'mesh'
	WHERE i.batch_id = b.id AND j.status IN ('queued', 'running')`

// tellAtOnce is how many batches are told of in one step.
const tellAtOnce = 100

// TellBatches writes down what is to be told of batches that have ended: whose meshes all have. It looks at those alone of which anybody
// may be told, who is named by the request or has an endpoint. A batch that is deleted is not told of.
// What it writes is named by when the last mesh ended, as lists are by the age of names.
func (db *DB) TellBatches(ctx context.Context) error {
	_, err := db.pool.Exec(ctx, `
		WITH ended AS (
			UPDATE batches SET webhook_told = true WHERE id IN (
				SELECT b.id FROM batches b WHERE NOT b.webhook_told AND b.id IN (
					SELECT id FROM batches WHERE webhook_url <> '' AND NOT webhook_told
					UNION ALL
					SELECT of_tenant.id FROM (SELECT DISTINCT tenant_id FROM webhook_endpoints WHERE 'batch.done' = ANY(events)) asks,
						LATERAL (SELECT id FROM batches WHERE tenant_id = asks.tenant_id AND NOT webhook_told AND webhook_url = '') of_tenant
				) AND NOT EXISTS (`+openMeshes+`)
				ORDER BY b.id LIMIT $1 FOR UPDATE SKIP LOCKED
			) RETURNING id, tenant_id, webhook_url
		)
		INSERT INTO webhook_deliveries (id, tenant_id, mesh_id, batch_id, endpoint_id, url, created_at, payload)
		SELECT delivery_id(last.happened), e.tenant_id, '', e.id, told.id, told.url, last.happened, jsonb_build_object(
			'type', 'batch.done',
			'timestamp', to_char(last.happened AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
			'data', (
				SELECT jsonb_build_object('batch_id', e.id, 'succeeded', count(*) FILTER (WHERE j.status = 'succeeded'),
					'failed', count(*) FILTER (WHERE j.status = 'failed'), 'canceled', count(*) FILTER (WHERE j.status = 'canceled'), 'total', count(*))
				FROM batch_items i JOIN jobs j ON j.mesh_id = i.mesh_id AND j.kind = 'mesh' WHERE i.batch_id = e.id))::text
		FROM ended e, LATERAL (
			SELECT coalesce(max(j.finished_at), now()) AS happened
			FROM batch_items i JOIN jobs j ON j.mesh_id = i.mesh_id AND j.kind = 'mesh' WHERE i.batch_id = e.id) last, LATERAL (
			SELECT '' AS id, e.webhook_url AS url WHERE e.webhook_url <> ''
			UNION ALL
			SELECT p.id, p.url FROM webhook_endpoints p
			WHERE p.tenant_id = e.tenant_id AND NOT p.paused AND 'batch.done' = ANY(p.events) AND p.created_at <= last.happened) told`, tellAtOnce)
	return err
}

// AtOnce is how much may be on its way at once.
type AtOnce struct {
	More   int // beside what is on its way already
	Tenant int // of one tenant
	Lane   int // to one server of a tenant
}

// TakeDeliveries begins the next attempt of what is due, beside what is on its way; nobody else does for as long as the attempt may
// take. Tenants have their turns, whoever of them has the fewest on their way the first, and so have the servers of a tenant. What waits for
// an endpoint that is paused or rests is never looked at, so that nothing need be done to it when that begins or ends.
func (db *DB) TakeDeliveries(ctx context.Context, onTheirWay []Delivery, most AtOnce, attempt time.Duration) ([]Delivery, error) {
	tenants, lanes := make([]string, len(onTheirWay)), make([]int32, len(onTheirWay))
	for i, d := range onTheirWay {
		tenants[i], lanes[i] = d.TenantID, int32(d.Lane) //nolint:gosec // below 64
	}
	return many[Delivery](db.relaxed.Query(ctx, takeDeliveries, tenants, lanes, most.Tenant, most.Lane, most.More, attempt))
}

// takeDeliveries finds by indexes what it takes: an index of those whose request named the address, by their lanes, and one of those for
// endpoints, by these.
const takeDeliveries = waitingFor + `, lanes AS ( -- from each to the next by the index, however much waits in it
		(SELECT tenant_id, webhook_lane(url) AS lane FROM webhook_deliveries WHERE endpoint_id = '' AND status = 'pending'
			ORDER BY tenant_id, webhook_lane(url) LIMIT 1)
		UNION ALL
		SELECT n.tenant_id, n.lane FROM lanes l, LATERAL (
			SELECT d.tenant_id, webhook_lane(d.url) AS lane FROM webhook_deliveries d
			WHERE d.endpoint_id = '' AND d.status = 'pending' AND (d.tenant_id, webhook_lane(d.url)) > (l.tenant_id, l.lane)
			ORDER BY d.tenant_id, webhook_lane(d.url) LIMIT 1) n
	), busy AS (
		SELECT tenant_id, lane, count(*) AS n FROM unnest($1::text[], $2::int[]) AS b(tenant_id, lane) GROUP BY tenant_id, lane
	), due AS (
		SELECT l.tenant_id, l.lane, d.id, d.due_at FROM lanes l, LATERAL (
			SELECT d.id, d.due_at FROM webhook_deliveries d
			WHERE d.endpoint_id = '' AND d.status = 'pending' AND d.tenant_id = l.tenant_id AND webhook_lane(d.url) = l.lane AND d.due_at <= now()
			ORDER BY d.due_at LIMIT $4) d
		UNION ALL
		SELECT e.tenant_id, d.lane, d.id, d.due_at
		FROM waiting w JOIN webhook_endpoints e ON e.id = w.endpoint_id AND NOT e.paused AND e.rests_until <= now(), LATERAL (
			SELECT d.id, d.due_at, webhook_lane(d.url) AS lane FROM webhook_deliveries d
			WHERE d.endpoint_id <> '' AND d.status = 'pending' AND d.endpoint_id = w.endpoint_id AND d.due_at <= now()
			ORDER BY d.due_at LIMIT $4) d
	), of_lanes AS (
		SELECT d.tenant_id, d.id, d.due_at, coalesce(b.n, 0) + row_number() OVER (PARTITION BY d.tenant_id, d.lane ORDER BY d.due_at) AS turn
		FROM due d LEFT JOIN busy b ON b.tenant_id = d.tenant_id AND b.lane = d.lane
	), turns AS (
		SELECT f.id, f.due_at, coalesce((SELECT sum(n) FROM busy WHERE tenant_id = f.tenant_id), 0)
			+ row_number() OVER (PARTITION BY f.tenant_id ORDER BY f.turn, f.due_at) AS turn FROM of_lanes f WHERE f.turn <= $4
	), chosen AS (
		SELECT id FROM turns WHERE turn <= $3 ORDER BY turn, due_at LIMIT $5
	)
	UPDATE webhook_deliveries SET attempts = attempts + 1, due_at = now() + $6::interval WHERE id IN (
		SELECT id FROM webhook_deliveries WHERE id IN (SELECT id FROM chosen) AND status = 'pending' AND due_at <= now() FOR UPDATE SKIP LOCKED
	) RETURNING ` + deliveryColumns

// DeliveryEnd is what came of an attempt.
type DeliveryEnd struct {
	Status DeliveryStatus
	Wait   time.Duration // until the next attempt, while it is pending
	Answer string
	Missed bool // nobody answered at all
}

// An endpoint that nobody answers for missesTillRest attempts in a row is told nothing for a minute, then two, and so on to an hour. The
// deliveries lose no attempts by it.
const (
	missesTillRest = 10
	restNext       = `least(interval '1 hour', interval '1 minute' * 2 ^ least(misses + 1 - $2, 6))`
)

// EndAttempt records what came of an attempt, unless another has begun meanwhile, and whether anybody answers at its endpoint.
func (db *DB) EndAttempt(ctx context.Context, d Delivery, end DeliveryEnd) error {
	_, err := db.relaxed.Exec(ctx, `
		UPDATE webhook_deliveries SET status = $3, answer = $5, ended_at = CASE WHEN $3 <> 'pending' THEN now() END, due_at = now() + $4::interval
		WHERE id = $1 AND attempts = $2 AND status = 'pending'`, d.ID, d.Attempts, end.Status, end.Wait, end.Answer)
	if err != nil || d.EndpointID == "" {
		return err
	}
	if !end.Missed {
		_, err = db.relaxed.Exec(ctx, `UPDATE webhook_endpoints SET misses = 0, rests_until = '-infinity' WHERE id = $1 AND misses > 0`, d.EndpointID)
		return err
	}
	// Two that were on their way as it fell silent are one reason to rest, not two.
	_, err = db.relaxed.Exec(ctx, `
		UPDATE webhook_endpoints SET misses = misses + 1, rests_until = CASE WHEN misses + 1 >= $2 THEN now() + `+restNext+` ELSE rests_until END
		WHERE id = $1 AND rests_until <= now()`, d.EndpointID, missesTillRest)
	return err
}

// ofStatus narrows a list. What it says stands in the statement, so that an index of those that are not delivered will do.
var ofStatus = map[DeliveryStatus]string{
	"": ``, Pending: ` AND status = 'pending'`, Delivered: ` AND status = 'delivered'`, Dead: ` AND status = 'dead'`,
}

// Deliveries returns a page of a tenant's deliveries, newest first; status "" does not narrow it.
func (db *DB) Deliveries(ctx context.Context, tenant string, status DeliveryStatus, p Page) ([]Delivery, error) {
	narrowed, known := ofStatus[status]
	if !known {
		return nil, fmt.Errorf("no delivery is %q", status)
	}
	return many[Delivery](db.pool.Query(ctx, `
		SELECT `+deliveryColumns+` FROM webhook_deliveries
		WHERE tenant_id = $1 AND ($2 = '' OR id < $2)`+narrowed+` ORDER BY id DESC LIMIT $3`, tenant, p.After, p.Limit))
}

// Redeliver sends a delivery again, from the first attempt on, whatever came of it. ErrForEndpoint means that it is for an endpoint,
// which whoever asks has no say in unless forEndpoints; ErrEndpointGone and ErrEndpointPaused that nobody is there to have it.
func (db *DB) Redeliver(ctx context.Context, tenant, deliveryID string, forEndpoints bool) (d Delivery, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		d, err = one[Delivery](tx.Query(ctx, `SELECT `+deliveryColumns+` FROM webhook_deliveries WHERE id = $1 AND tenant_id = $2 FOR UPDATE`, deliveryID, tenant))
		if err != nil {
			return err
		}
		if d.EndpointID != "" {
			if !forEndpoints {
				return ErrForEndpoint
			}
			if err := isTold(ctx, tx, tenant, d.EndpointID); errors.Is(err, ErrNotFound) {
				return ErrEndpointGone
			} else if err != nil {
				return err
			}
		}
		d, err = one[Delivery](tx.Query(ctx, `
			UPDATE webhook_deliveries SET status = 'pending', attempts = 0, due_at = now(), since = now(), ended_at = NULL
			WHERE id = $1 RETURNING `+deliveryColumns, deliveryID))
		return err
	})
	return d, err
}
