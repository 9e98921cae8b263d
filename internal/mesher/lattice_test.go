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
	j.compareMeanwhile([]*latticeHull{h})
	require.Panics(t, func() { _ = j.compare() })
	j.running.Wait() // whatever became of it
}

// pair is a job of two boxes, one on the other, that share face 6.
func pair() *job {
	j := &job{m: &Mesher{}, req: engine.Request{Spec: spec.Spec{Strategy: spec.Lattice, Size: spec.Size{Max: 0.2}}}}
	j.source.solids = []solid{{tag: 1, faces: []int{1, 2, 3, 4, 5, 6}}, {tag: 2, faces: []int{6, 7, 8, 9, 10, 11}}}
	return j
}

// boxHull is a box on the unit square, its faces in the order of bottom, sides, top.
func boxHull(s *solid, low, high float64) *latticeHull {
	h := &latticeHull{solid: s, enclosed: high - low}
	for _, z := range [2]float64{low, high} {
		h.vertices = append(h.vertices, [3]float64{0, 0, z}, [3]float64{1, 0, z}, [3]float64{1, 1, z}, [3]float64{0, 1, z})
	}
	for i, q := range [6][4]int32{{0, 3, 2, 1}, {0, 1, 5, 4}, {1, 2, 6, 5}, {2, 3, 7, 6}, {3, 0, 4, 7}, {4, 5, 6, 7}} {
		h.triangles = append(h.triangles, [3]int32{q[0], q[1], q[2]}, [3]int32{q[0], q[2], q[3]})
		h.face = append(h.face, int32(s.faces[i]), int32(s.faces[i]))
	}
	return h
}

func TestSolidsThatShareAFace_HaveOneLatticeUnlessOneIsTooThin(t *testing.T) {
	for thickness, joint := range map[float64]bool{1: true, 1e-4: false} {
		j := pair()
		hulls, err := j.prepare([]*latticeHull{boxHull(&j.source.solids[0], 0, 1), boxHull(&j.source.solids[1], 1, 1+thickness)})
		require.NoError(t, err)
		require.Len(t, hulls, 1)
		require.Len(t, hulls[0].members, 2)
		require.InDelta(t, 1+thickness, hulls[0].enclosed, 1e-12)
		hulls, err = j.fillJoints(hulls, &latticeSizes{limit: 0.2, refined: sizing.New(nil)}, 0.2)
		require.NoError(t, err)
		if joint {
			require.Len(t, hulls, 1)
			require.InEpsilon(t, 1, hulls[0].members[0].volume, 1e-3)
			require.InEpsilon(t, 1, hulls[0].members[1].volume, 1e-3)
			require.Empty(t, j.warnings)
			continue
		}
		require.Len(t, hulls, 2)
		require.InEpsilon(t, 1, hulls[0].volume, 1e-2)
		require.Nil(t, hulls[1].mesh, "thinner than its lattice, as that of the solid alone")
		require.Equal(t, []int{12, 7, 8, 9, 10, 11}, j.source.solids[1].faces, "no face of the other")
		require.Equal(t, int32(12), hulls[1].face[0])
		require.Len(t, j.warnings, 1)
		require.Contains(t, j.warnings[0].Message, "2 solids that touch, the first of them solid 1, have no lattice in common")
	}
}
