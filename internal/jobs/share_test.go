package jobs_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
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
)

func TestSameRequestWhileItIsMade_IsSharedAndEndsWithIt(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	first := b.ask(g)
	second := b.ask(g)
	require.Equal(t, first.Mesh.ID, second.Mesh.Follows)
	c := b.claim()
	require.Equal(t, []string{second.Mesh.ID}, c.Followers)
	b.nothingToClaim()
	subjects, err := b.Heartbeat(t.Context(), c, engine.Stage2D, 0.5)
	require.NoError(t, err)
	require.Equal(t, []string{first.Mesh.ID, second.Mesh.ID}, subjects)
	m := b.status(second.Mesh)
	require.Equal(t, store.Running, m.Status)
	require.Equal(t, engine.Stage2D, m.Stage)
	require.InDelta(t, 0.5, m.Progress, 1e-6)
	running, err := b.db.Meshes(t.Context(), tenant, store.MeshFilter{Status: store.Running}, store.Page{Limit: 10})
	require.NoError(t, err)
	require.Len(t, running, 2)

	require.NoError(t, b.AddPreview(t.Context(), c, made("glb").Artifacts[0]))
	require.Len(t, b.files(second.Mesh), 1, "it sees what the run shows")

	controls := b.queue.Controls(t.Context())
	require.Eventually(t, func() bool { // the subscription takes a moment to be there
		third := b.ask(g, formats("stl"))
		require.Equal(t, first.Mesh.ID, third.Mesh.Follows)
		require.Equal(t, store.Running, third.Mesh.Status)
		select {
		case control := <-controls:
			require.Equal(t, queue.Control{Kind: queue.ControlLook, JobID: c.JobID}, control)
			return true
		case <-time.After(100 * time.Millisecond):
			return false
		}
	}, patience, time.Millisecond)

	require.NoError(t, b.Finish(t.Context(), c, made()))
	m = b.status(second.Mesh)
	require.Equal(t, store.Succeeded, m.Status)
	require.Equal(t, first.Mesh.ID, m.ReusedFrom)
	require.Empty(t, m.Follows)
	require.Equal(t, 8, m.Report.Nodes)
	require.Len(t, b.files(m), 4)
	require.Equal(t, []string{"queued", "succeeded", "done"}, b.events(m.ID))
	stl := b.claim()
	require.Equal(t, []string{"stl"}, stl.Formats, "who asked for more waits for that alone")
}

func TestLeaderFails_ByTheFileForAll_OtherwiseTheNextOneRuns(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	first, second, third := b.ask(g), b.ask(g), b.ask(g)
	c := b.finish(store.Outcome{Error: diagnosis.New(diagnosis.EngineCrashed, "it died")})
	require.Equal(t, first.Mesh.ID, *c.MeshID)
	require.Equal(t, store.Failed, b.status(first.Mesh).Status)
	require.Equal(t, store.Queued, b.status(second.Mesh).Status)
	require.Equal(t, second.Mesh.ID, b.status(third.Mesh).Follows)

	c = b.finish(store.Outcome{Error: diagnosis.New(diagnosis.NotWatertight, "it leaks")})
	require.Equal(t, second.Mesh.ID, *c.MeshID)
	m := b.status(third.Mesh)
	require.Equal(t, store.Failed, m.Status)
	require.Equal(t, diagnosis.NotWatertight, m.Error.Code)
	require.Equal(t, []string{"queued", "failed", "done"}, b.events(m.ID))
	b.nothingToClaim()
}

func TestLeaderIsLostTooOften_TheNextOneRuns(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	first, second := b.ask(g), b.ask(g)
	for range 3 {
		b.expire(b.claim())
		require.NoError(t, b.Reconcile(t.Context()))
	}
	require.Equal(t, store.Failed, b.status(first.Mesh).Status)
	require.Equal(t, second.Mesh.ID, *b.finish(made()).MeshID)
}

func TestWorkerOfASharedRunIsLost_BothGoOnWithTheNextAttempt(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	first, second := b.ask(g), b.ask(g)
	b.expire(b.claim())
	require.NoError(t, b.Reconcile(t.Context()))
	require.Equal(t, first.Mesh.ID, b.status(second.Mesh).Follows)
	require.Equal(t, 2, b.finish(made()).Attempt)
	require.Equal(t, store.Succeeded, b.status(second.Mesh).Status)
}

