package jobs_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/store"
)

// What a job costs does not grow with the queue behind it: those that wait are not read when one is claimed, goes on, ends or is
// canceled. Postgres counts the rows.
func TestLongQueue_IsNotRead(t *testing.T) {
	const waiting, each = 800, 20
	b := newBench(t, time.Hour)
	g := b.imported()
	for range waiting {
		b.mesh(g, store.Batch)
	}
	sql, err := pgx.Connect(t.Context(), b.url)
	require.NoError(t, err)
	t.Cleanup(func() { sql.Close(context.Background()) })
	end := func(b bench) { // with its end a connection tells what it has read
		t.Helper()
		b.db.Close()
		require.Eventually(t, func() bool {
			var connected int
			err := sql.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'meshgen'`).Scan(&connected)
			return err == nil && connected == 0
		}, patience, time.Millisecond)
	}
	end(b) // what it has read to fill the queue is no claim's
	read := func() (rows int) {
		require.NoError(t, sql.QueryRow(t.Context(), `SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'jobs'`).Scan(&rows))
		return rows
	}

	var claims []store.Claim
	for _, step := range []struct {
		name        string
		first, last int // of the claims
		most        int // rows of jobs for each
		do          func(b bench, i int)
	}{
		{"claim", 0, each, 2 * each, func(b bench, _ int) { claims = append(claims, b.claim()) }}, // it counts those that run
		{"heartbeat", 0, each, 10, func(b bench, i int) { require.NoError(t, b.heartbeat(claims[i], engine.Stage3D, 0.5)) }},
		{"success", 0, 8, 20, func(b bench, i int) { require.NoError(t, b.Finish(t.Context(), claims[i], made())) }},
		{"failure", 8, 14, 20, func(b bench, i int) {
			require.NoError(t, b.Finish(t.Context(), claims[i], store.Outcome{Error: diagnosis.New(diagnosis.Internal, "")}))
		}},
		{"cancel", 14, each, 20, func(b bench, i int) { require.NoError(t, b.CancelMesh(t.Context(), tenant, *claims[i].MeshID)) }},
	} {
		before := read()
		b := newBenchOn(t, b.url, time.Hour)
		for i := step.first; i < step.last; i++ {
			step.do(b, i)
		}
		end(b)
		rows := (read() - before) / (step.last - step.first)
		t.Log(step.name, rows)
		assert.LessOrEqual(t, rows, step.most, step.name)
	}
}
