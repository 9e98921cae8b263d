package mesher

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/export"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

func TestFormatThatCannotHoldTheMesh_IsAWarningBesideTheOthers(t *testing.T) {
	s := &snapshot{Mesh: mesh.Mesh{
		XYZ:    make([]float64, 3*6),
		Blocks: []mesh.Block{{Dim: 3, Entity: 1, Kind: mesh.Pyramid5, Tags: []uint64{1}, Nodes: []uint64{1, 2, 3, 4, 5}}},
	}}
	j := &job{req: engine.Request{Dir: t.TempDir()}}
	require.NoError(t, j.writeFurther(s, "unv"))
	require.Len(t, j.warnings, 1)
	require.Equal(t, diagnosis.UnsupportedFormat, j.warnings[0].Code)
	require.NoFileExists(t, filepath.Join(j.req.Dir, "mesh.unv"))
	require.Error(t, j.writeFile(s, "unv"), "who asked for it alone is told so")
}

func TestFileOfGmshsThatIsCutOff_IsSeen(t *testing.T) {
	library(t)
	box(t)
	s, err := (&job{}).snapshot()
	require.NoError(t, err)
	defer s.free()
	before, err := gmsh.Entities(-1)
	require.NoError(t, err)
	for _, name := range []string{"med", "cgns"} {
		f, _ := export.Named(name)
		path := filepath.Join(t.TempDir(), f.File)
		require.NoError(t, writeThroughGmsh(f, &s.Mesh, path))
		require.NoError(t, f.LooksWhole(path, &s.Mesh))
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, n := range []int{0, 20, len(data) / 2, len(data) - 1} {
			require.NoError(t, os.WriteFile(path, data[:n], 0o600))
			require.Error(t, f.LooksWhole(path, &s.Mesh), "%s of %d bytes instead of %d", name, n, len(data))
		}
	}
	after, err := gmsh.Entities(-1)
	require.NoError(t, err)
	require.Equal(t, before, after, "the model that was meshed is the current one again")
}
