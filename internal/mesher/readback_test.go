package mesher

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMeshFileThatLacksElements_DoesNotMatchTheMesh(t *testing.T) {
	library(t)
	j := &job{source: source{solids: []solid{box(t)}}}
	s, err := j.snapshot()
	require.NoError(t, err)
	defer s.free()
	path := filepath.Join(t.TempDir(), "mesh.msh")
	writeMSH(t, path)
	require.NoError(t, s.readsBack(path))

	all := s.Blocks
	last := len(all) - 1
	s.Blocks = append(all[:last:last], all[last])
	s.Blocks[last].Nodes = s.Blocks[last].Nodes[4:]
	require.ErrorContains(t, s.readsBack(path), "elements of kind tetrahedron4 in entity 1 of dimension 3")
	s.Blocks = all[:last]
	require.ErrorContains(t, s.readsBack(path), "entities")
	s.Blocks = all
	s.XYZ = s.XYZ[3:]
	require.ErrorContains(t, s.readsBack(path), "nodes")
	require.NoError(t, os.Truncate(path, 100))
	require.Error(t, s.readsBack(path))
}
