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

// However many numbers are handed on together, a file is the same: also where a batch ends within a block, or just where the block does.
func TestWriteMSH_InBatches(t *testing.T) {
	for _, options := range [][]option{nil, {{"Mesh.ElementOrder", 2}}} {
		m, err := readBytes(t, boxFile(t, options...))
		require.NoError(t, err)
		var whole bytes.Buffer
		require.NoError(t, m.WriteMSH(&whole))
		most := 0
		for i := range m.Blocks {
			most = max(most, 1+m.Blocks[i].Kind.Nodes())
		}
		all := m.In(3, 1)[0]
		for _, batch := range []int{most, most + 1, 30, 3 * most, all.Len() / 2 * most, all.Len() * most} {
			var out bytes.Buffer
			require.NoError(t, m.WriteMSHInBatches(&out, batch))
			require.True(t, bytes.Equal(whole.Bytes(), out.Bytes()), "batches of %d", batch)
		}
		got, err := readBytes(t, whole.Bytes())
		require.NoError(t, err)
		require.Equal(t, m, got)
	}
}

func TestWriteMSH_RefusesNodesOfNoElement(t *testing.T) {
	m := &mesh.Mesh{XYZ: make([]float64, 9), Blocks: []mesh.Block{{Kind: mesh.Point, Entity: 1, Tags: []uint64{1}, Nodes: []uint64{1}}}}
	require.ErrorContains(t, m.WriteMSH(&bytes.Buffer{}), "1 nodes belong to no element")
}
