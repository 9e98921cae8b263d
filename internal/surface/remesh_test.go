package surface

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// remeshed finds the features of some triangles, remeshes them, and holds the result against what was before.
func remeshed(t *testing.T, s soup, sizing Sizing) (before, after *Mesh, report Remeshing) {
	t.Helper()
	before = featured(t, s)
	after, report = before.Remesh(sizing)
	requireSound(t, after)
	requireFeatures(t, after)
	require.Len(t, after.Faces, len(before.Faces))
	require.Len(t, after.Curves, len(before.Curves))
	for i, v := range before.Corners {
		require.Equal(t, before.Vertices[v], after.Vertices[after.Corners[i]], "a corner moved")
	}
	require.Nil(t, newRepair(after).refuseCrossing(newTree(after)), "the new surface crosses itself")
	require.Equal(t, len(before.Triangles), report.Before)
	require.Equal(t, len(after.Triangles), report.After)
	require.Less(t, report.Deviation, 4*farDeviation*before.Box().Diagonal())
	for i := range before.Solids {
		require.InEpsilon(t, before.SolidVolume(before.Solids[i]), after.SolidVolume(after.Solids[i]), 0.01)
	}
	return before, after, report
}

// evenly is a sizing of one length.
func evenly(length float64) Sizing {
	return Sizing{Max: length, Min: length, Curvature: 6, Growth: 1.3}
}

// edgeLengths returns the lengths of all edges, in ascending order.
func edgeLengths(m *Mesh) []float64 {
	var out []float64
	for e := range newEdgeTable(m).all {
		out = append(out, norm(sub(m.Vertices[e.low], m.Vertices[e.high])))
	}
	slices.Sort(out)
	return out
}

// leastAngles returns the least angle of each triangle, in degrees and ascending order.
func leastAngles(m *Mesh) []float64 {
	var out []float64
	for _, t := range m.Triangles {
		a, b, c := m.corners(t)
		least := min(angle(sub(b, a), sub(c, a)), angle(sub(a, b), sub(c, b)), angle(sub(a, c), sub(b, c)))
		out = append(out, least*180/math.Pi)
	}
	slices.Sort(out)
	return out
}

func quantile(sorted []float64, s float64) float64 { return sorted[int(s*float64(len(sorted)-1))] }

func TestRemesh_Edges_HaveTheLengthWanted(t *testing.T) {
	for _, length := range []float64{1.5, 1, 0.7} {
		for name, s := range map[string]soup{"cube": cube(0, 10), "cylinder": cylinder(5, 20, 24, 1), "sphere": sphere(5, 3)} {
			_, after, _ := remeshed(t, s, evenly(length))
			edges := edgeLengths(after)
			middle := quantile(edges, 0.5)
			require.InDelta(t, length, middle, 0.35*length, "%s at %g", name, length)
			require.Less(t, quantile(edges, 0.99), 1.6*length, "%s at %g", name, length)
			require.Greater(t, quantile(edges, 0.02), 0.45*length, "%s at %g", name, length)
		}
	}
}

func TestRemesh_LongTriangles_BecomeRegular(t *testing.T) {
	// as CAD writes a cylinder: needles along its side, and fans for its ends
	before, after, _ := remeshed(t, cylinder(5, 40, 48, 1), evenly(1.5))
	require.Less(t, quantile(leastAngles(before), 0.5), 5.)
	angles := leastAngles(after)
	require.Greater(t, angles[0], 15.)
	require.Greater(t, quantile(angles, 0.05), 30.)
	require.InEpsilon(t, before.Volume(), after.Volume(), 0.002)
}

func TestRemesh_FlatFaces_StayFlatToTheLastDigit(t *testing.T) {
	before, after, report := remeshed(t, prism([][2]float64{{0, 0}, {7, -1}, {9, 4}, {3, 8}}, 5), evenly(0.7))
	require.InEpsilon(t, before.Volume(), after.Volume(), 1e-12)
	require.Less(t, report.Deviation, 1e-12)
	for i := range before.Faces {
		require.InEpsilon(t, before.Faces[i].Area, after.Faces[i].Area, 1e-12)
	}
}

