package jobs_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/jobs"
	"meshgen/internal/store"
)

// A run is handed over to a mesh that did not exist yet when the worker said how it ended: what it said waited for the row of the job.
// The other mesh has the result.
func TestHandedOverToALaterMeshAtItsEnd_ThatHasTheResult(t *testing.T) {
	for name, test := range map[string]struct {
		outcome store.Outcome
		status  store.Status
		files   []string
	}{
		"success": {made("msh"), store.Succeeded, []string{"msh"}},
		"failure": {store.Outcome{Error: diagnosis.New(diagnosis.Internal, ""), Report: &engine.MeshReport{Nodes: 8}}, store.Failed, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newReuseBench(t)
			first := b.ask(b.imported(), formats("msh"))
			c := b.claim()

			lock := b.begin()
			lock.exec(`SELECT FROM jobs WHERE id = $1 FOR SHARE`, c.JobID) // as who comes to follow it does
			canceled := b.start(func(ctx context.Context) error { return b.CancelMesh(ctx, tenant, first.Mesh.ID) })
			lock.awaited(1)
			finished := b.start(func(ctx context.Context) error { return b.Finish(ctx, c, test.outcome) })
			lock.awaited(2)
			next := b.ask(store.Geometry{ID: first.Mesh.GeometryID}, formats("msh"))
			require.Equal(t, first.Mesh.ID, next.Mesh.Follows)
			lock.release()
			require.NoError(t, <-canceled)
			require.NoError(t, <-finished)

			m := b.status(next.Mesh)
			require.Equal(t, test.status, m.Status)
			require.NotNil(t, m.Report)
			require.Equal(t, test.files, slices.Collect(maps.Keys(b.files(m))))
		})
	}
}

// A run is handed over while a preview of it is being recorded. The mesh that it goes on for shows it.
func TestHandedOverWhileAPreviewIsAdded_TheOtherMeshHasIt(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	first := b.ask(g)
	c := b.claim()
	next := b.ask(g)

	preview := made("glb").Artifacts[0]
	lock := b.begin()
	lock.exec(`
		INSERT INTO artifacts (id, tenant_id, job_id, geometry_id, attempt, name, format, media_type, object_key, size_bytes, sha256)
		VALUES ($1, '', $2, '', 0, '', '', '', '', 0, '')`, preview.ID, c.JobID) // who inserts the same waits
	added := b.start(func(ctx context.Context) error { return b.AddPreview(ctx, c, preview) })
	lock.awaited(1)
	canceled := b.start(func(ctx context.Context) error { return b.CancelMesh(ctx, tenant, first.Mesh.ID) })
	lock.awaited(2)
	lock.release()
	require.NoError(t, <-added)
	require.NoError(t, <-canceled)
	require.Contains(t, b.files(next.Mesh), "glb")
}

// A worker gives up waiting for the end of its job, which is on its way to the disk. What the job stored is not thrown away.
func TestDiscardedWhileItIsFinished_ItsFilesStay(t *testing.T) {
	b := newReuseBench(t)
	m := b.ask(b.imported())
	c := b.claim()
	b.exec(`CREATE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END'`)
	b.exec(`CREATE TRIGGER waits AFTER UPDATE ON jobs FOR EACH ROW WHEN (NEW.status = 'succeeded') EXECUTE FUNCTION waits()`)

	lock := b.begin()
	lock.exec(`SELECT pg_advisory_xact_lock(1)`)
	finished := b.start(func(ctx context.Context) error { return b.Finish(ctx, c, made("msh")) })
	lock.awaited(1)
	discarded := b.start(func(ctx context.Context) error { return b.Discard(ctx, c) })
	lock.awaited(2)
	lock.release()
	require.NoError(t, <-finished)
	require.NoError(t, <-discarded)
	require.Contains(t, b.files(m.Mesh), "msh")
	found, err := b.db.SweepGarbage(t.Context(), func(context.Context, store.Garbage) error { return nil })
	require.NoError(t, err)
	require.False(t, found, "its files are garbage")
}