func TestCancelOfOne_LeavesTheRunToTheOther(t *testing.T) {
	b := newReuseBench(t)
	g, twin := b.imported(), b.imported()
	for name, stop := range map[string]func(store.Created){
		"canceled": func(c store.Created) { require.NoError(t, b.CancelMesh(t.Context(), tenant, c.Mesh.ID)) },
		"deleted":  func(c store.Created) { require.NoError(t, b.DeleteMesh(t.Context(), tenant, c.Mesh.ID)) },
		"geometry": func(store.Created) { require.NoError(t, b.DeleteGeometry(t.Context(), tenant, g.ID)) },
	} {
		for _, running := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s running=%v", name, running), func(t *testing.T) {
				b := b
				b.t = t
				if _, err := b.db.Geometry(t.Context(), tenant, g.ID); err != nil {
					g = b.imported()
				}
				odd := func(n *store.NewMesh) { n.Spec.TimeLimit = fmt.Sprintf("%ds", 2+rand.IntN(1000)) }
				limit := newMesh(t, g, store.Interactive)
				odd(&limit)
				same := func(n *store.NewMesh) { n.Spec.TimeLimit = limit.Spec.TimeLimit }
				first, second, third := b.ask(g, same), b.ask(twin, same), b.ask(twin, same)
				var c store.Claim
				if running {
					c = b.claim()
					require.NoError(t, b.AddPreview(t.Context(), c, made("glb").Artifacts[0]))
				}
				stop(first)
				require.NotEqual(t, first.Mesh.ID, b.status(second.Mesh).Follows)
				if !running {
					c = b.claim()
				}
				subjects, err := b.Heartbeat(t.Context(), c, engine.Stage3D, 0.5)
				require.NoError(t, err)
				require.Equal(t, []string{second.Mesh.ID, third.Mesh.ID}, subjects)
				require.Equal(t, store.Running, b.status(second.Mesh).Status)
				require.Equal(t, second.Mesh.ID, b.status(third.Mesh).Follows)
				b.nothingToClaim()
				require.NoError(t, b.Finish(t.Context(), c, made()))
				for _, m := range []store.Created{second, third} {
					require.Equal(t, store.Succeeded, b.status(m.Mesh).Status)
					require.Contains(t, b.files(m.Mesh), "msh")
				}
				require.NotContains(t, b.swept(), blob.JobPrefix(tenant, c.JobID))
				if name == "canceled" {
					require.Equal(t, store.Canceled, b.status(first.Mesh).Status)
					require.Empty(t, b.files(first.Mesh))
				}
			})
		}
	}
}

func TestPersonWaitsForWhatABatchAskedFor_ItRanksAsIfThePersonHad(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	batch := b.ask(g, func(n *store.NewMesh) { n.Class = store.Batch })
	other := b.mesh(g, store.Interactive)
	person := b.ask(g)
	require.Equal(t, batch.Mesh.ID, person.Mesh.Follows)
	require.Equal(t, other.ID, *b.claim().MeshID)
	c := b.claim()
	require.Equal(t, batch.Mesh.ID, *c.MeshID)
	require.Equal(t, store.Interactive, c.Class)
	later := b.mesh(g, store.Interactive)
	require.Equal(t, later.ID, *b.claim().MeshID)
}

func TestCancelOfAFollower_DoesNotTouchTheRun(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	first, second := b.ask(g), b.ask(g)
	c := b.claim()
	require.NoError(t, b.CancelMesh(t.Context(), tenant, second.Mesh.ID))
	require.Equal(t, store.Canceled, b.status(second.Mesh).Status)
	require.NoError(t, b.Finish(t.Context(), c, made()))
	require.Equal(t, store.Succeeded, b.status(first.Mesh).Status)
	require.Equal(t, store.Canceled, b.status(second.Mesh).Status)
	require.Empty(t, b.files(second.Mesh))
}

