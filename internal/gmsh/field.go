package gmsh

/*
#include <gmshc.h>
#include <stdlib.h>
*/
import "C"

import "unsafe"

// AddField adds a field of sizes, such as "Extend", and returns its tag.
func AddField(kind string) (int, error) {
	name := C.CString(kind)
	defer C.free(unsafe.Pointer(name))
	var code C.int
	tag := C.gmshModelMeshFieldAdd(name, -1, &code)
	return int(tag), check("model.mesh.field.add", code)
}

// SetField sets options of a field that are one number each.
func SetField(tag int, option string, value float64) error {
	name := C.CString(option)
	defer C.free(unsafe.Pointer(name))
	var code C.int
	C.gmshModelMeshFieldSetNumber(C.int(tag), name, C.double(value), &code)
	return check("model.mesh.field.setNumber", code)
}

// SetFieldList sets an option of a field that is a list, such as tags of entities.
func SetFieldList(tag int, option string, values []int) error {
	name := C.CString(option)
	defer C.free(unsafe.Pointer(name))
	list := make([]C.double, len(values)+1) // never empty
	for i, v := range values {
		list[i] = C.double(v)
	}
	var code C.int
	C.gmshModelMeshFieldSetNumbers(C.int(tag), name, &list[0], C.size_t(len(values)), &code)
	return check("model.mesh.field.setNumbers", code)
}

// SetBackgroundField has Gmsh ask a field for the size at every place.
func SetBackgroundField(tag int) error {
	var code C.int
	C.gmshModelMeshFieldSetAsBackgroundMesh(C.int(tag), &code)
	return check("model.mesh.field.setAsBackgroundMesh", code)
}

// RemoveFields removes every field of the current model.
func RemoveFields() error {
	var first *C.int
	var n C.size_t
	var code C.int
	C.gmshModelMeshFieldList(&first, &n, &code)
	for _, tag := range takeInts(first, n) {
		var code C.int
		C.gmshModelMeshFieldRemove(C.int(tag), &code)
		if err := check("model.mesh.field.remove", code); err != nil {
			return err
		}
	}
	return check("model.mesh.field.list", code)
}

// SetAlgorithm2D sets the algorithm of one face, by the numbers of Mesh.Algorithm.
func SetAlgorithm2D(face, algorithm int) error {
	var code C.int
	C.gmshModelMeshSetAlgorithm(2, C.int(face), C.int(algorithm), &code)
	return check("model.mesh.setAlgorithm", code)
}

// SetTransfiniteCurve has a curve divided into a number of edges of one length, whatever sizes are asked for.
func SetTransfiniteCurve(curve, edges int) error {
	kind := C.CString("Progression")
	defer C.free(unsafe.Pointer(kind))
	var code C.int
	C.gmshModelMeshSetTransfiniteCurve(C.int(curve), C.int(edges+1), kind, 1, &code)
	return check("model.mesh.setTransfiniteCurve", code)
}

// RemoveConstraints takes back what was said of how curves, faces and volumes of the current model are to be meshed: how many edges
// there are on a curve, and by which algorithm a face is meshed.
func RemoveConstraints() error {
	var code C.int
	C.gmshModelMeshRemoveConstraints(nil, 0, &code)
	return check("model.mesh.removeConstraints", code)
}
