package curved

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/mesh"
)

// ring is tetrahedra around an edge, with nodes of higher order at their straight places.
func ring(kind mesh.Kind) *mesh.Mesh {
	corners := []Vec{{0, 0, -1}, {0, 0, 1}, {1, 0, 0}, {0, 1, 0}, {-1, 0, 0}, {0, -1, 0}}
	m := &mesh.Mesh{XYZ: []float64{0, 0, 0}}
	for _, p := range corners {
		m.XYZ = append(m.XYZ, p[:]...)
	}
	e := of(kind)
	b := mesh.Block{Dim: 3, Entity: 1, Kind: kind}
	made := map[Vec]uint64{}
	for i := range 4 {
		n := []uint64{1, 2, uint64(3 + i), uint64(3 + (i+1)%4)}
		var p []Vec
		for _, c := range n {
			p = append(p, m.At(c))
		}
		for k := 4; k < len(e.nodes); k++ {
			at := e.straightAt(p, k)
			if made[at] == 0 {
				m.XYZ = append(m.XYZ, at[:]...)
				made[at] = uint64(m.Nodes())
			}
			n = append(n, made[at])
		}
		b.Nodes = append(b.Nodes, n...)
	}
	m.Blocks = []mesh.Block{b}
	return m
}

func least(t *testing.T, m *mesh.Mesh) float64 {
	t.Helper()
	out := 1.
	for i := range m.Blocks {
		if b := &m.Blocks[i]; b.Dim == 3 {
			for _, r := range Ratios(m, b) {
				out = min(out, r)
			}
		}
	}
	return out
}

// bulge moves a node, which is on the boundary, and says so by a triangle.
func bulge(m *mesh.Mesh, edge [2]uint64, by Vec) uint64 {
	a, b := m.At(edge[0]), m.At(edge[1])
	node := uint64(0)
	for n := uint64(7); n <= uint64(m.Nodes()); n++ {
		if distance2(m.At(n), Vec{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2}) < 1e-20 {
			node = n
		}
	}
	for k := range 3 {
		m.XYZ[3*node+uint64(k)] += by[k]
	}
	m.Blocks = append(m.Blocks, mesh.Block{Dim: 2, Entity: 1, Kind: mesh.Triangle6, Nodes: []uint64{edge[0], edge[1], edge[1], node, node, node}})
	return node
}

func TestValidElements_AreLeftAlone(t *testing.T) {
	m := ring(mesh.Tet10)
	bulge(m, [2]uint64{3, 4}, Vec{0.1, 0.1, 0})
	before := append([]float64(nil), m.XYZ...)
	require.Empty(t, Straighten(m, nil).Moved)
	require.Equal(t, before, m.XYZ)
}

func TestOneEdgeTooBent_KeepsWhatItCan(t *testing.T) {
	m := ring(mesh.Tet10)
	good := bulge(m, [2]uint64{4, 5}, Vec{-0.05, 0.05, 0})
	bad := bulge(m, [2]uint64{3, 4}, Vec{-0.45, -0.45, 0})
	kept := m.At(good)
	require.LessOrEqual(t, least(t, m), 0.)
	out := Straighten(m, nil)
	require.Equal(t, 1, out.Elements)
	require.Len(t, out.Moved, 1)
	require.Equal(t, bad, out.Moved[0].Node)
	require.Equal(t, kept, m.At(good))
	require.GreaterOrEqual(t, least(t, m), goal)
	require.Less(t, m.At(bad)[0], 0.45, "still bent, as far as it goes")
	require.Less(t, least(t, m), 3*goal)
}

func TestCurveWithinTheVolume_GivesWayBeforeTheBoundary(t *testing.T) {
	m := ring(mesh.Tet10)
	wall := bulge(m, [2]uint64{3, 4}, Vec{-0.15, -0.15, 0})
	var axis uint64
	for n := uint64(7); n <= uint64(m.Nodes()); n++ {
		if m.At(n) == (Vec{}) {
			axis = n
		}
	}
	copy(m.XYZ[3*axis:], []float64{0.4, 0.4, 0})
	require.LessOrEqual(t, least(t, m), 0.)
	kept := m.At(wall)
	out := Straighten(m, nil)
	require.Len(t, out.Moved, 1)
	require.Equal(t, axis, out.Moved[0].Node)
	require.Equal(t, kept, m.At(wall))
	require.GreaterOrEqual(t, least(t, m), Least)
}

func TestTiedEdges_AreStraightenedTogether(t *testing.T) {
	m := ring(mesh.Tet10)
	far := bulge(m, [2]uint64{5, 6}, Vec{-0.1, -0.1, 0})
	bad := bulge(m, [2]uint64{3, 4}, Vec{-0.45, -0.45, 0})
	middle := Vec{-0.5, -0.5, 0}
	before := distance2(m.At(far), middle)
	out := Straighten(m, [][]uint64{{far, bad}})
	require.Len(t, out.Moved, 2)
	share := distance2(m.At(bad), Vec{0.5, 0.5, 0}) / (2 * 0.45 * 0.45)
	require.Less(t, share, 1.)
	require.InDelta(t, share, distance2(m.At(far), middle)/before, 1e-9)
}

func TestMeshShakenAtRandom_BecomesValid(t *testing.T) {
	for _, kind := range []mesh.Kind{mesh.Tet10, mesh.Tet20} {
		for seed := range uint64(20) {
			random := rand.New(rand.NewPCG(seed, 1))
			m := ring(kind)
			for i := 3 * 7; i < len(m.XYZ); i++ {
				m.XYZ[i] += 0.5 * (random.Float64() - 0.5)
			}
			before := append([]float64(nil), m.XYZ...)
			bad := least(t, m) < Least
			out := Straighten(m, nil)
			require.GreaterOrEqual(t, least(t, m), Least, "%s %d", kind, seed)
			require.Equal(t, bad, len(out.Moved) > 0)
			require.Equal(t, before[:3*7], m.XYZ[:3*7], "corners stay")
			moved := map[uint64]bool{}
			for _, move := range out.Moved {
				moved[move.Node] = true
				require.Equal(t, Vec(before[3*move.Node:3*move.Node+3]), move.From)
			}
			for n := uint64(1); n <= uint64(m.Nodes()); n++ {
				require.Equal(t, moved[n], m.At(n) != Vec(before[3*n:3*n+3]), n)
			}
		}
	}
}
