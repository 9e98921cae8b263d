package mesher

import (
	"math/bits"
	"slices"
)

// shell is the triangles and quadrangles of the surface of a solid, found by their nodes.
type shell struct {
	nodes  []uint64 // four of each, the last is 0 of a triangle
	face   []int    // of each
	hits   []uint8  // elements at each
	side   []int8   // see filling.outward
	isNode []uint64 // a bit for each node of the mesh
	before []int32  // how many of them are set before each word
	first  []int32  // the last one added, of those that have a node as their smallest, -1 for none: of each node of the surface
	next   []int32  // the one before it, -1 at the end
}

func (s *snapshot) shellOf(solid *solidMesh) *shell {
	total := 0
	for _, tag := range solid.faces {
		total += countElements(s.faces[tag])
	}
	sh := &shell{
		nodes: make([]uint64, 0, 4*total), face: make([]int, 0, total), hits: make([]uint8, total), side: make([]int8, total),
		next: make([]int32, 0, total), isNode: make([]uint64, len(s.XYZ)/192+1),
	}
	for _, tag := range solid.faces {
		for _, block := range s.faces[tag] {
			corners := block.Kind.Corners()
			for e := range block.Len() {
				sh.add(tag, block.Element(e)[:corners])
			}
		}
	}
	sh.link()
	return sh
}

// link lists the triangles and quadrangles by their smallest node.
func (sh *shell) link() {
	count := int32(0)
	sh.before = make([]int32, len(sh.isNode))
	for i, word := range sh.isNode {
		sh.before[i] = count
		count += int32(bits.OnesCount64(word))
	}
	sh.first = make([]int32, count)
	for i := range sh.first {
		sh.first[i] = -1
	}
	for index := range sh.face {
		at := sh.rank(slices.Min(sh.corners(index)))
		sh.next = append(sh.next, sh.first[at])
		sh.first[at] = int32(index)
	}
}

// rank returns the number of a node among those of the surface.
func (sh *shell) rank(node uint64) int32 {
	return sh.before[node/64] + int32(bits.OnesCount64(sh.isNode[node/64]&(1<<(node%64)-1)))
}

// lowest returns the first to look at for a smallest node, -1 where there is none.
func (sh *shell) lowest(node uint64) int32 {
	if !sh.has(node) {
		return -1
	}
	return sh.first[sh.rank(node)]
}

func (sh *shell) add(face int, n []uint64) {
	for _, node := range n {
		sh.isNode[node/64] |= 1 << (node % 64)
	}
	sh.nodes = append(sh.nodes, n...)
	if len(n) == 3 {
		sh.nodes = append(sh.nodes, 0)
	}
	sh.face = append(sh.face, face)
}

func (sh *shell) has(node uint64) bool { return sh.isNode[node/64]>>(node%64)&1 == 1 }

// corners returns the nodes of one.
func (sh *shell) corners(index int) []uint64 {
	n := sh.nodes[4*index : 4*index+4]
	if n[3] == 0 {
		return n[:3]
	}
	return n
}

// find returns the triangle or quadrangle with the corners of an element's face, or -1; same tells whether they run around it
// in the same direction.
func (sh *shell) find(nodes []uint64, face []int) (index int32, same bool) {
	a, b, c := nodes[face[0]], nodes[face[1]], nodes[face[2]]
	if len(face) == 3 {
		return sh.findTriangle(a, b, c)
	}
	return sh.findQuadrangle(a, b, c, nodes[face[3]])
}

func (sh *shell) findTriangle(a, b, c uint64) (index int32, same bool) {
	for index = sh.lowest(min(a, b, c)); index >= 0; index = sh.next[index] {
		n := sh.nodes[4*index : 4*index+4]
		x, y, z := n[0], n[1], n[2]
		switch {
		case n[3] != 0:
		case x == a && y == b && z == c, x == b && y == c && z == a, x == c && y == a && z == b:
			return index, true
		case x == a && y == c && z == b, x == c && y == b && z == a, x == b && y == a && z == c:
			return index, false
		}
	}
	return -1, false
}

func (sh *shell) findQuadrangle(a, b, c, d uint64) (index int32, same bool) {
	for index = sh.lowest(min(a, b, c, d)); index >= 0; index = sh.next[index] {
		n := sh.nodes[4*index : 4*index+4]
		for k := range n {
			if n[k] != a || n[(k+2)%4] != c {
				continue
			}
			switch next, before := n[(k+1)%4], n[(k+3)%4]; {
			case next == b && before == d:
				return index, true
			case next == d && before == b:
				return index, false
			}
		}
	}
	return -1, false
}

// hashNode spreads a number over 64 bits, and hashFace mixes a sum of three of them: cheaply, since every face of every
// element passes here.
func hashNode(n uint64) uint64 {
	n *= 0x9e3779b97f4a7c15
	n ^= n >> 32
	return n*0xbf58476d1ce4e5b9 | 1
}

func hashFace(sum uint64) uint64 {
	sum ^= sum >> 32
	return sum * sum
}

// hashOf returns the hash of a face of an element, the same for every order of its corners that keeps it the same face:
// corners of a quadrangle that lie opposite each other stay so.
func hashOf(nodes []uint64, face []int) uint64 {
	a, b, c := hashNode(nodes[face[0]]), hashNode(nodes[face[1]]), hashNode(nodes[face[2]])
	if len(face) == 3 {
		return hashFace(a + b + c)
	}
	return ^hashFace(a*c + b*hashNode(nodes[face[3]]))
}
