package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

// What a request reads does not grow with what its tenant has, not even by a plan that Postgres made when the tables were empty, which a
// connection keeps until they are analyzed.
func TestRequest_IsAnsweredWithoutReadingWhatElseThereIs(t *testing.T) {
	const others = 1000
	conn := connect(t, testenv.PreparedPostgres(t, store.Migrate).URL)
	exec := func(sql string, args ...any) {
		t.Helper()
		_, err := conn.Exec(t.Context(), sql, args...)
		require.NoError(t, err)
	}
	exec(`SET plan_cache_mode = force_generic_plan`)
	exec(`INSERT INTO geometries (id, tenant_id, filename, format, size_bytes, sha256, object_key) VALUES ('geo_1', 'default', 'part.step', 'step', 1, '01', 'a'), ('geo_2', 'default', 'part.step', 'step', 1, '02', 'b'),
		('geo_3', 'default', 'part.step', 'step', 1, '03', 'c')`)
	exec(`INSERT INTO jobs (id, kind, tenant_id, geometry_id, status) SELECT 'import ' || id, 'import', 'default', id, 'succeeded' FROM geometries`)
	statements := map[string]struct {
		sql  string
		args []any
	}{
		"followed": {store.FollowedQuery, []any{"job_7"}},
		"files":    {store.MeshFilesQuery, []any{"msh_7", "default"}},
		"result":   {store.ResultQuery, []any{"job_7", 0, "", "succeeded", "{}", "[]"}},
		"share":    {store.ShareQuery, []any{"job_7", 0, ""}},
		"forget":   {store.ForgetQuery, []any{"job_8", "object 7"}},
		"mesh": {store.CreateQuery, []any{"geo_1", "default", "msh_new", "{}", "job_new", "interactive", 3, "", time.Duration(0), "identity", true, "", 0, 0,
			time.Duration(0), "", true, true}},
		"further format": {store.CreateQuery, []any{"geo_3", "default", "msh_new", `{"formats": ["stl"]}`, "job_new", "interactive", 3, "", time.Duration(0), "identity", true, "", 0, 0,
			time.Duration(0), "", true, true}},
	}
	var given int // of files of the result that lacks a format
	read := func(name string) (rows int) {
		t.Helper()
		tx, err := conn.Begin(t.Context())
		require.NoError(t, err)
		defer func() { require.NoError(t, tx.Rollback(t.Context())) }()
		const sum = `SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables WHERE relname IN ('jobs', 'artifacts', 'meshes')`
		var before int
		require.NoError(t, tx.QueryRow(t.Context(), sum).Scan(&before))
		_, err = tx.Exec(t.Context(), statements[name].sql, statements[name].args...)
		require.NoError(t, err)
		if name == "further format" {
			var lent int
			require.NoError(t, tx.QueryRow(t.Context(), `SELECT count(*) FROM artifacts WHERE mesh_id = 'msh_new'`).Scan(&lent))
			given = lent
		}
		require.NoError(t, tx.QueryRow(t.Context(), sum).Scan(&rows))
		return rows - before
	}
	for name := range statements {
		read(name)
	}
	exec(`INSERT INTO meshes (id, tenant_id, geometry_id, spec) SELECT 'msh_' || n, 'default', 'geo_2', '{}' FROM generate_series(1, $1::int) n`, others)
	exec(`INSERT INTO jobs (id, kind, tenant_id, geometry_id, mesh_id, status, request_key, engine_version)
		SELECT 'job_' || n, 'mesh', 'default', 'geo_2', 'msh_' || n, 'succeeded', 'key ' || n, '1' FROM generate_series(1, $1::int) n`, others)
	exec(`INSERT INTO artifacts (id, tenant_id, job_id, geometry_id, mesh_id, attempt, name, format, media_type, object_key, size_bytes, sha256)
		SELECT 'art_' || n || f, 'default', 'job_' || n, 'geo_2', 'msh_' || n, 1, f, f, '', '', 1, '' FROM generate_series(1, $1::int) n, unnest(ARRAY['msh', 'vtk']) f`, others)
	exec(`INSERT INTO engine_versions (version) VALUES ('1')`)
	exec(`UPDATE meshes SET spec = '{"formats": ["msh"]}' WHERE id = 'msh_7'`)
	exec(`UPDATE jobs SET request_key = '03/step//identity' WHERE id = 'job_7'`)
	exec(`UPDATE artifacts SET object_key = 'object 7' WHERE id = 'art_7msh'`)
	exec(`INSERT INTO artifacts (id, tenant_id, job_id, geometry_id, mesh_id, attempt, name, format, media_type, object_key, size_bytes, sha256, source_job)
		VALUES ('art_lent', 'default', 'job_8', 'geo_2', 'msh_8', 0, 'msh', 'msh', '', 'object 7', 1, '', 'job_7')`)
	for name := range statements {
		require.Less(t, read(name), 30, name)
	}
	require.Equal(t, 2, given)
}
