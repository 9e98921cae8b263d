package store_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshgen/internal/store"
	"meshgen/internal/testenv"
	"meshgen/migrations"
)

// The service goes on while it is migrated, and locks jobs, batches and deliveries in more than one order. Whoever of the two waits for
// the other, the service comes through, and the migration after it.
func TestLong_MigrationOfEndpoints_RunsBesideTheService(t *testing.T) {
	for name, order := range map[string][2]string{
		"a mesh ends":            {`UPDATE jobs SET progress = 1`, `UPDATE webhook_deliveries SET answer = 'x'`},
		"a batch is told of":     {`UPDATE batches SET name = 'x'`, `SELECT count(*) FROM jobs`},
		"a delivery comes first": {`UPDATE webhook_deliveries SET answer = 'x'`, `UPDATE jobs SET progress = 1`},
	} {
		t.Run(name, func(t *testing.T) {
			database := testenv.NewPostgres(t)
			before(t, database.URL, 24)
			service, watch := connect(t, database.URL), connect(t, database.URL)
			tx, err := service.Begin(t.Context())
			require.NoError(t, err)
			_, err = tx.Exec(t.Context(), order[0])
			require.NoError(t, err)
			migrated := make(chan error, 1)
			go func() { migrated <- store.Migrate(context.WithoutCancel(t.Context()), database.URL) }()
			require.EventuallyWithT(t, func(c *assert.CollectT) {
				var waits bool
				require.NoError(c, watch.QueryRow(t.Context(), `
					SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
						WHERE d.datname = current_database() AND NOT l.granted AND l.locktype = 'relation')`).Scan(&waits))
				require.True(c, waits)
			}, 30*time.Second, time.Millisecond)
			_, err = tx.Exec(t.Context(), order[1])
			require.NoError(t, err)
			require.NoError(t, tx.Commit(t.Context()))
			require.NoError(t, <-migrated)
		})
	}
}

// before brings a database to the schema of an earlier version.
func before(t *testing.T, url string, version int64) {
	t.Helper()
	conn, err := sql.Open("pgx", url)
	require.NoError(t, err)
	defer conn.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, conn, migrations.FS)
	require.NoError(t, err)
	_, err = provider.UpTo(t.Context(), version)
	require.NoError(t, err)
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}
