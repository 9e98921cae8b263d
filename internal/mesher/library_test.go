package mesher

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/gmsh"
)

// library starts Gmsh for a test that talks to it without a Mesher.
func library(t *testing.T) {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	require.NoError(t, gmsh.Initialize())
	t.Cleanup(func() { require.NoError(t, gmsh.Finalize()) })
	require.NoError(t, set([]option{{"General.Terminal", 0}, {"Mesh.MeshSizeMax", 0.4}}))
}

// box meshes a cube of edge 1 and returns it.
func box(t *testing.T) solid {
	t.Helper()
	require.NoError(t, gmsh.AddModel("box"))
	tag, err := gmsh.AddBox([3]float64{}, [3]float64{1, 1, 1})
	require.NoError(t, err)
	require.NoError(t, gmsh.OCCSynchronize())
	require.NoError(t, gmsh.Generate(3))
	require.NoError(t, renumber())
	return solid{tag: tag, faces: []int{1, 2, 3, 4, 5, 6}}
}

func writeMSH(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, set(masterOptions))
	require.NoError(t, gmsh.Write(path))
}
