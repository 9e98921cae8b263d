package surface

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
)

func TestRepair_SoundCube_IsLeftAsItIs(t *testing.T) {
	m, warnings := repaired(t, cube(0, 10))
	require.Empty(t, warnings)
	require.Len(t, m.Vertices, 8)
	require.Equal(t, []Solid{{Outer: 0}}, m.Solids)
	require.InDelta(t, 1000, m.Volume(), 1e-9)
	require.InDelta(t, 600, m.Shells[0].Area, 1e-9)
	require.Equal(t, Box{Max: [3]float64{10, 10, 10}}, m.Shells[0].Box)
}

func TestRepair_NestedShells_AreSolidVoidAndSolid(t *testing.T) {
	// the file has all four turned outwards; the order in it must not matter
	m, warnings := repaired(t, join(cube(4, 2), cube(0, 10), cube(20, 1), cube(2, 6)))
	require.Equal(t, []Solid{{Outer: 0}, {Outer: 1, Voids: []int{3}}, {Outer: 2}}, m.Solids)
	require.InDelta(t, 8, m.SolidVolume(m.Solids[0]), 1e-9)
	require.InDelta(t, 1000-216, m.SolidVolume(m.Solids[1]), 1e-9)
	require.InDelta(t, 1, m.SolidVolume(m.Solids[2]), 1e-9)
	require.Len(t, warnings, 2)
	require.Contains(t, warnings[0].Message, "Turned 12 of 48 triangles")
	require.Contains(t, warnings[1].Message, "as a void")
	require.Equal(t, diagnosis.Repaired, warnings[1].Code)
}

func TestRepair_VoidThatLooksInwards_NeedsNoWord(t *testing.T) {
	m, warnings := repaired(t, join(cube(0, 10), cube(2, 6).inverted()))
	require.Empty(t, warnings)
	require.InDelta(t, 1000-216, m.Volume(), 1e-9)
}

func TestRepair_ManyVoids_BelongToTheShellAroundThem(t *testing.T) {
	parts := []soup{box([3]float64{0, 0, 0}, [3]float64{100, 10, 10}), box([3]float64{0, 20, 0}, [3]float64{100, 30, 10})}
	for i := range 20 {
		parts = append(parts, cube(0, 1).moved(float64(i)*4+2, 4, 4), cube(0, 1).moved(float64(i)*4+2, 24, 4))
	}
	m, _ := repaired(t, join(parts...))
	require.Len(t, m.Solids, 2)
	require.Len(t, m.Solids[0].Voids, 20)
	require.Len(t, m.Solids[1].Voids, 20)
	require.InDelta(t, 20000-40, m.Volume(), 1e-6)
}

func TestRepair_TrianglesThatPointAnyWay_AreTurnedOutwards(t *testing.T) {
	for mask := range 1 << 12 {
		s := cube(0, 10)
		for i := range s {
			if mask>>i&1 == 1 {
				s[i][0], s[i][1] = s[i][1], s[i][0]
			}
		}
		m := s.mesh()
		warnings, d := m.Repair()
		require.Nil(t, d)
		require.InDelta(t, 1000, m.Volume(), 1e-9)
		require.Equal(t, mask == 0, len(warnings) == 0)
	}
}

func TestRepair_CubesThatShareAVertex_AreTwoSolids(t *testing.T) {
	m, warnings := repaired(t, join(cube(0, 10), cube(10, 10)))
	require.Empty(t, warnings)
	require.Len(t, m.Solids, 2)
	require.Len(t, m.Vertices, 15)
}

func TestRepair_BodiesThatTouch_AreRefused(t *testing.T) {
	t.Run("along an edge", func(t *testing.T) {
		refused(t, join(cube(0, 10), cube(0, 10).moved(10, 10, 0)), diagnosis.NonManifold)
	})
	t.Run("by equal faces", func(t *testing.T) {
		refused(t, join(cube(0, 10), cube(0, 10).moved(10, 0, 0)), diagnosis.NonManifold)
	})
	t.Run("by parts of faces", func(t *testing.T) {
		refused(t, join(cube(0, 10), cube(0, 10).moved(10, 3, 3)), diagnosis.SelfIntersecting)
	})
	t.Run("by a vertex in a face", func(t *testing.T) {
		octahedron := soup{}
		for i := range 8 {
			p := [3][3]float64{}
			for k := range 3 {
				p[k][k] = 5
				if i>>k&1 == 1 {
					p[k][k] = -5
				}
			}
			octahedron = append(octahedron, p)
		}
		refused(t, join(cube(0, 10), octahedron.moved(15, 5, 5)), diagnosis.SelfIntersecting)
		repaired(t, join(cube(0, 10), octahedron.moved(math.Nextafter(15, 16), 5, 5)))
	})
}

