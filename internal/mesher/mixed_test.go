package mesher

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/mesh"
)

// mixedGrid is 27 cubes of edge 1 of which those with z < 1 are hexahedra, those above 2 two lying prisms each, and those between
// six pyramids each: all shapes with quadrangles.
func mixedGrid() *snapshot {
	const n = 3
	s := &snapshot{Mesh: mesh.Mesh{XYZ: []float64{0, 0, 0}}}
	node := func(x, y, z int) uint64 { return uint64(1 + x + (n+1)*(y+(n+1)*z)) }
	for z := range n + 1 {
		for y := range n + 1 {
			for x := range n + 1 {
				s.XYZ = append(s.XYZ, float64(x), float64(y), float64(z))
			}
		}
	}
	hexes := &mesh.Block{Dim: 3, Entity: 1, Kind: mesh.Hex8}
	prisms := &mesh.Block{Dim: 3, Entity: 1, Kind: mesh.Prism6}
	pyramids := &mesh.Block{Dim: 3, Entity: 1, Kind: mesh.Pyramid5}
	for z := range n {
		for y := range n {
			for x := range n {
				c := [8]uint64{node(x, y, z), node(x+1, y, z), node(x+1, y+1, z), node(x, y+1, z),
					node(x, y, z+1), node(x+1, y, z+1), node(x+1, y+1, z+1), node(x, y+1, z+1)}
				switch z {
				case 0:
					hexes.Nodes = append(hexes.Nodes, c[:]...)
				case 1:
					s.XYZ = append(s.XYZ, float64(x)+0.5, float64(y)+0.5, float64(z)+0.5)
					apex := uint64(s.Nodes())
					for _, f := range mesh.AHexahedron.Faces() {
						pyramids.Nodes = append(pyramids.Nodes, c[f[3]], c[f[2]], c[f[1]], c[f[0]], apex)
					}
				case 2:
					prisms.Nodes = append(prisms.Nodes, c[0], c[3], c[4], c[1], c[2], c[5], c[3], c[7], c[4], c[2], c[6], c[5])
				}
			}
		}
	}
	s.solids = []solidMesh{{solid: &solid{tag: 1, faces: []int{1, 2, 3, 4, 5, 6}}, blocks: []*mesh.Block{hexes, prisms, pyramids}}}
	s.cover(n)
	return s
}

func TestMixedElementsThatFillTheirSurface_Pass(t *testing.T) {
	s := mixedGrid()
	// quadrangles that are not flat, with the same corners in every element that shares them
	for i := 3; i < len(s.XYZ); i++ {
		for _, inner := range []float64{1, 2} {
			if s.XYZ[i] == inner {
				s.XYZ[i] += 0.2 * math.Sin(float64(7*i))
				break
			}
		}
	}
	f, d := judge(s)
	require.Nil(t, d)
	require.InDelta(t, 27, f.volume, 1e-9)
	require.InDelta(t, 27, f.enclosed, 1e-9)
	require.Equal(t, 9+54+18, f.elements)
}

func TestTrianglesAgainstAQuadrangle_AreFound(t *testing.T) {
	s := mixedGrid()
	// one cube of two prisms, at a corner, becomes six tetrahedra: its triangles meet quadrangles at two sides
	prisms := s.solids[0].blocks[1]
	tets := &mesh.Block{Dim: 3, Entity: 1, Kind: mesh.Tet4}
	for e := range 2 {
		p := prisms.Element(e)
		tets.Nodes = append(tets.Nodes, p[0], p[1], p[2], p[5], p[0], p[1], p[5], p[4], p[0], p[4], p[5], p[3])
	}
	prisms.Nodes = prisms.Nodes[12:]
	s.solids[0].blocks = append(s.solids[0].blocks, tets)
	s.cover(3)
	f, d := judge(s)
	require.NotNil(t, d)
	require.InDelta(t, f.enclosed, f.volume, 1e-9, "the volume does not show it")
	require.Equal(t, diagnosis.QualityBelowThreshold, d.Code)
	require.Contains(t, d.Message, "not shared")
	require.Equal(t, 2*3, f.hangs, "a quadrangle and two triangles at each side")
	require.NotEmpty(t, d.Entities)
	require.NotNil(t, d.Entities[0].Point)
}

