package mesh

// Element is an element of a mesh: its block and its place there.
type Element struct {
	Block *Block
	Index int
}

// Behind returns, for each element of each block of dimension 2 in the order of Of(2), the element of volume that has it for a
// face: the first found where two have, as between two solids, and the zero Element where none has. Elements of a block that are known to have no
// corner on the surface may be told by a bit for each, so that they are not looked at.
func (m *Mesh) Behind(within map[*Block][]uint64) [][]Element {
	surfaces := m.Of(2)
	out := make([][]Element, len(surfaces))
	onSurface := make([]uint8, m.Nodes()+1) // 1 where a node is
	first := make([]int32, m.Nodes()+1)     // by smallest corner, the last item with it, -1 for none
	for i := range first {
		first[i] = -1
	}
	type item struct {
		block, index int32
		next         int32 // with the same smallest corner, -1 at the end
	}
	total := 0
	for _, block := range surfaces {
		total += block.Len()
	}
	items := make([]item, 0, total)
	for b, block := range surfaces {
		out[b] = make([]Element, block.Len())
		corners := block.Kind.Corners()
		for i := range block.Len() {
			c := block.Element(i)[:corners]
			low := c[0]
			for _, node := range c {
				onSurface[node] = 1
				low = min(low, node)
			}
			items = append(items, item{int32(b), int32(i), first[low]})
			first[low] = int32(len(items)) - 1
		}
	}
	var face [4]uint64
	for _, block := range m.Of(3) {
		shape := block.Kind.Shape()
		corners, step := shape.Corners(), block.Kind.Nodes()
		known := within[block]
		for i, nodes := 0, block.Nodes; len(nodes) >= step && len(nodes) >= 4; i, nodes = i+1, nodes[step:] {
			if known != nil && known[i/64]>>(i%64)&1 != 0 {
				continue
			}
			if corners == 4 && onSurface[nodes[0]]+onSurface[nodes[1]]+onSurface[nodes[2]]+onSurface[nodes[3]] < 3 {
				continue // as most
			}
			c := nodes[:corners]
			for _, f := range shape.Faces() {
				low, all := c[f[0]], true
				for k, at := range f {
					face[k] = c[at]
					low = min(low, face[k])
					all = all && onSurface[face[k]] == 1
				}
				if !all {
					continue
				}
				for at := first[low]; at >= 0; at = items[at].next {
					it := items[at]
					s := surfaces[it.block]
					if found := &out[it.block][it.index]; found.Block == nil && sameCorners(s.Element(int(it.index))[:s.Kind.Corners()], face[:len(f)]) {
						*found = Element{block, i}
						break
					}
				}
			}
		}
	}
	return out
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
