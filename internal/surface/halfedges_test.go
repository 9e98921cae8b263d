package surface

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireWhole fails unless the half-edges hold together.
func requireWhole(t require.TestingT, e *halfEdges) {
	directed := map[[2]int32]bool{}
	used := map[int32]int{}
	for i := range e.triangle {
		if !e.alive(int32(i)) {
			continue
		}
		for h := int32(3 * i); h < int32(3*i+3); h++ {
			g := e.twin[h]
			require.Equal(t, h, e.twin[g])
			require.True(t, e.alive(g/3))
			require.Equal(t, e.from(h), e.to(g))
			require.Equal(t, e.to(h), e.from(g))
			require.Equal(t, e.curve[h], e.curve[g])
			if e.curve[h] >= 0 {
				require.Equal(t, e.span[h], [2]float64{e.span[g][1], e.span[g][0]})
			} else {
				require.Equal(t, e.face[h/3], e.face[g/3], "faces meet where no curve is")
			}
			k := [2]int32{e.from(h), e.to(h)}
			require.False(t, directed[k], "two triangles on one side of an edge")
			directed[k] = true
			used[e.from(h)]++
		}
	}
	for v, h := range e.out {
		if h < 0 {
			require.Zero(t, used[int32(v)])
			continue
		}
		require.Equal(t, int32(v), e.from(h))
		n := 0
		for x := range e.around(int32(v)) {
			require.Equal(t, int32(v), e.from(x))
			n++
		}
		require.Equal(t, used[int32(v)], n, "a vertex has triangles that are not around it")
		require.GreaterOrEqual(t, n, 3)
	}
}

func TestHalfEdges_RandomChanges_LeaveAClosedSurface(t *testing.T) {
	for seed := range uint64(20) {
		dice := rand.New(rand.NewPCG(seed, 5))
		m := featured(t, cylinder(5, 20, 12, 3))
		e := newRemesh(m, 0, Sizing{Max: 1, Min: 1, Curvature: 30, Growth: 1.3}, nil).halfEdges
		requireWhole(t, e)
		euler := 2
		for range 3000 {
			h := int32(dice.IntN(len(e.twin)))
			if !e.alive(h / 3) {
				continue
			}
			switch dice.IntN(3) {
			case 0:
				if len(e.at) < 500 {
					e.split(h, midpoint(e.at[e.from(h)], e.at[e.to(h)]), (e.span[h][0]+e.span[h][1])/2)
				}
			case 1:
				if e.curve[h] < 0 && !e.joined(e.apex(h), e.apex(e.twin[h])) {
					e.flip(h)
				}
			case 2:
				onCurve := false
				for x := range e.around(e.from(h)) {
					onCurve = onCurve || e.curve[x] >= 0
				}
				if (!onCurve || e.curve[h] >= 0) && e.canCollapse(h) {
					e.collapse(h)
				}
			}
		}
		requireWhole(t, e)
		vertices, triangles := 0, 0
		for _, h := range e.out {
			if h >= 0 {
				vertices++
			}
		}
		for i := range e.triangle {
			if e.alive(int32(i)) {
				triangles++
			}
		}
		require.Equal(t, euler, vertices-triangles/2)
	}
}
