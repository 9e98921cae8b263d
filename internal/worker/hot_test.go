package worker_test

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/spec"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

// inVTK asks for a mesh in the format that tells nothing but the mesh.
func inVTK(strategy string) spec.Spec {
	return spec.Spec{Strategy: strategy, Size: spec.Size{Max: 12}, Formats: []string{"msh", "vtk"}}
}

// sameMesh requires two meshes to be the same, node for node.
func (s *site) sameMesh(a, b store.Mesh) {
	s.t.Helper()
	require.Equal(s.t, store.Succeeded, a.Status, "%+v", a.Error)
	require.Equal(s.t, store.Succeeded, b.Status, "%+v", b.Error)
	require.Equal(s.t, s.artifacts(a)["vtk"].SHA256, s.artifacts(b)["vtk"].SHA256)
}

// killEngines kills all engines of a worker, the spare too.
func (c crew) killEngines(t *testing.T) {
	t.Helper()
	for _, e := range c.pool.Stats().Engines {
		if e.PID > 0 {
			require.NoError(t, syscall.Kill(e.PID, syscall.SIGKILL))
		}
	}
}

func TestRunOnAHotPartIsCanceled_NothingOfItIsInTheNextMesh(t *testing.T) {
	s := newSite(t)
	s.hire(testenv.FaultyEngine(t), nil)
	g := s.upload(part(t, "sleep mesh3d frontal"))
	first := s.ended(s.mesh(g, inVTK(spec.Auto)))
	require.Contains(t, first.Report.Reused, engine.StageImport)

	m := s.mesh(g, inVTK(spec.Frontal))
	s.until(m.ID, inStage(engine.Stage3D))
	require.NoError(t, s.jobs.CancelMesh(t.Context(), tenant, m.ID))
	s.until(m.ID, isDone)
	next := s.ended(s.mesh(g, inVTK(spec.Auto)))
	s.sameMesh(first, next)
	require.Empty(t, next.Report.Reused)
}

func TestEnginesAreKilledWithTheOnlyHotCopy_ItIsReadAgain(t *testing.T) {
	s := newAffineSite(t)
	w := s.hire(testenv.FaultyEngine(t), nil)
	g := s.readAsIfLarge(part(t, "sleep mesh3d delaunay"))
	w.killEngines(t) // idle
	byHXT := s.ended(s.mesh(g, inVTK(spec.HXT)))
	require.Equal(t, store.Succeeded, byHXT.Status, "%+v", byHXT.Error)
	require.Equal(t, 1, byHXT.Attempt)
	require.NotContains(t, byHXT.Report.Reused, engine.StageImport)

	m := s.mesh(g, inVTK(spec.Auto))
	s.until(m.ID, inStage(engine.Stage3D))
	w.killEngines(t) // at work on it
	m = s.ended(m)
	s.sameMesh(byHXT, m) // the next rung
	require.Equal(t, 1, m.Attempt)
	require.NotContains(t, m.Report.Reused, engine.StageImport)
}

func TestGeometryIsDeletedWhileItIsHot_TheSameFileIsServedAnew(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.FaultyEngine(t), nil)
	file := part(t, "sleep mesh3d frontal")
	g := s.upload(file)
	first := s.ended(s.again(g, inVTK(spec.Auto)))
	sha := s.artifacts(first)["vtk"].SHA256
	running := s.mesh(g, inVTK(spec.Frontal))
	s.until(running.ID, inStage(engine.Stage3D))
	require.NoError(t, s.jobs.DeleteGeometry(t.Context(), tenant, g.ID)) // at work on it
	_, err := s.jobs.CreateMesh(t.Context(), store.NewMesh{TenantID: tenant, GeometryID: g.ID, Spec: first.Spec, Reuse: true})
	require.ErrorIs(t, err, store.ErrNotFound)

	for range 2 {
		g = s.upload(file)
		m := s.ended(s.again(g, inVTK(spec.Auto)))
		require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
		require.Empty(t, m.ReusedFrom, "results go with their geometry")
		require.NoError(t, s.jobs.Sweep(t.Context(), s.blobs))
		require.NotEmpty(t, s.content(s.artifacts(m)["msh"]))
		require.Equal(t, sha, s.artifacts(m)["vtk"].SHA256)
		require.NotEmpty(t, w.pool.Kept()[tenant])
		require.NoError(t, s.jobs.DeleteGeometry(t.Context(), tenant, g.ID)) // in an idle engine
	}
}