// The heir asked for a format that the run does not write: what is under way does not do for it.
func TestCanceledRunDoesNotWriteWhatTheOtherAskedFor_TheOtherRunsAnew(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	first, second := b.ask(g), b.ask(g, formats("stl"))
	c := b.claim()
	require.NoError(t, b.CancelMesh(t.Context(), tenant, first.Mesh.ID))
	require.ErrorIs(t, b.Finish(t.Context(), c, made()), jobs.ErrFenced)
	require.Equal(t, second.Mesh.ID, *b.finish(made("msh", "stl")).MeshID)
}

func TestImportFails_EachGeometryTellsItsOwn(t *testing.T) {
	b := newReuseBench(t)
	g, twin := b.geometry(), b.geometry()
	first, second := b.ask(g), b.ask(twin)
	require.Equal(t, first.Mesh.ID, second.Mesh.Follows)
	one := b.claim()
	require.Equal(t, g.ID, one.GeometryID)
	require.NoError(t, b.Finish(t.Context(), one, store.Outcome{Error: diagnosis.New(diagnosis.EngineCrashed, "it died")}))
	require.Equal(t, store.Failed, b.status(first.Mesh).Status)
	require.Equal(t, store.Queued, b.status(second.Mesh).Status)
	require.NoError(t, b.Finish(t.Context(), b.claim(), store.Outcome{Model: &engine.Model{}}))
	require.Equal(t, second.Mesh.ID, *b.finish(made()).MeshID)
}

// Many ask for few meshes, some cancel or delete theirs, workers come and are lost. Every mesh that is left ends as
// one does, none waits for ever, and each that succeeded has files.
func TestManyAskAndCancelAndAreLost_EveryMeshEnds(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	const asking, each = 6, 15
	var mu sync.Mutex
	var all []string
	stopped := map[string]bool{}
	var askers, workers sync.WaitGroup
	for a := range asking {
		askers.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(a)))
			for range each {
				n := newMesh(t, g, store.Interactive)
				n.Reuse = random.IntN(10) > 0
				n.Spec.Order = 1 + random.IntN(2)
				n.Spec.Formats = []string{[]string{"msh", "stl"}[random.IntN(2)]}
				c, err := b.CreateMesh(context.Background(), n)
				if !assert.NoError(t, err) {
					return
				}
				mu.Lock()
				all = append(all, c.Mesh.ID)
				mu.Unlock()
				if random.IntN(3) == 0 {
					stop := b.CancelMesh
					if random.IntN(2) == 0 {
						stop = b.DeleteMesh
					}
					assert.NoError(t, stop(context.Background(), tenant, c.Mesh.ID))
					mu.Lock()
					stopped[c.Mesh.ID] = true
					mu.Unlock()
				}
			}
		})
	}
	quit := make(chan struct{})
	for w := range 3 {
		workers.Go(func() {
			random := rand.New(rand.NewPCG(2, uint64(w)))
			for {
				c, ok, err := b.Claim(context.Background(), id.New(id.Worker))
				assert.NoError(t, err)
				if !ok {
					select {
					case <-quit:
						return
					case <-time.After(time.Millisecond):
					}
					continue
				}
				o := made(append([]string{"msh"}, c.Spec.Formats...)...)
				if c.Exports() {
					o = store.Outcome{Artifacts: made(c.Formats...).Artifacts}
				}
				switch random.IntN(6) {
				case 0:
					err = b.Release(context.Background(), c, 0)
				case 1:
					err = b.Finish(context.Background(), c, store.Outcome{Error: diagnosis.New(diagnosis.EngineCrashed, "")})
				default:
					err = b.Finish(context.Background(), c, o)
				}
				if err != nil {
					assert.ErrorIs(t, err, jobs.ErrFenced)
				}
			}
		})
	}
	askers.Wait()
	require.Eventually(t, func() bool {
		s, err := b.db.QueueStats(context.Background(), tenant)
		return err == nil && s.Queued+s.Waiting+s.Running == 0
	}, patience, 10*time.Millisecond)
	close(quit)
	workers.Wait()
	for _, name := range all {
		m, err := b.db.Mesh(t.Context(), tenant, name)
		if stopped[name] {
			continue
		}
		require.NoError(t, err)
		require.True(t, m.Status.Final(), "%+v", m)
		require.NotEqual(t, store.Canceled, m.Status)
		if m.Status == store.Succeeded {
			require.NotNil(t, m.Report)
			require.Contains(t, b.files(m), m.Spec.Formats[0])
		}
	}
}
