package worker_test

import (
	"encoding/json"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/pool"
	"meshgen/internal/spec"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

// racing has two engines, of which the second runs ahead as soon as it can: nothing else keeps it from that.
var racing = map[string]string{"MESHGEN_ENGINES": "2", "MESHGEN_RACE_AFTER": "1ms", "MESHGEN_SPECULATE": "0"}

// busy returns the engines that serve a request, the latest last, once there are n.
func (c crew) busy(t *testing.T, n int) (pids []int) {
	t.Helper()
	require.Eventually(t, func() bool {
		engines := slices.DeleteFunc(c.pool.Stats().Engines, func(e pool.EngineStats) bool { return e.State != pool.Busy })
		slices.SortFunc(engines, func(a, b pool.EngineStats) int { return a.Since.Compare(b.Since) })
		pids = nil
		for _, e := range engines {
			pids = append(pids, e.PID)
		}
		return len(pids) == n
	}, patience, 5*time.Millisecond, "%d engines at work", n)
	return pids
}

// requireAtRest waits until the engines of a race are dead and replaced, and all of them idle.
func (c crew) requireAtRest(t *testing.T, dead ...int) {
	t.Helper()
	require.Eventually(t, func() bool {
		s := c.pool.Stats()
		warm := 0
		for _, e := range s.Engines {
			if slices.Contains(dead, e.PID) {
				return false
			}
			if e.State == pool.Warm {
				warm++
			}
		}
		return warm == s.Capacity+s.Spares
	}, patience, 5*time.Millisecond)
}

func TestLong_Race_SecondIsFirst_ItsMeshCountsAndCanBeMadeAgain(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.FaultyEngine(t), racing)
	g := s.upload(part(t, "sleep mesh3d delaunay"))
	m := s.ended(s.again(g, spec.Spec{}))
	require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
	require.Equal(t, spec.HXT, m.Report.Strategy)
	require.Equal(t, "hxt", m.Report.Raced.Winner)
	require.Equal(t, []string{"hxt", "delaunay"}, m.Report.Raced.Rungs)
	require.Len(t, m.Report.Tried, 2)
	require.Equal(t, "stopped: hxt was first", m.Report.Tried[0].Error)
	w.requireAtRest(t)
	require.Equal(t, 1, w.pool.Stats().Recycled[pool.CauseKilled])

	files := s.artifacts(m)
	require.Len(t, files, 6, "of the winner alone")
	var report engine.MeshReport
	require.NoError(t, json.Unmarshal(s.content(files["report"]), &report))
	require.Equal(t, m.Report.Raced, report.Raced)
	require.Equal(t, m.Report.Tried, report.Tried)
	require.NotEmpty(t, report.Detail.Worst)
	log := string(s.content(files["log"]))
	require.Contains(t, log, "hxt is tried beside delaunay")
	require.Contains(t, log, "[hxt] ")

	again := s.ended(s.again(g, spec.Spec{}))
	require.Empty(t, again.ReusedFrom, "who is first is a matter of luck")
	named := s.ended(s.again(g, *m.Report.Raced.Spec))
	require.Equal(t, store.Succeeded, named.Status, "%+v", named.Error)
	require.Nil(t, named.Report.Raced)
	require.Equal(t, files["msh"].SHA256, s.artifacts(named)["msh"].SHA256)
	require.Equal(t, named.ID, s.again(g, *m.Report.Raced.Spec).ReusedFrom)
}

func TestRace_FirstIsFirst_MeshIsThatOfNoRace(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.FaultyEngine(t), racing)
	g := s.upload(part(t, "sleep mesh1d hxt"))
	w.requireAtRest(t) // an engine that is not ready yet is asked for again after a second, and the first may have ended by then
	sp := spec.Spec{Size: spec.Size{Max: 2}, Formats: []string{"msh", "vtk"}}
	m := s.ended(s.again(g, sp))
	require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
	require.Equal(t, spec.Delaunay, m.Report.Strategy)
	require.Nil(t, m.Report.Raced)
	require.Equal(t, []string{"hxt", "delaunay"}, []string{m.Report.Tried[0].Strategy, m.Report.Tried[1].Strategy})
	require.Equal(t, []string{"hxt"}, m.Report.Tried[1].Beside)
	w.requireAtRest(t)
	require.Equal(t, m.ID, s.again(g, sp).ReusedFrom)

	w.stop()
	s.hire(testenv.FaultyEngine(t), map[string]string{"MESHGEN_ENGINES": "2", "MESHGEN_RACE_AFTER": "0"})
	alone := s.ended(s.mesh(g, sp))
	require.Len(t, alone.Report.Tried, 1)
	require.Equal(t, s.artifacts(m)["vtk"].SHA256, s.artifacts(alone)["vtk"].SHA256)
}