// Two give up at once what one run makes for both: when the first has handed it over to the second, that gives it up too.
func TestCanceledWhileItIsHandedOver_IsCanceledToo(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	first := b.ask(g)
	c := b.claim()
	next := b.ask(g)
	require.NoError(t, b.AddPreview(t.Context(), c, made("glb").Artifacts[0]))

	lock := b.begin()
	lock.exec(`SELECT FROM artifacts WHERE job_id = $1 FOR UPDATE`, c.JobID) // of which a hand-over is one step
	canceled := b.start(func(ctx context.Context) error { return b.CancelMesh(ctx, tenant, first.Mesh.ID) })
	lock.awaited(1)
	too := b.start(func(ctx context.Context) error { return b.CancelMesh(ctx, tenant, next.Mesh.ID) })
	lock.awaited(2)
	lock.release()
	require.NoError(t, <-canceled)
	require.NoError(t, <-too)
	require.Equal(t, store.Canceled, b.status(first.Mesh).Status)
	require.Equal(t, store.Canceled, b.status(next.Mesh).Status)
	require.ErrorIs(t, b.Finish(t.Context(), c, made()), jobs.ErrFenced)
}

// Who asks for what a run makes at the moment of its end has its result, and no run of its own.
func TestSameRequestWhileItEnds_HasItsResult(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	first := b.ask(g)
	c := b.claim()

	lock := b.begin()
	lock.exec(`SELECT FROM meshes WHERE id = $1 FOR UPDATE`, first.Mesh.ID) // the end is being written
	finished := b.start(func(ctx context.Context) error { return b.Finish(ctx, c, made()) })
	lock.awaited(1)
	var second store.Created
	asked := b.start(func(ctx context.Context) (err error) {
		n := newMesh(t, g, store.Interactive)
		n.Reuse = true
		second, err = b.CreateMesh(ctx, n)
		return err
	})
	lock.awaited(2)
	lock.release()
	require.NoError(t, <-finished)
	require.NoError(t, <-asked)
	require.Equal(t, store.Succeeded, second.Mesh.Status)
	require.Equal(t, first.Mesh.ID, second.Mesh.ReusedFrom)
	b.nothingToClaim()
}

// The end of a run that was handed over is told again where its answer was lost: to whom it is for.
func TestEndOfAHandedOverRunIsToldAgain_ToTheOtherMesh(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	first := b.ask(g)
	c := b.claim()
	next := b.ask(g)
	require.NoError(t, b.CancelMesh(t.Context(), tenant, first.Mesh.ID))
	require.NoError(t, b.Finish(t.Context(), c, made()))
	told, ofNext := b.events(first.Mesh.ID), b.events(next.Mesh.ID)
	require.NoError(t, b.Finish(t.Context(), c, made()), "as when the answer to the first is lost")
	require.Equal(t, told, b.events(first.Mesh.ID))
	require.Equal(t, append(ofNext, "succeeded", "done"), b.events(next.Mesh.ID))
}

// held is a transaction that others wait for.
type held struct {
	b    bench
	tx   pgx.Tx
	sees *pgx.Conn // a transaction would go on seeing what it has seen first
}

func (b bench) begin() held {
	b.t.Helper()
	connect := func() *pgx.Conn {
		conn, err := pgx.Connect(b.t.Context(), b.url)
		require.NoError(b.t, err)
		b.t.Cleanup(func() { conn.Close(context.Background()) })
		return conn
	}
	tx, err := connect().Begin(b.t.Context())
	require.NoError(b.t, err)
	return held{b, tx, connect()}
}

func (h held) exec(sql string, args ...any) {
	h.b.t.Helper()
	_, err := h.tx.Exec(h.b.t.Context(), sql, args...)
	require.NoError(h.b.t, err)
}

// awaited returns when n others wait for a lock.
func (h held) awaited(n int) {
	h.b.t.Helper()
	require.Eventually(h.b.t, func() bool {
		var waiting int
		err := h.sees.QueryRow(h.b.t.Context(), `
			SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'meshgen' AND wait_event_type = 'Lock'`).Scan(&waiting)
		return err == nil && waiting == n
	}, patience, time.Millisecond)
}

func (h held) release() {
	h.b.t.Helper()
	require.NoError(h.b.t, h.tx.Rollback(h.b.t.Context()))
}

// start does something that is to wait for another.
func (b bench) start(do func(ctx context.Context) error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- do(context.WithoutCancel(b.t.Context())) }()
	return done
}
