package gmsh

// #include <gmshc.h>
import "C"

// AddSurfaceLoop adds a closed shell of faces to the built-in kernel.
func AddSurfaceLoop(faces []int) (int, error) {
	first, n := ints(faces)
	var code C.int
	tag := C.gmshModelGeoAddSurfaceLoop(first, n, -1, &code)
	return int(tag), check("model.geo.addSurfaceLoop", code)
}

// AddVolume adds a volume with a tag to the built-in kernel: inside the first shell and outside the others.
func AddVolume(tag int, shells []int) error {
	first, n := ints(shells)
	var code C.int
	C.gmshModelGeoAddVolume(first, n, C.int(tag), &code)
	return check("model.geo.addVolume", code)
}

// GeoSynchronize shows the built-in kernel's entities to the model.
func GeoSynchronize() error {
	var code C.int
	C.gmshModelGeoSynchronize(&code)
	return check("model.geo.synchronize", code)
}
