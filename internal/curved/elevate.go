package curved

import (
	"slices"

	"meshgen/internal/mesh"
)

// Edge is an edge of straight elements by its corners, the lower number first.
type Edge [2]uint64

// EdgeOf returns the edge between two corners.
func EdgeOf(a, b uint64) Edge { return Edge{min(a, b), max(a, b)} }

// Geometry is what curved elements are to follow.
type Geometry struct {
	// Project returns the place nearest to p on a curve or face; not ok where there is nothing to follow.
	Project func(dim, entity int, p Vec) (on Vec, ok bool)
	// Below tells of an edge over which one it lies, corner over corner: those of a boundary layer bend as the wall does.
	Below map[Edge]Edge
}

// Elevated is a mesh of order 2.
type Elevated struct {
	mesh.Mesh
	// Owners are the entities of the new nodes, by dimension and tag: those that follow the nodes of the straight mesh.
	Owners [][2]int
	// Ties are the new nodes of edges that lie over each other.
	Ties [][]uint64
}

// farAway is how far a node may be moved onto the geometry, in relation to its edge or to the diagonals of its face. What is farther is
// another part of the geometry, such as the other side of a gap.
const farAway = 0.5

// Elevate returns a straight mesh of any shapes with elements of order 2. New nodes on curves and faces lie on the geometry; those
// within follow the boundary layer that they are in, the edges of the face they are in, or nothing. Elements are in the order
// of the straight mesh.
func Elevate(m *mesh.Mesh, g Geometry) *Elevated {
	e := &elevator{geometry: g, edges: map[Edge]*edgeNode{}, faces: map[[4]uint64]uint64{},
		out: &Elevated{Mesh: mesh.Mesh{XYZ: slices.Clone(m.XYZ), Groups: m.Groups}}, first: m.Nodes() + 1}
	blocks := make([]*mesh.Block, len(m.Blocks))
	for i := range m.Blocks {
		blocks[i] = &m.Blocks[i]
	}
	slices.SortStableFunc(blocks, func(a, b *mesh.Block) int { return a.Dim - b.Dim }) // what lies on a curve is on faces too
	for _, b := range blocks {
		e.claim(b)
	}
	for _, b := range blocks {
		e.raise(b)
	}
	e.out.Ties = e.ties()
	return e.out
}

type elevator struct {
	geometry Geometry
	edges    map[Edge]*edgeNode
	faces    map[[4]uint64]uint64 // nodes within quadrangles, by the corners in order
	out      *Elevated
	first    int // number of the first new node
}

type edgeNode struct {
	owner [2]int
	node  uint64 // 0 before it is made
}

// claim says which entity the edges of a block lie on: the first.
func (e *elevator) claim(b *mesh.Block) {
	for i := range b.Len() {
		n := b.Element(i)
		for _, c := range edgesOf[b.Kind.Shape()] {
			key := EdgeOf(n[c[0]], n[c[1]])
			if e.edges[key] == nil {
				e.edges[key] = &edgeNode{owner: [2]int{b.Dim, b.Entity}}
			}
		}
	}
}

func (e *elevator) raise(b *mesh.Block) {
	kind, ok := mesh.Of(b.Kind.Shape(), 2)
	if b.Kind == mesh.Point || !ok {
		e.out.Blocks = append(e.out.Blocks, *b)
		return
	}
	element := of(kind)
	owner := [2]int{b.Dim, b.Entity}
	out := mesh.Block{Dim: b.Dim, Entity: b.Entity, Kind: kind, Nodes: make([]uint64, 0, b.Len()*kind.Nodes())}
	for i := range b.Len() {
		n := b.Element(i)
		from := len(out.Nodes)
		out.Nodes = append(out.Nodes, n...)
		for _, c := range edgesOf[b.Kind.Shape()] {
			out.Nodes = append(out.Nodes, e.edge(EdgeOf(n[c[0]], n[c[1]])))
		}
		for f, face := range facesOf[b.Kind.Shape()] {
			if len(face) != 4 {
				continue
			}
			key := [4]uint64{n[face[0]], n[face[1]], n[face[2]], n[face[3]]}
			slices.Sort(key[:])
			node, made := e.faces[key]
			if !made {
				node = e.within(element, element.faces[f][0], out.Nodes[from:], owner)
				e.faces[key] = node
			}
			out.Nodes = append(out.Nodes, node)
		}
		for _, inner := range element.inner {
			out.Nodes = append(out.Nodes, e.within(element, inner, out.Nodes[from:], owner))
		}
	}
	e.out.Blocks = append(e.out.Blocks, out)
}

// edge returns the node in the middle of an edge.
func (e *elevator) edge(key Edge) uint64 {
	at := e.edges[key]
	if at.node != 0 {
		return at.node
	}
	p := e.middle(key)
	if below, ok := e.geometry.Below[key]; ok && e.edges[below] != nil {
		// as the arcs of two circles around one centre do
		bend := minus(e.out.At(e.edge(below)), e.middle(below))
		by := e.length(key) / e.length(below)
		for k := range p {
			p[k] += by * bend[k]
		}
	}
	at.node = e.put(p, at.owner, e.length(key))
	return at.node
}

func (e *elevator) middle(key Edge) (p Vec) {
	a, b := e.out.At(key[0]), e.out.At(key[1])
	for k := range p {
		p[k] = (a[k] + b[k]) / 2
	}
	return p
}

func (e *elevator) length(key Edge) float64 {
	return norm(minus(e.out.At(key[0]), e.out.At(key[1])))
}

// within returns a new node within a face or volume of an element, of which the nodes before are known.
func (e *elevator) within(element *element, node int, nodes []uint64, owner [2]int) uint64 {
	var p []Vec
	for _, n := range nodes {
		p = append(p, e.out.At(n))
	}
	at := element.straightAt(p, node)
	size := 0.
	for _, w := range element.follows[node] {
		bend := minus(p[w.node], element.straightAt(p, w.node))
		for k := range at {
			at[k] += w.by * bend[k]
		}
		size = max(size, 2*norm(minus(p[w.node], element.straightAt(p, node))))
	}
	return e.put(at, owner, size)
}

// put adds a node at a place, or on the geometry beside it.
func (e *elevator) put(p Vec, owner [2]int, size float64) uint64 {
	if (owner[0] == 1 || owner[0] == 2) && e.geometry.Project != nil {
		if on, ok := e.geometry.Project(owner[0], owner[1], p); ok && norm(minus(on, p)) <= farAway*size {
			p = on
		}
	}
	e.out.XYZ = append(e.out.XYZ, p[:]...)
	e.out.Owners = append(e.out.Owners, owner)
	return uint64(e.out.Nodes())
}

// ties lists the nodes of edges that lie over each other, from the lowest up.
func (e *elevator) ties() [][]uint64 {
	above := map[Edge][]Edge{}
	for high, low := range e.geometry.Below {
		if e.edges[high] != nil && e.edges[low] != nil {
			above[low] = append(above[low], high)
		}
	}
	var out [][]uint64
	for low := range above {
		if _, higher := e.geometry.Below[low]; higher {
			continue
		}
		tie, front := []uint64{e.edges[low].node}, above[low]
		for len(front) > 0 {
			tie = append(tie, e.edges[front[0]].node)
			front = append(front[1:], above[front[0]]...)
		}
		slices.Sort(tie)
		out = append(out, tie)
	}
	slices.SortFunc(out, slices.Compare)
	return out
}
