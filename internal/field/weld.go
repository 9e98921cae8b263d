package field

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
)

// weld copies the triangles, with one vertex for all corners of equal coordinates. Vertices are numbered by their first use,
// triangles of which two corners are one are left out.
func (s *Surface) weld(vertices [][3]float64, triangles [][3]int32) error {
	s.vertices = make([][3]float64, 0, min(len(vertices), len(triangles)*3))
	s.triangles = make([][3]int32, 0, len(triangles)+len(triangles)/8)
	s.number = make([]int32, 0, len(triangles))
	table := newVertexTable(cap(s.vertices))
	known := make([]int32, len(vertices)) // new number + 1
	for i, t := range triangles {
		var to [3]int32
		for k, v := range t {
			if uint(v) >= uint(len(vertices)) {
				return fmt.Errorf("triangle %d names vertex %d of %d", i, v, len(vertices))
			}
			if known[v] == 0 {
				p := vertices[v]
				for axis, x := range p {
					if !(math.Abs(x) <= farthest) {
						return fmt.Errorf("triangle %d has a corner at %v: coordinates have to be numbers of at most %g", i, p, float64(farthest))
					}
					p[axis] = x + 0 // no negative zero
				}
				known[v] = s.index(&table, p) + 1
			}
			to[k] = known[v] - 1
		}
		if to[0] == to[1] || to[1] == to[2] || to[2] == to[0] {
			s.Changes.Flat++
			continue
		}
		s.triangles = append(s.triangles, to)
		s.number = append(s.number, int32(i))
	}
	s.weight = make([]int32, len(s.triangles), cap(s.triangles))
	for i := range s.weight {
		s.weight[i] = 1
	}
	return nil
}

// vertexTable finds the vertex with given coordinates: open addressing. The seed makes sure that no file can be made of
// points that all fall together.
type vertexTable struct {
	slots []int32 // vertex + 1; 0 is free
	seed  uint64
}

func newVertexTable(most int) vertexTable {
	size := 64
	for size < 2*most {
		size *= 2
	}
	return vertexTable{slots: make([]int32, size), seed: rand.Uint64()}
}

func (s *Surface) index(t *vertexTable, p [3]float64) int32 {
	h := t.seed
	for _, x := range p {
		hi, lo := bits.Mul64(h^math.Float64bits(x), 0x9e3779b97f4a7c15)
		h = hi ^ lo
	}
	mask := uint64(len(t.slots) - 1)
	i := h & mask
	for ; t.slots[i] != 0; i = (i + 1) & mask {
		if v := t.slots[i] - 1; s.vertices[v] == p {
			return v
		}
	}
	s.vertices = append(s.vertices, p)
	t.slots[i] = int32(len(s.vertices))
	return t.slots[i] - 1
}
