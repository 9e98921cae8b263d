package estimate

// What becomes of a tetrahedron or triangle by strategies that make something else of it.
const (
	hexahedra   = 3 // subdivision of a mesh of hexEdge times the size makes four, and so coarse a mesh has fewer tetrahedra than is reckoned
	quadrangles = 3
	hexEdge     = 3
	hexChords   = 2 // by how much fewer edges go around a circle then
	mmgElements = 2
)

// nodesOf is the number of nodes of elements of an order: those of order 1, one more on each edge for order 2, and two
// on each edge and one in each triangle for order 3. Edges and triangles follow from Euler's formula.
func nodesOf(triangles, tetrahedra float64, order int) float64 {
	corners := 0.17*tetrahedra + 0.25*triangles
	edges := corners + tetrahedra + triangles/2
	faces := 2*tetrahedra + triangles/2
	switch order {
	case 2:
		return corners + edges
	case 3:
		return corners + 2*edges + faces
	}
	return corners
}

// nodesOfPrisms is what layers add: half a node for each prism, and with order 2 the middles of four edges and of two sides
// for each of these.
func nodesOfPrisms(prisms float64, order int) float64 {
	if order == 2 {
		return prisms / 2 * 8
	}
	return prisms / 2
}

// nodesOfHexahedra counts one node for each hexahedron, a good fourth more for those of the surface, and eight times as many of
// order 2.
func nodesOfHexahedra(n float64, order int) float64 {
	if order == 2 {
		return 8 * 1.2 * n
	}
	return 1.3 * n
}
