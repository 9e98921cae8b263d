package mesh_test

import (
	"math/rand/v2"
	"slices"
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

// Of triangles that occur once, the first tetrahedron in the order of the mesh that has all three corners.
func TestBehind_IsTheFirstThatHasThreeCorners(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const nodes = 12
	some := func(n int) (out []uint64) {
		for _, k := range random.Perm(nodes)[:n] {
			out = append(out, uint64(k+1))
		}
		return out
	}
	for range 50 {
		faces, solid := mesh.Block{Dim: 2, Entity: 1, Kind: mesh.Triangle3}, mesh.Block{Dim: 3, Entity: 1, Kind: mesh.Tet10}
		seen := map[[3]uint64]bool{}
		for range random.IntN(20) {
			c := some(3)
			key := [3]uint64(slices.Sorted(slices.Values(c)))
			if !seen[key] {
				seen[key] = true
				faces.Nodes = append(faces.Nodes, c...)
			}
		}
		for range random.IntN(40) {
			solid.Nodes = append(solid.Nodes, some(10)...)
		}
		m := &mesh.Mesh{XYZ: make([]float64, 3*(nodes+1)), Blocks: []mesh.Block{faces, solid}}
		behind := m.Behind(nil)[0]
		require.Equal(t, behind, m.BehindWide()[0])
		for f := range faces.Len() {
			var want mesh.Element
			for e := 0; e < solid.Len() && want.Block == nil; e++ {
				corners := solid.Element(e)[:4]
				if !slices.ContainsFunc(faces.Element(f), func(n uint64) bool { return !slices.Contains(corners, n) }) {
					want = mesh.Element{Block: &m.Blocks[1], Index: e}
				}
			}
			require.Equal(t, want, behind[f])
		}
	}
}
