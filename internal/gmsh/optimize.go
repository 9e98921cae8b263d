package gmsh

/*
#include <gmshc.h>
#include <stdlib.h>
*/
import "C"

import "unsafe"

// Optimize has the mesh optimised by one of Gmsh's methods, such as "HighOrder".
func Optimize(method string) error {
	name := C.CString(method)
	defer C.free(unsafe.Pointer(name))
	var code C.int
	C.gmshModelMeshOptimize(name, 0, 1, nil, 0, &code)
	return check("model.mesh.optimize", code)
}
