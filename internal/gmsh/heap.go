package gmsh

/*
// By its soname: the headers and the link of the development package are not needed for the one function that is declared here.
#cgo LDFLAGS: -l:libjemalloc.so.2
#include "heap.h"
*/
import "C"

// HeapInUse returns the bytes that the C heap holds for those who asked for them.
func HeapInUse() int64 { return int64(C.heap_in_use()) }

// ReleaseMemory hands what the C heap holds but does not use back to the system.
func ReleaseMemory() { C.heap_release() }
