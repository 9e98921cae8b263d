package store

import (
	"context"
	"time"
)

// Tenant is whose everything is.
type Tenant struct {
	ID        string    `db:"id"`
	Name      string    `db:"name"`
	CreatedAt time.Time `db:"created_at"`
}

// CreateTenant records a tenant, unless there is one of the id.
func (db *DB) CreateTenant(ctx context.Context, tenantID, name string) (created bool, err error) {
	tag, err := db.pool.Exec(ctx, `INSERT INTO tenants (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING`, tenantID, name)
	return tag.RowsAffected() == 1, err
}

// Tenant returns a tenant.
func (db *DB) Tenant(ctx context.Context, tenantID string) (Tenant, error) {
	return one[Tenant](db.pool.Query(ctx, `SELECT id, name, created_at FROM tenants WHERE id = $1`, tenantID))
}

// Tenants returns all tenants, by id.
func (db *DB) Tenants(ctx context.Context) ([]Tenant, error) {
	return many[Tenant](db.pool.Query(ctx, `SELECT id, name, created_at FROM tenants ORDER BY id`))
}
