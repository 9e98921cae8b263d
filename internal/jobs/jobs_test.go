package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshgen/internal/blob"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/spec"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

func TestMain(m *testing.M) { os.Exit(testenv.Main(m)) }

// bench is a state machine on servers of its own.
type bench struct {
	*jobs.Service
	t     *testing.T
	db    *store.DB
	queue *queue.Queue
	url   string
	*objects
}

const tenant = store.DefaultTenant

// newBench returns a state machine whose leases run out after the given time.
func newBench(t *testing.T, lease time.Duration) bench {
	t.Helper()
	return newBenchOn(t, testenv.PreparedPostgres(t, store.Migrate).URL, lease)
}

func newBenchOn(t *testing.T, url string, lease time.Duration) bench {
	t.Helper()
	ctx := t.Context()
	cfg := store.Config{URL: url, MaxConnections: 8, ConnectTimeout: 5 * time.Second}
	db, err := store.Open(ctx, cfg)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	q, err := queue.New(queue.Config{
		URL: testenv.Redis(t).URL, Prefix: id.New("tst") + ":", Timeout: 2 * time.Second, Tick: 100 * time.Millisecond,
		Bells: 1000, Events: 1000, EventsTTL: time.Hour,
	}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { q.Close() })
	gone := &objects{gone: map[string]bool{}}
	s := jobs.New(jobs.Config{Lease: lease, MaxAttempts: 3, ReconcileEvery: time.Second}, db, q, gone, slog.New(slog.DiscardHandler))
	return bench{Service: s, t: t, db: db, queue: q, url: url, objects: gone}
}

func (b bench) geometry() store.Geometry {
	b.t.Helper()
	g, err := b.CreateGeometry(b.t.Context(), b.newGeometry())
	require.NoError(b.t, err)
	return g
}

func (b bench) newGeometry() store.NewGeometry {
	name := id.New(id.Geometry)
	return store.NewGeometry{
		ID: name, TenantID: tenant, Filename: "part.step", Format: engine.STEP, Size: 10, SHA256: "00", ObjectKey: blob.GeometryKey(tenant, name),
	}
}

// imported returns a geometry whose import has succeeded.
func (b bench) imported() store.Geometry {
	b.t.Helper()
	g := b.geometry()
	c := b.claim()
	require.Equal(b.t, g.ID, c.GeometryID)
	require.NoError(b.t, b.Finish(b.t.Context(), c, store.Outcome{Model: &engine.Model{Units: "mm"}}))
	return g
}

func (b bench) mesh(g store.Geometry, class store.Class) store.Mesh {
	b.t.Helper()
	c, err := b.CreateMesh(b.t.Context(), newMesh(b.t, g, class))
	require.NoError(b.t, err)
	return c.Mesh
}

func newMesh(t *testing.T, g store.Geometry, class store.Class) store.NewMesh {
	s, err := spec.Spec{}.Resolve()
	require.NoError(t, err)
	return store.NewMesh{TenantID: tenant, GeometryID: g.ID, Spec: s, Class: class}
}

// claim returns the next claim; there has to be one.
func (b bench) claim() store.Claim {
	b.t.Helper()
	c, ok, err := b.Claim(b.t.Context(), "worker")
	require.NoError(b.t, err)
	require.True(b.t, ok, "nothing to claim")
	return c
}

func (b bench) nothingToClaim() {
	b.t.Helper()
	_, ok, err := b.Claim(b.t.Context(), "worker")
	require.NoError(b.t, err)
	require.False(b.t, ok)
}

func (b bench) status(m store.Mesh) store.Mesh {
	b.t.Helper()
	m, err := b.db.Mesh(b.t.Context(), tenant, m.ID)
	require.NoError(b.t, err)
	return m
}

// events returns the types of the subject's events, status events with their status.
func (b bench) events(subject string) []string {
	b.t.Helper()
	events, _, err := b.queue.Replay(b.t.Context(), subject, 0)
	require.NoError(b.t, err)
	var out []string
	for _, e := range events {
		name := e.Type
		if name == jobs.EventStatus {
			_, rest, _ := strings.Cut(string(e.Data), `"status":"`)
			name, _, _ = strings.Cut(rest, `"`)
		}
		out = append(out, name)
	}
	return out
}