func TestRepair_FoldedSurface_IsSelfIntersecting(t *testing.T) {
	// a tetrahedron whose base has a corner pulled so far that a side lies back on another
	a, b, c, d := [3]float64{0, 0, 0}, [3]float64{10, 0, 0}, [3]float64{0, 10, 0}, [3]float64{2, 2, 0}
	e := [3]float64{2, 2, 10}
	refused(t, soup{{a, c, b}, {a, b, d}, {b, c, d}, {c, a, e}, {a, d, e}, {d, c, e}}, diagnosis.SelfIntersecting)
}

func TestRepair_Duplicates_AreLeftOut(t *testing.T) {
	t.Run("the same way round", func(t *testing.T) {
		s := cube(0, 10)
		m, warnings := repaired(t, join(s, s[:4], s[:2]))
		require.InDelta(t, 1000, m.Volume(), 1e-9)
		require.Contains(t, warnings[0].Message, "Left out 6 triangles that the file repeats")
		require.Equal(t, 13, warnings[0].Entities[0].Tag)
	})
	t.Run("turned", func(t *testing.T) {
		s := cube(0, 10)
		m, _ := repaired(t, join(s, s[5:6].inverted()))
		require.InDelta(t, 1000, m.Volume(), 1e-9)
	})
	t.Run("back to back and alone", func(t *testing.T) {
		stray := soup{{{20, 0, 0}, {30, 0, 0}, {20, 10, 0}}}
		m, warnings := repaired(t, join(cube(0, 10), stray, stray.inverted()))
		require.InDelta(t, 1000, m.Volume(), 1e-9)
		require.Contains(t, warnings[0].Message, "Left out 2 triangles that lie back to back")
	})
}

func TestRepair_TrianglesWithoutArea(t *testing.T) {
	needle := soup{{{0, 0, 0}, {10, 0, 0}, {5, 0, 0}}}
	t.Run("that hang on one edge are dropped", func(t *testing.T) {
		m, warnings := repaired(t, join(cube(0, 10), needle))
		require.Len(t, m.Triangles, 12)
		require.Contains(t, warnings[0].Message, "Left out 1 triangle without area")
		require.Equal(t, 13, warnings[0].Entities[0].Tag)
	})
	t.Run("that fill a slit are joined to the neighbour", func(t *testing.T) {
		s := cube(0, 10)
		s = cutEdge(s, [3]float64{0, 0, 0}, [3]float64{10, 0, 0}, 1)
		m, warnings := repaired(t, s)
		require.InDelta(t, 1000, m.Volume(), 1e-9)
		require.Len(t, m.Vertices, 9)
		require.Contains(t, warnings[0].Message, "Joined 1 triangle without area")
	})
	t.Run("in a row are joined one after the other", func(t *testing.T) {
		s := cutEdge(cube(0, 10), [3]float64{0, 0, 0}, [3]float64{10, 0, 0}, 40)
		m, _ := repaired(t, s)
		require.InDelta(t, 1000, m.Volume(), 1e-9)
	})
	t.Run("all of them", func(t *testing.T) {
		refused(t, needle, diagnosis.DegenerateGeometry)
		p := [3]float64{1, 2, 3}
		refused(t, soup{{p, p, p}}, diagnosis.DegenerateGeometry)
	})
}

// cutEdge cuts one of the two triangles at an edge n times on the edge, and fills the slit with flat triangles.
func cutEdge(s soup, a, b [3]float64, n int) soup {
	for i, t := range s {
		for k := range 3 {
			if t[k] != a || t[(k+1)%3] != b {
				continue
			}
			apex, from := t[(k+2)%3], a
			out := append(soup{}, s[:i]...)
			out = append(out, s[i+1:]...)
			for step := 1; step <= n+1; step++ {
				to := b
				if step <= n {
					share := float64(step) / float64(n+1)
					for x := range to {
						to[x] = a[x] + share*(b[x]-a[x])
					}
				}
				out = append(out, [3][3]float64{from, to, apex})
				if step > 1 {
					out = append(out, [3][3]float64{a, to, from})
				}
				from = to
			}
			return out
		}
	}
	panic("no such edge")
}

