package curved

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/mesh"
)

func TestElementsThatTouch_ShareTheirNewNodes(t *testing.T) {
	m := &mesh.Mesh{XYZ: []float64{0, 0, 0}}
	for z := range 3 {
		for _, p := range []Vec{{0, 0}, {1, 0}, {1, 1}, {0, 1}} {
			m.XYZ = append(m.XYZ, p[0], p[1], float64(z))
		}
	}
	m.XYZ = append(m.XYZ, 0.5, 0.5, 3)
	m.Blocks = []mesh.Block{
		{Dim: 0, Entity: 1, Kind: mesh.Point, Nodes: []uint64{1}},
		{Dim: 1, Entity: 4, Kind: mesh.Line2, Nodes: []uint64{1, 2}},
		{Dim: 2, Entity: 5, Kind: mesh.Quad4, Nodes: []uint64{1, 4, 3, 2}},
		{Dim: 3, Entity: 1, Kind: mesh.Hex8, Nodes: []uint64{1, 2, 3, 4, 5, 6, 7, 8}},
		{Dim: 3, Entity: 1, Kind: mesh.Prism6, Nodes: []uint64{5, 6, 7, 9, 10, 11, 5, 7, 8, 9, 11, 12}},
		{Dim: 3, Entity: 2, Kind: mesh.Tet4, Nodes: []uint64{9, 10, 11, 13, 9, 11, 12, 13}},
	}
	e := Elevate(m, Geometry{})
	// edges: 12 and 9 of the two cubes, one across, one across the upper end and 4 to the top; faces: 6 and 4 of cubes, one across; one hexahedron
	require.Equal(t, 13+12+8+2+4+6+4+1+1, e.Nodes())
	require.Len(t, e.Owners, e.Nodes()-13)
	var kinds []mesh.Kind
	for i := range e.Blocks {
		b := &e.Blocks[i]
		kinds = append(kinds, b.Kind)
		require.Equal(t, m.Blocks[i].Len(), b.Len())
		if b.Dim != 3 {
			continue
		}
		element := of(b.Kind)
		for k := range b.Len() {
			var p []Vec
			for _, node := range b.Element(k) {
				p = append(p, e.At(node))
			}
			for n := range p {
				require.Equal(t, element.straightAt(p, n), p[n], "%s %d", b.Kind, n)
			}
		}
	}
	require.Equal(t, []mesh.Kind{mesh.Point, mesh.Line3, mesh.Quad9, mesh.Hex27, mesh.Prism18, mesh.Tet10}, kinds)
	require.Equal(t, [2]int{1, 4}, e.Owners[0], "what lies on a curve belongs to it")
}

// arc is a stack of thin prisms on a piece of a cylinder of radius 1, from its wall inwards, with the wall and one side.
func arc(layers int, thickness float64) (*mesh.Mesh, map[Edge]Edge) {
	m := &mesh.Mesh{XYZ: []float64{0, 0, 0}}
	node := func(level, corner int) uint64 { return uint64(1 + 3*level + corner) }
	for level := range layers + 1 {
		r := 1 - thickness*float64(level)/float64(layers)
		for _, c := range []struct{ angle, z float64 }{{0, 0}, {0, 1}, {1, 0}} {
			m.XYZ = append(m.XYZ, r*math.Cos(c.angle), r*math.Sin(c.angle), c.z)
		}
	}
	prisms := mesh.Block{Dim: 3, Entity: 1, Kind: mesh.Prism6}
	side := mesh.Block{Dim: 2, Entity: 2, Kind: mesh.Quad4}
	below := map[Edge]Edge{}
	for level := range layers {
		prisms.Nodes = append(prisms.Nodes, node(level, 0), node(level, 1), node(level, 2), node(level+1, 0), node(level+1, 1), node(level+1, 2))
		side.Nodes = append(side.Nodes, node(level, 0), node(level, 2), node(level+1, 2), node(level+1, 0))
		for _, e := range [][2]int{{0, 1}, {1, 2}, {2, 0}} {
			below[EdgeOf(node(level+1, e[0]), node(level+1, e[1]))] = EdgeOf(node(level, e[0]), node(level, e[1]))
		}
	}
	wall := mesh.Block{Dim: 2, Entity: 1, Kind: mesh.Triangle3, Nodes: []uint64{node(0, 0), node(0, 1), node(0, 2)}}
	m.Blocks = []mesh.Block{wall, side, prisms}
	return m, below
}

func onCylinder(_, entity int, p Vec) (Vec, bool) {
	if entity != 1 {
		return Vec{p[0], p[1], 0}, true
	}
	r := math.Hypot(p[0], p[1])
	return Vec{p[0] / r, p[1] / r, p[2]}, true
}

func TestLayers_BendAsTheWallDoes(t *testing.T) {
	const levels = 4
	m, below := arc(levels, 0.01) // far thinner than the wall's bend, of 0.12
	stiff := Elevate(m, Geometry{Project: onCylinder})
	require.Less(t, least(t, &stiff.Mesh), 0.05, "without it all of the bend is in the lowest layer")

	e := Elevate(m, Geometry{Project: onCylinder, Below: below})
	require.Greater(t, least(t, &e.Mesh), 0.5)
	require.Len(t, e.Ties, 3)
	for _, tie := range e.Ties {
		require.Len(t, tie, levels+1)
	}
	// the edge across is an arc in each level, on the side as well
	for level := range levels + 1 {
		a, b := uint64(1+3*level), uint64(3+3*level)
		node := e.Blocks[2].Element(max(level-1, 0))[map[bool]int{true: 7, false: 13}[level == 0]]
		r := math.Hypot(e.At(node)[0], e.At(node)[1])
		require.InDelta(t, math.Hypot(e.At(a)[0], e.At(a)[1]), r, 1e-12, "%d: between %d and %d", level, a, b)
	}
}

func TestLayersThatHaveToBeStraightened_AreSoFromTheWallToTheTop(t *testing.T) {
	m, below := arc(3, 0.01)
	e := Elevate(m, Geometry{Project: onCylinder, Below: below})
	// push the wall's arc through the layers' own end, as a geometry may that is no cylinder
	var wall uint64
	for _, tie := range e.Ties {
		if p := e.At(tie[0]); math.Abs(p[0]-math.Cos(0.5)) < 1e-9 && p[2] == 0 {
			wall = tie[0]
			copy(e.XYZ[3*tie[0]:], []float64{0.4, 0.2, 0})
		}
	}
	require.NotZero(t, wall)
	require.Less(t, least(t, &e.Mesh), Least)
	out := Straighten(&e.Mesh, e.Ties)
	require.GreaterOrEqual(t, least(t, &e.Mesh), Least)
	require.NotEmpty(t, out.Moved)
}

func TestNodeThatWouldGoToAnotherPartOfTheGeometry_StaysStraight(t *testing.T) {
	m := &mesh.Mesh{XYZ: []float64{0, 0, 0, 0, 0, 0, 1, 0, 0}, Blocks: []mesh.Block{{Dim: 1, Entity: 1, Kind: mesh.Line2, Nodes: []uint64{1, 2}}}}
	e := Elevate(m, Geometry{Project: func(int, int, Vec) (Vec, bool) { return Vec{0.5, 3, 0}, true }})
	require.Equal(t, Vec{0.5, 0, 0}, e.At(3))
}