func succeeded() store.Outcome {
	return store.Outcome{Report: &engine.MeshReport{Nodes: 8}, Artifacts: []store.Artifact{{ID: id.New(id.Artifact), Name: "mesh.msh", Format: "msh", ObjectKey: "k", Size: 1, SHA256: "00"}}}
}

func TestMeshIsAcceptedBeforeItsImportEnds_AndRunsAfterIt(t *testing.T) {
	b := newBench(t, time.Minute)
	g := b.geometry()
	m := b.mesh(g, store.Interactive)
	imp := b.claim()
	require.Equal(t, engine.Import, imp.Kind)
	b.nothingToClaim()
	require.NoError(t, b.Finish(t.Context(), imp, store.Outcome{Model: &engine.Model{Units: "mm"}}))
	c := b.claim()
	require.Equal(t, m.ID, *c.MeshID)
	require.Equal(t, 1, c.Attempt)
	require.NoError(t, b.Finish(t.Context(), c, succeeded()))
	m = b.status(m)
	require.Equal(t, store.Succeeded, m.Status)
	require.Equal(t, 8, m.Report.Nodes)
	require.Equal(t, []string{"queued", "succeeded", "done"}, b.events(m.ID))
	files, err := b.db.MeshArtifacts(t.Context(), tenant, m.ID)
	require.NoError(t, err)
	require.Len(t, files, 1)
}

func TestMeshFailsWithItsGeometry(t *testing.T) {
	b := newBench(t, time.Minute)
	g := b.geometry()
	m := b.mesh(g, store.Interactive)
	imp := b.claim()
	d := diagnosis.New(diagnosis.EmptyModel, "the file holds no shape")
	require.NoError(t, b.Finish(t.Context(), imp, store.Outcome{Error: d}))
	m = b.status(m)
	require.Equal(t, store.Failed, m.Status)
	require.Equal(t, d, m.Error)
	require.Equal(t, []string{"queued", "failed", "done"}, b.events(m.ID))
	b.nothingToClaim()

	_, err := b.CreateMesh(t.Context(), newMesh(t, g, store.Interactive))
	var failed *store.GeometryFailed
	require.ErrorAs(t, err, &failed)
	require.Equal(t, diagnosis.EmptyModel, failed.Diagnosis.Code)
}

// A part with a defect is one that a lattice alone can fill. Whether a mesh is asked for before its import ends or after, it is made or
// refused by that alone.
func TestImportFindsADefectWhileMeshesAreMade_ThoseByALatticeAreMade(t *testing.T) {
	b := newBench(t, time.Minute)
	d := diagnosis.New(diagnosis.NotWatertight, "there is a hole").At(diagnosis.Entity{Dim: 1, Tag: 1})
	for range 20 {
		g := b.geometry()
		imp := b.claim()
		ask := func(s spec.Spec) store.NewMesh {
			n := newMesh(t, g, store.Interactive)
			var err error
			n.Spec, err = s.Resolve()
			require.NoError(t, err)
			return n
		}
		filled, refused := []spec.Spec{{}, {Strategy: spec.Lattice}, {Draft: true}}, []spec.Spec{{Strategy: spec.HXT}, {Order: 2}, {Heal: spec.HealOff}}
		var wg sync.WaitGroup
		start := make(chan struct{})
		for _, s := range filled {
			n := ask(s)
			wg.Go(func() {
				<-start
				_, err := b.CreateMesh(context.Background(), n)
				assert.NoError(t, err)
			})
		}
		for _, s := range refused {
			n := ask(s)
			wg.Go(func() {
				<-start
				c, err := b.CreateMesh(context.Background(), n)
				var failed *store.GeometryFailed
				if errors.As(err, &failed) {
					assert.Equal(t, d, failed.Diagnosis)
					assert.NotEmpty(t, failed.Field)
					return
				}
				assert.NoError(t, err)
				assert.Eventually(t, func() bool {
					m, err := b.db.Mesh(context.Background(), tenant, c.Mesh.ID)
					return err == nil && m.Status == store.Failed && assert.Equal(t, d, m.Error)
				}, 10*time.Second, time.Millisecond)
			})
		}
		wg.Go(func() {
			<-start
			assert.NoError(t, b.Finish(context.Background(), imp, store.Outcome{Model: &engine.Model{Defect: d}}))
		})
		close(start)
		wg.Wait()
		for range filled {
			c := b.claim()
			require.Equal(t, d, c.Model.Defect)
			require.NoError(t, b.Finish(t.Context(), c, succeeded()))
		}
		b.nothingToClaim()
		g, err := b.db.Geometry(t.Context(), tenant, g.ID)
		require.NoError(t, err)
		require.Nil(t, g.Error)
		require.Equal(t, d, g.Model.Defect)
	}
}

