package mesher

import (
	"runtime"
	"sync"
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

// open is Open, once in a process: the library's output is diverted for good.
var open = sync.OnceValues(Open)

// opened starts Gmsh for a test with a Mesher, which has kept nothing yet.
func opened(t *testing.T) *Mesher {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	m, err := open()
	require.NoError(t, err)
	if !gmsh.Initialized() {
		require.NoError(t, gmsh.Initialize())
	}
	t.Cleanup(func() {
		m.listen(nil)
		m.kept, m.tenant, m.drop, m.broken = nil, "", "", false
		require.NoError(t, gmsh.Finalize())
	})
	return m
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
