package export

import (
	"slices"

	"meshgen/internal/mesh"
)

// none stands for no face and no cell.
const none = -1

// topology is how the volumes of a mesh hang together: solvers that integrate over faces want to know the cells on either
// side, and what lies on the surface is what one cell has alone.
//
// Cells are numbered from 0 through the blocks in the order given. Each cell has its own copy of each of its faces, a
// half; two cells that touch have a half each, and the halves know each other.
type topology struct {
	m      *mesh.Mesh
	blocks []*mesh.Block // of volumes
	cells  []int         // number of the first cell of each block, and of all
	halves []int         // number of the first half of each block, and of all
	mate   []int32       // of each half the one of the other cell, or none
	skin   []int32       // of each half the element of a face that lies on it, or none

	faces    []*mesh.Block // blocks of elements of faces
	elements []int         // number of the first element of each of these, and of all
	side     []int32       // of each element the half it lies on, that of the lower cell; none if on no volume
}

func newTopology(m *mesh.Mesh, volumes []*mesh.Block) *topology {
	t := &topology{m: m, blocks: volumes, cells: []int{0}, halves: []int{0}, faces: m.Of(2), elements: []int{0}}
	for _, b := range volumes {
		t.cells = append(t.cells, last(t.cells)+b.Len())
		t.halves = append(t.halves, last(t.halves)+b.Len()*len(b.Kind.Shape().Faces()))
	}
	for _, b := range t.faces {
		t.elements = append(t.elements, last(t.elements)+b.Len())
	}
	t.mate, t.skin = filled(last(t.halves)), filled(last(t.halves))
	t.side = filled(last(t.elements))
	t.match()
	return t
}

func last(s []int) int { return s[len(s)-1] }

func filled(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = none
	}
	return out
}

// each calls do with the corners of every half, then of every element of faces, whose numbers follow those of the halves.
func (t *topology) each(do func(i int, corners []uint64)) {
	var corners [4]uint64
	i := 0
	for _, b := range t.blocks {
		faces, n := b.Kind.Shape().Faces(), b.Kind.Nodes()
		for nodes := b.Nodes; len(nodes) > 0; nodes = nodes[n:] {
			for _, face := range faces {
				for k, c := range face {
					corners[k] = nodes[c]
				}
				do(i, corners[:len(face)])
				i++
			}
		}
	}
	for _, b := range t.faces {
		n, c := b.Kind.Nodes(), b.Kind.Corners()
		for nodes := b.Nodes; len(nodes) > 0; nodes = nodes[n:] {
			do(i, nodes[:c])
			i++
		}
	}
}

// match finds the halves and elements that are the same face. All faces with the same lowest corner are put side by side,
// some twenty of them, and compared with each other: quicker than any table of all faces.
func (t *topology) match() {
	start := make([]uint32, t.m.Nodes()+2)
	t.each(func(_ int, corners []uint64) {
		lowest, _ := mesh.FaceKey(corners)
		start[lowest+1]++
	})
	for i := 1; i < len(start); i++ {
		start[i] += start[i-1]
	}
	n := last(t.halves) + last(t.elements)
	who, what := make([]int32, n), make([]uint64, n)
	t.each(func(i int, corners []uint64) {
		lowest, rest := mesh.FaceKey(corners)
		who[start[lowest]], what[start[lowest]] = int32(i), rest
		start[lowest]++
	})
	from := uint32(0)
	for _, to := range start[:len(start)-1] { // each start has moved to the end of its bucket
		t.pair(who[from:to], what[from:to])
		from = to
	}
}

// pair goes through a bucket; halves come before elements, and lower cells before higher ones.
func (t *topology) pair(who []int32, what []uint64) {
	halves := int32(last(t.halves))
	for i := range who {
		if who[i] < 0 {
			continue
		}
		for j := i + 1; j < len(who); j++ {
			if what[j] != what[i] || who[j] < 0 {
				continue
			}
			a, b := who[i], who[j]
			switch {
			case b < halves && t.mate[a] < 0:
				t.mate[a], t.mate[b] = b, a
			case b >= halves && a < halves:
				t.skin[a], t.side[b-halves] = b-halves, a
				if other := t.mate[a]; other >= 0 {
					t.skin[other] = b - halves
				}
			}
			who[j] = none
		}
	}
}

// cellCount returns the number of cells.
func (t *topology) cellCount() int { return last(t.cells) }

// block returns the index of the block that a half is in.
func (t *topology) block(half int32) int {
	i, exact := slices.BinarySearch(t.halves, int(half))
	if !exact {
		i--
	}
	return i
}

// owner returns the cell of a half and which of its faces it is.
func (t *topology) owner(half int32) (cell, face int) {
	i := t.block(half)
	per := len(t.blocks[i].Kind.Shape().Faces())
	at := int(half) - t.halves[i]
	return t.cells[i] + at/per, at % per
}

// corners appends the corners of a half, counter-clockwise seen from outside its cell.
func (t *topology) corners(buffer []uint64, half int32) []uint64 {
	i := t.block(half)
	b := t.blocks[i]
	faces := b.Kind.Shape().Faces()
	at := int(half) - t.halves[i]
	nodes := b.Element(at / len(faces))
	for _, c := range faces[at%len(faces)] {
		buffer = append(buffer, nodes[c])
	}
	return buffer
}

// outer reports whether an element of a face lies on the outside of the volumes, or on none.
func (t *topology) outer(element int) bool {
	half := t.side[element]
	return half < 0 || t.mate[half] < 0
}

// turned reports whether an element of a face points into the cell that it lies on.
func (t *topology) turned(element int, corners []uint64) bool {
	half := t.side[element]
	if half < 0 {
		return false
	}
	var buffer [4]uint64
	outward := t.corners(buffer[:0], half)
	for i, c := range outward {
		if c == corners[0] {
			return outward[(i+1)%len(outward)] != corners[1]
		}
	}
	return false
}
