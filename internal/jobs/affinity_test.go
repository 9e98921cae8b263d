package jobs_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/jobs"
	"meshgen/internal/store"
)

// newAffinityBench holds meshes for workers that have their part for so long.
func newAffinityBench(t *testing.T, affinity time.Duration) bench {
	return newBench(t, time.Minute).configured(jobs.Config{Affinity: affinity})
}

// read finishes the import that is queued; it took so long to read the part.
func (b bench) read(took time.Duration) {
	b.t.Helper()
	c := b.claim()
	require.Equal(b.t, engine.Import, c.Kind)
	require.NoError(b.t, b.Finish(b.t.Context(), c, store.Outcome{
		Model: &engine.Model{Units: "mm"}, Timings: []engine.Timing{{Stage: engine.StageImport, Seconds: engine.Seconds(took)}},
	}))
}

// partOf is what a worker keeps of a geometry of these tests.
func partOf(owner string) store.Part {
	return store.Part{TenantID: owner, SHA256: "00", Format: engine.STEP}
}

// keeps has a worker say that it keeps parts.
func (b bench) keeps(worker string, parts ...store.Part) {
	b.t.Helper()
	require.NoError(b.t, b.SetParts(b.t.Context(), worker, parts, time.Minute))
}

// claimAs returns what a worker gets.
func (b bench) claimAs(worker string) (store.Claim, bool) {
	b.t.Helper()
	c, ok, err := b.Claim(b.t.Context(), worker)
	require.NoError(b.t, err)
	return c, ok
}

// readPart returns a geometry whose import has ended.
func (b bench) readPart(took time.Duration) store.Geometry {
	b.t.Helper()
	g := b.geometry()
	b.read(took)
	return g
}

func TestMeshOfAKeptPart_IsHeldForItsWorkerAndThenForAny(t *testing.T) {
	b := newAffinityBench(t, time.Minute)
	g := b.readPart(time.Hour)
	b.keeps("hot", partOf(tenant))
	first, second := b.mesh(g, store.Interactive), b.mesh(g, store.Interactive)

	_, ok := b.claimAs("cold")
	require.False(t, ok)
	wait, held, err := b.HeldFor(t.Context())
	require.NoError(t, err)
	require.True(t, held)
	require.LessOrEqual(t, wait, time.Minute)
	c, ok := b.claimAs("hot")
	require.True(t, ok)
	require.Equal(t, first.ID, *c.MeshID)
	require.Equal(t, []bool{true, true}, []bool{c.Held, c.Hot})

	b.exec(`UPDATE jobs SET held_until = now() WHERE held_until > now()`)
	c, ok = b.claimAs("cold")
	require.True(t, ok)
	require.Equal(t, second.ID, *c.MeshID)
	require.Equal(t, []bool{true, false}, []bool{c.Held, c.Hot})
}

func TestHeldMesh_HoldsUpNoOtherWork(t *testing.T) {
	b := newAffinityBench(t, time.Minute)
	g := b.readPart(time.Hour)
	n := b.newGeometry()
	n.SHA256 = "01"
	unknown, err := b.CreateGeometry(t.Context(), n)
	require.NoError(t, err)
	b.read(time.Hour)
	b.keeps("hot", partOf(tenant))
	b.mesh(g, store.Interactive)
	other := b.mesh(unknown, store.Interactive)
	c, ok := b.claimAs("cold")
	require.True(t, ok)
	require.Equal(t, other.ID, *c.MeshID)
	require.Equal(t, []bool{false, false}, []bool{c.Held, c.Hot})
}

func TestMeshIsHeldNoLongerThanReadingItsPartTook(t *testing.T) {
	b := newAffinityBench(t, time.Hour)
	g := b.readPart(time.Millisecond)
	b.keeps("hot", partOf(tenant))
	b.mesh(g, store.Interactive)
	require.Eventually(t, func() bool { _, ok := b.claimAs("cold"); return ok }, time.Minute, 2*time.Millisecond)
}

func TestNoLivingWorkerKeepsThePart_AnyMayMeshItAtOnce(t *testing.T) {
	b := newAffinityBench(t, time.Minute)
	g := b.readPart(time.Hour)
	gone := map[string]func(){
		"nobody ever had it":           func() {},
		"it was dropped":               func() { b.keeps("hot", partOf(tenant)); b.keeps("hot") },
		"its worker is not heard of":   func() { b.keeps("hot", partOf(tenant)); b.exec(`UPDATE kept_parts SET until = now()`) },
		"another tenant's same file":   func() { b.keeps("hot", partOf("second")) },
		"the file read in other units": func() { b.keeps("hot", store.Part{TenantID: tenant, SHA256: "00", Format: engine.STEP, Units: "inch"}) },
	}
	for why, lose := range gone {
		lose()
		b.mesh(g, store.Interactive)
		_, ok := b.claimAs("cold")
		require.True(t, ok, why)
		b.keeps("hot")
	}
	b.keeps("hot", partOf(tenant))
	b.mesh(g, store.Interactive)
	_, ok := b.claimAs("cold")
	require.False(t, ok)
	b.keeps("hot") // while the mesh is held for it
	_, ok = b.claimAs("cold")
	require.True(t, ok)
}

func TestImportEnds_MeshesThatWaitedAreHeldForTheWorkerThatReadIt(t *testing.T) {
	b := newAffinityBench(t, time.Minute)
	g := b.geometry()
	m := b.mesh(g, store.Interactive)
	b.keeps("hot", partOf(tenant))
	l := b.queue.Listen("hot")
	defer l.Close()
	b.read(time.Hour)
	_, ok := b.claimAs("cold")
	require.False(t, ok)
	require.NoError(t, drainedBut(t, b, m.Job.ID))
	bell, err := l.Next(t.Context())
	require.NoError(t, err)
	require.Equal(t, m.Job.ID, bell.JobID, "it is woken by name")
	c, ok := b.claimAs("hot")
	require.True(t, ok)
	require.Equal(t, m.ID, *c.MeshID)
}

// drainedBut has another worker hear all common bells, of which one is for the job.
func drainedBut(t *testing.T, b bench, jobID string) error {
	t.Helper()
	l := b.queue.Listen(id.New(id.Worker))
	defer l.Close()
	for {
		bell, err := l.Next(t.Context())
		if err != nil || bell.JobID == jobID {
			return err
		}
	}
}

func TestAffinityIsOff_NothingIsHeld(t *testing.T) {
	b := newAffinityBench(t, 0)
	g := b.geometry()
	b.mesh(g, store.Interactive)
	b.keeps("hot", partOf(tenant))
	b.read(time.Hour)
	b.mesh(g, store.Batch)
	for range 2 {
		c, ok := b.claimAs("cold")
		require.True(t, ok)
		require.False(t, c.Held)
	}
	_, held, err := b.HeldFor(t.Context())
	require.NoError(t, err)
	require.False(t, held)
}

func TestWhatIsNotMeshed_IsNotHeld(t *testing.T) {
	b := newAffinityBench(t, time.Minute)
	require.NoError(t, b.SeeEngine(t.Context(), version))
	g := b.readPart(time.Hour)
	b.ask(g)
	b.finish(made())
	b.keeps("hot", partOf(tenant))
	require.True(t, b.ask(g, formats("su2")).Reused, "its formats are written of its mesh")
	c, ok := b.claimAs("cold")
	require.True(t, ok)
	require.True(t, c.Exports())
	require.False(t, c.Hot)
	b.geometry()
	c, ok = b.claimAs("cold")
	require.True(t, ok)
	require.Equal(t, engine.Import, c.Kind)
}
