package gmsh

/*
#include <gmshc.h>
#include <stdlib.h>
*/
import "C"

import "unsafe"

// The functions of this file work on the OpenCASCADE shapes; the model sees their changes after OCCSynchronize.

// ImportShapes reads STEP, IGES or BREP ("step", "iges", "brep") into the current model and returns what it found, or
// only the entities of the highest dimension.
func ImportShapes(path, format string, highestDimOnly bool) ([]DimTag, error) {
	cpath, cformat := C.CString(path), C.CString(format)
	defer C.free(unsafe.Pointer(cpath))
	defer C.free(unsafe.Pointer(cformat))
	var first *C.int
	var n C.size_t
	var code C.int
	C.gmshModelOccImportShapes(cpath, &first, &n, boolean(highestDimOnly), cformat, &code)
	return takeDimTags(first, n), check("model.occ.importShapes", code)
}

// AddBox adds a box.
func AddBox(origin, size [3]float64) (int, error) {
	var code C.int
	tag := C.gmshModelOccAddBox(C.double(origin[0]), C.double(origin[1]), C.double(origin[2]),
		C.double(size[0]), C.double(size[1]), C.double(size[2]), -1, &code)
	return int(tag), check("model.occ.addBox", code)
}

// AddPoint adds a point.
func AddPoint(place [3]float64) (int, error) {
	var code C.int
	tag := C.gmshModelOccAddPoint(C.double(place[0]), C.double(place[1]), C.double(place[2]), 0, -1, &code)
	return int(tag), check("model.occ.addPoint", code)
}

// Fragment cuts entities where they meet, so that they share what they touch. Pieces lists, for each of the given
// entities, what it became; a piece listed twice lies in both.
func Fragment(objects, tools []DimTag) (out []DimTag, pieces [][]DimTag, err error) {
	object, nobject := dimTags(objects)
	tool, ntool := dimTags(tools)
	var first *C.int
	var n C.size_t
	var lists **C.int
	var lengths *C.size_t
	var nlists C.size_t
	var code C.int
	C.gmshModelOccFragment(object, nobject, tool, ntool, &first, &n, &lists, &lengths, &nlists, -1, 1, 1, &code)
	out = takeDimTags(first, n)
	if lists != nil {
		for i, list := range unsafe.Slice(lists, nlists) {
			pieces = append(pieces, takeDimTags(list, unsafe.Slice(lengths, nlists)[i]))
		}
		C.gmshFree(unsafe.Pointer(lists))
		C.gmshFree(unsafe.Pointer(lengths))
	}
	return out, pieces, check("model.occ.fragment", code)
}

// Sew joins all faces of the model whose edges lie within the tolerance of each other, and makes solids of the closed
// shells. Solids that there were before are lost.
func Sew(tolerance float64) error {
	var first *C.int
	var n C.size_t
	var code C.int
	// All shapes at once: given a list, Gmsh heals each of them alone.
	C.gmshModelOccHealShapes(&first, &n, nil, 0, C.double(tolerance), 0, 0, 0, 1, 1, &code)
	takeDimTags(first, n)
	return check("model.occ.healShapes", code)
}

// FillShell makes a solid of faces that share their edges and close.
func FillShell(faces []int) error {
	first, n := ints(faces)
	var code C.int
	loop := C.gmshModelOccAddSurfaceLoop(first, n, -1, 0, &code)
	if err := check("model.occ.addSurfaceLoop", code); err != nil {
		return err
	}
	C.gmshModelOccAddVolume(&loop, 1, -1, &code)
	return check("model.occ.addVolume", code)
}

// Remove drops shapes that bound nothing else, with Recursive all that only they used.
func Remove(entities []DimTag, recursive bool) error {
	first, n := dimTags(entities)
	var code C.int
	C.gmshModelOccRemove(first, n, boolean(recursive), &code)
	return check("model.occ.remove", code)
}

// Copy copies shapes, with all that bounds them.
func Copy(entities []DimTag) ([]DimTag, error) {
	in, nin := dimTags(entities)
	var first *C.int
	var n C.size_t
	var code C.int
	C.gmshModelOccCopy(in, nin, &first, &n, &code)
	return takeDimTags(first, n), check("model.occ.copy", code)
}

// OCCEntities returns the OpenCASCADE shapes of a dimension.
func OCCEntities(dim int) ([]DimTag, error) {
	var first *C.int
	var n C.size_t
	var code C.int
	C.gmshModelOccGetEntities(&first, &n, C.int(dim), &code)
	return takeDimTags(first, n), check("model.occ.getEntities", code)
}

// OCCBoundingBox returns the box around an OpenCASCADE shape.
func OCCBoundingBox(e DimTag) (low, high [3]float64, err error) {
	var code C.int
	lo, hi := (*[3]C.double)(unsafe.Pointer(&low)), (*[3]C.double)(unsafe.Pointer(&high))
	C.gmshModelOccGetBoundingBox(C.int(e.Dim), C.int(e.Tag), &lo[0], &lo[1], &lo[2], &hi[0], &hi[1], &hi[2], &code)
	return low, high, check("model.occ.getBoundingBox", code)
}

// Mass returns the length, area or volume of a shape; negative for a solid that is inside out.
func Mass(e DimTag) (float64, error) {
	var mass C.double
	var code C.int
	C.gmshModelOccGetMass(C.int(e.Dim), C.int(e.Tag), &mass, &code)
	return float64(mass), check("model.occ.getMass", code)
}

// CenterOfMass returns the centre of a shape.
func CenterOfMass(e DimTag) (center [3]float64, err error) {
	var code C.int
	c := (*[3]C.double)(unsafe.Pointer(&center))
	C.gmshModelOccGetCenterOfMass(C.int(e.Dim), C.int(e.Tag), &c[0], &c[1], &c[2], &code)
	return center, check("model.occ.getCenterOfMass", code)
}

// OCCSynchronize shows the shapes to the model.
func OCCSynchronize() error {
	var code C.int
	C.gmshModelOccSynchronize(&code)
	return check("model.occ.synchronize", code)
}