func TestRemesh_ChordsOfACircle_DoNotLoseVolume(t *testing.T) {
	before, after, _ := remeshed(t, sphere(5, 4), Sizing{Max: 3, Min: 0.1, Curvature: 18, Growth: 1.3})
	require.Less(t, len(after.Triangles), len(before.Triangles)/2)
	require.InEpsilon(t, before.Volume(), after.Volume(), 0.004)
}

func TestRemesh_Curvature_AsksForShorterEdges(t *testing.T) {
	// a thin rod and a thick one
	sizing := Sizing{Max: 10, Min: 0.01, Curvature: 16, Growth: 1.5}
	mean := func(radius float64) float64 {
		_, after, _ := remeshed(t, cylinder(radius, 20, 64, 1), sizing)
		return quantile(edgeLengths(after), 0.5)
	}
	thin, thick := mean(1), mean(4)
	require.InDelta(t, 4, thick/thin, 1)
	require.InDelta(t, 2*math.Pi*4/16, thick, 0.5)
}

func TestRemesh_Growth_BoundsTheStepFromEdgeToEdge(t *testing.T) {
	at := [3]float64{0, 0, 0}
	sizing := Sizing{Max: 4, Min: 0.1, Curvature: 30, Growth: 1.3, Local: func(p [3]float64) float64 {
		if norm(sub(p, at)) < 0.5 {
			return 0.2
		}
		return 0
	}}
	_, after, _ := remeshed(t, cube(0, 20), sizing)
	near, far := 0, 0
	for e := range newEdgeTable(after).all {
		p := midpoint(after.Vertices[e.low], after.Vertices[e.high])
		d, l := norm(sub(p, at)), norm(sub(after.Vertices[e.low], after.Vertices[e.high]))
		require.Less(t, l, 1.6*(0.3+0.3*d), "an edge %g from the fine place is %g long", d, l)
		if d < 0.5 {
			near++
		}
		if d > 12 && l > 2 {
			far++
		}
	}
	require.Greater(t, near, 10)
	require.Greater(t, far, 10)
}

func TestRemesh_SizeOfAFaceOrCurve_HoldsThere(t *testing.T) {
	sizing := evenly(3)
	sizing.OfFace = func(face int) float64 {
		if face == 2 {
			return 0.5
		}
		return 0
	}
	_, after, _ := remeshed(t, cube(0, 10), sizing)
	for i, f := range after.Faces {
		if i == 2 {
			require.InDelta(t, f.Area/(math.Sqrt(3)/4*0.25), float64(f.Count), 0.5*float64(f.Count))
		}
	}
	sizing = evenly(3)
	sizing.OfCurve = func(curve int) float64 { return map[int]float64{5: 0.5}[curve] }
	_, after, _ = remeshed(t, cube(0, 10), sizing)
	require.InDelta(t, 20, len(after.Curves[5].Vertices)-1, 8)
	require.Less(t, len(after.Curves[0].Vertices), 12)
}

func TestRemesh_Budget_BoundsWhatRoughnessAsksFor(t *testing.T) {
	s := sphere(1, 5)
	fine := Sizing{Max: 0.5, Min: 0.001, Curvature: 200, Growth: 1.3}
	fine.Budget = 2000
	_, after, _ := remeshed(t, s, fine)
	require.InDelta(t, 2000, len(after.Triangles), 1200)
}

