package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/id"
)

// Events are the types of news.
var Events = []string{"mesh.succeeded", "mesh.failed", "mesh.canceled", "batch.done"}

// MaxEndpoints is how many endpoints a tenant may have: each is told of each mesh.
const MaxEndpoints = 20

var (
	// ErrManyEndpoints says that a tenant has as many endpoints as it may.
	ErrManyEndpoints = errors.New("too many endpoints")
	// ErrEndpointGone says that the endpoint of a delivery has been removed.
	ErrEndpointGone = errors.New("the endpoint was removed")
	// ErrEndpointPaused says that an endpoint is told nothing.
	ErrEndpointPaused = errors.New("the endpoint is paused")
	// ErrForEndpoint says that a delivery is for an endpoint, which only some may have told.
	ErrForEndpoint = errors.New("the delivery is for an endpoint")
)

// Endpoint is an address that is told of everything of some types that happens to a tenant.
type Endpoint struct {
	ID         string     `db:"id"`
	URL        string     `db:"url"`
	Events     []string   `db:"events"`
	Paused     bool       `db:"paused"`
	RestsUntil *time.Time `db:"rests_until"` // nobody has answered there for long; nil of one that does not rest
	CreatedAt  time.Time  `db:"created_at"`
}

const endpointColumns = `id, url, events, paused, CASE WHEN rests_until > now() THEN rests_until END AS rests_until, created_at`

// CreateEndpoint adds an endpoint. ErrManyEndpoints means that there is no room for it.
func (db *DB) CreateEndpoint(ctx context.Context, tenant, url string, events []string) (e Endpoint, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockRequest, requestLock(tenant, "endpoints")); err != nil {
			return err
		}
		e, err = one[Endpoint](tx.Query(ctx, `
			INSERT INTO webhook_endpoints (id, tenant_id, url, events)
			SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM webhook_endpoints WHERE tenant_id = $2) < $5
			RETURNING `+endpointColumns, id.New(id.Endpoint), tenant, url, events, MaxEndpoints))
		if errors.Is(err, ErrNotFound) {
			err = ErrManyEndpoints
		}
		return err
	})
	return e, err
}

// Endpoints returns all endpoints of a tenant, newest first.
func (db *DB) Endpoints(ctx context.Context, tenant string) ([]Endpoint, error) {
	return many[Endpoint](db.pool.Query(ctx, `SELECT `+endpointColumns+` FROM webhook_endpoints WHERE tenant_id = $1 ORDER BY id DESC`, tenant))
}

// PauseEndpoint has an endpoint told of nothing, or told again. What happens meanwhile is never told; what was to be told before waits,
// and is untouched: TakeDeliveries passes it over.
func (db *DB) PauseEndpoint(ctx context.Context, tenant, endpointID string, paused bool) (Endpoint, error) {
	return one[Endpoint](db.pool.Query(ctx, `
		UPDATE webhook_endpoints SET paused = $3, misses = 0, rests_until = '-infinity' WHERE id = $1 AND tenant_id = $2
		RETURNING `+endpointColumns, endpointID, tenant, paused))
}

// RemoveEndpoint removes an endpoint. It is told nothing from then on; what it was still to be told is given up by SweepDeliveries, as is
// what a mesh that ends this moment writes down for it.
func (db *DB) RemoveEndpoint(ctx context.Context, tenant, endpointID string) error {
	tag, err := db.pool.Exec(ctx, `DELETE FROM webhook_endpoints WHERE id = $1 AND tenant_id = $2`, endpointID, tenant)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return err
}

// TestEndpoint writes down a piece of news that tells of nothing, to see whether it arrives. ErrEndpointPaused means that it would not.
func (db *DB) TestEndpoint(ctx context.Context, tenant, endpointID string) (d Delivery, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		if err := isTold(ctx, tx, tenant, endpointID); err != nil {
			return err
		}
		d, err = one[Delivery](tx.Query(ctx, `
			INSERT INTO webhook_deliveries (id, tenant_id, mesh_id, endpoint_id, url, payload)
			SELECT delivery_id(now()), tenant_id, '', id, url, jsonb_build_object(
				'type', 'test', 'timestamp', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'data', jsonb_build_object('endpoint_id', id))::text
			FROM webhook_endpoints WHERE id = $1 AND tenant_id = $2
			RETURNING `+deliveryColumns, endpointID, tenant))
		return err
	})
	return d, err
}

// isTold fails with ErrNotFound or ErrEndpointPaused, unless an endpoint is there and told. One that rests does so no longer: somebody
// asks, who may know that it is back. What it has missed still counts, so that it rests again if it is not.
func isTold(ctx context.Context, tx pgx.Tx, tenant, endpointID string) error {
	e, err := one[Endpoint](tx.Query(ctx, `SELECT `+endpointColumns+` FROM webhook_endpoints WHERE id = $1 AND tenant_id = $2`, endpointID, tenant))
	if err == nil && e.Paused {
		return ErrEndpointPaused
	}
	if err == nil && e.RestsUntil != nil {
		_, err = tx.Exec(ctx, `UPDATE webhook_endpoints SET rests_until = '-infinity' WHERE id = $1 AND tenant_id = $2`, endpointID, tenant)
	}
	return err
}
