package layers_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/layers"
	"meshgen/internal/surface"
)

// plate is a box n × n × height cells of edge 1 with its sides cut into triangles: faces 1 and 2 at its ends in x, 3 and 4 in y, 5
// below, 6 above.
func plate(n int, height float64) *layers.Surface {
	s := &layers.Surface{Walls: map[int]layers.Wall{}, Fixed: map[int]bool{}}
	index := map[[3]float64]int32{}
	node := func(p [3]float64) int32 {
		v, ok := index[p]
		if !ok {
			v = int32(len(s.Points))
			index[p] = v
			s.Points = append(s.Points, p)
		}
		return v
	}
	quad := func(face int, a, b, c, d [3]float64) {
		i, j, k, l := node(a), node(b), node(c), node(d)
		s.Triangles = append(s.Triangles, [3]int32{i, j, k}, [3]int32{i, k, l})
		s.Face = append(s.Face, face, face)
	}
	f := func(x, y int, z float64) [3]float64 { return [3]float64{float64(x), float64(y), z} }
	for x := range n {
		for y := range n {
			quad(5, f(x, y, 0), f(x, y+1, 0), f(x+1, y+1, 0), f(x+1, y, 0))
			quad(6, f(x, y, height), f(x+1, y, height), f(x+1, y+1, height), f(x, y+1, height))
		}
		quad(1, f(0, x+1, 0), f(0, x, 0), f(0, x, height), f(0, x+1, height))
		quad(2, f(n, x, 0), f(n, x+1, 0), f(n, x+1, height), f(n, x, height))
		quad(3, f(x, 0, 0), f(x+1, 0, 0), f(x+1, 0, height), f(x, 0, height))
		quad(4, f(x+1, n, 0), f(x, n, 0), f(x, n, height), f(x+1, n, height))
	}
	return s
}

func grow(s *layers.Surface) *layers.Growth {
	return layers.Grow(s, func(points []layers.Vec, triangles [][3]int32) [][2]int32 {
		return surface.Crossing(points, triangles, 100)
	})
}

func TestFlatWall_MovesStraightInwards(t *testing.T) {
	s := plate(6, 3)
	s.Walls[5] = layers.Wall{Thickness: 0.4}
	g := grow(s)
	for v, p := range s.Points {
		if p[2] == 0 {
			require.Equal(t, 1., g.Share[v])
			require.InDeltaSlice(t, []float64{p[0], p[1], 0.4}, g.Top[v][:], 1e-12, "along the sides, too")
		} else {
			require.Equal(t, p, g.Top[v])
		}
	}
}

func TestWallsOnBothSidesOfAGap_LeaveRoomBetween(t *testing.T) {
	s := plate(6, 1)
	s.Walls[5], s.Walls[6] = layers.Wall{Thickness: 0.8}, layers.Wall{Thickness: 0.8}
	g := grow(s)
	require.Zero(t, g.Crossing)
	for v, p := range s.Points {
		require.Greater(t, g.Share[v], 0.3)
		require.Less(t, g.Share[v], 0.6)
		if p[2] == 0 {
			require.Less(t, g.Top[v][2], 0.45)
		}
	}
}

func TestWallsInACorner_BothKeepTheirThickness(t *testing.T) {
	s := plate(6, 3)
	s.Walls[1], s.Walls[5] = layers.Wall{Thickness: 0.3}, layers.Wall{Thickness: 0.3}
	g := grow(s)
	for v, p := range s.Points {
		if p[0] == 0 && p[2] == 0 {
			require.InDeltaSlice(t, []float64{0.3, p[1], 0.3}, g.Top[v][:], 1e-9)
		}
	}
}

func TestFaceThatMayNotMove_EndsTheLayers(t *testing.T) {
	s := plate(6, 3)
	s.Walls[5] = layers.Wall{Thickness: 0.4}
	s.Fixed[1] = true
	g := grow(s)
	for v, p := range s.Points {
		switch {
		case p[0] == 0:
			require.Equal(t, p, g.Top[v])
			require.Zero(t, g.Share[v])
		case p[2] == 0:
			require.Positive(t, g.Share[v])
		}
	}
}

func TestWallsOfDifferentLayers_DoNotJoin(t *testing.T) {
	s := plate(6, 3)
	s.Walls[1], s.Walls[5] = layers.Wall{Thickness: 0.3, ID: 1}, layers.Wall{Thickness: 0.3, ID: 2}
	g := grow(s)
	for v, p := range s.Points {
		if p[0] == 0 && p[2] == 0 {
			require.Equal(t, p, g.Top[v])
		}
	}
}
