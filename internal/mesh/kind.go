package mesh

import "fmt"

// Kind is a kind of element: its shape and order, by Gmsh's number for it.
type Kind int

// The kinds that are made and read here. Those of order 2 and 3 are complete (with nodes within faces and volumes).
const (
	Point     Kind = 15
	Line2     Kind = 1
	Line3     Kind = 8
	Line4     Kind = 26
	Triangle3 Kind = 2
	Triangle6 Kind = 9
	// Triangle10 has a node in its middle.
	Triangle10 Kind = 21
	Quad4      Kind = 3
	Quad9      Kind = 10
	Quad16     Kind = 36
	Tet4       Kind = 4
	Tet10      Kind = 11
	Tet20      Kind = 29
	Hex8       Kind = 5
	Hex27      Kind = 12
	Hex64      Kind = 92
	Prism6     Kind = 6
	Prism18    Kind = 13
	Prism40    Kind = 90
	Pyramid5   Kind = 7
	Pyramid14  Kind = 14
	Pyramid30  Kind = 118
)

// Shape is the shape of a straight element.
type Shape int

// The shapes, by dimension.
const (
	APoint Shape = iota
	ALine
	ATriangle
	AQuadrangle
	ATetrahedron
	AHexahedron
	APrism
	APyramid
)

var shapes = [...]struct {
	name string
	dim  int
	// faces are the corners of each face, counter-clockwise seen from outside; of a flat shape, its edges.
	faces   [][]int
	corners int
}{
	APoint:      {"point", 0, nil, 1},
	ALine:       {"line", 1, nil, 2},
	ATriangle:   {"triangle", 2, [][]int{{0, 1}, {1, 2}, {2, 0}}, 3},
	AQuadrangle: {"quadrangle", 2, [][]int{{0, 1}, {1, 2}, {2, 3}, {3, 0}}, 4},
	ATetrahedron: {"tetrahedron", 3, [][]int{
		{0, 2, 1}, {0, 1, 3}, {0, 3, 2}, {1, 2, 3},
	}, 4},
	AHexahedron: {"hexahedron", 3, [][]int{
		{0, 3, 2, 1}, {0, 1, 5, 4}, {1, 2, 6, 5}, {2, 3, 7, 6}, {3, 0, 4, 7}, {4, 5, 6, 7},
	}, 8},
	APrism: {"prism", 3, [][]int{
		{0, 2, 1}, {3, 4, 5}, {0, 1, 4, 3}, {1, 2, 5, 4}, {2, 0, 3, 5},
	}, 6},
	APyramid: {"pyramid", 3, [][]int{
		{0, 3, 2, 1}, {0, 1, 4}, {1, 2, 4}, {2, 3, 4}, {3, 0, 4},
	}, 5},
}

// String returns the name of the shape.
func (s Shape) String() string { return shapes[s].name }

// Dim returns the dimension of the shape.
func (s Shape) Dim() int { return shapes[s].dim }

// Corners returns the number of corners.
func (s Shape) Corners() int { return shapes[s].corners }

// Faces returns the corners of each face of a volume, counter-clockwise seen from outside, or of each edge of a triangle or
// quadrangle, in its direction. It is not to be changed.
func (s Shape) Faces() [][]int { return shapes[s].faces }

// facts are what is known of a kind.
type facts struct {
	shape        Shape
	order, nodes int
}

// kinds is a table and no map: every element that is looked at passes here.
var kinds = [...]facts{
	Point: {APoint, 0, 1},
	Line2: {ALine, 1, 2}, Line3: {ALine, 2, 3}, Line4: {ALine, 3, 4},
	Triangle3: {ATriangle, 1, 3}, Triangle6: {ATriangle, 2, 6}, Triangle10: {ATriangle, 3, 10},
	Quad4: {AQuadrangle, 1, 4}, Quad9: {AQuadrangle, 2, 9}, Quad16: {AQuadrangle, 3, 16},
	Tet4: {ATetrahedron, 1, 4}, Tet10: {ATetrahedron, 2, 10}, Tet20: {ATetrahedron, 3, 20},
	Hex8: {AHexahedron, 1, 8}, Hex27: {AHexahedron, 2, 27}, Hex64: {AHexahedron, 3, 64},
	Prism6: {APrism, 1, 6}, Prism18: {APrism, 2, 18}, Prism40: {APrism, 3, 40},
	Pyramid5: {APyramid, 1, 5}, Pyramid14: {APyramid, 2, 14}, Pyramid30: {APyramid, 3, 30},
}

// facts returns those of a kind, nothing where it is not known.
func (k Kind) facts() facts {
	if k < 0 || int(k) >= len(kinds) {
		return facts{}
	}
	return kinds[k]
}

// Known reports whether k is one of the kinds above.
func (k Kind) Known() bool { return k.facts().nodes > 0 }

// Nodes returns the number of nodes of an element, 0 where the kind is not known.
func (k Kind) Nodes() int { return k.facts().nodes }

// Order returns the order of the element's shape functions; that of a point is 0.
func (k Kind) Order() int { return k.facts().order }

// Shape returns the shape of the element.
func (k Kind) Shape() Shape { return k.facts().shape }

// Corners returns the number of nodes of the straight element.
func (k Kind) Corners() int { return k.Shape().Corners() }

// Dim returns the dimension of the element.
func (k Kind) Dim() int { return k.Shape().Dim() }

// String returns the shape and the number of nodes, such as "tetrahedron10".
func (k Kind) String() string {
	if !k.Known() {
		return fmt.Sprintf("kind%d", int(k))
	}
	return fmt.Sprintf("%s%d", k.Shape(), k.Nodes())
}

// Of returns the kind of a shape and order.
func Of(shape Shape, order int) (Kind, bool) {
	for k, f := range kinds {
		if f.nodes > 0 && f.shape == shape && f.order == order {
			return Kind(k), true
		}
	}
	return 0, false
}
