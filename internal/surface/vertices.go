package surface

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// vertexTable finds the vertex with given coordinates: open addressing over indices into the vertices of a mesh. The
// seed makes sure that no file can be made of points that all fall together.
type vertexTable struct {
	slots []int32 // index of a vertex + 1; 0 is free
	used  int
	seed  uint64
}

func newVertexTable(expected int64) vertexTable {
	size := int64(64)
	for size < 2*expected {
		size *= 2
	}
	return vertexTable{slots: make([]int32, size), seed: rand.Uint64()}
}

// index returns the index of the vertex at p in m, which it adds where there is none.
func (t *vertexTable) index(m *Mesh, p *[3]float64) int32 {
	mask := uint64(len(t.slots) - 1)
	i := t.hash(p) & mask
	for ; t.slots[i] != 0; i = (i + 1) & mask {
		if v := t.slots[i] - 1; m.Vertices[v] == *p {
			return v
		}
	}
	m.Vertices = append(m.Vertices, *p)
	v := int32(len(m.Vertices) - 1)
	t.slots[i] = v + 1
	if t.used++; 2*t.used > len(t.slots) {
		t.grow(m)
	}
	return v
}

func (t *vertexTable) grow(m *Mesh) {
	t.slots = make([]int32, 2*len(t.slots))
	mask := uint64(len(t.slots) - 1)
	for v := range m.Vertices {
		i := t.hash(&m.Vertices[v]) & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = int32(v + 1)
	}
}

func (t *vertexTable) hash(p *[3]float64) uint64 {
	h := t.seed
	for _, x := range p {
		hi, lo := bits.Mul64(h^math.Float64bits(x), 0x9e3779b97f4a7c15)
		h = hi ^ lo
	}
	return h
}