func TestLong_Remesh_NestedAndTouchingShells_StayApart(t *testing.T) {
	t.Run("a thin wall", func(t *testing.T) {
		// 0.05 thick, and edges forty times as long
		before, after, report := remeshed(t, join(sphere(5, 4), sphere(4.95, 4)), evenly(2))
		require.Len(t, after.Solids, 1)
		require.InEpsilon(t, before.Volume(), after.Volume(), 0.01)
		require.Empty(t, report.Kept)
	})
	t.Run("solid in void in solid", func(t *testing.T) {
		_, after, _ := remeshed(t, join(sphere(5, 3), sphere(3, 3), sphere(2, 2)), evenly(1))
		require.Len(t, after.Solids, 2)
	})
	t.Run("cubes that share a vertex", func(t *testing.T) {
		_, after, _ := remeshed(t, join(cube(0, 10), cube(10, 10)), evenly(3))
		require.Len(t, after.Solids, 2)
		shared := 0
		used := make([]int, len(after.Vertices))
		for s, sh := range after.Shells {
			for _, tri := range after.Triangles[sh.First : sh.First+sh.Count] {
				for _, v := range tri {
					used[v] |= 1 << s
				}
			}
		}
		for _, u := range used {
			if u == 3 {
				shared++
			}
		}
		require.Equal(t, 1, shared, "the vertex that both share")
	})
	t.Run("a thin plate", func(t *testing.T) {
		_, after, _ := remeshed(t, box([3]float64{0, 0, 0}, [3]float64{100, 100, 0.01}), evenly(10))
		require.InEpsilon(t, 100, after.Volume(), 1e-9)
	})
}

func TestLong_Remesh_RandomSurfaces_StayClosedAndTheSame(t *testing.T) {
	for seed := range uint64(10) {
		dice := rand.New(rand.NewPCG(seed, 11))
		s := blob(dice, 3+dice.IntN(2))
		size := 0.05 + 0.4*dice.Float64()
		before, after, _ := remeshed(t, s, Sizing{Max: size, Min: size / 10, Curvature: 8 + 30*dice.Float64(), Growth: 1.2 + dice.Float64()})
		require.InEpsilon(t, before.Volume(), after.Volume(), 0.01, "seed %d", seed)
		require.Greater(t, quantile(leastAngles(after), 0.01), 20., "seed %d", seed)
	}
}

func TestRemesh_NoisyScan_IsClosedAndNotFiner(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 3))
	moved := map[[3]float64]float64{}
	s := sphere(1, 4).shaped(func(p [3]float64) [3]float64 {
		r, ok := moved[p]
		if !ok {
			r = 1 + 0.01*(dice.Float64()-0.5)
			moved[p] = r
		}
		return [3]float64{r * p[0], r * p[1], r * p[2]}
	})
	before, after, _ := remeshed(t, s, Sizing{Max: 0.17, Min: 0.0115, Curvature: 30, Growth: 1.3, Budget: 25_000})
	require.Less(t, len(after.Triangles), 3*len(before.Triangles))
}

func TestRemesh_IsTheSameEachTime(t *testing.T) {
	m := featured(t, join(cylinder(5, 20, 24, 1), blob(rand.New(rand.NewPCG(4, 4)), 3).moved(30, 0, 0)))
	one, _ := m.Remesh(evenly(1))
	two, _ := m.Remesh(evenly(1))
	require.Equal(t, one, two)
}

func TestRemesh_ScaleAndPlace_DoNotMatter(t *testing.T) {
	want, _ := featured(t, cylinder(5, 20, 24, 1)).Remesh(evenly(1))
	for _, size := range []float64{1e-9, 1e9} {
		s := cylinder(5, 20, 24, 1).shaped(func(p [3]float64) [3]float64 { return [3]float64{size * p[0], size * p[1], size * p[2]} })
		got, _ := featured(t, s).Remesh(evenly(size))
		require.InDelta(t, len(want.Triangles), len(got.Triangles), 0.05*float64(len(want.Triangles)))
	}
	_, far, _ := remeshed(t, cylinder(5, 20, 24, 1).moved(1e7, -1e7, 1e7), evenly(1))
	require.InDelta(t, len(want.Triangles), len(far.Triangles), 0.1*float64(len(want.Triangles)))
}
