package surface

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// featured repairs the triangles and finds their features.
func featured(t *testing.T, s soup) *Mesh {
	t.Helper()
	m, _ := repaired(t, s)
	m.FindFeatures()
	requireSound(t, m)
	requireFeatures(t, m)
	return m
}

// requireFeatures fails unless faces, curves and corners fit together.
func requireFeatures(t require.TestingT, m *Mesh) {
	next := 0
	faceOf := make([]int, len(m.Triangles))
	for i, f := range m.Faces {
		require.Equal(t, next, f.First)
		require.Positive(t, f.Count)
		require.Positive(t, f.Area)
		next += f.Count
		sh := m.Shells[f.Shell]
		require.True(t, f.First >= sh.First && f.First+f.Count <= sh.First+sh.Count, "a face leaves its shell")
		for k := f.First; k < next; k++ {
			faceOf[k] = i
		}
		for _, c := range f.Curves {
			require.Contains(t, m.Curves[c].Faces, i)
		}
	}
	require.Equal(t, len(m.Triangles), next)
	// every edge between two faces lies on exactly one curve of theirs, and no other edge does
	type key struct{ a, b int32 }
	onCurve := map[key][2]int{}
	for _, c := range m.Curves {
		require.Contains(t, m.Faces[c.Faces[0]].Curves, indexOf(m.Curves, c))
		for i := range c.Vertices[1:] {
			a, b := c.Vertices[i], c.Vertices[i+1]
			k := key{min(a, b), max(a, b)}
			require.NotContains(t, onCurve, k, "two curves share an edge")
			onCurve[k] = c.Faces
		}
		first, last := c.Vertices[0], c.Vertices[len(c.Vertices)-1]
		if len(c.Corners) == 0 {
			require.Equal(t, first, last)
		} else {
			require.Equal(t, []int32{first, last}, []int32{m.Corners[c.Corners[0]], m.Corners[c.Corners[1]]})
		}
	}
	table := newEdgeTable(m)
	for e := range table.all {
		p, q := faceOf[e.sides[0].half/3], faceOf[e.sides[1].half/3]
		faces, on := onCurve[key{e.low, e.high}]
		require.Equal(t, p != q, on)
		if on {
			require.Equal(t, [2]int{min(p, q), max(p, q)}, faces)
		}
	}
}

func indexOf(curves []Curve, c Curve) int {
	for i := range curves {
		if &curves[i].Vertices[0] == &c.Vertices[0] {
			return i
		}
	}
	return -1
}

func TestFeatures_OfACube_AreItsFacesEdgesAndCorners(t *testing.T) {
	m := featured(t, cube(0, 10))
	require.Len(t, m.Faces, 6)
	require.Len(t, m.Curves, 12)
	require.Len(t, m.Corners, 8)
	for _, f := range m.Faces {
		require.InDelta(t, 100, f.Area, 1e-9)
		require.Len(t, f.Curves, 4)
	}
}

func TestFeatures_OfACylinder_AreItsRims(t *testing.T) {
	m := featured(t, cylinder(5, 20, 16, 1))
	require.Len(t, m.Faces, 3)
	require.Len(t, m.Curves, 2)
	require.Empty(t, m.Corners)
	for _, c := range m.Curves {
		require.Empty(t, c.Corners)
		require.Len(t, c.Vertices, 17)
	}
}

func TestFeatures_OfASmoothSurface_AreNone(t *testing.T) {
	m := featured(t, join(sphere(5, 3), sphere(3, 3)))
	require.Len(t, m.Faces, 2)
	require.Empty(t, m.Curves)
	require.Equal(t, 0, m.Faces[0].Shell)
	require.Equal(t, 1, m.Faces[1].Shell)
}

func TestFeatures_OfANoisyScan_AreNotThousands(t *testing.T) {
	for seed := range uint64(3) {
		dice := rand.New(rand.NewPCG(seed, 3))
		moved := map[[3]float64]float64{}
		s := sphere(1, 5).shaped(func(p [3]float64) [3]float64 {
			r, ok := moved[p]
			if !ok {
				r = 1 + 0.02*(dice.Float64()-0.5)
				moved[p] = r
			}
			return [3]float64{r * p[0], r * p[1], r * p[2]}
		})
		m := s.mesh()
		normal := m.normals()
		sharp := 0
		for h, g := range newEdgeTable(m).twins() {
			if dot(normal[h/3], normal[g/3]) < math.Cos(featureAngle*math.Pi/180) {
				sharp++
			}
		}
		require.Greater(t, sharp, 1000, "too little noise to show anything")
		require.Less(t, len(featured(t, s).Faces), 20)
	}
}

func TestFeatures_TinyFace_BelongsToItsNeighbour(t *testing.T) {
	// a chamfer so slight that it is rounding, and one to be seen
	for cut, faces := range map[float64]int{1e-4: 6, 0.1: 7} {
		m := featured(t, prism([][2]float64{{0, 0}, {10, 0}, {10, 10 - cut}, {10 - cut, 10}, {0, 10}}, 10))
		require.Len(t, m.Faces, faces)
	}
}
