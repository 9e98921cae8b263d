package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/id"
)

// BatchFile is a file of a mesh of a batch.
type BatchFile struct {
	MeshID string `db:"mesh_id"`
	Artifact
}

// BatchFiles returns the newest file in each of the formats of every mesh of a batch.
func (db *DB) BatchFiles(ctx context.Context, tenant, batchID string, formats []string) ([]BatchFile, error) {
	return many[BatchFile](db.pool.Query(ctx, `
		SELECT DISTINCT ON (a.mesh_id, a.format) a.mesh_id,
			a.id, a.name, a.format, a.media_type, a.object_key, a.size_bytes, a.sha256, a.preview, a.created_at
		FROM batch_items i JOIN artifacts a ON a.mesh_id = i.mesh_id
		WHERE i.batch_id = $1 AND a.tenant_id = $2 AND a.format = ANY($3) AND NOT a.preview
		ORDER BY a.mesh_id, a.format, a.id DESC`, batchID, tenant, formats))
}

// BatchExport is the latest attempt to write a mesh of a batch in a further format.
type BatchExport struct {
	MeshID string `db:"mesh_id"`
	Format string `db:"format"`
	Job
}

// RequestBatchExports is RequestExport for every mesh of a batch that has succeeded and lacks one of the formats. It
// returns the exports that are under way or have ended in the last minute without a file; created are those that are new
// and to be rung for.
func (db *DB) RequestBatchExports(ctx context.Context, tenant, batchID string, formats []string) (exports []BatchExport, created []Bell, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		// The lock on the meshes keeps two requests from queueing two exports.
		_, err := tx.Exec(ctx, `
			SELECT FROM meshes WHERE id IN (SELECT mesh_id FROM batch_items WHERE batch_id = $1) AND tenant_id = $2
			ORDER BY id FOR UPDATE`, batchID, tenant)
		if err != nil {
			return err
		}
		type gap struct {
			MeshID string `db:"mesh_id"`
			Format string `db:"format"`
		}
		const missing = `
			FROM batch_items i JOIN jobs m ON m.mesh_id = i.mesh_id AND m.kind = 'mesh' AND m.status = 'succeeded'
			CROSS JOIN unnest($3::text[]) AS f (format)
			LEFT JOIN LATERAL (
				SELECT e.* FROM jobs e WHERE e.mesh_id = i.mesh_id AND e.kind = 'export' AND e.formats->>0 = f.format
					AND (e.status IN ('queued', 'running') OR e.finished_at > now() - interval '1 minute')
				ORDER BY e.id DESC LIMIT 1
			) j ON true
			WHERE i.batch_id = $1 AND m.tenant_id = $2 AND NOT EXISTS (
				SELECT FROM artifacts a WHERE a.mesh_id = i.mesh_id AND a.format = f.format AND NOT a.preview)`
		gaps, err := many[gap](tx.Query(ctx, `SELECT i.mesh_id, f.format`+missing+` AND j.id IS NULL ORDER BY i.item, f.format`, batchID, tenant, formats))
		if err != nil {
			return err
		}
		var ids, meshes, wanted []string
		for _, g := range gaps {
			ids, meshes, wanted = append(ids, id.New(id.Job)), append(meshes, g.MeshID), append(wanted, g.Format)
		}
		created, err = many[Bell](tx.Query(ctx, `
			INSERT INTO jobs (id, kind, tenant_id, geometry_id, mesh_id, formats, class, rank_at)
			SELECT n.id, 'export', m.tenant_id, m.geometry_id, m.id, jsonb_build_array(n.format), $4, now() + $5::interval
			FROM unnest($1::text[], $2::text[], $3::text[]) AS n (id, mesh_id, format) JOIN meshes m ON m.id = n.mesh_id
			RETURNING id, traceparent`, ids, meshes, wanted, Batch, Batch.delay()))
		if err != nil {
			return err
		}
		exports, err = many[BatchExport](tx.Query(ctx, `SELECT i.mesh_id, f.format, `+jobColumns+missing+` AND j.id IS NOT NULL ORDER BY i.item, f.format`,
			batchID, tenant, formats))
		return err
	})
	return exports, created, err
}