// A worker may begin before the disk has the mesh; whoever asked for it is answered after that.
func TestPostgresCrashesRightAfterTheAnswer_TheMeshIsStillThere(t *testing.T) {
	server := testenv.NewPostgres(t)
	require.NoError(t, store.Migrate(t.Context(), server.URL))
	b := newBenchOn(t, server.URL, time.Minute)
	g := b.imported()
	for range 3 {
		plain := b.mesh(g, store.Interactive)
		n := newMesh(t, g, store.Interactive)
		n.IdempotencyKey, n.RequestHash = id.New("key"), "00"
		first, err := b.CreateMesh(t.Context(), n)
		require.NoError(t, err)
		require.NoError(t, server.Server.Kill())
		require.NoError(t, server.Server.Start(t.Context()))

		b = newBenchOn(t, server.URL, time.Minute) // the connections of before are dead
		require.Equal(t, store.Queued, b.status(plain).Status)
		again, err := b.CreateMesh(t.Context(), n)
		require.NoError(t, err)
		require.True(t, again.Existed)
		require.Equal(t, first.Mesh.ID, again.Mesh.ID)
	}
}

// The import may end at any moment of the request that makes a mesh: the mesh must not be left waiting for it.
func TestImportEndsWhileMeshesAreMade_NoneIsLeftWaiting(t *testing.T) {
	b := newBench(t, time.Minute)
	for range 20 {
		g := b.geometry()
		imp := b.claim()
		var wg sync.WaitGroup
		start := make(chan struct{})
		const meshes = 6
		for range meshes {
			wg.Go(func() {
				<-start
				_, err := b.CreateMesh(context.Background(), newMesh(t, g, store.Interactive))
				assert.NoError(t, err)
			})
		}
		wg.Go(func() {
			<-start
			assert.NoError(t, b.Finish(context.Background(), imp, store.Outcome{Model: &engine.Model{}}))
		})
		close(start)
		wg.Wait()
		for range meshes {
			require.NoError(t, b.Finish(t.Context(), b.claim(), succeeded()))
		}
		b.nothingToClaim()
	}
}

func TestWorkersRace_EachJobIsClaimedOnce(t *testing.T) {
	b := newBench(t, time.Minute)
	g := b.imported()
	const meshes, workers = 60, 6
	for range meshes {
		b.mesh(g, store.Interactive)
	}
	var mu sync.Mutex
	claimed := map[string]int{}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				c, ok, err := b.Claim(context.Background(), id.New(id.Worker))
				assert.NoError(t, err)
				if !ok {
					return
				}
				mu.Lock()
				claimed[c.JobID]++
				mu.Unlock()
				assert.NoError(t, b.Finish(context.Background(), c, succeeded()))
			}
		})
	}
	wg.Wait()
	require.Len(t, claimed, meshes)
	for job, n := range claimed {
		require.Equal(t, 1, n, job)
	}
}

func TestInteractiveOvertakesBatch_ButBatchDoesNotStarve(t *testing.T) {
	b := newBench(t, time.Minute)
	g := b.imported()
	batch := b.mesh(g, store.Batch)
	interactive := b.mesh(g, store.Interactive)
	require.Equal(t, interactive.ID, *b.claim().MeshID, "interactive first")

	// The batch job has waited for longer than its delay when another interactive one comes.
	late := b.mesh(g, store.Interactive)
	b.exec(`UPDATE jobs SET rank_at = rank_at - interval '2 minutes' WHERE mesh_id = $1`, batch.ID)
	require.Equal(t, batch.ID, *b.claim().MeshID, "then the batch job, by age")
	require.Equal(t, late.ID, *b.claim().MeshID)
}

