package worker_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"meshgen/internal/engine"
	"meshgen/internal/pool"
	"meshgen/internal/spec"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

// speculating has a worker speculate for as long as a test may take.
var speculating = map[string]string{"MESHGEN_SPECULATE": "1h"}

// hurry ends the idle priority of the engines, where the test may: on a machine that has other work, what runs idly takes minutes.
func (c crew) hurry(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		warm := 0
		for _, e := range c.pool.Stats().Engines {
			if e.State == pool.Warm {
				warm++
			}
		}
		return warm == 2
	}, patience, unhurried)
	for _, e := range c.pool.Stats().Engines {
		tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", e.PID))
		require.NoError(t, err)
		for _, task := range tasks {
			tid, err := strconv.Atoi(filepath.Base(task))
			require.NoError(t, err)
			var priority int32
			_, _, _ = unix.RawSyscall(unix.SYS_SCHED_SETSCHEDULER, uintptr(tid), unix.SCHED_NORMAL, uintptr(unsafe.Pointer(&priority)))
		}
	}
}

const unhurried = 10e6 // ns between two looks

// speculated waits until the worker's counters are as wanted.
func (c crew) speculated(t *testing.T, wanted func(pool.SpeculationStats) bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		s := c.pool.Stats()
		for _, e := range s.Engines {
			if e.State == pool.Speculating {
				return false
			}
		}
		return wanted(s.Speculations)
	}, patience, unhurried)
}

// succeeded requires that n jobs have ended, all with success. The worker counts one after who waits for it was told.
func (c crew) succeeded(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return c.Presence().Tally.Ended["succeeded"] >= n }, patience, unhurried)
	require.Equal(t, map[string]int{"succeeded": n}, c.Presence().Tally.Ended)
}

func begun(n int) func(pool.SpeculationStats) bool {
	return func(s pool.SpeculationStats) bool { return s.Begun >= n }
}

// speculates waits until the worker has begun its n-th speculation.
func (c crew) speculates(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return c.pool.Stats().Speculations.Begun >= n }, patience, unhurried/10)
}

func defaults() spec.Spec { return spec.Spec{Formats: []string{"msh", "vtk"}} }

func (s *site) jobsDone() (n int) {
	s.t.Helper()
	done, err := s.db.QueueStats(s.t.Context(), "")
	require.NoError(s.t, err)
	return done.Queued + done.Waiting + done.Running
}

func TestPartIsUploaded_CurvesAndFacesOfTheDefaultMeshAreThereBeforeItIsAskedFor(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.Engine(t), speculating)
	w.hurry(t)
	g := s.imported(part(t, ""))
	w.speculated(t, begun(1))
	require.Zero(t, s.jobsDone(), "it is no job")
	ahead := s.ended(s.mesh(g, defaults()))
	require.Equal(t, store.Succeeded, ahead.Status, "%+v", ahead.Error)
	require.Subset(t, ahead.Report.Reused, []engine.Stage{engine.StageImport, engine.Stage1D, engine.Stage2D})
	got := w.pool.Stats().Speculations
	got.Seconds = 0
	require.Equal(t, pool.SpeculationStats{Begun: 1, Used: 1}, got)
	w.succeeded(t, 2) // the import and the mesh
	w.stop()

	s.hire(testenv.Engine(t), nil)
	fresh := s.ended(s.mesh(g, defaults()))
	require.Empty(t, fresh.Report.Reused)
	s.sameMesh(fresh, ahead)
}

// It is waited for, or, where it gets no processor, dropped: the mesh is the same in any case.
func TestMeshIsWantedWhileItsSurfaceIsBeingMade_ItIsThatOfAFreshEngine(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.Engine(t), speculating)
	w.hurry(t)
	g := s.upload(part(t, ""))
	w.speculates(t, 1)
	ahead := s.ended(s.mesh(g, defaults()))
	w.speculated(t, func(s pool.SpeculationStats) bool { return s.Used+s.Dropped == 1 })
	require.Equal(t, 1, w.pool.Stats().Speculations.Begun)
	w.stop()

	s.hire(testenv.Engine(t), nil)
	s.sameMesh(s.ended(s.mesh(g, defaults())), ahead)
}

