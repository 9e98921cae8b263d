package gmsh

/*
#include "size.h"
#include <gmshc.h>
*/
import "C"

import (
	"errors"
	"sync/atomic"
	"unsafe"
)

// SizeFunc returns the edge length wanted at a place on the entity (dim, tag) that is being meshed. Size is what Gmsh's own
// rules ask for there, before it is bounded by Mesh.MeshSizeMin and Mesh.MeshSizeMax; it is huge where none does. Gmsh calls
// the function from several threads.
type SizeFunc func(dim, tag int, place [3]float64, size float64) float64

// sizeFunc is what Gmsh calls: it has one current model, and one function is enough.
var sizeFunc atomic.Pointer[SizeFunc]

// SetSizes has the current model ask f for the size at every place. The function stays until the model is gone.
func SetSizes(f SizeFunc) error {
	sizeFunc.Store(&f)
	var code C.int
	C.gmshModelMeshSetSizeCallback((*[0]byte)(unsafe.Pointer(C.meshgenSizeOrLeave)), nil, &code)
	return check("model.mesh.setSizeCallback", code)
}

// RemoveSizes has the current model ask nobody any more.
func RemoveSizes() error {
	sizeFunc.Store(nil)
	var code C.int
	C.gmshModelMeshRemoveSizeCallback(&code)
	return check("model.mesh.removeSizeCallback", code)
}

//export meshgenSize
func meshgenSize(dim, tag C.int, x, y, z, lc C.double, _ unsafe.Pointer) C.double {
	f := sizeFunc.Load()
	if f == nil {
		return lc
	}
	return C.double((*f)(int(dim), int(tag), [3]float64{float64(x), float64(y), float64(z)}, float64(lc)))
}

// ErrInterrupted is what Generate fails with where Interrupt had it left.
var ErrInterrupted = errors.New("gmsh model.mesh.generate was interrupted")

// Interrupt has Generate fail with ErrInterrupted, from the next place on for whose size a function of SetSizes is asked, until
// Resume. It may be called from any goroutine, and does not wait. After that, unlike after other failures, which may come in between, the
// library keeps no lock: what was meshed by then is there and can be cleared.
func Interrupt() { C.meshgenInterrupt(1) }

// Resume ends what Interrupt began.
func Resume() { C.meshgenInterrupt(0) }
