package mesh_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/mesh"
)

func TestBehind_FindsTheElementOfEachFaceOfTheSurface(t *testing.T) {
	m := &mesh.Mesh{XYZ: make([]float64, 3*14), Blocks: []mesh.Block{
		{Dim: 2, Entity: 1, Kind: mesh.Triangle3, Nodes: []uint64{3, 2, 1, 2, 3, 4, 11, 12, 13}}, // turned; shared; alone
		{Dim: 2, Entity: 2, Kind: mesh.Quad4, Nodes: []uint64{8, 7, 6, 5}},
		{Dim: 3, Entity: 1, Kind: mesh.Tet4, Nodes: []uint64{1, 2, 3, 4, 2, 3, 4, 9}},
		{Dim: 3, Entity: 2, Kind: mesh.Pyramid5, Nodes: []uint64{5, 6, 7, 8, 10}},
	}}
	behind := m.Behind(nil)
	require.Equal(t, [][]mesh.Element{
		{{Block: &m.Blocks[2], Index: 0}, {Block: &m.Blocks[2], Index: 0}, {}},
		{{Block: &m.Blocks[3], Index: 0}},
	}, behind)

	// what is told to be within is not looked at
	require.Equal(t, mesh.Element{}, m.Behind(map[*mesh.Block][]uint64{&m.Blocks[2]: {1}})[0][0])
}
