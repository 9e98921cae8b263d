package hexcore

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// box returns the surface of a box, with its sides cut into squares of triangles.
func box(low, high [3]float64, cuts int) Surface {
	var s Surface
	for axis := range 3 {
		u, v := (axis+1)%3, (axis+2)%3
		for _, at := range []float64{low[axis], high[axis]} {
			first := int32(len(s.Points))
			for i := range cuts + 1 {
				for k := range cuts + 1 {
					var p [3]float64
					p[axis] = at
					p[u] = low[u] + (high[u]-low[u])*float64(i)/float64(cuts)
					p[v] = low[v] + (high[v]-low[v])*float64(k)/float64(cuts)
					s.Points = append(s.Points, p)
				}
			}
			for i := range int32(cuts) {
				for k := range int32(cuts) {
					a := first + i*int32(cuts+1) + k
					b := a + int32(cuts+1)
					s.Triangles = append(s.Triangles, [3]int32{a, b, b + 1}, [3]int32{a, b + 1, a + 1})
				}
			}
		}
	}
	return s
}

func with(a, b Surface) Surface {
	first := int32(len(a.Points))
	a.Points = append(a.Points, b.Points...)
	for _, t := range b.Triangles {
		a.Triangles = append(a.Triangles, [3]int32{t[0] + first, t[1] + first, t[2] + first})
	}
	return a
}

func anywhere([3]float64) float64 { return math.Inf(1) }

// requireWhole checks that each face is shared by two elements, or by one and the skin, and that the skin is closed and points
// out: it encloses the hexahedra and the pyramids.
func requireWhole(t *testing.T, c *Core) {
	t.Helper()
	faces := map[[4]int32]int{}
	note := func(n ...int32) {
		key := [4]int32{-1, -1, -1, -1}
		copy(key[:], n)
		for i := range key { // four numbers: sorted by exchange
			for k := i + 1; k < 4; k++ {
				if key[k] < key[i] {
					key[i], key[k] = key[k], key[i]
				}
			}
		}
		faces[key]++
	}
	for _, h := range c.Hexes {
		for _, s := range sides {
			note(h[s.corners[0]], h[s.corners[1]], h[s.corners[2]], h[s.corners[3]])
		}
	}
	for _, p := range c.Pyramids {
		note(p[0], p[1], p[2], p[3])
		for k := range 4 {
			note(p[k], p[(k+1)%4], p[4])
		}
	}
	enclosed := 0.
	edges := map[[2]int32]int{}
	for _, s := range c.Skin {
		note(s[0], s[1], s[2])
		a, b, d := c.Points[s[0]], c.Points[s[1]], c.Points[s[2]]
		enclosed += (a[0]*(b[1]*d[2]-b[2]*d[1]) + a[1]*(b[2]*d[0]-b[0]*d[2]) + a[2]*(b[0]*d[1]-b[1]*d[0])) / 6
		for k := range 3 {
			edges[[2]int32{s[k], s[(k+1)%3]}]++
		}
	}
	for key, n := range faces {
		require.Equal(t, 2, n, "face %v", key)
	}
	for e, n := range edges {
		require.Equal(t, n, edges[[2]int32{e[1], e[0]}], "the skin is open at %v", e)
	}
	edge := math.Cbrt(c.Volume / float64(len(c.Hexes)))
	require.InEpsilon(t, c.Volume+float64(len(c.Pyramids))*edge*edge*edge*height/3, enclosed, 1e-9)
}

func TestBoxIsFilledButForTheGap(t *testing.T) {
	c := Build(box([3]float64{}, [3]float64{10, 10, 10}, 10), 1, anywhere)
	requireWhole(t, c)
	require.Len(t, c.Hexes, 8*8*8)
	require.Len(t, c.Pyramids, 6*8*8)
	for _, p := range c.Points {
		for _, x := range p {
			require.GreaterOrEqual(t, min(x, 10-x), clearance-height)
		}
	}
}

func TestCubesStayWhereLongEdgesAreWanted(t *testing.T) {
	s := box([3]float64{}, [3]float64{10, 10, 10}, 10)
	c := Build(s, 1, func(p [3]float64) float64 {
		if p[0] < 5 {
			return 0.5
		}
		return 1
	})
	requireWhole(t, c)
	require.Len(t, c.Hexes, 4*8*8)
	for _, h := range c.Hexes {
		require.GreaterOrEqual(t, c.Points[h[0]][0], 5.)
	}
}

func TestCubesLieInsideAndTheCavityAroundAVoidIsOpened(t *testing.T) {
	s := with(box([3]float64{}, [3]float64{16, 16, 16}, 16), box([3]float64{6.5, 6.5, 6.5}, [3]float64{9.5, 9.5, 9.5}, 3))
	c := Build(s, 1, anywhere)
	requireWhole(t, c)
	for _, h := range c.Hexes {
		p := c.Points[h[0]]
		inside := true
		for k := range 3 {
			inside = inside && p[k] > 5 && p[k] < 9.5
		}
		require.False(t, inside, "a cube in the void")
	}
	// the skin hangs together: there is a way from the void to the outside
	parts := map[int32]int32{}
	var root func(v int32) int32
	root = func(v int32) int32 {
		if p, ok := parts[v]; ok && p != v {
			return root(p)
		}
		parts[v] = v
		return v
	}
	for _, s := range c.Skin {
		parts[root(s[1])] = root(s[0])
		parts[root(s[2])] = root(s[0])
	}
	first := root(c.Skin[0][0])
	for _, s := range c.Skin {
		require.Equal(t, first, root(s[0]))
	}
}

func TestNothingFitsWhereThePartIsThin(t *testing.T) {
	require.Nil(t, Build(box([3]float64{}, [3]float64{20, 20, 2.4}, 20), 1, anywhere))
	require.Nil(t, Build(Surface{}, 1, anywhere))
	require.Nil(t, Build(box([3]float64{}, [3]float64{1e6, 1e6, 1e6}, 1), 1, anywhere), "more cubes than a mesh may have")
}
