package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/id"
)

// Project holds geometries and their meshes.
type Project struct {
	ID        string    `db:"id"`
	Name      string    `db:"name"`
	CreatedAt time.Time `db:"created_at"`
}

// CreateProject records a project.
func (db *DB) CreateProject(ctx context.Context, tenant, name string) (Project, error) {
	return one[Project](db.pool.Query(ctx, `
		INSERT INTO projects (id, tenant_id, name) VALUES ($1, $2, $3) RETURNING id, name, created_at`, id.New(id.Project), tenant, name))
}

// Project returns a project of a tenant.
func (db *DB) Project(ctx context.Context, tenant, projectID string) (Project, error) {
	return one[Project](db.pool.Query(ctx, `SELECT id, name, created_at FROM projects WHERE id = $1 AND tenant_id = $2`, projectID, tenant))
}

// Projects returns a page of a tenant's projects, newest first.
func (db *DB) Projects(ctx context.Context, tenant string, p Page) ([]Project, error) {
	return many[Project](db.pool.Query(ctx, `
		SELECT id, name, created_at FROM projects WHERE tenant_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3`,
		tenant, p.After, p.Limit))
}

// DeleteProject removes a project with its geometries and meshes. Objects become garbage; unfinished jobs are canceled
// and returned.
func (db *DB) DeleteProject(ctx context.Context, tenant, projectID string, prefix Prefix, jobPrefix func(tenant, job string) string) (canceled Cancellation, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		canceled = Cancellation{}
		// The lock keeps new geometries out (CreateGeometry reads the project FOR SHARE).
		if _, err := one[Project](tx.Query(ctx, `SELECT id, name, created_at FROM projects WHERE id = $1 AND tenant_id = $2 FOR UPDATE`, projectID, tenant)); err != nil {
			return err
		}
		geometries, err := many[struct{ ID string }](tx.Query(ctx, `SELECT id FROM geometries WHERE project_id = $1 ORDER BY id`, projectID))
		if err != nil {
			return err
		}
		for _, g := range geometries {
			held, err := deleteGeometry(ctx, tx, tenant, g.ID, prefix, jobPrefix)
			if err != nil {
				return err
			}
			canceled.add(held)
		}
		_, err = tx.Exec(ctx, `DELETE FROM projects WHERE id = $1`, projectID)
		return err
	})
	return canceled, err
}
