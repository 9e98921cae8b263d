package mesher

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/field"
	"meshgen/internal/gmsh"
	"meshgen/internal/lattice"
	"meshgen/internal/sizing"
	"meshgen/internal/spec"
	"meshgen/internal/surface"
)

// unitHull is the solid of a tetrahedron.
func unitHull(t *testing.T, tag int, faces ...int) *latticeHull {
	m := tetrahedron()
	s, err := field.Prepare(m.Vertices, m.Triangles, field.Options{})
	require.NoError(t, err)
	return &latticeHull{solid: &solid{tag: tag, faces: faces}, vertices: m.Vertices, triangles: m.Triangles, field: s, enclosed: 1. / 6, area: 2.4}
}

func tetrahedron() *surface.Mesh {
	return &surface.Mesh{
		Vertices:  [][3]float64{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
		Triangles: [][3]int32{{0, 2, 1}, {0, 1, 3}, {0, 3, 2}, {1, 2, 3}},
	}
}

func TestLatticeEdge_FollowsRefinementsAsFarAsItsKindMayCost(t *testing.T) {
	hulls := []*latticeHull{unitHull(t, 1)}
	z := &latticeSizes{limit: 0.2, least: 1e-5, refined: sizing.New(nil)}
	for _, kind := range []struct {
		name  string
		most  float64
		draft bool
		engine.Tuning
	}{{"plain", 20_000_000, false, engine.Tuning{}}, {"last resort", 3_000_000, false, engine.Tuning{LastResort: true}}, {"draft", 100_000, true, engine.Tuning{}}} {
		j := &job{req: engine.Request{Spec: spec.Spec{Strategy: spec.Lattice, Draft: kind.draft}, Tuning: kind.Tuning}}
		edge, err := j.latticeEdge(hulls, z)
		require.NoError(t, err)
		about := z.tets(hulls[0], edge)
		require.Less(t, about, kind.most, kind.name)
		require.Greater(t, about, 0.2*kind.most, kind.name)
		if kind.most < refinedTets {
			require.LessOrEqual(t, 1.4*about, kind.most, "%s: there may be more than expected", kind.name)
		}
		require.Len(t, j.warnings, 1, kind.name)
		require.Equal(t, diagnosis.UnfitSpec, j.warnings[0].Code)
	}
}

func TestDraftWithMoreThanWasExpected_IsMadeCoarserAsFarAsItsSizesAllow(t *testing.T) {
	fill := func(limit float64) (*latticeHull, []diagnosis.Diagnosis) {
		h := unitHull(t, 1, 1)
		h.face = []int32{1, 1, 1, 1}
		h.features = lattice.FindFeatures(h.vertices, h.triangles, h.face)
		s := spec.Spec{Strategy: spec.Lattice, Draft: true, Size: spec.Size{Max: limit}, Refine: make([]spec.Refinement, 1)}
		j := &job{m: &Mesher{}, req: engine.Request{Spec: s}}
		require.NoError(t, j.fillHulls([]*latticeHull{h}, &latticeSizes{limit: limit, refined: sizing.New(nil)}, 0.02))
		return h, j.warnings
	}
	h, said := fill(0.2)
	require.LessOrEqual(t, h.tets(), float64(draftTets))
	require.Greater(t, h.tets(), 0.2*draftTets)
	require.InEpsilon(t, h.enclosed, h.volume, 0.01)
	require.Len(t, said, 1)
	require.Contains(t, said[0].Message, "A draft has 100000 tetrahedra at most")

	h, said = fill(0.02)
	require.Greater(t, h.tets(), float64(draftTets), "as asked for")
	require.Empty(t, said)
}

func TestSizesAskedOfALattice_AreTheSmallerWhereSolidsShareAFace(t *testing.T) {
	z := &latticeSizes{limit: 1, refined: sizing.New(nil)}
	fine, coarse := unitHull(t, 1, 1, 2), unitHull(t, 2, 2, 3)
	fine.edge, coarse.edge = 0.1, 0.3
	for _, hulls := range [][]*latticeHull{{fine, coarse}, {coarse, fine}} {
		s := z.asked(hulls, false)
		require.Equal(t, []float64{0.1, 0.1, 0.3}, []float64{s.on[gmsh.DimTag{Dim: 2, Tag: 1}], s.on[gmsh.DimTag{Dim: 2, Tag: 2}], s.on[gmsh.DimTag{Dim: 2, Tag: 3}]})
	}
}

func TestTrianglesThatCannotBeLookedInto_AreNotSaidToSurroundNothing(t *testing.T) {
	defect := diagnosis.New(diagnosis.NotWatertight, "there is a hole")
	describe := func(m *surface.Mesh) *engine.Model {
		j := &job{source: source{raw: m, defect: defect}, model: &engine.Model{}}
		j.describeRaw()
		return j.model
	}
	open := tetrahedron()
	open.Triangles = open.Triangles[:3]
	found := describe(open)
	require.Equal(t, defect, found.Defect)
	require.InDelta(t, 1.5, found.Faces[0].Measure, 1e-12)
	open.Triangles = open.Triangles[:1]
	require.True(t, describe(open).Defect.NoInside, "one triangle")
	open.Vertices[1][0] = math.NaN()
	require.Equal(t, defect, describe(open).Defect, "an answer to nothing")
}

func TestPanicWhileSurfacesAreCompared_IsTheJobs(t *testing.T) {
	h := unitHull(t, 1, 1)
	h.edge = 0.1
	h.mesh = &lattice.Mesh{XYZ: make([]float64, 9), Tris: []int32{0, 1, 3}} // a node that is not there
	j := &job{}
	wait := j.compareMeanwhile([]*latticeHull{h})
	require.Panics(t, func() { _ = j.compare() })
	require.Panics(t, wait)
}
