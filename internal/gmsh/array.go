package gmsh

/*
#include <gmshc.h>
*/
import "C"

import "unsafe"

// Array is an array that Gmsh allocated. View is valid until Free.
type Array[T any] struct {
	first *T
	n     int
}

// View returns the array as a slice over Gmsh's own memory.
func (a Array[T]) View() []T { return unsafe.Slice(a.first, a.n) }

// Len returns the number of elements.
func (a Array[T]) Len() int { return a.n }

// Free gives the memory back. The zero Array may be freed.
func (a Array[T]) Free() {
	if a.first != nil {
		C.gmshFree(unsafe.Pointer(a.first))
	}
}

func doubles(first *C.double, n C.size_t) Array[float64] {
	return Array[float64]{(*float64)(unsafe.Pointer(first)), int(n)}
}

func sizes(first *C.size_t, n C.size_t) Array[uint64] {
	return Array[uint64]{(*uint64)(unsafe.Pointer(first)), int(n)}
}

// takeInts copies an array of C ints and frees it. It is for short arrays, such as tags of entities.
func takeInts(first *C.int, n C.size_t) []int {
	if first == nil {
		return nil
	}
	defer C.gmshFree(unsafe.Pointer(first))
	out := make([]int, n)
	for i, v := range unsafe.Slice(first, n) {
		out[i] = int(v)
	}
	return out
}

// takeString copies a string of Gmsh's and frees it.
func takeString(s *C.char) string {
	if s == nil {
		return ""
	}
	defer C.gmshFree(unsafe.Pointer(s))
	return C.GoString(s)
}

// ints converts to C ints; the pointer is nil for an empty slice.
func ints(v []int) (*C.int, C.size_t) {
	if len(v) == 0 {
		return nil, 0
	}
	out := make([]C.int, len(v))
	for i, x := range v {
		out[i] = C.int(x)
	}
	return &out[0], C.size_t(len(out))
}

// DimTag names an entity: its dimension and its number within it.
type DimTag struct{ Dim, Tag int }

// takeDimTags copies a list of pairs and frees it.
func takeDimTags(first *C.int, n C.size_t) []DimTag {
	flat := takeInts(first, n)
	out := make([]DimTag, len(flat)/2)
	for i := range out {
		out[i] = DimTag{flat[2*i], flat[2*i+1]}
	}
	return out
}

func dimTags(v []DimTag) (*C.int, C.size_t) {
	flat := make([]int, 0, 2*len(v))
	for _, e := range v {
		flat = append(flat, e.Dim, e.Tag)
	}
	return ints(flat)
}

func boolean(b bool) C.int {
	if b {
		return 1
	}
	return 0
}
