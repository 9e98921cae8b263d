package mesher

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/gmsh"
	"meshgen/internal/sizing"
)

// octahedron appends an octahedron around the origin to a hull, as the face with the tag. Its triangles turn at random.
func octahedron(k *hull, tag int, radius float64) {
	first := uint64(len(k.at) + 1)
	for axis := range 3 {
		for _, sign := range []float64{1, -1} {
			var p [3]float64
			p[axis] = sign * radius
			k.at[uint64(len(k.at)+1)] = p
		}
	}
	for i := range 8 {
		x, y, z := first+uint64(i&1), first+2+uint64(i>>1&1), first+4+uint64(i>>2)
		if i%3 == 0 {
			x, y = y, x
		}
		k.triangles, k.face = append(k.triangles, [3]uint64{x, y, z}), append(k.face, tag)
	}
}

func TestSurfaceMesh_EnclosesOuterShellLessVoids(t *testing.T) {
	k := &hull{at: map[uint64][3]float64{}, origin: [3]float64{5, 5, 5}}
	octahedron(k, 1, 1)
	octahedron(k, 2, 3)
	volume, closed := k.orient()
	require.True(t, closed)
	require.InDelta(t, 4./3*(27-1), volume, 1e-9)
	for i := range k.triangles {
		a, b, c := k.corners(i)
		n := doubleArea(a, b, c)
		outwards := n[0]*a[0]+n[1]*a[1]+n[2]*a[2] > 0
		require.Equal(t, k.face[i] == 2, outwards, "the void's triangles point into the void")
	}
}

func TestSurfaceMeshThatIsOpen_EnclosesNothing(t *testing.T) {
	k := &hull{at: map[uint64][3]float64{}}
	octahedron(k, 1, 1)
	k.triangles = k.triangles[1:]
	_, closed := k.orient()
	require.False(t, closed)
}

func TestFacesThatLoseVolume_ShrinkUntilTheGoalIsMet(t *testing.T) {
	// two faces lose, one gains, one hardly matters
	losses := map[int]float64{1: -0.02, 2: -0.01, 3: 0.005, 4: -0.0001}
	off := -0.0251
	got := remedies(losses, off, 0.0064)
	require.Len(t, got, 2)
	after := losses[3] + losses[4]
	for face, factor := range got {
		after += losses[face] * factor * factor
	}
	require.InDelta(t, -0.0064, after, 1e-4)

	require.Equal(t, map[int]float64{1: leastFactor}, remedies(map[int]float64{1: -0.9}, -0.9, 0.006), "not all at once")
	require.Empty(t, remedies(map[int]float64{1: 0.1}, -0.1, 0.006), "nobody is to blame")
}

func TestManyFacesThatLoseALittleEach_ShrinkTogether(t *testing.T) {
	losses := map[int]float64{}
	for face := range 150 { // the sides of pins
		losses[face] = -0.02 / 150
	}
	require.Len(t, remedies(losses, -0.02, 0.0064), 150)
}

func TestDivisionThatBringsASolidNoNearerToItsVolume_IsTheLast(t *testing.T) {
	require.True(t, inVain(-0.061, -0.060, 0.0064), "the CAD is wrong")
	require.True(t, inVain(-0.02, 0.03, 0.0064))
	require.False(t, inVain(-0.02, -0.009, 0.0064))
	require.False(t, inVain(-0.0085, -0.007, 0.0064))
}

func TestRingAroundAPole_IsForItsFaceAlone(t *testing.T) {
	// the tip of a needle: sizes grow by 1.5 % on their way along it
	ring := sizing.New([]sizing.Source{{Shape: sizing.Point([3]float64{}), Size: 0.01, From: 0.5, Slope: 0.015}})
	rule := &chord{arc: 0.01, wall: math.Inf(1), factor: 1}
	c := &chords{longest: 10, around: sizing.NewChords(30), rings: map[int]*sizing.Field{1: ring},
		entities: map[gmsh.DimTag]*chord{{Dim: 2, Tag: 1}: rule, {Dim: 2, Tag: 2}: rule}}
	place := [3]float64{0, 0, 50}
	require.Less(t, c.size(2, 1, place, 10), 1.)
	require.InDelta(t, 10, c.size(2, 2, place, 10), 1e-9, "the plate that it stands on")
}

func TestChords_AreFewerWhereTheArcDoesNotMatter(t *testing.T) {
	rule := chord{arc: 0.01, wall: math.Inf(1), shortest: 0.01, factor: 1}
	c := &chords{longest: 10, around: sizing.NewChords(30), entities: map[gmsh.DimTag]*chord{{Dim: 2, Tag: 1}: &rule}}
	around := func(radius float64) float64 {
		return 2 * math.Pi * radius / c.size(2, 1, [3]float64{}, 2*math.Pi*radius/30)
	}
	require.InDelta(t, 30, around(20), 1e-9)
	require.InDelta(t, 2*math.Pi/math.Sqrt(8*0.01), around(1), 1e-9)
	require.InDelta(t, 14, around(0.1), 1e-9)
	require.Equal(t, 10., c.size(2, 1, [3]float64{}, 1e22), "flat faces")
	require.Equal(t, 0.01, c.size(2, 1, [3]float64{}, 1e-6), "the shortest")
	require.Equal(t, 7., c.size(3, 1, [3]float64{}, 7), "solids are not asked")

	rule.factor = 0.5
	require.InDelta(t, 60, around(20), 1e-9)
	rule.factor, rule.wall = 1, 1e-3
	require.InDelta(t, 1e-3, math.Pow(2*math.Pi*20/around(20), 2)/8/20, 1e-9, "a chord leaves the wall")
}

func TestLongThinHole_HasSizesGrowFaster(t *testing.T) {
	require.EqualValues(t, sizing.Growth, (&chords{}).growth())
	g := (&chords{lines: 2500}).growth()
	require.InDelta(t, lineBudget, math.Pi/0.12/((g-1)*(g-1))*2500, 1)
	require.Equal(t, float64(steepest), (&chords{lines: 1e9}).growth())
}
