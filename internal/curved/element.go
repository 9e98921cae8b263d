package curved

import (
	"fmt"
	"sync"

	"meshgen/internal/mesh"
)

var known sync.Map // of what is known of kinds, by kind: making it takes milliseconds

// of returns what is known of a kind. It panics at kinds that are not made here: those of order 3 but for tetrahedra.
func of(kind mesh.Kind) *element {
	if e, ok := known.Load(kind); ok {
		return e.(*element)
	}
	e, _ := known.LoadOrStore(kind, newElement(kind))
	return e.(*element)
}

// Knows reports whether elements of volume of a kind can be judged.
func Knows(kind mesh.Kind) bool {
	return kind.Dim() == 3 && (kind.Order() <= 2 || kind == mesh.Tet20)
}

func newElement(kind mesh.Kind) *element {
	shape := kind.Shape()
	e := &element{kind: kind, order: kind.Order(), nodes: append([]Vec(nil), cornersOf[shape]...)}
	add := func(p Vec) int {
		e.nodes = append(e.nodes, p)
		return len(e.nodes) - 1
	}
	for _, edge := range edgesOf[shape] {
		var nodes []int
		for i := 1; i < e.order; i++ {
			nodes = append(nodes, add(along(shape, edge, float64(i)/float64(e.order))))
		}
		e.edges = append(e.edges, nodes)
	}
	for _, face := range facesOf[shape] {
		var nodes []int
		if len(face) == 4 && e.order == 2 || len(face) == 3 && e.order == 3 {
			nodes = append(nodes, add(middle(shape, face)))
		}
		e.faces = append(e.faces, nodes)
	}
	if shape == mesh.AHexahedron && e.order == 2 {
		e.inner = append(e.inner, add(Vec{0.5, 0.5, 0.5}))
	}
	if len(e.nodes) != kind.Nodes() {
		panic(fmt.Sprintf("curved: %s is not known", kind))
	}
	for _, p := range e.nodes {
		e.corners = append(e.corners, straight(shape, p))
	}
	e.follow()
	if shape.Dim() == 3 {
		e.jacobian = newJacobian(e)
	}
	return e
}

// along returns a place on an edge. The edges of a pyramid that rise to its apex stay at one place of each section.
func along(shape mesh.Shape, edge [2]int, t float64) (p Vec) {
	a, b := cornersOf[shape][edge[0]], cornersOf[shape][edge[1]]
	if shape == mesh.APyramid && edge[1] == 4 {
		b[0], b[1] = a[0], a[1]
	}
	for k := range p {
		p[k] = a[k] + t*(b[k]-a[k])
	}
	return p
}

func middle(shape mesh.Shape, face []int) (p Vec) {
	for _, c := range face {
		for k := range p {
			p[k] += cornersOf[shape][c][k] / float64(len(face))
		}
	}
	return p
}

// straight returns the shape functions of the straight element at a place.
func straight(shape mesh.Shape, p Vec) []float64 {
	x, y, z := p[0], p[1], p[2]
	square := func(by float64) []float64 {
		return []float64{(1 - x) * (1 - y) * by, x * (1 - y) * by, x * y * by, (1 - x) * y * by}
	}
	switch shape {
	case mesh.ATetrahedron:
		return []float64{1 - x - y - z, x, y, z}
	case mesh.APrism:
		return []float64{(1 - x - y) * (1 - z), x * (1 - z), y * (1 - z), (1 - x - y) * z, x * z, y * z}
	case mesh.AHexahedron:
		return append(square(1-z), square(z)...)
	case mesh.APyramid:
		return append(square(1-z), z)
	case mesh.ALine:
		return []float64{1 - x, x}
	case mesh.ATriangle:
		return []float64{1 - x - y, x, y}
	case mesh.AQuadrangle:
		return square(1)
	}
	panic("curved: no such shape")
}

// follow says how nodes within faces and volumes follow those around them: as those of an element that is complete to its
// order and has no nodes there. Moves of corners are not among them.
func (e *element) follow() {
	shape := e.kind.Shape()
	e.follows = make([][]weight, len(e.nodes))
	edgeOf := map[[2]int][]int{}
	for i, c := range edgesOf[shape] {
		edgeOf[[2]int{min(c[0], c[1]), max(c[0], c[1])}] = e.edges[i]
	}
	for f, face := range facesOf[shape] {
		for _, node := range e.faces[f] {
			by := 0.25 // of the six nodes on the edges of a cubic triangle; its corners would count -1/6
			if len(face) == 4 {
				by = 0.5 // Coons' patch
			}
			for i, c := range face {
				d := face[(i+1)%len(face)]
				for _, n := range edgeOf[[2]int{min(c, d), max(c, d)}] {
					e.follows[node] = append(e.follows[node], weight{n, by})
				}
			}
		}
	}
	for _, node := range e.inner {
		for _, nodes := range e.faces {
			e.follows[node] = append(e.follows[node], weight{nodes[0], 0.5})
		}
		for _, nodes := range e.edges {
			e.follows[node] = append(e.follows[node], weight{nodes[0], -0.25})
		}
	}
}
