package gmsh

/*
#include "size.h"
#include <gmshc.h>
#include <stdlib.h>
*/
import "C"

import (
	"slices"
	"unsafe"
)

// The types of elements that we ask for by number (MSH element types); package mesh knows all.
const (
	Line2     = 1
	Triangle3 = 2
	Tet4      = 4
)

// Generate meshes the model up to a dimension. After a failure the library keeps a lock, and every later call makes
// nothing and reports success: Finalize and Initialize again. ErrInterrupted is no such failure.
func Generate(dim int) error {
	var code C.int
	C.meshgenTakeLeft() // it may have been left where that was no failure
	C.gmshModelMeshGenerate(C.int(dim), &code)
	if left := C.meshgenTakeLeft() != 0; left && code != 0 {
		return ErrInterrupted
	}
	return check("model.mesh.generate", code)
}

// ImportSTL makes the triangles by which OpenCASCADE shows the faces their mesh: as fine as Mesh.StlLinearDeflection and
// Mesh.StlAngularDeflection say, each face with nodes of its own.
func ImportSTL() error {
	var code C.int
	C.gmshModelMeshImportStl(&code)
	return check("model.mesh.importStl", code)
}

// SetOrder gives every element the order, with its new nodes on the geometry.
func SetOrder(order int) error {
	var code C.int
	C.gmshModelMeshSetOrder(C.int(order), &code)
	return check("model.mesh.setOrder", code)
}

// Reverse turns the elements of entities around.
func Reverse(entities ...DimTag) error {
	first, n := dimTags(entities)
	var code C.int
	C.gmshModelMeshReverse(first, n, &code)
	return check("model.mesh.reverse", code)
}

// ClearMesh drops the mesh of the given entities, or all of it where none is given. What bounds an entity that keeps its
// mesh cannot be cleared.
func ClearMesh(entities ...DimTag) error {
	first, n := dimTags(entities)
	var code C.int
	C.gmshModelMeshClear(first, n, &code)
	return check("model.mesh.clear", code)
}

// LastEntityErrors returns the entities where the last meshing failed, as far as Gmsh notes them.
func LastEntityErrors() []DimTag {
	var first *C.int
	var n C.size_t
	var code C.int
	C.gmshModelMeshGetLastEntityError(&first, &n, &code)
	return takeDimTags(first, n)
}

// Nodes returns the tags of nodes and their coordinates, three for each: of an entity, of a dimension (tag -1) or of the
// whole mesh (-1, -1). Both arrays are to be freed.
func Nodes(dim, tag int) (tags Array[uint64], coordinates Array[float64], err error) {
	var first *C.size_t
	var coord, parametric *C.double
	var n, ncoord, nparametric C.size_t
	var code C.int
	C.gmshModelMeshGetNodes(&first, &n, &coord, &ncoord, &parametric, &nparametric, C.int(dim), C.int(tag), 0, 0, &code)
	doubles(parametric, nparametric).Free()
	return sizes(first, n), doubles(coord, ncoord), check("model.mesh.getNodes", code)
}

// NodesWithParameters returns the tags of the nodes of a curve or face, without those of its boundary, three coordinates for
// each, and its one or two parametric coordinates.
func NodesWithParameters(dim, tag int) (tags []uint64, coordinates, parameters []float64, err error) {
	var first *C.size_t
	var coord, parametric *C.double
	var n, ncoord, nparametric C.size_t
	var code C.int
	C.gmshModelMeshGetNodes(&first, &n, &coord, &ncoord, &parametric, &nparametric, C.int(dim), C.int(tag), 0, 1, &code)
	t, c, p := sizes(first, n), doubles(coord, ncoord), doubles(parametric, nparametric)
	defer t.Free()
	defer c.Free()
	defer p.Free()
	return slices.Clone(t.View()), slices.Clone(c.View()), slices.Clone(p.View()), check("model.mesh.getNodes", code)
}

// EmbedPoint has the mesh of a face take in a point that lies on it.
func EmbedPoint(point, face int) error {
	var code C.int
	tag := C.int(point)
	C.gmshModelMeshEmbed(0, &tag, 1, 2, C.int(face), &code)
	return check("model.mesh.embed", code)
}

// FaceNodes returns the tags and coordinates of the nodes of a face, with those on its curves and points. Both arrays are to
// be freed.
func FaceNodes(face int) (tags Array[uint64], coordinates Array[float64], err error) {
	var first *C.size_t
	var coord, parametric *C.double
	var n, ncoord, nparametric C.size_t
	var code C.int
	C.gmshModelMeshGetNodes(&first, &n, &coord, &ncoord, &parametric, &nparametric, 2, C.int(face), 1, 0, &code)
	doubles(parametric, nparametric).Free()
	return sizes(first, n), doubles(coord, ncoord), check("model.mesh.getNodes", code)
}

// SetNode moves a node to a place, with the parametric coordinates of that place on the entity that the node lies on.
func SetNode(tag uint64, place [3]float64, parameters []float64) error {
	var in *C.double
	if len(parameters) > 0 {
		in = (*C.double)(unsafe.Pointer(&parameters[0]))
	}
	var code C.int
	C.gmshModelMeshSetNode(C.size_t(tag), (*C.double)(unsafe.Pointer(&place[0])), 3, in, C.size_t(len(parameters)), &code)
	return check("model.mesh.setNode", code)
}

