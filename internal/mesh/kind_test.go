package mesh_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/mesh"
)

// references are the corners of each volume as the reference manual draws them, with its volume.
var references = map[mesh.Shape]struct {
	corners [][3]float64
	volume  float64
}{
	mesh.ATetrahedron: {[][3]float64{{}, {1}, {0, 1}, {0, 0, 1}}, 1. / 6},
	mesh.AHexahedron:  {[][3]float64{{}, {1}, {1, 1}, {0, 1}, {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}}, 1},
	mesh.APrism:       {[][3]float64{{}, {1}, {0, 1}, {0, 0, 1}, {1, 0, 1}, {0, 1, 1}}, 0.5},
	mesh.APyramid:     {[][3]float64{{}, {1}, {1, 1}, {0, 1}, {0, 0, 1}}, 1. / 3},
}

func TestFacesOfVolumes_PointOutwardsAndClose(t *testing.T) {
	for shape, r := range references {
		require.Equal(t, shape.Corners(), len(r.corners))
		sum := 0.
		edges := map[[2]int]int{}
		for _, face := range shape.Faces() {
			for i := range face {
				edges[[2]int{face[i], face[(i+1)%len(face)]}]++
				if i >= 2 {
					sum += det([3]float64{}, r.corners[face[0]], r.corners[face[i-1]], r.corners[face[i]]) / 6
				}
			}
		}
		require.InDelta(t, r.volume, sum, 1e-12, "what the faces of a %s enclose", shape)
		for e, n := range edges {
			require.Equal(t, 1, n, "%s", shape)
			require.Equal(t, 1, edges[[2]int{e[1], e[0]}], "the edge %v of a %s is passed once in each direction", e, shape)
		}
	}
}

func TestKinds_KnowTheirNodes(t *testing.T) {
	for shape, nodes := range map[mesh.Shape][3]int{
		mesh.ALine: {2, 3, 4}, mesh.ATriangle: {3, 6, 10}, mesh.AQuadrangle: {4, 9, 16},
		mesh.ATetrahedron: {4, 10, 20}, mesh.AHexahedron: {8, 27, 64}, mesh.APrism: {6, 18, 40}, mesh.APyramid: {5, 14, 30},
	} {
		for i, n := range nodes {
			k, ok := mesh.Of(shape, i+1)
			require.True(t, ok)
			require.Equal(t, n, k.Nodes(), k)
			require.Equal(t, i+1, k.Order())
			require.Equal(t, shape, k.Shape())
			require.Equal(t, shape.Dim(), k.Dim())
		}
	}
	require.False(t, mesh.Kind(999).Known())
	require.Zero(t, mesh.Kind(999).Nodes())
	require.Equal(t, "kind999", mesh.Kind(999).String())
	require.Equal(t, "tetrahedron10", mesh.Tet10.String())
}
