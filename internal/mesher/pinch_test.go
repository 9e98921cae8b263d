package mesher

import (
	"errors"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/gmsh"
	"meshgen/internal/spec"
)

// pinchedCone is a job that has meshed the faces of a slim cone, wide as it is long edges: where it ends, triangles have the same corners.
func pinchedCone(t *testing.T) *job {
	t.Helper()
	j, _ := loaded(t, "../engine/serve/testdata/cone.step", spec.Size{Max: 2, Min: 2})
	require.NoError(t, j.meshCurves(nil))
	require.NoError(t, j.chords.grow(j.growth(), j.sizes.scale))
	require.NoError(t, gmsh.Generate(2))
	return j
}

func apexOf(t *testing.T) (apex [3]float64) {
	t.Helper()
	points, err := gmsh.Entities(0)
	require.NoError(t, err)
	for _, e := range points {
		p, err := gmsh.Point(e)
		require.NoError(t, err)
		if p[2] > apex[2] {
			apex = p
		}
	}
	return apex
}

func TestFaceSlimmerThanItsEdges_IsBlamedBeforeItIsMended(t *testing.T) {
	j := pinchedCone(t)
	err := j.unpinch()
	d, ok := errors.AsType[*diagnosis.Diagnosis](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, diagnosis.BoundaryRecoveryFailed, d.Code, "upon which the face is meshed another way")
	require.Len(t, d.Entities, 1)
	require.Equal(t, 1, d.Entities[0].Tag)
	require.Less(t, distance(*d.Entities[0].Point, apexOf(t)), 8., "near the apex")
	require.True(t, j.ease(err))

	require.NoError(t, j.unpinch(), "once that was tried, it is mended")
	left, err := j.pinches()
	require.NoError(t, err)
	require.Zero(t, len(left))
	require.NoError(t, renumber())
	require.Less(t, math.Abs(j.off(t)), 0.25, "closed, and of about the volume that such long edges leave")
	require.NoError(t, gmsh.Generate(3))
	n, err := elementsOf(3)
	require.NoError(t, err)
	require.Positive(t, n)
}

// Where an edge leads around the face from a node of its seam to that node, the library leaves out the triangles there: what is above hangs
// together with what is below by that node alone.
func TestLoopAroundAFace_IsOpened(t *testing.T) {
	pinchedCone(t)
	face := gmsh.DimTag{Dim: 2, Tag: 1}
	low, high, err := gmsh.ParameterBounds(face)
	require.NoError(t, err)
	tags, places, err := gmsh.FaceNodes(1)
	require.NoError(t, err)
	defer tags.Free()
	defer places.Free()
	seam := map[float64]uint64{} // nodes by their second parameter
	for i, n := range tags.View() {
		at, err := gmsh.Parameters(face, places.View()[3*i:3*i+3])
		require.NoError(t, err)
		if at[0] < low[0]+1e-6 || at[0] > high[0]-1e-6 {
			seam[at[1]] = n
		}
	}
	order := slices.Sorted(maps.Keys(seam))
	lower, middle, upper := order[2], order[3], order[4]
	a, b, c := seam[lower], seam[middle], seam[upper]
	next, err := nextNode()
	require.NoError(t, err)
	k := faceNodes{face: 1, tags: []uint64{next, next + 1}, corners: []uint64{a, b, next, b, a, next, b, c, next + 1, c, b, next + 1}}
	for _, v := range []float64{(lower + middle) / 2, (middle + upper) / 2} {
		half := low[0] + 0.4*(high[0]-low[0])
		p, err := gmsh.Point(face, half, v)
		require.NoError(t, err)
		k.places, k.parameters = append(k.places, p[:]...), append(k.parameters, half, v)
	}
	p, err := unroll(&k, k.pinched())
	require.NoError(t, err)
	p.sign = -1 // no triangle lies within
	n, err := p.openLoops(next + 2)
	require.NoError(t, err)
	require.Equal(t, 3, n, "around the node between them, and where the two end")
	require.Len(t, k.corners, 3*(4+4+2+2), "two triangles on either side of a loop")
	edges := k.pinched()
	p.collect(edges)
	free := next + 2 + uint64(n)
	for _, e := range edges {
		for _, s := range p.sides(e) {
			require.NoError(t, p.cut(e, s, free))
			free++
		}
	}
	require.Empty(t, k.pinched())
}

func TestFacesWithRoomForTheirTriangles_AreLeftAsTheyAre(t *testing.T) {
	j, r := loaded(t, "../engine/serve/testdata/cone.step", spec.Size{})
	require.NoError(t, j.meshSurface())
	require.Zero(t, r.said("slimmer"))
}

func TestTriangleAtASeam_ReachesToTheNearerSideAndNeverAllAround(t *testing.T) {
	p := &unrolled{
		faceNodes: &faceNodes{corners: []uint64{1, 2, 3}}, low: []float64{0, 0}, high: []float64{1, 1}, closes: [2]bool{true, false},
		at: map[uint64][2]float64{1: {0, 0.1}, 2: {0, 0.2}, 3: {0.4, 0.15}},
	}
	for side, sign := range []float64{-1, 1} { // from node to node along the seam, with the face to the one side or the other
		p.sign = sign
		ways := p.lay(0)
		require.Len(t, ways, 1)
		require.Equal(t, [3][2]float64{{float64(side), 0.1}, {float64(side), 0.2}, {0.4, 0.15}}, ways[0].at)
	}
}
