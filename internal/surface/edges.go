package surface

import (
	"cmp"
	"slices"
)

// A half-edge is a side of a triangle: number 3·t+k runs from corner k of triangle t to the next corner.

// edgeTable holds the half-edges of a surface by the edge that they lie on. Those of an edge whose lower vertex is v are
// among sides[start[v]:start[v+1]], which is sorted by the higher vertex.
type edgeTable struct {
	start []int32
	sides []side
}

type side struct {
	high int32 // the higher vertex of the edge
	half int32 // the half-edge
}

func newEdgeTable(m *Mesh) *edgeTable {
	t := &edgeTable{start: make([]int32, len(m.Vertices)+1), sides: make([]side, 3*len(m.Triangles))}
	// counting sort by the lower vertex
	for _, tri := range m.Triangles {
		for k := range 3 {
			t.start[min(tri[k], tri[(k+1)%3])+1]++
		}
	}
	for v := range m.Vertices {
		t.start[v+1] += t.start[v]
	}
	next := slices.Clone(t.start)
	for i, tri := range m.Triangles {
		for k := range 3 {
			a, b := tri[k], tri[(k+1)%3]
			low := min(a, b)
			t.sides[next[low]] = side{high: max(a, b), half: int32(3*i + k)}
			next[low]++
		}
	}
	for v := range m.Vertices {
		slices.SortFunc(t.sides[t.start[v]:t.start[v+1]], func(a, b side) int {
			if c := cmp.Compare(a.high, b.high); c != 0 {
				return c
			}
			return cmp.Compare(a.half, b.half)
		})
	}
	return t
}

// edge is an undirected edge and the half-edges on it.
type edge struct {
	low, high int32
	sides     []side
}

// all yields every edge once.
func (t *edgeTable) all(yield func(edge) bool) {
	for v := range len(t.start) - 1 {
		group := t.sides[t.start[v]:t.start[v+1]]
		for len(group) > 0 {
			n := 1
			for n < len(group) && group[n].high == group[0].high {
				n++
			}
			if !yield(edge{low: int32(v), high: group[0].high, sides: group[:n]}) {
				return
			}
			group = group[n:]
		}
	}
}

// of returns the half-edges between two vertices.
func (t *edgeTable) of(a, b int32) []side {
	low, high := min(a, b), max(a, b)
	group := t.sides[t.start[low]:t.start[low+1]]
	first, found := slices.BinarySearchFunc(group, high, func(s side, high int32) int { return cmp.Compare(s.high, high) })
	if !found {
		return nil
	}
	n := first + 1
	for n < len(group) && group[n].high == high {
		n++
	}
	return group[first:n]
}

// twins returns for each half-edge the one on the other side of its edge, or -1 where the edge has not exactly two.
func (t *edgeTable) twins() []int32 {
	twin := make([]int32, len(t.sides))
	for i := range twin {
		twin[i] = -1
	}
	for e := range t.all {
		if len(e.sides) == 2 {
			a, b := e.sides[0].half, e.sides[1].half
			twin[a], twin[b] = b, a
		}
	}
	return twin
}

// census returns the edges of one triangle, and those of more than two.
func (t *edgeTable) census() (open, crowded []edge) {
	for e := range t.all {
		switch {
		case len(e.sides) == 1:
			open = append(open, e)
		case len(e.sides) > 2:
			crowded = append(crowded, e)
		}
	}
	return open, crowded
}