func TestPyramidBetweenQuadrangleAndTetrahedra_Joins(t *testing.T) {
	s := mixedGrid()
	pyramids := s.solids[0].blocks[2]
	// the pyramids above a hexahedron stay, the one on its far side becomes two tetrahedra, and that leaves a quadrangle open
	var bottom, kept []uint64
	for e := range pyramids.Len() {
		p := pyramids.Element(e)
		if c := s.centroid(p[:4]); bottom == nil && c[2] == 1 {
			bottom = p
			continue
		}
		kept = append(kept, p...)
	}
	s.solids[0].blocks = append(s.solids[0].blocks, &mesh.Block{Dim: 3, Entity: 1, Kind: mesh.Tet4, Nodes: []uint64{
		bottom[0], bottom[1], bottom[2], bottom[4], bottom[0], bottom[2], bottom[3], bottom[4],
	}})
	whole := pyramids.Nodes
	pyramids.Nodes = kept
	f, d := judge(s)
	require.NotNil(t, d)
	require.Equal(t, 3, f.hangs)

	pyramids.Nodes, s.solids[0].blocks = whole, s.solids[0].blocks[:3]
	f, d = judge(s)
	require.Nil(t, d)
	require.Zero(t, f.hangs)
}

func TestMixedElementMissing_IsFound(t *testing.T) {
	s := mixedGrid()
	hexes := s.solids[0].blocks[0]
	hexes.Nodes = append(hexes.Nodes[:4*8:4*8], hexes.Nodes[5*8:]...) // in the middle of the lowest layer
	f, d := judge(s)
	require.NotNil(t, d)
	require.Equal(t, 1, f.bares, "its quadrangle on the surface")
	require.Equal(t, diagnosis.BoundaryRecoveryFailed, d.Code)

	s = mixedGrid()
	pyramids := s.solids[0].blocks[2]
	pyramids.Nodes = pyramids.Nodes[:len(pyramids.Nodes)-5]
	f, d = judge(s)
	require.NotNil(t, d)
	require.Less(t, f.volume, f.enclosed)
}

func TestMixedElementTwice_IsFound(t *testing.T) {
	s := mixedGrid()
	prisms := s.solids[0].blocks[1]
	prisms.Nodes = append(prisms.Nodes, prisms.Element(8)...)
	_, d := judge(s)
	require.NotNil(t, d)
}

func TestMixedElementsInverted_AreFound(t *testing.T) {
	for block, mirror := range map[int][]int{
		0: {4, 5, 6, 7, 0, 1, 2, 3},
		1: {3, 4, 5, 0, 1, 2},
		2: {3, 2, 1, 0, 4},
	} {
		s := mixedGrid()
		b := s.solids[0].blocks[block]
		e := b.Element(0)
		turned := make([]uint64, len(e))
		for i, from := range mirror {
			turned[i] = e[from]
		}
		copy(e, turned)
		f, d := judge(s)
		require.NotNil(t, d, b.Kind)
		require.Equal(t, 1, f.inverts, b.Kind)
	}
}

func TestMixedElementFlat_IsFound(t *testing.T) {
	s := mixedGrid()
	prisms := s.solids[0].blocks[1]
	// all of the top at the height of what is below it
	for node := uint64(1); node <= uint64(s.Nodes()); node++ {
		if s.XYZ[3*node+2] == 3 {
			s.XYZ[3*node+2] = 2
		}
	}
	f, d := judge(s)
	require.NotNil(t, d)
	require.Equal(t, prisms.Len(), f.flats)
}

func TestHexahedronTwistedWithin_IsInverted(t *testing.T) {
	s := mixedGrid()
	b := s.solids[0].blocks[0]
	// a corner pushed through the opposite side
	inner := b.Element(4)[6]
	copy(s.XYZ[3*inner:], []float64{0.9, 0.9, 0.1})
	f, d := judge(s)
	require.NotNil(t, d)
	require.Positive(t, f.inverts)
}
