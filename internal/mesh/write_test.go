package mesh_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/mesh"
)

// What is written reads back as it was.
func TestWriteMSH_ReadsBack(t *testing.T) {
	want, err := readBytes(t, boxFile(t))
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, want.WriteMSH(&out))
	got, err := readBytes(t, out.Bytes())
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestWriteMSH_RefusesNodesOfNoElement(t *testing.T) {
	m := &mesh.Mesh{XYZ: make([]float64, 9), Blocks: []mesh.Block{{Kind: mesh.Point, Entity: 1, Tags: []uint64{1}, Nodes: []uint64{1}}}}
	require.ErrorContains(t, m.WriteMSH(&bytes.Buffer{}), "1 nodes belong to no element")
}