// AddNodes adds nodes to an entity: tags, and three coordinates for each.
func AddNodes(dim, tag int, tags []uint64, coordinates []float64) error {
	return AddNodesWithParameters(dim, tag, tags, coordinates, nil)
}

// AddNodesWithParameters adds nodes to a curve or face with their parametric coordinates, one or two for each.
func AddNodesWithParameters(dim, tag int, tags []uint64, coordinates, parameters []float64) error {
	if len(tags) == 0 {
		return nil
	}
	var in *C.double
	if len(parameters) > 0 {
		in = (*C.double)(unsafe.Pointer(&parameters[0]))
	}
	var code C.int
	C.gmshModelMeshAddNodes(C.int(dim), C.int(tag), (*C.size_t)(unsafe.Pointer(&tags[0])), C.size_t(len(tags)),
		(*C.double)(unsafe.Pointer(&coordinates[0])), C.size_t(len(coordinates)), in, C.size_t(len(parameters)), &code)
	return check("model.mesh.addNodes", code)
}

// AddElements adds elements of one type to the entity with the tag; Gmsh numbers them.
func AddElements(tag, elementType int, nodes []uint64) error {
	if len(nodes) == 0 {
		return nil
	}
	var code C.int
	C.gmshModelMeshAddElementsByType(C.int(tag), C.int(elementType), nil, 0,
		(*C.size_t)(unsafe.Pointer(&nodes[0])), C.size_t(len(nodes)), &code)
	return check("model.mesh.addElementsByType", code)
}

// ElementTypes returns the types of elements in an entity, a dimension (tag -1) or the mesh (-1, -1).
func ElementTypes(dim, tag int) ([]int, error) {
	var first *C.int
	var n C.size_t
	var code C.int
	C.gmshModelMeshGetElementTypes(&first, &n, C.int(dim), C.int(tag), &code)
	return takeInts(first, n), check("model.mesh.getElementTypes", code)
}

// ElementType describes a type of elements.
type ElementType struct {
	Name    string // such as "Tetrahedron 4"
	Dim     int
	Order   int
	Nodes   int
	Corners int // nodes of the straight element
}

// Elements returns the tags of all elements of a type in an entity (all entities where tag is -1) and their nodes,
// concatenated. Both arrays are to be freed.
func Elements(elementType, tag int) (tags, nodes Array[uint64], err error) {
	var first, node *C.size_t
	var n, nnode C.size_t
	var code C.int
	C.gmshModelMeshGetElementsByType(C.int(elementType), &first, &n, &node, &nnode, C.int(tag), 0, 1, &code)
	return sizes(first, n), sizes(node, nnode), check("model.mesh.getElementsByType", code)
}

// Qualities returns a measure of each element: "minSICN", "gamma", "volume", …. The array is to be freed.
func Qualities(elements []uint64, measure string) (Array[float64], error) {
	if len(elements) == 0 {
		return Array[float64]{}, nil
	}
	name := C.CString(measure)
	defer C.free(unsafe.Pointer(name))
	var first *C.double
	var n C.size_t
	var code C.int
	C.gmshModelMeshGetElementQualities((*C.size_t)(unsafe.Pointer(&elements[0])), C.size_t(len(elements)),
		&first, &n, name, 0, 1, &code)
	return doubles(first, n), check("model.mesh.getElementQualities", code)
}

// Quadrature returns the points (u, v, w each) and weights of an integration rule, such as "Gauss4".
func Quadrature(elementType int, rule string) (points, weights []float64, err error) {
	name := C.CString(rule)
	defer C.free(unsafe.Pointer(name))
	var local, weight *C.double
	var nlocal, nweight C.size_t
	var code C.int
	C.gmshModelMeshGetIntegrationPoints(C.int(elementType), name, &local, &nlocal, &weight, &nweight, &code)
	l, w := doubles(local, nlocal), doubles(weight, nweight)
	defer l.Free()
	defer w.Free()
	return append(points, l.View()...), append(weights, w.View()...), check("model.mesh.getIntegrationPoints", code)
}

// BasisFunctions returns the shape functions of a type of elements at some points (u, v, w each): "Lagrange" one value, or
// "GradLagrange" three derivatives, for each point and each node of the element, in its order.
func BasisFunctions(elementType int, points []float64, functions string) ([]float64, error) {
	name := C.CString(functions)
	defer C.free(unsafe.Pointer(name))
	var values *C.double
	var nvalues C.size_t
	var components, orientations, code C.int
	C.gmshModelMeshGetBasisFunctions(C.int(elementType), (*C.double)(unsafe.Pointer(&points[0])), C.size_t(len(points)), name,
		&components, &values, &nvalues, &orientations, nil, 0, &code)
	v := doubles(values, nvalues)
	defer v.Free()
	return append([]float64(nil), v.View()...), check("model.mesh.getBasisFunctions", code)
}

// RenumberNodes numbers the nodes from 1 on without gaps.
func RenumberNodes() error {
	var code C.int
	C.gmshModelMeshRenumberNodes(nil, 0, nil, 0, &code)
	return check("model.mesh.renumberNodes", code)
}

// RenumberElements numbers the elements from 1 on without gaps.
func RenumberElements() error {
	var code C.int
	C.gmshModelMeshRenumberElements(nil, 0, nil, 0, &code)
	return check("model.mesh.renumberElements", code)
}
