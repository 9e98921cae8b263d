package mesh_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
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

// pieces keeps how many bytes came at a time, and how many the memory holds that they came in.
type pieces struct {
	bytes.Buffer
	sizes, rooms []int
}

func (p *pieces) Write(b []byte) (int, error) {
	p.sizes, p.rooms = append(p.sizes, len(b)), append(p.rooms, cap(b))
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

// chain is a mesh of so many tetrahedra, each of which has a face in common with the next.
func chain(tetrahedra int) *mesh.Mesh {
	b := mesh.Block{Dim: 3, Entity: 1, Kind: mesh.Tet4}
	for i := range uint64(tetrahedra) {
		b.Tags = append(b.Tags, i+1)
		b.Nodes = append(b.Nodes, i+1, i+2, i+3, i+4)
	}
	return &mesh.Mesh{XYZ: make([]float64, 3*(tetrahedra+4)), Blocks: []mesh.Block{b}}
}

// parted is a mesh of more entities, by far, than nodes, all of which are in several groups with long names.
func parted(entities int) *mesh.Mesh {
	m := &mesh.Mesh{XYZ: make([]float64, 3*5)}
	var all []int
	for i := range entities {
		all = append(all, i+1)
		m.Blocks = append(m.Blocks, mesh.Block{Dim: 3, Entity: i + 1, Kind: mesh.Tet4, Tags: []uint64{uint64(i + 1)}, Nodes: []uint64{1, 2, 3, 4}})
	}
	for tag := range 8 {
		m.Groups = append(m.Groups, mesh.Group{Dim: 3, Tag: 1<<30 + tag, Name: strings.Repeat("Ø", 100), Entities: all})
	}
	return m
}

// A file of less than a piece is handed on at once, from memory of little more than it takes; all pieces but the last of a larger file are whole.
func TestWriteMSH_InAsMuchMemoryAsItTakes(t *testing.T) {
	named := chain(3000)
	named.Groups = []mesh.Group{{Dim: 3, Tag: 1, Name: strings.Repeat("Ø", 10_000), Entities: []int{1}}}
	for name, m := range map[string]*mesh.Mesh{
		"nothing": {}, "one": chain(1), "small": chain(3000), "just less": chain(14540), "just more": chain(14570), "large": chain(100_000),
		"named": named, "parted": parted(3000), "parted, just less": parted(5800), "parted, large": parted(9000),
	} {
		var out pieces
		require.NoError(t, m.WriteMSH(&out), name)
		last := len(out.sizes) - 1
		for i, size := range out.sizes[:last] {
			require.Equal(t, mesh.Piece, size, "%s: piece %d of %d", name, i, last)
		}
		for _, room := range out.rooms {
			require.LessOrEqual(t, room, min(mesh.Piece, out.Len()+512+20*len(m.Blocks)+48*len(m.Groups)), name)
		}
		require.Equal(t, out.Len() <= mesh.Piece, last == 0, name)
	}
}

// full takes so many bytes, and then no more.
type full struct{ room int }

var errFull = errors.New("no space left on device")

func (f *full) Write(b []byte) (int, error) {
	if len(b) > f.room {
		return 0, errFull
	}
	f.room -= len(b)
	return len(b), nil
}

// What is left when a file can take no more is not gathered: with no room for a tetrahedron in the piece, each would take memory of its own.
func TestWriteMSH_StopsWhereAWriteFails(t *testing.T) {
	m := chain(100_000)
	whole := testing.AllocsPerRun(1, func() { require.NoError(t, m.WriteMSH(io.Discard)) })
	for _, room := range []int{0, 4 * mesh.Piece} { // in the nodes, in the elements
		failed := testing.AllocsPerRun(1, func() { require.ErrorIs(t, m.WriteMSH(&full{room}), errFull) })
		require.Less(t, failed, whole+100, "room for %d bytes", room)
	}
}

// BenchmarkWriteMSH writes meshes of few and of many tetrahedra.
func BenchmarkWriteMSH(b *testing.B) {
	for _, tetrahedra := range []int{30, 3000, 30_000, 300_000} {
		m := chain(tetrahedra)
		b.Run(fmt.Sprint(tetrahedra), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, m.WriteMSH(io.Discard))
			}
		})
	}
}
