package mesh

import (
	"math"
	"slices"
)

// Element is an element of a mesh: its block and its place there.
type Element struct {
	Block *Block
	Index int
}

// Behind returns, for each element of each block of dimension 2 in the order of Of(2), the element of volume that has it for a
// face: the first found where two have, as between two solids, and the zero Element where none has. Elements of a block that are known to have no
// corner on the surface may be told by a bit for each, so that they are not looked at.
func (m *Mesh) Behind(within map[*Block][]uint64) [][]Element {
	return m.behind(within, uint64(m.Nodes()) > math.MaxUint32)
}

func (m *Mesh) behind(within map[*Block][]uint64, wide bool) [][]Element {
	b := behind{surfaces: m.Of(2), first: make([]int32, m.Nodes()+1), on: make([]uint8, m.Nodes()+1), wide: wide}
	for i := range b.first {
		b.first[i] = -1
	}
	total := 0
	for _, block := range b.surfaces {
		total += block.Len()
	}
	b.items = make([]behindItem, 0, total)
	for _, block := range b.surfaces {
		b.add(block)
	}
	for _, block := range m.Of(3) {
		if block.Kind.Shape() == ATetrahedron {
			b.tetrahedra(block, within[block])
		} else {
			b.others(block, within[block])
		}
	}
	return b.out
}

// behind is the elements of the surface, to be found by their smallest corner.
type behind struct {
	surfaces []*Block
	out      [][]Element
	on       []uint8 // of each node, 1 where it is on the surface
	first    []int32 // of each node, the last item that has it as its smallest corner, -1 for none
	items    []behindItem
	wide     bool // numbers of nodes may have high halves
}

type behindItem struct {
	block, index int32
	next         int32     // with the same smallest corner, -1 at the end
	larger       [2]uint32 // the other corners of a triangle, ascending, their low halves; zeros for others
}

func (b *behind) add(block *Block) {
	corners := block.Kind.Corners()
	for i := range block.Len() {
		c := block.Element(i)[:corners]
		for _, node := range c {
			b.on[node] = 1
		}
		item := behindItem{block: int32(len(b.out)), index: int32(i)}
		low := slices.Min(c)
		if corners == 3 {
			low, item.larger = ascending(c[0], c[1], c[2])
		}
		item.next, b.first[low] = b.first[low], int32(len(b.items))
		b.items = append(b.items, item)
	}
	b.out = append(b.out, make([]Element, block.Len()))
}

// ascending returns three numbers in their order, of the larger ones what an item keeps.
func ascending(x, y, z uint64) (low uint64, larger [2]uint32) {
	x, y = min(x, y), max(x, y)
	return min(x, z), [2]uint32{uint32(max(x, min(y, z))), uint32(max(y, z))}
}

// tetrahedra looks which faces of those of a block are on the surface.
func (b *behind) tetrahedra(block *Block, within []uint64) {
	step := block.Kind.Nodes()
	for i, nodes := 0, block.Nodes; len(nodes) >= step && len(nodes) >= 4; i, nodes = i+1, nodes[step:] {
		if within != nil && within[i/64]>>(i%64)&1 != 0 {
			continue
		}
		p, q, r, s := nodes[0], nodes[1], nodes[2], nodes[3]
		onP, onQ, onR, onS := b.on[p], b.on[q], b.on[r], b.on[s]
		if onP+onQ+onR+onS < 3 {
			continue // as most
		}
		if onP+onQ+onR == 3 {
			b.triangle(p, q, r, block, i)
		}
		if onP+onQ+onS == 3 {
			b.triangle(p, q, s, block, i)
		}
		if onP+onR+onS == 3 {
			b.triangle(p, r, s, block, i)
		}
		if onQ+onR+onS == 3 {
			b.triangle(q, r, s, block, i)
		}
	}
}

// triangle notes the element that has a face, if the face is one of the surface.
func (b *behind) triangle(x, y, z uint64, block *Block, index int) {
	low, larger := ascending(x, y, z)
	for at := b.first[low]; at >= 0; at = b.items[at].next {
		item := &b.items[at]
		if item.larger != larger {
			continue
		}
		found := &b.out[item.block][item.index]
		if found.Block == nil && (!b.wide || sameCorners(b.surfaces[item.block].Element(int(item.index))[:3], []uint64{x, y, z})) {
			*found = Element{block, index}
			return
		}
	}
}

// others does as tetrahedra does with elements of another shape.
func (b *behind) others(block *Block, within []uint64) {
	faces := block.Kind.Shape().Faces()
	var face [4]uint64
	for i := range block.Len() {
		if within != nil && within[i/64]>>(i%64)&1 != 0 {
			continue
		}
		nodes := block.Element(i)
		for _, f := range faces {
			low, all := nodes[f[0]], true
			for k, at := range f {
				face[k] = nodes[at]
				low = min(low, face[k])
				all = all && b.on[face[k]] == 1
			}
			if !all {
				continue
			}
			for at := b.first[low]; at >= 0; at = b.items[at].next {
				item := &b.items[at]
				s := b.surfaces[item.block]
				if found := &b.out[item.block][item.index]; found.Block == nil && sameCorners(s.Element(int(item.index))[:s.Kind.Corners()], face[:len(f)]) {
					*found = Element{block, i}
					break
				}
			}
		}
	}
}

// sameCorners tells whether two faces stand on the same nodes, in whatever order.
func sameCorners(a, b []uint64) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		found := false
		for _, y := range b {
			found = found || x == y
		}
		if !found {
			return false
		}
	}
	return true
}
