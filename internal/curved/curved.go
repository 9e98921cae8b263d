// Package curved raises elements to order 2, proves that elements of higher order are valid, and straightens those that are
// not. It knows no Gmsh.
//
//	Elevate     straight elements of every shape ─▶ order 2, new nodes on the geometry, what is within follows the boundary
//	Ratios      smallest by largest determinant of the Jacobian of each element, proven
//	Straighten  elements that are invalid ─▶ valid, with as little of the boundary's curve lost as possible
//
// The determinant of a curved element is a polynomial, which lies between the smallest and the largest of its Bernstein
// coefficients. Where these do not decide, the element is cut into smaller ones, whose coefficients are closer to the
// polynomial: so what is said of an element holds everywhere in it, not at samples. Source: Johnen, Remacle, Geuzaine,
// "Geometrical validity of curvilinear finite elements", J. Comput. Phys. 233 (2013); for pyramids Johnen, Geuzaine,
// "Geometrical validity of curvilinear pyramidal finite elements", J. Comput. Phys. 299 (2015).
package curved

import "meshgen/internal/mesh"

// Vec is a place or a direction.
type Vec = [3]float64

// element is what is known of a kind of element in itself. Places in it are in coordinates from 0 to 1; those of a pyramid
// are the ones of the cube that collapses to it: a place in each section, and the height.
type element struct {
	kind    mesh.Kind
	order   int
	nodes   []Vec
	corners [][]float64 // of each node, the shape functions of the straight element there: its weights of corners
	edges   [][]int     // the nodes on each edge, without its corners
	faces   [][]int     // the nodes within each face
	inner   []int       // the nodes within the volume
	// follows says how a node within a face or volume moves with those around it, if nothing else moves it: nodes and weights.
	follows  [][]weight
	jacobian *jacobian
}

type weight struct {
	node int
	by   float64
}

// edgesOf lists the corners of the edges of each shape, facesOf those of the faces that have nodes within, both in Gmsh's
// order (reference manual, "Node ordering"; source of the library, MTetrahedron.h and its like).
var (
	edgesOf = map[mesh.Shape][][2]int{
		mesh.ATetrahedron: {{0, 1}, {1, 2}, {2, 0}, {3, 0}, {3, 2}, {3, 1}},
		mesh.AHexahedron:  {{0, 1}, {0, 3}, {0, 4}, {1, 2}, {1, 5}, {2, 3}, {2, 6}, {3, 7}, {4, 5}, {4, 7}, {5, 6}, {6, 7}},
		mesh.APrism:       {{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 4}, {2, 5}, {3, 4}, {3, 5}, {4, 5}},
		mesh.APyramid:     {{0, 1}, {0, 3}, {0, 4}, {1, 2}, {1, 4}, {2, 3}, {2, 4}, {3, 4}},
		mesh.ALine:        {{0, 1}},
		mesh.ATriangle:    {{0, 1}, {1, 2}, {2, 0}},
		mesh.AQuadrangle:  {{0, 1}, {1, 2}, {2, 3}, {3, 0}},
	}
	facesOf = map[mesh.Shape][][]int{
		mesh.ATetrahedron: {{0, 2, 1}, {0, 1, 3}, {0, 3, 2}, {3, 1, 2}},
		mesh.AHexahedron:  {{0, 3, 2, 1}, {0, 1, 5, 4}, {0, 4, 7, 3}, {1, 2, 6, 5}, {2, 3, 7, 6}, {4, 5, 6, 7}},
		mesh.APrism:       {{0, 1, 4, 3}, {0, 3, 5, 2}, {1, 2, 5, 4}},
		mesh.APyramid:     {{0, 3, 2, 1}},
		mesh.ATriangle:    {{0, 1, 2}},
		mesh.AQuadrangle:  {{0, 1, 2, 3}},
	}
)

// cornersOf are the places of the corners of each shape.
var cornersOf = map[mesh.Shape][]Vec{
	mesh.ATetrahedron: {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	mesh.APrism:       {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {0, 1, 1}},
	mesh.AHexahedron:  {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}},
	mesh.APyramid:     {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0.5, 0.5, 1}},
	mesh.ALine:        {{0, 0, 0}, {1, 0, 0}},
	mesh.ATriangle:    {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}},
	mesh.AQuadrangle:  {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}},
}
