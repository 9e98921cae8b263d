// Package tets measures straight tetrahedra, many at a time: the arithmetic of internal/quality in C, four or more of them in
// a vector. The results are the same to the bit; what they mean is said there.
package tets

// #cgo CFLAGS: -O3 -std=c11
// #include "measure.h"
import "C"

import (
	"unsafe"

	"meshgen/internal/quality"
)

// Kernel measures and counts in C. It is a quality.Kernel.
type Kernel struct{}

// Measure measures n tetrahedra, at most quality.Batch, by the first four of step nodes each.
func (Kernel) Measure(xyz []float64, nodes []uint64, step, n int, into *quality.Columns) {
	if n == 0 {
		return
	}
	_ = nodes[(n-1)*step+3]
	C.tets_measure((*C.double)(&xyz[0]), (*C.uint64_t)(&nodes[0]), C.int64_t(step), C.int64_t(n), (*C.tets_columns)(unsafe.Pointer(into)))
}

// Gather counts n elements.
func (Kernel) Gather(c *quality.Columns, n int, scales *quality.Scales, counts []uint32, sums *quality.Tally) {
	C.tets_gather((*C.tets_columns)(unsafe.Pointer(c)), C.int64_t(n), (*C.tets_scale)(unsafe.Pointer(scales)), (*C.uint32_t)(&counts[0]),
		(*C.tets_sums)(unsafe.Pointer(&sums.Measures)), (*C.double)(&sums.Content))
}

// Filling is what is found of how tetrahedra fill a solid. Sums go on from what they were.
type Filling struct {
	Volume   float64
	Unpaired uint64 // the exclusive or of a hash of every face
	bad      int32
	near     int32
	badAt    [quality.Batch]int32
	badSICN  [quality.Batch]float64
	nearAt   [quality.Batch]int32
	inverted [quality.Batch]uint8
}

// Fill looks at n tetrahedra as Measure does, seen from a place. Those whose SICN is not flat at least are Bad afterwards, and those of which three
// corners are marked, by a bit of each node, are Near.
func (f *Filling) Fill(xyz []float64, nodes []uint64, step, n int, from [3]float64, marked []uint64, flat float64) {
	if n == 0 {
		f.bad, f.near = 0, 0
		return
	}
	_ = nodes[(n-1)*step+3]
	C.tets_fill((*C.double)(&xyz[0]), (*C.uint64_t)(&nodes[0]), C.int64_t(step), C.int64_t(n), (*C.double)(&from[0]), (*C.uint64_t)(&marked[0]), C.double(flat),
		(*C.tets_filling)(unsafe.Pointer(f)))
}

// Bad returns which elements are inverted or flat, and the SICN of each.
func (f *Filling) Bad() ([]int32, []float64) { return f.badAt[:f.bad], f.badSICN[:f.bad] }

// Near returns which elements have three marked corners, and whether each has a negative volume.
func (f *Filling) Near() ([]int32, []uint8) { return f.nearAt[:f.near], f.inverted[:f.near] }

// The layouts are those of Go's side.
var (
	_ [unsafe.Sizeof(Filling{}) - unsafe.Sizeof(C.tets_filling{})]struct{}
	_ [unsafe.Sizeof(C.tets_filling{}) - unsafe.Sizeof(Filling{})]struct{}
	_ [unsafe.Sizeof(quality.Columns{}) - unsafe.Sizeof(C.tets_columns{})]struct{}
	_ [unsafe.Sizeof(C.tets_columns{}) - unsafe.Sizeof(quality.Columns{})]struct{}
	_ [unsafe.Sizeof(quality.Scales{}) - C.TETS_MEASURES*unsafe.Sizeof(C.tets_scale{})]struct{}
	_ [C.TETS_MEASURES*unsafe.Sizeof(C.tets_scale{}) - unsafe.Sizeof(quality.Scales{})]struct{}
	_ [unsafe.Sizeof(quality.Tally{}.Measures) - C.TETS_MEASURES*unsafe.Sizeof(C.tets_sums{})]struct{}
	_ [C.TETS_MEASURES*unsafe.Sizeof(C.tets_sums{}) - unsafe.Sizeof(quality.Tally{}.Measures)]struct{}
)
