package worker_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/spec"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

func TestWorkerStops_RunningJobIsFinishedFirst(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.Engine(t), nil)
	m := s.mesh(s.upload(part(t, "")), spec.Spec{})
	s.until(m.ID, inStage(engine.StageImport))
	w.stop()
	m = s.ended(m)
	require.Equal(t, store.Succeeded, m.Status)
	require.Equal(t, 1, m.Attempt)
}

func TestWorkerStopsDuringALongJob_AnotherTakesIt(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.FaultyEngine(t), map[string]string{"MESHGEN_DRAIN": "100ms"})
	m := s.mesh(s.upload(part(t, "sleep mesh2d")), spec.Spec{})
	s.until(m.ID, inStage(engine.Stage2D))
	w.stop()
	m, err := s.db.Mesh(t.Context(), tenant, m.ID)
	require.NoError(t, err)
	require.Equal(t, store.Queued, m.Status)
	_, err = os.Stat(filepath.Join(w.scratch, w.ID))
	require.ErrorIs(t, err, os.ErrNotExist, "nothing is left on the disk")

	s.hire(testenv.Engine(t), nil)
	m = s.ended(m)
	require.Equal(t, store.Succeeded, m.Status)
	require.Equal(t, 2, m.Attempt)
}

// A claim that Postgres is asked for when the worker is told to go is carried out, not forgotten until its lease is over.
func TestWorkerStopsWhileItClaims_TheJobIsDone(t *testing.T) {
	s := newSite(t)
	first := s.hire(testenv.Engine(t), nil)
	g := s.imported(part(t, ""))
	first.stop()
	m := s.mesh(g, spec.Spec{})

	conn, err := pgx.Connect(t.Context(), s.postgres.URL)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close(context.Background()) })
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `LOCK TABLE jobs IN EXCLUSIVE MODE`) // who claims waits
	require.NoError(t, err)
	w := s.hire(testenv.Engine(t), nil)
	require.Eventually(t, func() bool {
		var waits bool
		err := tx.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'jobs'::regclass AND NOT granted)`).Scan(&waits)
		return err == nil && waits
	}, patience, 5*time.Millisecond)
	w.tell()
	require.NoError(t, tx.Rollback(t.Context()))
	w.stop()

	m, err = s.db.Mesh(t.Context(), tenant, m.ID)
	require.NoError(t, err)
	require.Equal(t, store.Succeeded, m.Status)
	require.Equal(t, 1, m.Attempt)
}
