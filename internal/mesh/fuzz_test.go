package mesh

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzReadMSH makes sure that what is read of any file is whole: it can be asked, and written and read again.
func FuzzReadMSH(f *testing.F) {
	m := &Mesh{
		XYZ:    []float64{0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1},
		Blocks: []Block{{Dim: 2, Entity: 1, Kind: Triangle3, Tags: []uint64{1}, Nodes: []uint64{1, 2, 3}}, {Dim: 3, Entity: 7, Kind: Tet4, Tags: []uint64{2}, Nodes: []uint64{1, 2, 3, 4}}},
		Groups: []Group{{Dim: 3, Tag: 1, Name: "box Ø", Entities: []int{7}}},
	}
	var file bytes.Buffer
	require.NoError(f, m.WriteMSH(&file))
	f.Add(file.Bytes())
	f.Add(bytes.Replace(file.Bytes(), []byte("$Entities"), []byte("$Anything"), 1))
	// Numbers that turn small, or negative, where they are multiplied.
	le := binary.LittleEndian
	head := []byte("$MeshFormat\n4.1 1 8\n\x01\x00\x00\x00\n$EndMeshFormat\n$Nodes\n")
	block := func(dim, parametric, n uint64) []byte {
		b := append([]byte(nil), head...)
		for _, size := range []uint64{1, 1, 1, 1} {
			b = le.AppendUint64(b, size)
		}
		for _, v := range []uint64{dim, 1, parametric} {
			b = le.AppendUint32(b, uint32(v))
		}
		return le.AppendUint64(le.AppendUint64(b, n), 1)
	}
	minus := int64(-3)
	f.Add(block(uint64(minus), 1, 1))
	f.Add(block(3, 0, 1<<60))
	f.Add(block(62, 1, math.MaxUint64/520+1))
	f.Fuzz(func(t *testing.T, data []byte) {
		read := func(m *Mesh) (*mshReader, error) {
			r := &mshReader{mesh: m, data: data, Contents: Contents{Counts: map[Key]int{}}, names: map[[2]int]string{}}
			return r, r.read()
		}
		m := &Mesh{}
		r, err := read(m)
		if err != nil {
			return
		}
		check, err := read(nil)
		require.NoError(t, err, "what can be read passes the check")
		require.Equal(t, r.Contents, check.Contents)
		m.Sort()
		require.Equal(t, r.Counts, m.Counts())
		for _, b := range m.Blocks {
			for i := range b.Len() {
				for _, node := range b.Element(i) {
					m.At(node)
				}
			}
		}
	})
}