func TestWorkerLosesLease_ResultIsDiscarded(t *testing.T) {
	b := newBench(t, time.Second)
	m := b.mesh(b.imported(), store.Interactive)
	lost := b.claim()
	b.expire(lost)
	require.NoError(t, b.Reconcile(t.Context()))

	require.ErrorIs(t, b.heartbeat(lost, engine.Stage3D, 0.5), jobs.ErrFenced)
	require.ErrorIs(t, b.Finish(t.Context(), lost, succeeded()), jobs.ErrFenced)
	require.ErrorIs(t, b.Release(t.Context(), lost, 0), jobs.ErrFenced)
	require.ErrorIs(t, b.AddPreview(t.Context(), lost, succeeded().Artifacts[0]), jobs.ErrFenced)

	second := b.claim()
	require.Equal(t, 2, second.Attempt)
	require.ErrorIs(t, b.Finish(t.Context(), lost, succeeded()), jobs.ErrFenced, "while another runs it")
	require.NoError(t, b.Finish(t.Context(), second, succeeded()))
	require.ErrorIs(t, b.Finish(t.Context(), lost, succeeded()), jobs.ErrFenced, "after another finished it")
	require.Equal(t, store.Succeeded, b.status(m).Status)
	files, err := b.db.MeshArtifacts(t.Context(), tenant, m.ID)
	require.NoError(t, err)
	require.Len(t, files, 1)
}

// A crashed Postgres may forget a claim, which commits without waiting for the disk; the same attempt number is then
// handed out again.
func TestClaimForgotten_TokenFencesTheFirstWorker(t *testing.T) {
	b := newBench(t, time.Minute)
	b.mesh(b.imported(), store.Interactive)
	forgotten := b.claim()
	b.exec(`UPDATE jobs SET status = 'queued', attempt = 0, claim = '', lease_until = NULL WHERE id = $1`, forgotten.JobID)
	again := b.claim()
	require.Equal(t, forgotten.Attempt, again.Attempt)
	require.ErrorIs(t, b.Finish(t.Context(), forgotten, succeeded()), jobs.ErrFenced)
	require.NoError(t, b.Finish(t.Context(), again, succeeded()))
}

func TestLeaseLostTooOften_FailsOnceWithTheReason(t *testing.T) {
	b := newBench(t, time.Second)
	m := b.mesh(b.imported(), store.Interactive)
	for range 3 {
		b.expire(b.claim())
		require.NoError(t, b.Reconcile(t.Context()))
	}
	b.nothingToClaim()
	m = b.status(m)
	require.Equal(t, store.Failed, m.Status)
	require.Equal(t, diagnosis.EngineCrashed, m.Error.Code)
	require.Equal(t, []string{"queued", "queued", "queued", "failed", "done"}, b.events(m.ID))
}

func TestImportLostTooOften_ItsMeshesFail(t *testing.T) {
	b := newBench(t, time.Second)
	m := b.mesh(b.geometry(), store.Interactive)
	for range 3 {
		b.expire(b.claim())
		require.NoError(t, b.Reconcile(t.Context()))
	}
	require.NoError(t, b.Reconcile(t.Context()))
	m = b.status(m)
	require.Equal(t, store.Failed, m.Status)
	require.Equal(t, diagnosis.EngineCrashed, m.Error.Code)
	require.Equal(t, []string{"queued", "failed", "done"}, b.events(m.ID))
}

func TestPreviewIsAddedTwice_AndHiddenAgain(t *testing.T) {
	b := newBench(t, time.Minute)
	m := b.mesh(b.imported(), store.Interactive)
	c := b.claim()
	a := succeeded().Artifacts[0]
	visible := func() int {
		t.Helper()
		files, err := b.db.MeshArtifacts(t.Context(), tenant, m.ID)
		require.NoError(t, err)
		return len(files)
	}
	require.NoError(t, b.AddPreview(t.Context(), c, a))
	require.NoError(t, b.AddPreview(t.Context(), c, a), "the answer to the first was lost")
	require.Equal(t, 1, visible())
	other := c
	other.Token = "another"
	require.NoError(t, b.DropPreviews(t.Context(), other, a.ID))
	require.Equal(t, 1, visible(), "fenced")
	require.NoError(t, b.DropPreviews(t.Context(), c, a.ID))
	require.Zero(t, visible())
}