func TestRepair_SeamsOfRounding_AreClosed(t *testing.T) {
	s := cube(0, 10)
	for i := range s[:6] {
		for k := range s[i] {
			s[i][k][0] += 3e-6
		}
	}
	m, warnings := repaired(t, s)
	require.InDelta(t, 1000, m.Volume(), 1e-2)
	require.Len(t, m.Vertices, 8)
	require.Contains(t, warnings[0].Message, "by up to 3e-06 onto a neighbour")
}

func TestRepair_SeamsWiderThanRounding_StayOpen(t *testing.T) {
	s := cube(0, 10)
	for k := range s[0] {
		s[0][k][0] += 1e-3
	}
	d := refused(t, s, diagnosis.NotWatertight)
	require.Contains(t, d.Message, "6 open edges")
}

func TestRepair_Holes_AreListedLargestFirst(t *testing.T) {
	a, b := cube(0, 10), cube(20, 1)
	d := refused(t, join(b[:11], a[:10]), diagnosis.NotWatertight)
	require.Contains(t, d.Message, "7 open edges around 2 holes; the largest is 14.1 across")
	require.Len(t, d.Entities, 2)
	require.Equal(t, "hole of 4 edges, 14.1 across, 40 around", d.Entities[0].Name)
	require.InDeltaSlice(t, []float64{10, 5, 5}, d.Entities[0].Point[:], 1e-9)
}

func TestRepair_PlacesAreTenAtMost(t *testing.T) {
	var parts []soup
	for i := range 30 {
		parts = append(parts, cube(0, 1).moved(float64(2*i), 0, 0)[:10])
	}
	require.Len(t, refused(t, join(parts...), diagnosis.NotWatertight).Entities, maxPlaces)
}

func TestRepair_FlatBodies_HaveNoVolume(t *testing.T) {
	refused(t, box([3]float64{0, 0, 0}, [3]float64{10, 10, 0}), diagnosis.NoVolume)
}

func TestRepair_ScaleAndPlace_DoNotMatter(t *testing.T) {
	for _, size := range []float64{1e-20, 1e-6, 1, 1e9} {
		m, warnings := repaired(t, cube(0, size))
		require.Empty(t, warnings)
		require.InEpsilon(t, size*size*size, m.Volume(), 1e-9)
	}
	m, warnings := repaired(t, cube(1e12, 10))
	require.Empty(t, warnings)
	require.InEpsilon(t, 1000, m.Volume(), 1e-9)
	refused(t, cube(0, 1e-31), diagnosis.BelowTolerance)
}

func TestRepair_NothingToMend_IsAnEmptyModel(t *testing.T) {
	refused(t, nil, diagnosis.EmptyModel)
}

// FuzzRepair builds triangles on a small grid, where everything touches, repeats and degenerates.
func FuzzRepair(f *testing.F) {
	corners := func(s soup) (out []byte) {
		for _, t := range s {
			for _, p := range t {
				out = append(out, byte(p[0])|byte(p[1])<<2|byte(p[2])<<4)
			}
		}
		return out
	}
	f.Add(corners(cube(0, 3)))
	f.Add(corners(cube(0, 1)))
	f.Add(corners(join(cube(0, 3), cube(1, 1))))
	f.Add(corners(join(cube(0, 1), cube(1, 2))))
	f.Add(corners(join(cube(0, 2), cube(0, 1).moved(2, 0, 0))))
	f.Add(corners(cutEdge(cube(0, 3), [3]float64{0, 0, 0}, [3]float64{3, 0, 0}, 2)))
	f.Fuzz(func(t *testing.T, content []byte) {
		var s soup
		for ; len(content) >= 3; content = content[3:] {
			var tri [3][3]float64
			for i, c := range content[:3] {
				tri[i] = [3]float64{float64(c & 3), float64(c >> 2 & 3), float64(c >> 4 & 3)}
			}
			s = append(s, tri)
		}
		m := s.mesh()
		_, d := m.Repair()
		if d != nil {
			require.True(t, d.Code.Known())
			return
		}
		requireSound(t, m)
		require.LessOrEqual(t, m.Volume(), 27.0000001)
	})
}