func TestSpeculationIsOff_NothingIsMeshedUnasked(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.Engine(t), map[string]string{"MESHGEN_SPECULATE": "0"})
	g := s.imported(part(t, ""))
	m := s.ended(s.mesh(g, defaults()))
	require.Equal(t, []engine.Stage{engine.StageImport}, m.Report.Reused)
	require.Zero(t, w.pool.Stats().Speculations)
}

// The engine sleeps in the middle of its speculation, for ever: what is wanted does not wait for it.
func TestMeshIsWantedWhileItsEngineSpeculates(t *testing.T) {
	t.Run("by another spec", func(t *testing.T) {
		s := newSite(t)
		w := s.hire(testenv.FaultyEngine(t), speculating)
		g := s.imported(part(t, "sleep mesh1d delaunay"))
		w.speculates(t, 1)
		m := s.ended(s.mesh(g, inVTK(spec.HXT)))
		require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
		require.Equal(t, 1, m.Attempt)
		w.speculated(t, func(s pool.SpeculationStats) bool { return s.Dropped == 1 }) // counted when its engine is reaped, which nobody waits for
	})
	t.Run("of another part", func(t *testing.T) {
		s := newSite(t)
		w := s.hire(testenv.FaultyEngine(t), speculating)
		other := s.imported(part(t, "segv mesh1d nothing")) // another file; it is speculated on too
		w.speculated(t, begun(1))
		s.imported(part(t, "sleep mesh1d delaunay"))
		w.speculates(t, 2)
		m := s.ended(s.mesh(other, inVTK(spec.HXT)))
		require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
		require.Equal(t, 1, m.Attempt)
	})
}

func TestSpeculationCrashesItsEngine_ThePartIsNoWorseForItAndNotSpeculatedOnAgain(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.FaultyEngine(t), speculating)
	file := part(t, "segv mesh1d delaunay")
	s.imported(file)
	w.speculated(t, func(s pool.SpeculationStats) bool { return s.Failed == 1 })
	g := s.imported(file) // again
	m := s.ended(s.mesh(g, inVTK(spec.HXT)))
	require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
	require.Equal(t, 1, m.Attempt)
	require.Len(t, m.Report.Tried, 1, "nothing is held against it")
	require.Equal(t, 1, w.pool.Stats().Speculations.Begun)
	w.succeeded(t, 3)
}

func TestEngineIsKilledWhileItSpeculates_TheMeshIsMadeAllTheSame(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.FaultyEngine(t), speculating)
	g := s.imported(part(t, "sleep mesh1d delaunay"))
	w.speculates(t, 1)
	w.killEngines(t)
	m := s.ended(s.mesh(g, inVTK(spec.HXT)))
	require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
	require.Equal(t, 1, m.Attempt)
}

func TestLong_GeometryIsDeletedWhileItIsSpeculatedOn_TheSameFileIsServedAnew(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.FaultyEngine(t), speculating)
	file := part(t, "sleep mesh1d delaunay")
	g := s.imported(file)
	w.speculates(t, 1)
	require.NoError(t, s.jobs.DeleteGeometry(t.Context(), tenant, g.ID))
	require.NoError(t, s.jobs.Sweep(t.Context(), s.blobs))
	g = s.imported(file) // by the engine that speculates, which leaves off
	m := s.ended(s.mesh(g, inVTK(spec.HXT)))
	require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
	require.Equal(t, 1, m.Attempt)
}

func TestLong_WorkerStopsWhileItSpeculates_ItDoesNotWait(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.FaultyEngine(t), speculating)
	s.imported(part(t, "sleep mesh1d delaunay"))
	w.speculates(t, 1)
	w.stop()
	require.Zero(t, s.jobsDone())
}