func TestLong_Race_AllFail_WhatWasTriedSaysWhatRaced(t *testing.T) {
	s := newSite(t)
	// The first takes an engine with it. Three others are ready then, as a race at once takes: for the one whose turn it is, the one beside it, and
	// whoever comes next.
	w := s.hire(testenv.FaultyEngine(t), map[string]string{"MESHGEN_ENGINES": "3", "MESHGEN_RACE_AFTER": "1h", "MESHGEN_SPECULATE": "0"})
	w.requireAtRest(t)
	m := s.ended(s.mesh(s.upload(part(t, "segv mesh3d")), spec.Spec{}))
	require.Equal(t, store.Failed, m.Status)
	require.Equal(t, diagnosis.EngineCrashed, m.Error.Code)
	var tried []string
	beside := 0
	for _, a := range m.Error.Tried {
		tried = append(tried, a.Strategy)
		beside += len(a.Beside)
	}
	require.Equal(t, []string{"delaunay", "hxt"}, tried[:2])
	// One that was to run beside another and found no engine is begun again, after the one that was begun meanwhile.
	require.ElementsMatch(t, []string{"delaunay, mended", "delaunay of the tessellation", "lattice"}, tried[2:])
	require.Positive(t, beside, "once one has failed, two run at a time")
	require.Len(t, s.artifacts(m), 1, "the log alone is kept")
	w.requireAtRest(t)
}

func TestLong_Race_Canceled_BothEnginesAreKilled(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.FaultyEngine(t), racing)
	m := s.mesh(s.upload(part(t, "sleep mesh2d")), spec.Spec{})
	both := w.busy(t, 2)
	require.NoError(t, s.jobs.CancelMesh(t.Context(), tenant, m.ID))
	require.Equal(t, store.Canceled, s.ended(m).Status)
	w.requireAtRest(t, both...)
	require.Equal(t, store.Succeeded, s.ended(s.mesh(s.upload(part(t, "")), spec.Spec{})).Status)
}

func TestLong_Race_EngineIsKilledInIt_TheOtherGoesOn(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.FaultyEngine(t), racing)
	g := s.upload(part(t, "sleep mesh3d delaunay"))
	s.until(g.ID, isDone)
	// The one that sleeps is the first; with it dead the other's turn has come.
	m := s.mesh(g, spec.Spec{Size: spec.Size{Max: 1.1}})
	both := w.busy(t, 2)
	s.until(m.ID, inStage(engine.Stage1D)) // an engine that is killed before it has begun is replaced, and nothing has failed
	require.NoError(t, syscall.Kill(-both[0], syscall.SIGKILL))
	m = s.ended(m)
	require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
	require.Equal(t, spec.HXT, m.Report.Strategy)
	require.Contains(t, m.Report.Tried[0].Error, "engine_crashed")
	require.Equal(t, 1, m.Attempt)
	w.requireAtRest(t, both[0])
}

func TestLong_Race_AnotherJobComes_ItGetsTheEngineAtOnce(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.FaultyEngine(t), racing)
	long := s.mesh(s.upload(part(t, "sleep mesh2d")), spec.Spec{})
	both := w.busy(t, 2)
	short := s.ended(s.mesh(s.upload(part(t, "")), spec.Spec{Strategy: spec.HXT, Formats: []string{"msh"}}))
	require.Equal(t, store.Succeeded, short.Status, "%+v", short.Error)
	require.GreaterOrEqual(t, w.pool.Stats().Recycled[pool.CauseWanted], 1)
	still, err := s.db.Mesh(t.Context(), tenant, long.ID)
	require.NoError(t, err)
	require.Equal(t, store.Running, still.Status, "the one whose turn it is goes on")
	require.NoError(t, s.jobs.CancelMesh(t.Context(), tenant, long.ID))
	require.Equal(t, store.Canceled, s.ended(long).Status)
	w.requireAtRest(t, both...)
}
