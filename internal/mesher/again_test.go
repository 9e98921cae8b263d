package mesher

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

// trianglesOf returns the places of the corners of the triangles of a face, in their order.
func trianglesOf(t *testing.T, face int) (corners [][3]float64) {
	t.Helper()
	at := map[uint64][3]float64{}
	tags, places, err := gmsh.FaceNodes(face)
	require.NoError(t, err)
	for i, tag := range tags.View() {
		at[tag] = [3]float64(places.View()[3*i:])
	}
	tags.Free()
	places.Free()
	require.NoError(t, eachElement(mesh.Triangle3, face, func(n []uint64) {
		for _, node := range n {
			require.Contains(t, at, node)
			corners = append(corners, at[node])
		}
	}))
	require.NotEmpty(t, corners)
	return corners
}

func TestFacesFarFromWhatIsDividedAgain_KeepTheirMesh(t *testing.T) {
	twoBoxes(t)
	solids, err := gmsh.Entities(3)
	require.NoError(t, err)
	require.NoError(t, gmsh.ClearMesh(solids...))
	require.NoError(t, renumber())
	var end int // the face at x = 0
	faces, err := gmsh.Entities(2)
	require.NoError(t, err)
	before := map[int][][3]float64{}
	for _, f := range faces {
		before[f.Tag] = trianglesOf(t, f.Tag)
		if low, high, err := gmsh.BoundingBox(f); err == nil && high[0] < 0.01 && low[0] < 0.01 {
			end = f.Tag
		}
	}
	require.Positive(t, end)

	kept, err := clearAround([]int{end})
	require.NoError(t, err)
	require.Len(t, kept, 6, "the shared face and those of the other box")
	require.NoError(t, set([]option{{"Mesh.MeshSizeMax", 0.08}}))
	require.NoError(t, gmsh.Generate(1))
	require.NoError(t, putFacesBack(kept))
	require.NoError(t, renumber())
	require.NoError(t, gmsh.Generate(2))
	require.NoError(t, renumber())
	after := map[int][][3]float64{}
	for _, f := range faces {
		after[f.Tag] = trianglesOf(t, f.Tag)
	}
	for _, k := range kept {
		require.ElementsMatch(t, before[k.face], after[k.face])
	}
	require.Greater(t, len(after[end]), 2*len(before[end]))

	require.NoError(t, gmsh.Generate(3))
	require.NoError(t, meshEverything())
	for _, f := range faces {
		require.Equal(t, len(after[f.Tag]), len(trianglesOf(t, f.Tag)), "the faces are not meshed once more for the solids")
	}
	_, volume := worstOf(t, mesh.Tet4, -1)
	require.InDelta(t, 2, volume, 1e-9)
}