func TestReleasedJobRunsAgain_WithoutCountingTheAttempt(t *testing.T) {
	b := newBench(t, time.Minute)
	b.mesh(b.imported(), store.Interactive)
	for range 5 { // more often than there are attempts
		c := b.claim()
		require.NoError(t, b.Release(t.Context(), c, 0))
		require.ErrorIs(t, b.heartbeat(c, "", 0), jobs.ErrFenced)
	}
	c := b.claim()
	require.NoError(t, b.Release(t.Context(), c, time.Hour))
	b.nothingToClaim()
}

func TestFinishRepeatedAfterItsAnswerWasLost_IsNoError(t *testing.T) {
	b := newBench(t, time.Minute)
	m := b.mesh(b.imported(), store.Interactive)
	c := b.claim()
	o := succeeded()
	_, err := b.db.Finish(t.Context(), c, o)
	require.NoError(t, err)
	require.NoError(t, b.Finish(t.Context(), c, o))
	require.NoError(t, b.Discard(t.Context(), c))
	found, err := b.db.SweepGarbage(t.Context(), func(context.Context, store.Garbage) error { return nil })
	require.NoError(t, err)
	require.False(t, found, "the artifacts of a succeeded claim are not garbage")
	files, err := b.db.MeshArtifacts(t.Context(), tenant, m.ID)
	require.NoError(t, err)
	require.Len(t, files, 1)
}

func TestCancel_QueuedRunningAndAfterTheEnd(t *testing.T) {
	b := newBench(t, time.Minute)
	g := b.imported()
	controls := b.queue.Controls(t.Context())

	queued := b.mesh(g, store.Interactive)
	require.NoError(t, b.CancelMesh(t.Context(), tenant, queued.ID))
	require.Equal(t, store.Canceled, b.status(queued).Status)
	b.nothingToClaim()
	require.Equal(t, []string{"queued", "canceled", "done"}, b.events(queued.ID))

	running := b.mesh(g, store.Interactive)
	c := b.claim()
	require.NoError(t, b.CancelMesh(t.Context(), tenant, running.ID))
	require.Equal(t, store.Canceled, b.status(running).Status)
	require.ErrorIs(t, b.Finish(t.Context(), c, succeeded()), jobs.ErrFenced)
	select {
	case m := <-controls:
		require.Equal(t, queue.Control{Kind: queue.ControlCancel, JobID: c.JobID}, m)
	case <-time.After(10 * time.Second):
		t.Fatal("the worker was not told")
	}

	done := b.mesh(g, store.Interactive)
	require.NoError(t, b.Finish(t.Context(), b.claim(), succeeded()))
	require.NoError(t, b.CancelMesh(t.Context(), tenant, done.ID))
	require.Equal(t, store.Succeeded, b.status(done).Status)

	require.ErrorIs(t, b.CancelMesh(t.Context(), "somebody else", done.ID), store.ErrNotFound)
	require.ErrorIs(t, b.CancelMesh(t.Context(), tenant, id.New(id.Mesh)), store.ErrNotFound)
}

func TestBellIsLost_ReconcilerRingsAgain(t *testing.T) {
	b := newBench(t, time.Minute)
	g := b.imported()
	m := b.mesh(g, store.Interactive)
	listener := b.queue.Listen("worker")
	defer listener.Close()
	b.drainBells(listener)

	b.exec(`UPDATE jobs SET rung_at = 'epoch' WHERE mesh_id = $1`, m.ID)
	require.NoError(t, b.Reconcile(t.Context()))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		bell, err := listener.Next(ctx)
		if err == nil {
			require.Equal(t, m.Job.ID, bell.JobID)
			return
		}
		require.ErrorIs(t, err, queue.ErrTick)
	}
}

func TestSameKeySameRequest_OneMesh(t *testing.T) {
	b := newBench(t, time.Minute)
	g := b.imported()
	n := newMesh(t, g, store.Interactive)
	n.IdempotencyKey, n.RequestHash = "key", "hash"
	var made atomic.Int32
	ids := make([]string, 8)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			c, err := b.CreateMesh(context.Background(), n)
			assert.NoError(t, err)
			ids[i] = c.Mesh.ID
			if !c.Existed {
				made.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, made.Load())
	for _, name := range ids {
		require.Equal(t, ids[0], name)
	}
	b.claim()
	b.nothingToClaim()

	n.RequestHash = "other"
	_, err := b.CreateMesh(t.Context(), n)
	require.ErrorIs(t, err, store.ErrKeyReused)
}

