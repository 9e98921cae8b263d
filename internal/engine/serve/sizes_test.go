package serve_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/mesh"
	"meshgen/internal/spec"
)

// edge is an edge of a tetrahedron.
type edge struct {
	a, b   [3]float64
	length float64
}

func (e edge) middle() (p [3]float64) {
	for k := range p {
		p[k] = (e.a[k] + e.b[k]) / 2
	}
	return p
}

func between(a, b [3]float64) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}

// edges returns each edge of the elements of a dimension once, the corners of which are the first n nodes.
func edges(m *mesh.Mesh, blocks []*mesh.Block, n int) (out []edge) {
	seen := map[[2]uint64]bool{}
	for _, b := range blocks {
		for i := range b.Len() {
			nodes := b.Element(i)[:n]
			for k, p := range nodes {
				for _, q := range nodes[k+1:] {
					key := [2]uint64{min(p, q), max(p, q)}
					if !seen[key] {
						seen[key] = true
						out = append(out, edge{m.At(p), m.At(q), between(m.At(p), m.At(q))})
					}
				}
			}
		}
	}
	return out
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// typical returns the median length of the edges for whose middle a condition holds.
func typical(t *testing.T, all []edge, where func(p [3]float64) bool) float64 {
	t.Helper()
	var lengths []float64
	for _, e := range all {
		if where(e.middle()) {
			lengths = append(lengths, e.length)
		}
	}
	require.NotEmpty(t, lengths)
	return median(lengths)
}

// requireSize requires a typical length to be the one asked for: edges of a good mesh are between 0.7 and 1.4 of it.
func requireSize(t *testing.T, want, got float64) {
	t.Helper()
	require.Greater(t, got, 0.7*want)
	require.Less(t, got, 1.3*want)
}

// The cube of these tests is 100 mm wide, about the origin. Its face 4 lies at y = 50 and is red.
func cube(t *testing.T, c *child, change func(*spec.Spec)) *mesh.Mesh {
	t.Helper()
	a := c.mesh(shared(t, "cad/step_boundary_colors.stp"), func(s *spec.Spec) {
		s.Size.Max = 20
		change(s)
	})
	requireSound(t, a)
	return readMesh(t, a)
}

func TestRefinements_HoldWhereTheyAre(t *testing.T) {
	t.Parallel()
	c := start(t)
	outside := func(p [3]float64) bool { return p[1] < -30 && p[0] < 0 }
	for name, r := range map[string]struct {
		refine spec.Refinement
		within func(p [3]float64) bool
	}{
		"a box in a corner": {
			spec.Refinement{Box: [][]float64{{20, 20, 20}, {60, 60, 60}}, Size: 4},
			func(p [3]float64) bool { return min(p[0], p[1], p[2]) > 21 },
		},
		"a ball that touches no face": {
			spec.Refinement{Sphere: &spec.Sphere{Center: []float64{5, 10, 0}, Radius: 10}, Size: 3},
			func(p [3]float64) bool { return between(p, [3]float64{5, 10, 0}) < 9 },
		},
		"a face by its colour": {
			spec.Refinement{Group: "color_ff0000", Size: 4},
			func(p [3]float64) bool { return p[1] == 50 },
		},
		"a face by its tag": {
			spec.Refinement{Entities: spec.Entities{Faces: []int{4}}, Size: 4},
			func(p [3]float64) bool { return p[1] == 50 },
		},
		"an edge": {
			spec.Refinement{Entities: spec.Entities{Edges: []int{12}}, Size: 2}, // from (50, 50, -50) to (50, 50, 50)
			func(p [3]float64) bool { return math.Abs(p[2]) < 45 && between(p, [3]float64{50, 50, p[2]}) < 1e-9 },
		},
		"the distance to a face": {
			spec.Refinement{Near: &spec.Near{Entities: spec.Entities{Faces: []int{4}}, From: 10}, Size: 4},
			func(p [3]float64) bool { return p[1] > 41 },
		},
		"the solid": {
			spec.Refinement{Entities: spec.Entities{Solids: []int{1}}, Size: 9},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := cube(t, c.on(t), func(s *spec.Spec) { s.Refine = []spec.Refinement{r.refine} })
			all := edges(m, m.Of(3), 4)
			if r.within == nil {
				requireSize(t, r.refine.Size, typical(t, all, func([3]float64) bool { return true }))
				return
			}
			requireSize(t, r.refine.Size, typical(t, all, r.within))
			require.Greater(t, typical(t, all, outside), 12., "elsewhere edges are as long as they may be")
		})
	}
}

func TestDistance_SizesGrowToWhatTheyWouldBe(t *testing.T) {
	m := cube(t, start(t), func(s *spec.Spec) {
		s.Refine = []spec.Refinement{{Near: &spec.Near{Entities: spec.Entities{Faces: []int{4}}, From: 5, To: 65}, Size: 4}}
	})
	all := edges(m, m.Of(3), 4)
	requireSize(t, 4, typical(t, all, func(p [3]float64) bool { return p[1] > 46 }))
	requireSize(t, 12, typical(t, all, func(p [3]float64) bool { return math.Abs(p[1]-15) < 4 })) // half way
	requireSize(t, 19, typical(t, all, func(p [3]float64) bool { return p[1] < -20 }))
}

