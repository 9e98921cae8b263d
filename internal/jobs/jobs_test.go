package jobs_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshgen/internal/blob"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

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
	_, err := b.db.Finish(t.Context(), c, o, nil)
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

	var canceled []string
	deadline := time.After(patience)
	for told := false; !told; { // who listens late misses what was said before, so it is said again
		running := b.mesh(g, store.Interactive)
		c := b.claim()
		require.NoError(t, b.CancelMesh(t.Context(), tenant, running.ID))
		require.Equal(t, store.Canceled, b.status(running).Status)
		require.ErrorIs(t, b.Finish(t.Context(), c, succeeded()), jobs.ErrFenced)
		canceled = append(canceled, c.JobID)
		select {
		case m := <-controls:
			require.Equal(t, queue.ControlCancel, m.Kind)
			require.Contains(t, canceled, m.JobID)
			told = true
		case <-time.After(50 * time.Millisecond):
		case <-deadline:
			t.Fatal("no worker was told")
		}
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
	ctx, cancel := context.WithTimeout(t.Context(), patience)
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
