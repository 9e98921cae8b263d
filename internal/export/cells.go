package export

import "meshgen/internal/mesh"

// cell is how a format writes a kind of element: its own number or name for it, and which of our nodes are written, in
// which order. Formats whose elements of order 2 have nodes on edges only leave out those within faces and volumes.
type cell struct {
	id    int
	name  string
	nodes []int
}

// plain keeps the first n nodes as they are.
func plain(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// The orders of nodes that several formats share: corners, then edges around the base, around the top, and between them
// (VTK, Abaqus), or between before top (Nastran). Each lists our numbers.
var (
	edges10Tet     = []int{0, 1, 2, 3, 4, 5, 6, 7, 9, 8}
	edges20Hex     = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 13, 9, 16, 18, 19, 17, 10, 12, 14, 15}
	edges15Prism   = []int{0, 1, 2, 3, 4, 5, 6, 9, 7, 12, 14, 13, 8, 10, 11}
	edges13Pyramid = []int{0, 1, 2, 3, 4, 5, 8, 10, 6, 7, 9, 11, 12}

	between20Hex   = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 13, 9, 10, 12, 14, 15, 16, 18, 19, 17}
	between15Prism = []int{0, 1, 2, 3, 4, 5, 6, 9, 7, 8, 10, 11, 12, 14, 13}
)

// vtkCells are the cells of VTK. Those of order 3 are Lagrange cells, whose order is VTK's own. Source: vtkCellType.h; the
// orders were found by asking VTK's shape functions which of our nodes they are one at. In files of the versions that we
// write, two upright edges of a Lagrange hexahedron change places; readers know.
var vtkCells = map[mesh.Kind]cell{
	mesh.Point: {id: 1, nodes: plain(1)},
	mesh.Line2: {id: 3, nodes: plain(2)}, mesh.Line3: {id: 21, nodes: plain(3)}, mesh.Line4: {id: 68, nodes: plain(4)},
	mesh.Triangle3: {id: 5, nodes: plain(3)}, mesh.Triangle6: {id: 22, nodes: plain(6)}, mesh.Triangle10: {id: 69, nodes: plain(10)},
	mesh.Quad4: {id: 9, nodes: plain(4)}, mesh.Quad9: {id: 28, nodes: plain(9)},
	mesh.Quad16: {id: 70, nodes: []int{0, 1, 2, 3, 4, 5, 6, 7, 9, 8, 11, 10, 12, 13, 15, 14}},
	mesh.Tet4:   {id: 10, nodes: plain(4)}, mesh.Tet10: {id: 24, nodes: edges10Tet},
	mesh.Tet20: {id: 71, nodes: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 10, 15, 14, 13, 12, 17, 19, 18, 16}},
	mesh.Hex8:  {id: 12, nodes: plain(8)},
	mesh.Hex27: {id: 29, nodes: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 13, 9, 16, 18, 19, 17, 10, 12, 14, 15, 22, 23, 21, 24, 20, 25, 26}},
	mesh.Hex64: {id: 72, nodes: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 15, 19, 18, 10, 11, 24, 25, 28, 29, 31, 30, 26, 27, 12, 13, 16, 17,
		22, 23, 20, 21, 40, 43, 41, 42, 44, 45, 47, 46, 36, 37, 39, 38, 49, 48, 50, 51, 32, 35, 33, 34, 52, 53, 55, 54, 56, 57, 59, 58, 60, 61, 63, 62}},
	mesh.Prism6:  {id: 13, nodes: plain(6)},
	mesh.Prism18: {id: 32, nodes: []int{0, 1, 2, 3, 4, 5, 6, 9, 7, 12, 14, 13, 8, 10, 11, 15, 17, 16}},
	mesh.Prism40: {id: 73, nodes: []int{0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 9, 8, 18, 19, 22, 23, 21, 20, 10, 11, 14, 15, 16, 17, 24, 25, 26, 27,
		29, 28, 34, 35, 37, 36, 33, 30, 32, 31, 38, 39}},
	mesh.Pyramid5: {id: 14, nodes: plain(5)}, mesh.Pyramid14: {id: 27, nodes: edges13Pyramid},
}

// abaqusCells are the element types of Abaqus. Source: Abaqus Elements Guide, "Three-dimensional solid element library".
var abaqusCells = map[mesh.Kind]cell{
	mesh.Tet4: {name: "C3D4", nodes: plain(4)}, mesh.Tet10: {name: "C3D10", nodes: edges10Tet},
	mesh.Hex8: {name: "C3D8", nodes: plain(8)}, mesh.Hex27: {name: "C3D20", nodes: edges20Hex},
	mesh.Prism6: {name: "C3D6", nodes: plain(6)}, mesh.Prism18: {name: "C3D15", nodes: edges15Prism},
	mesh.Pyramid5: {name: "C3D5", nodes: plain(5)},
}

// abaqusFaces numbers the faces of a shape, in the order of mesh.Shape.Faces, as Abaqus does (S1, S2, …).
var abaqusFaces = map[mesh.Shape][]int{
	mesh.ATetrahedron: {1, 2, 4, 3},
	mesh.AHexahedron:  {1, 3, 4, 5, 6, 2},
	mesh.APrism:       {1, 2, 3, 4, 5},
	mesh.APyramid:     {1, 2, 3, 4, 5},
}

