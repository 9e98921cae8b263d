package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/engine"
	"meshgen/internal/id"
)

// Export is a job that writes a further format of a finished mesh.
type Export struct {
	Job
	Format string `db:"format"`
}

// RequestExport returns the export job for a format of a succeeded mesh, queueing one unless one is under way or has
// failed in the last minute. created tells that it is new and to be rung for.
func (db *DB) RequestExport(ctx context.Context, tenant, meshID, format string) (e Export, created bool, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		created = false
		// The lock on the mesh keeps two requests from queueing two exports.
		if _, err := one[struct{ ID string }](tx.Query(ctx, `SELECT id FROM meshes WHERE id = $1 AND tenant_id = $2 FOR UPDATE`, meshID, tenant)); err != nil {
			return err
		}
		e, err = one[Export](tx.Query(ctx, `
			SELECT `+jobColumns+`, j.formats->>0 AS format FROM jobs j
			WHERE j.mesh_id = $1 AND j.kind = 'export' AND j.formats->>0 = $2
				AND (j.status IN ('queued', 'running') OR j.finished_at > now() - interval '1 minute')
			ORDER BY j.id DESC LIMIT 1`, meshID, format))
		if err != ErrNotFound {
			return err
		}
		created = true
		e, err = one[Export](tx.Query(ctx, `
			INSERT INTO jobs AS j (id, kind, tenant_id, geometry_id, mesh_id, formats)
			SELECT $3, $4, tenant_id, geometry_id, id, jsonb_build_array($2::text) FROM meshes WHERE id = $1
			RETURNING `+jobColumns+`, j.formats->>0 AS format`, meshID, format, id.New(id.Job), engine.Export))
		return err
	})
	return e, created, err
}