func TestRefinement_HoldsOnAFaceOfAnSTL(t *testing.T) {
	a := start(t).mesh(shared(t, "stl/gen_cube_ascii.stl"), func(s *spec.Spec) { // 10 wide
		s.Size.Max = 3
		s.Refine = []spec.Refinement{{Near: &spec.Near{Entities: spec.Entities{Faces: []int{1}}, From: 0.5}, Size: 0.5}}
	})
	requireSound(t, a)
	m := readMesh(t, a)
	requireSize(t, 0.5, typical(t, edges(m, m.In(2, 1), 3), func([3]float64) bool { return true }))
	all := edges(m, m.Of(2), 3)
	require.Greater(t, typical(t, all, func([3]float64) bool { return true }), 0.4)
	longest := 0.
	for _, e := range all {
		longest = max(longest, e.length)
	}
	require.Greater(t, longest, 2., "far from it edges are as long as they may be")
}

// steps returns the ratio of the longer to the shorter for each pair of tetrahedra that share a face, by their mean edges.
func steps(m *mesh.Mesh) (ratios []float64) {
	last := map[[3]uint64]float64{}
	for _, b := range m.Of(3) {
		for i := range b.Len() {
			nodes := b.Element(i)[:4]
			size := 0.
			for k, p := range nodes {
				for _, q := range nodes[k+1:] {
					size += between(m.At(p), m.At(q)) / 6
				}
			}
			for k := range 4 {
				face := [3]uint64{nodes[(k+1)%4], nodes[(k+2)%4], nodes[(k+3)%4]}
				slices.Sort(face[:])
				if other, ok := last[face]; ok {
					ratios = append(ratios, max(size/other, other/size))
				} else {
					last[face] = size
				}
			}
		}
	}
	slices.Sort(ratios)
	return ratios
}

func TestGrowth_BoundsHowSizesChange(t *testing.T) {
	c := start(t)
	// Edges of 2 mm at a corner, of up to 40 elsewhere.
	at := func(growth float64) *mesh.Mesh {
		return cube(t, c, func(s *spec.Spec) {
			s.Size.Max, s.Size.Growth = 40, growth
			s.Refine = []spec.Refinement{{Sphere: &spec.Sphere{Center: []float64{50, 50, 50}, Radius: 3}, Size: 2}}
		})
	}
	for _, growth := range []float64{1.15, 1.5} {
		m := at(growth)
		ratios := steps(m)
		t.Logf("growth %g: %d elements, steps: median %.2f, 95 %% %.2f, 99 %% %.2f", growth, len(ratios), ratios[len(ratios)/2],
			ratios[len(ratios)*95/100], ratios[len(ratios)*99/100])
		require.Less(t, ratios[len(ratios)*95/100], growth+0.1)
		// sizes at a distance are those of a geometric series
		all := edges(m, m.Of(3), 4)
		for _, d := range []float64{10, 20, 40, 80} {
			got := typical(t, all, func(p [3]float64) bool { return math.Abs(between(p, [3]float64{50, 50, 50})-d) < d/5 })
			t.Logf("  at %g: %.1f, asked for %.1f", d, got, 2+(growth-1)*(d-3))
			require.Less(t, got, 1.3*(2+(growth-1)*(d-3)), "at %g", d)
		}
	}
}

func TestGrowth_HoldsAlsoWhereCurvatureMakesEdgesShort(t *testing.T) {
	t.Parallel()
	c := start(t)
	high := func(growth float64) float64 {
		a := c.mesh(part(t), func(s *spec.Spec) { s.Size.Max, s.Size.Growth, s.Size.Curvature = 15, growth, 30 })
		requireSound(t, a)
		ratios := steps(readMesh(t, a))
		t.Logf("growth %g: %d pairs, 50 %% %.3f 90 %% %.3f 99 %% %.3f", growth, len(ratios), ratios[len(ratios)/2], ratios[len(ratios)*90/100], ratios[len(ratios)*99/100])
		return ratios[len(ratios)*95/100]
	}
	slow, fast := high(1.15), high(2.5)
	require.Less(t, slow, fast)
	require.Less(t, slow, 1.6)
}

func TestNeedleOnAPlate_LeavesThePlateAsCoarseAsItIsWithoutIt(t *testing.T) {
	t.Parallel()
	a := start(t).mesh(named(t, "testdata/needle.step"), nil)
	requireSound(t, a)
	volumeWithin(t, 0.01, a)
	m := readMesh(t, a)
	far := func(p [3]float64) bool { return p[2] <= 4 && math.Hypot(p[0]-20, p[1]-20) > 12 }
	longest := (spec.Size{Fineness: spec.DefaultFineness}).MaxEdge(math.Hypot(math.Hypot(40, 40), 29))
	require.Greater(t, typical(t, edges(m, m.Of(2), 3), far), 0.85*longest)
}