func TestDeletedProject_TakesItsMeshesAlongAndLeavesGarbageToSweep(t *testing.T) {
	b := newBench(t, time.Minute)
	p, err := b.db.CreateProject(t.Context(), tenant, "project")
	require.NoError(t, err)
	n := b.newGeometry()
	n.ProjectID = p.ID
	g, err := b.CreateGeometry(t.Context(), n)
	require.NoError(t, err)
	require.NoError(t, b.Finish(t.Context(), b.claim(), store.Outcome{Model: &engine.Model{}}))
	m := b.mesh(g, store.Interactive)
	c := b.claim()

	require.ErrorIs(t, b.DeleteProject(t.Context(), "somebody else", p.ID), store.ErrNotFound)
	require.NoError(t, b.DeleteProject(t.Context(), tenant, p.ID))
	_, err = b.db.Mesh(t.Context(), tenant, m.ID)
	require.ErrorIs(t, err, store.ErrNotFound)
	require.ErrorIs(t, b.Finish(t.Context(), c, succeeded()), jobs.ErrFenced)

	var prefixes []string
	for {
		found, err := b.db.SweepGarbage(t.Context(), func(_ context.Context, g store.Garbage) error {
			prefixes = append(prefixes, g.Prefix)
			return nil
		})
		require.NoError(t, err)
		if !found {
			break
		}
	}
	require.Contains(t, prefixes, g.ObjectKey)
	require.Contains(t, prefixes, blob.JobPrefix(tenant, c.JobID))
}

// Who stores the file of a geometry may die before the geometry is recorded; the sweeper may come at that very moment.
func TestExpectedObjectIsNotAdopted_ItIsSwept(t *testing.T) {
	b := newBench(t, time.Minute)
	swept := func() (prefixes []string) {
		t.Helper()
		for {
			found, err := b.db.SweepGarbage(t.Context(), func(_ context.Context, g store.Garbage) error {
				prefixes = append(prefixes, g.Prefix)
				return nil
			})
			require.NoError(t, err)
			if !found {
				return prefixes
			}
		}
	}
	expect := func() store.NewGeometry {
		n := b.newGeometry()
		var err error
		n.Expected, err = b.db.Expect(t.Context(), n.ObjectKey)
		require.NoError(t, err)
		return n
	}
	adopted, abandoned, late := expect(), expect(), expect()
	require.Empty(t, swept(), "they have time")
	_, err := b.CreateGeometry(t.Context(), adopted)
	require.NoError(t, err)

	b.exec(`UPDATE garbage SET due_at = now()`) // a day later
	found, err := b.db.SweepGarbage(t.Context(), func(_ context.Context, g store.Garbage) error {
		require.Equal(t, abandoned.ObjectKey, g.Prefix)
		// While the sweeper is at it, somebody comes late.
		_, err := b.CreateGeometry(t.Context(), abandoned)
		require.ErrorIs(t, err, store.ErrTooLate)
		return nil
	})
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, []string{late.ObjectKey}, swept())
	_, err = b.CreateGeometry(t.Context(), late)
	require.ErrorIs(t, err, store.ErrTooLate)
	_, err = b.db.Geometry(t.Context(), tenant, late.ID)
	require.ErrorIs(t, err, store.ErrNotFound)
}

// exec does to the database what time or a crash would do.
func (b bench) exec(sql string, args ...any) {
	b.t.Helper()
	conn, err := pgx.Connect(b.t.Context(), b.url)
	require.NoError(b.t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(b.t.Context(), sql, args...)
	require.NoError(b.t, err)
}

func (b bench) heartbeat(c store.Claim, stage engine.Stage, progress float64) error {
	_, err := b.Heartbeat(b.t.Context(), c, stage, progress)
	return err
}

// expire makes the lease of a claim end now.
func (b bench) expire(c store.Claim) {
	b.t.Helper()
	b.exec(`UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = $1`, c.JobID)
}

// drainBells reads the bells that have rung.
func (b bench) drainBells(l *queue.Listener) {
	b.t.Helper()
	for {
		if _, err := l.Next(b.t.Context()); err != nil {
			require.ErrorIs(b.t, err, queue.ErrTick)
			return
		}
	}
}