// nastranCells are the elements of Nastran. Source: MSC Nastran Quick Reference Guide, entries CTETRA, CHEXA, CPENTA,
// CPYRAM, CTRIA3, CTRIA6, CQUAD4, CQUAD8.
var nastranCells = map[mesh.Kind]cell{
	mesh.Tet4: {name: "CTETRA", nodes: plain(4)}, mesh.Tet10: {name: "CTETRA", nodes: edges10Tet},
	mesh.Hex8: {name: "CHEXA", nodes: plain(8)}, mesh.Hex27: {name: "CHEXA", nodes: between20Hex},
	mesh.Prism6: {name: "CPENTA", nodes: plain(6)}, mesh.Prism18: {name: "CPENTA", nodes: between15Prism},
	mesh.Pyramid5: {name: "CPYRAM", nodes: plain(5)}, mesh.Pyramid14: {name: "CPYRAM", nodes: edges13Pyramid},
	mesh.Triangle3: {name: "CTRIA3", nodes: plain(3)}, mesh.Triangle6: {name: "CTRIA6", nodes: plain(6)},
	mesh.Quad4: {name: "CQUAD4", nodes: plain(4)}, mesh.Quad9: {name: "CQUAD8", nodes: plain(8)},
}

// unvCells are the elements of I-deas universal files, dataset 2412, by FE descriptor: edges are walked around, corners and
// nodes on edges in turn. There is no pyramid.
var unvCells = map[mesh.Kind]cell{
	mesh.Tet4: {id: 111, nodes: plain(4)}, mesh.Tet10: {id: 118, nodes: []int{0, 4, 1, 5, 2, 6, 7, 9, 8, 3}},
	mesh.Hex8:      {id: 115, nodes: plain(8)},
	mesh.Hex27:     {id: 116, nodes: []int{0, 8, 1, 11, 2, 13, 3, 9, 10, 12, 14, 15, 4, 16, 5, 18, 6, 19, 7, 17}},
	mesh.Prism6:    {id: 112, nodes: plain(6)},
	mesh.Prism18:   {id: 113, nodes: []int{0, 6, 1, 9, 2, 7, 8, 10, 11, 3, 12, 4, 14, 5, 13}},
	mesh.Triangle3: {id: 91, nodes: plain(3)}, mesh.Triangle6: {id: 92, nodes: []int{0, 3, 1, 4, 2, 5}},
	mesh.Quad4: {id: 94, nodes: plain(4)}, mesh.Quad9: {id: 95, nodes: []int{0, 4, 1, 5, 2, 6, 3, 7}},
}

// medCells and cgnsCells are what Gmsh's writers of these formats know; it leaves out the rest with a warning at most.
var (
	medCells = gmshCells(mesh.Triangle3, mesh.Triangle6, mesh.Quad4, mesh.Quad9, mesh.Tet4, mesh.Tet10, mesh.Hex8, mesh.Hex27,
		mesh.Prism6, mesh.Prism18, mesh.Pyramid5)
	cgnsCells = gmshCells(mesh.Triangle3, mesh.Triangle6, mesh.Triangle10, mesh.Quad4, mesh.Quad9, mesh.Quad16, mesh.Tet4, mesh.Tet10,
		mesh.Tet20, mesh.Hex8, mesh.Hex27, mesh.Hex64, mesh.Prism6, mesh.Prism18, mesh.Pyramid5, mesh.Pyramid14, mesh.Pyramid30)
)

func gmshCells(kinds ...mesh.Kind) map[mesh.Kind]cell {
	out := map[mesh.Kind]cell{}
	for _, k := range kinds {
		out[k] = cell{nodes: plain(k.Nodes())}
	}
	return out
}

// straightCells are the volumes and faces of formats that know straight elements only.
var straightCells = map[mesh.Kind]cell{
	mesh.Triangle3: vtkCells[mesh.Triangle3], mesh.Quad4: vtkCells[mesh.Quad4],
	mesh.Tet4: vtkCells[mesh.Tet4], mesh.Hex8: vtkCells[mesh.Hex8], mesh.Prism6: vtkCells[mesh.Prism6], mesh.Pyramid5: vtkCells[mesh.Pyramid5],
}

// flat divides a curved triangle or quadrangle along its nodes: three of our numbers for each triangle, oriented as the element.
var flat = map[mesh.Kind][]int{
	mesh.Triangle3:  triangles([][]int{{0, 1}, {2}}),
	mesh.Triangle6:  triangles([][]int{{0, 3, 1}, {5, 4}, {2}}),
	mesh.Triangle10: triangles([][]int{{0, 3, 4, 1}, {8, 9, 5}, {7, 6}, {2}}),
	mesh.Quad4:      triangles([][]int{{0, 1}, {3, 2}}),
	mesh.Quad9:      triangles([][]int{{0, 4, 1}, {7, 8, 5}, {3, 6, 2}}),
	mesh.Quad16:     triangles([][]int{{0, 4, 5, 1}, {11, 12, 13, 6}, {10, 15, 14, 7}, {3, 9, 8, 2}}),
}

// triangles joins rows of nodes, from the bottom to the top.
func triangles(rows [][]int) []int {
	var out []int
	for r := 0; r+1 < len(rows); r++ {
		low, high := rows[r], rows[r+1]
		for i := 0; i+1 < len(low); i++ {
			if i < len(high) {
				out = append(out, low[i], low[i+1], high[i])
			}
			if i+1 < len(high) {
				out = append(out, low[i+1], high[i+1], high[i])
			}
		}
	}
	return out
}
