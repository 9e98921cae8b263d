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

// pieces keeps how many bytes came at a time.
type pieces struct {
	bytes.Buffer
	sizes []int
}

func (p *pieces) Write(b []byte) (int, error) {
	p.sizes = append(p.sizes, len(b))
	return p.Buffer.Write(b)
}

// However many numbers are gathered and handed on together, a file is the same: also where a batch ends within a block, or just where the block does, and
// where a piece ends within an element. All pieces but the last are whole, so that each begins where one of its size may.
func TestWriteMSH_InPieces(t *testing.T) {
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
			for _, piece := range []int{8 * batch, 8*batch + 8, 8*batch + 36, max(8*batch, 1<<16)} {
				if piece < 8*(batch+2) { // the coordinates of a node more than a batch
					piece += 16
				}
				var out pieces
				require.NoError(t, m.WriteMSHInPieces(&out, piece, batch))
				require.True(t, bytes.Equal(whole.Bytes(), out.Bytes()), "batches of %d in pieces of %d", batch, piece)
				last := len(out.sizes) - 1
				require.LessOrEqual(t, out.sizes[last], piece)
				for _, size := range out.sizes[:last] {
					require.Equal(t, piece, size, "batches of %d", batch)
				}
			}
		}
		got, err := readBytes(t, whole.Bytes())
		require.NoError(t, err)
		require.Equal(t, m, got)
		require.Less(t, m.LeastMSH(), int64(whole.Len()))
		require.Greater(t, m.LeastMSH(), int64(whole.Len())*9/10)
	}
}

func TestWriteMSH_RefusesNodesOfNoElement(t *testing.T) {
	m := &mesh.Mesh{XYZ: make([]float64, 9), Blocks: []mesh.Block{{Kind: mesh.Point, Entity: 1, Tags: []uint64{1}, Nodes: []uint64{1}}}}
	require.ErrorContains(t, m.WriteMSH(&bytes.Buffer{}), "1 nodes belong to no element")
}
