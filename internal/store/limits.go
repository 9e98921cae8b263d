package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Limits are what a tenant may, where that is not what the configuration says: nil for that, 0 for no limit.
type Limits struct {
	RequestsPerSecond *int   `db:"requests_per_second" json:"requests_per_second"`
	MaxQueued         *int   `db:"max_queued" json:"max_queued"`
	MaxRunning        *int   `db:"max_running" json:"max_running"`
	MaxBytes          *int64 `db:"max_bytes" json:"max_bytes"`
	MaxElements       *int64 `db:"max_elements" json:"max_elements"`
}

const limitColumns = `requests_per_second, max_queued, max_running, max_bytes, max_elements`

// Limits returns those of a tenant.
func (db *DB) Limits(ctx context.Context, tenant string) (Limits, error) {
	return one[Limits](db.pool.Query(ctx, `SELECT `+limitColumns+` FROM tenants WHERE id = $1`, tenant))
}

// ChangeLimits changes those of a tenant, and adds to its audit log that somebody did and what: in one step, so that none is changed
// of which nobody is told. change says in words what it changes.
func (db *DB) ChangeLimits(ctx context.Context, by AuditEntry, change func(*Limits) (what string)) (l Limits, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		l, err = one[Limits](tx.Query(ctx, `SELECT `+limitColumns+` FROM tenants WHERE id = $1 FOR NO KEY UPDATE`, by.TenantID)) // what refers to the tenant need not wait
		if err != nil {
			return err
		}
		by.Object = change(&l)
		_, err = tx.Exec(ctx, `UPDATE tenants SET (`+limitColumns+`) = ($2, $3, $4, $5, $6) WHERE id = $1`,
			by.TenantID, l.RequestsPerSecond, l.MaxQueued, l.MaxRunning, l.MaxBytes, l.MaxElements)
		if err != nil {
			return err
		}
		return record(ctx, tx, by)
	})
	return l, err
}
