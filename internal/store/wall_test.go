package store

import (
	"cmp"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"meshgen/internal/testenv"
)

func TestMain(m *testing.M) { os.Exit(testenv.Main(m)) }

// walled returns a database with a project, a part, a mesh, a job and a batch of each of two tenants. One connection does all.
func walled(t testing.TB) *DB {
	t.Helper()
	cfg := Config{URL: testenv.PreparedPostgres(t, Migrate).URL, MaxConnections: 1, ConnectTimeout: 5 * time.Second}
	db, err := Open(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	for _, tenant := range []string{"acme", "other"} {
		_, err := db.CreateTenant(t.Context(), tenant, tenant)
		require.NoError(t, err)
		_, err = db.pool.Exec(t.Context(), `
			WITH p AS (INSERT INTO projects (id, tenant_id, name) VALUES ('prj_' || $1, $1, 'p')),
				g AS (INSERT INTO geometries (id, tenant_id, filename, format, size_bytes, sha256, object_key)
					VALUES ('geo_' || $1, $1, 'x', 'step', 1, '', 't/' || $1)),
				m AS (INSERT INTO meshes (id, tenant_id, geometry_id, spec) VALUES ('msh_' || $1, $1, 'geo_' || $1, '{}')),
				j AS (INSERT INTO jobs (id, kind, tenant_id, geometry_id, mesh_id) VALUES ('job_' || $1, 'mesh', $1, 'geo_' || $1, 'msh_' || $1)),
				s AS (INSERT INTO garbage (prefix) VALUES ('t/' || $1 || '/jobs/')),
				b AS (INSERT INTO batches (id, tenant_id, specs) VALUES ('bat_' || $1, $1, '[]'))
			INSERT INTO batch_items (batch_id, item, spec, mesh_id) VALUES ('bat_' || $1, 0, 0, 'msh_' || $1)`, tenant)
		require.NoError(t, err)
	}
	return db
}

// tables are those whose rows are tenants'.
func (db *DB) tables(t testing.TB) []string { return tablesIn(t, db.pool) }

func tablesIn(t testing.TB, q interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}) []string {
	t.Helper()
	type table struct {
		Name string `db:"name"`
	}
	found, err := many[table](q.Query(t.Context(), `
		SELECT DISTINCT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
			AND (a.attname = 'tenant_id' OR c.relname IN ('tenants', 'batch_items', 'garbage')) ORDER BY 1`))
	require.NoError(t, err)
	var names []string
	for _, f := range found {
		names = append(names, f.Name)
	}
	return names
}

func TestStatementThatForgetsItsTenant_FindsNothingOfOthers(t *testing.T) {
	db := walled(t)
	tables := db.tables(t)
	require.Subset(t, tables, []string{"artifacts", "batch_items", "geometries", "jobs", "meshes", "projects", "tenants"})
	count := func(ctx context.Context, table string) (n int) {
		require.NoError(t, db.pool.QueryRow(ctx, `SELECT count(*) FROM `+pgx.Identifier{table}.Sanitize()).Scan(&n), table)
		return n
	}
	filled := 0
	for _, table := range tables {
		all := count(t.Context(), table)
		acme, other := count(ForTenant(t.Context(), "acme"), table), count(ForTenant(t.Context(), "other"), table)
		require.Equal(t, acme, other, table)
		require.LessOrEqual(t, acme, 1, table)
		require.Equal(t, all, count(t.Context(), table), "the service sees all again")
		require.Zero(t, count(ForTenant(t.Context(), "nobody"), table), table)
		if acme > 0 {
			filled++
		}
	}
	require.Equal(t, 8, filled)
}

func TestWithoutATenant_TheRoleSeesNothing(t *testing.T) {
	db := walled(t)
	require.NoError(t, pgx.BeginFunc(t.Context(), db.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `SET LOCAL ROLE meshgen_tenant`); err != nil {
			return err
		}
		for _, table := range tablesIn(t, tx) {
			var n int
			require.NoError(t, tx.QueryRow(t.Context(), `SELECT count(*) FROM `+pgx.Identifier{table}.Sanitize()).Scan(&n))
			require.Zero(t, n, table)
		}
		return nil
	}))
}

