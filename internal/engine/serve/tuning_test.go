package serve_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// tuned asks for a mesh on a rung of its own.
func (c *child) tuned(source engine.Source, tuning engine.Tuning) answer {
	c.t.Helper()
	s, err := spec.Spec{Size: spec.Size{Fineness: 1}}.Resolve()
	require.NoError(c.t, err)
	return c.do(engine.Request{Kind: engine.Mesh, Source: source, Spec: s, Tuning: tuning})
}

func TestLong_Tessellation_StandsInForCAD(t *testing.T) {
	t.Parallel()
	c := start(t)
	// cracks between faces, several solids, a seam, a void
	for _, path := range []string{"cad/t20_data.step", "cad/Ball.brep", "cad/gen_torus_self_seam.step", "cad/gen_sphere_void.step"} {
		a := c.tuned(shared(t, path), engine.Tuning{Rung: "tessellation", Tessellate: true})
		requireSound(t, a)
		volumeWithin(t, 0.02, a)
		require.Equal(t, "tessellation", a.Mesh.Tried[len(a.Mesh.Tried)-1].Strategy)
		require.True(t, slices.ContainsFunc(a.Warnings, func(w diagnosis.Diagnosis) bool {
			return w.Code == diagnosis.Repaired && strings.Contains(w.Message, "tessellation")
		}), "%s: nobody says so", path)
		surface, _ := surfaceFile(t, a, "surface.glb")
		for _, f := range surface.Faces {
			require.Equal(t, []int{}, f.Of, "%s: face %d is none of the file's", path, f.Tag)
		}
	}
}

func TestFaceThatCannotBeMeshed_IsNamedAndItsTessellationTakesItsPlace(t *testing.T) {
	c := start(t)
	// a spline surface with poles, of which Gmsh makes no triangle by any algorithm
	source := named(t, "testdata/ellipsoid.step")
	a := c.tuned(source, engine.Tuning{})
	require.NotNil(t, a.Error)
	require.Equal(t, diagnosis.SurfaceMeshingFailed, a.Error.Code)
	require.Len(t, a.Error.Entities, 1)
	require.Equal(t, 2, a.Error.Entities[0].Dim)
	require.NotEmpty(t, a.Error.Hint)

	a = c.tuned(source, engine.Tuning{Tessellate: true})
	requireSound(t, a)
	volumeWithin(t, 0.02, a)
}

func TestLong_ClosedFaceThatCannotBeMeshed_IsWhereAPointOppositeItsSeamIs(t *testing.T) {
	t.Parallel()
	s, err := spec.Spec{Order: 2, Size: spec.Size{Max: 6, Min: 0.7}}.Resolve()
	require.NoError(t, err)
	a := start(t).do(engine.Request{Kind: engine.Mesh, Source: named(t, "testdata/ellipsoid.step"), Spec: s, Tuning: engine.Tuning{Anchor: true}})
	requireSound(t, a)
	require.Equal(t, 3, a.Mesh.Elements["point"], "two poles and the anchor")
	volumeWithin(t, 0.02, a)
	for _, w := range a.Warnings {
		require.NotContains(t, w.Message, "tessellation", "it is the CAD's own face")
	}
}

func TestTunings_KeepTheSpec(t *testing.T) {
	t.Parallel()
	c := start(t)
	plain := c.tuned(part(t), engine.Tuning{})
	requireSound(t, plain)
	finer := c.tuned(part(t), engine.Tuning{Scale: 0.6, Faces: engine.MeshAdapt})
	requireSound(t, finer)
	coarser := c.tuned(part(t), engine.Tuning{Scale: 2})
	requireSound(t, coarser)
	requireSound(t, c.tuned(part(t), engine.Tuning{Mend: true, Faces: engine.Delaunay}))
	require.Greater(t, finer.Mesh.Elements["tetrahedron"], plain.Mesh.Elements["tetrahedron"])
	require.Less(t, coarser.Mesh.Elements["tetrahedron"], plain.Mesh.Elements["tetrahedron"])
}

func TestFacesOfSeveralSolids_AreSewnIntoEach(t *testing.T) {
	a := start(t).tuned(named(t, "testdata/two_solids.iges"), engine.Tuning{})
	requireSound(t, a)
	require.Len(t, a.Mesh.Solids, 2)
	require.InEpsilon(t, math.Pi*5*5*10+125, a.Mesh.CADVolume, 1e-6)
	require.Contains(t, a.Warnings[0].Message, "Sewed 9 faces into 2 solids")
}

func TestEndsOfAnEllipseThatAreBentSharply_KeepNobodyBusyForMinutes(t *testing.T) {
	// 50 to 1: faces fail at its ends if Gmsh's second algorithm is tried there, which does not end
	a := start(t).mesh(named(t, "testdata/ellipse.step"), func(*spec.Spec) {})
	requireSound(t, a)
	volumeWithin(t, 0.01, a)
}

func TestDraftOfAWallThatIsTooThinForALattice_IsOfTheFacesThemselves(t *testing.T) {
	c := start(t)
	draft := func(strategy string) answer {
		s, err := spec.Spec{Draft: true}.Resolve()
		require.NoError(t, err)
		s.Strategy = strategy
		return c.do(engine.Request{Kind: engine.Mesh, Source: shared(t, "cad/gen_thin_plate.step"), Spec: s, Tuning: engine.Tuning{Scale: 2}})
	}
	a := draft(spec.Lattice)
	require.NotNil(t, a.Error)
	require.Equal(t, diagnosis.QualityBelowThreshold, a.Error.Code, "upon which the ladder goes on by delaunay")
	a = draft(spec.Delaunay)
	requireSound(t, a)
	require.Nil(t, a.Mesh.Measured.CFD, "what takes longest is left out")
	require.Less(t, a.Mesh.Elements["tetrahedron"], 2000)
}

func TestApexOfASlimCone_HasRoomForTrianglesAround(t *testing.T) {
	// two triangles with the same three nodes lie there otherwise, which no tetrahedron fits
	a := start(t).mesh(named(t, "testdata/cone.step"), nil)
	requireSound(t, a)
	volumeWithin(t, 0.01, a)
}
