package store

import (
	"context"
	"errors"
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
	DueAt      time.Time      `db:"due_at"`
	Answer     string         `db:"answer"`
	CreatedAt  time.Time      `db:"created_at"` // when what it tells of happened
	EndedAt    *time.Time     `db:"ended_at"`
}

const deliveryColumns = `id, tenant_id, mesh_id, batch_id, endpoint_id, url, payload, status, attempts, due_at, answer, created_at, ended_at`

// tellAtOnce is how many batches are told of in one step.
const tellAtOnce = 100

// TellBatches writes down what is to be told of batches that have ended: whose meshes all have. A batch that is deleted is not told of.
// What it writes is named by when the last mesh ended, as lists are by the age of names.
func (db *DB) TellBatches(ctx context.Context) error {
	_, err := db.pool.Exec(ctx, `
		WITH ended AS (
			UPDATE batches SET webhook_told = true WHERE id IN (
				SELECT b.id FROM batches b WHERE NOT b.webhook_told AND NOT EXISTS (
					SELECT FROM batch_items i JOIN jobs j ON j.mesh_id = i.mesh_id AND j.kind = 'mesh'
					WHERE i.batch_id = b.id AND j.status IN ('queued', 'running'))
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
			SELECT p.id, p.url FROM webhook_endpoints p WHERE p.tenant_id = e.tenant_id AND NOT p.paused AND 'batch.done' = ANY(p.events) AND p.created_at <= last.happened) told`, tellAtOnce)
	return err
}

// TakeDeliveries begins the next attempt of what is due; nobody else does for as long as the attempt may take.
func (db *DB) TakeDeliveries(ctx context.Context, limit int, attempt time.Duration) ([]Delivery, error) {
	return many[Delivery](db.relaxed.Query(ctx, `
		UPDATE webhook_deliveries SET attempts = attempts + 1, due_at = now() + $2::interval WHERE id IN (
			SELECT id FROM webhook_deliveries d WHERE status = 'pending' AND due_at <= now()
				AND NOT EXISTS (SELECT FROM webhook_endpoints e WHERE e.id = d.endpoint_id AND e.paused)
			ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
		) RETURNING `+deliveryColumns, limit, attempt))
}

// DeliveryEnd is what came of an attempt.
type DeliveryEnd struct {
	Status DeliveryStatus
	Wait   time.Duration // until the next attempt, while it is pending
	Answer string
}

// EndAttempt records what came of an attempt, unless another has begun meanwhile.
func (db *DB) EndAttempt(ctx context.Context, d Delivery, end DeliveryEnd) error {
	_, err := db.relaxed.Exec(ctx, `
		UPDATE webhook_deliveries SET status = $3, due_at = now() + $4::interval, answer = $5, ended_at = CASE WHEN $3 <> 'pending' THEN now() END
		WHERE id = $1 AND attempts = $2 AND status = 'pending'`, d.ID, d.Attempts, end.Status, end.Wait, end.Answer)
	return err
}

// Deliveries returns a page of a tenant's deliveries, newest first; status "" does not narrow it.
func (db *DB) Deliveries(ctx context.Context, tenant string, status DeliveryStatus, p Page) ([]Delivery, error) {
	return many[Delivery](db.pool.Query(ctx, `
		SELECT `+deliveryColumns+` FROM webhook_deliveries
		WHERE tenant_id = $1 AND ($2 = '' OR status = $2) AND ($3 = '' OR id < $3) ORDER BY id DESC LIMIT $4`, tenant, status, p.After, p.Limit))
}

// Redeliver sends a delivery again, from the first attempt on, whatever came of it. ErrEndpointGone means that nobody is there to have it.
func (db *DB) Redeliver(ctx context.Context, tenant, deliveryID string) (d Delivery, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		d, err = one[Delivery](tx.Query(ctx, `SELECT `+deliveryColumns+` FROM webhook_deliveries WHERE id = $1 AND tenant_id = $2 FOR UPDATE`, deliveryID, tenant))
		if err != nil {
			return err
		}
		d, err = one[Delivery](tx.Query(ctx, `
			UPDATE webhook_deliveries SET status = 'pending', attempts = 0, due_at = now(), ended_at = NULL
			WHERE id = $1 AND (endpoint_id = '' OR endpoint_id IN (SELECT id FROM webhook_endpoints WHERE tenant_id = $2))
			RETURNING `+deliveryColumns, deliveryID, tenant))
		if errors.Is(err, ErrNotFound) {
			err = ErrEndpointGone
		}
		return err
	})
	return d, err
}
