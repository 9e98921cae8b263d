package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

// The files of a mesh are read by a plan that a connection makes once, though Postgres would think a plan for the very mesh to be cheaper.
func TestFilesOfAMesh_AreNotPlannedForAnewEachTime(t *testing.T) {
	conn := connect(t, testenv.PreparedPostgres(t, store.Migrate).URL)
	exec := func(sql string, args ...any) {
		t.Helper()
		_, err := conn.Exec(t.Context(), sql, args...)
		require.NoError(t, err)
	}
	exec(`INSERT INTO geometries (id, tenant_id, filename, format, size_bytes, sha256, object_key) VALUES ('geo_1', 'default', 'part.step', 'step', 1, '01', 'a')`)
	exec(`INSERT INTO meshes (id, tenant_id, geometry_id, spec) SELECT 'msh_' || n, 'default', 'geo_1', '{}' FROM generate_series(1, 100) n`)
	exec(`INSERT INTO jobs (id, kind, tenant_id, geometry_id, mesh_id, status) SELECT 'job_' || n, 'mesh', 'default', 'geo_1', 'msh_' || n, 'succeeded' FROM generate_series(1, 100) n`)
	exec(`INSERT INTO artifacts (id, tenant_id, job_id, geometry_id, mesh_id, attempt, name, format, media_type, object_key, size_bytes, sha256)
		SELECT 'art_' || n || '_' || f, 'default', 'job_' || n, 'geo_1', 'msh_' || n, 1, 'x', 'x', '', '', 1, '' FROM generate_series(1, 100) n, generate_series(1, 7) f`)
	exec(`ANALYZE`)
	const times = 10
	for range times {
		exec(store.MeshFilesQuery, "msh_new", "default")
	}
	var anew int
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT custom_plans FROM pg_prepared_statements WHERE statement = $1`, store.MeshFilesQuery).Scan(&anew))
	require.Equal(t, 5, anew, "Postgres tries out five before it decides")
}