func TestStatementThatIsLedAstray_ChangesNothingOfOthers(t *testing.T) {
	db := walled(t)
	ctx := ForTenant(t.Context(), "acme")
	for _, statement := range []string{
		`UPDATE projects SET name = 'taken'`, `UPDATE jobs SET status = 'canceled'`, `DELETE FROM batch_items`, `DELETE FROM batches`,
	} {
		tag, err := db.pool.Exec(ctx, statement)
		require.NoError(t, err, statement)
		require.EqualValues(t, 1, tag.RowsAffected(), statement)
	}
	for _, statement := range []string{
		`INSERT INTO projects (id, tenant_id, name) VALUES ('prj_x', 'other', 'p')`,
		`UPDATE projects SET tenant_id = 'other'`,
		`INSERT INTO batch_items (batch_id, item, spec, mesh_id) VALUES ('bat_other', 1, 0, 'msh_acme')`,
		`UPDATE tenants SET name = 'mine'`, `INSERT INTO garbage (prefix) VALUES ('t/other/jobs/')`, `ALTER TABLE projects DISABLE ROW LEVEL SECURITY`,
	} {
		_, err := db.pool.Exec(ctx, statement)
		require.ErrorContains(t, err, "42501", statement) // insufficient_privilege
	}
	var name string
	require.NoError(t, db.pool.QueryRow(t.Context(), `SELECT name FROM projects WHERE tenant_id = 'other'`).Scan(&name))
	require.Equal(t, "p", name)
}

// A table that a migration adds for tenants has the wall too.
func TestEveryTableOfTenants_HasTheWall(t *testing.T) {
	db := walled(t)
	for _, table := range db.tables(t) {
		var on, policy bool
		require.NoError(t, db.pool.QueryRow(t.Context(), `
			SELECT c.relrowsecurity, EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
			FROM pg_class c WHERE c.oid = $1::text::regclass`, table).Scan(&on, &policy))
		require.True(t, on && policy, table)
	}
}

// What the wall costs: a look at a mesh, as the service asks for it, as one tenant does, and as two tenants in turn, where each look
// changes the role of the connection.
func BenchmarkWall(b *testing.B) {
	db := walled(b)
	for _, who := range []struct {
		name    string
		tenants []string
	}{{"service", []string{""}}, {"tenant", []string{"acme"}}, {"tenants in turn", []string{"acme", "other"}}} {
		b.Run(who.name, func(b *testing.B) {
			for n := range b.N {
				tenant := who.tenants[n%len(who.tenants)]
				asked := cmp.Or(tenant, "acme")
				if _, err := db.Mesh(ForTenant(b.Context(), tenant), asked, "msh_"+asked); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The owner of the database need not be a superuser, nor may it have to make roles: an administrator has made the role for it.
func TestOwnerWhoIsNobodySpecial_MigratesAndHasTheWall(t *testing.T) {
	walled(t) // so that the role is there
	admin := testenv.Postgres(t)
	conn, err := pgx.Connect(t.Context(), admin.URL)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	owner := "plain_" + conn.Config().Database
	for _, statement := range []string{
		`CREATE ROLE ` + owner + ` LOGIN`, `ALTER DATABASE ` + conn.Config().Database + ` OWNER TO ` + owner,
	} {
		_, err := conn.Exec(t.Context(), statement)
		require.NoError(t, err, statement)
	}
	cfg := Config{URL: strings.Replace(admin.URL, "meshgen@", owner+"@", 1), MaxConnections: 2, ConnectTimeout: 5 * time.Second}
	require.ErrorContains(t, Migrate(t.Context(), cfg.URL), "meshgen_tenant", "nobody has let it be the role")
	_, err = conn.Exec(t.Context(), `GRANT meshgen_tenant TO `+owner)
	require.NoError(t, err)
	require.NoError(t, Migrate(t.Context(), cfg.URL))

	db, err := Open(t.Context(), cfg)
	require.NoError(t, err)
	defer db.Close()
	require.NoError(t, db.Check(t.Context()))
	_, err = db.CreateTenant(t.Context(), "acme", "Acme")
	require.NoError(t, err)
	_, err = db.Tenant(ForTenant(t.Context(), "acme"), "acme")
	require.NoError(t, err)
	_, err = db.Tenant(ForTenant(t.Context(), "acme"), "default")
	require.ErrorIs(t, err, ErrNotFound)
}
