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

// The layouts are those of Go's side.
var (
	_ [unsafe.Sizeof(quality.Columns{}) - unsafe.Sizeof(C.tets_columns{})]struct{}
	_ [unsafe.Sizeof(C.tets_columns{}) - unsafe.Sizeof(quality.Columns{})]struct{}
	_ [unsafe.Sizeof(quality.Scales{}) - C.TETS_MEASURES*unsafe.Sizeof(C.tets_scale{})]struct{}
	_ [C.TETS_MEASURES*unsafe.Sizeof(C.tets_scale{}) - unsafe.Sizeof(quality.Scales{})]struct{}
	_ [unsafe.Sizeof(quality.Tally{}.Measures) - C.TETS_MEASURES*unsafe.Sizeof(C.tets_sums{})]struct{}
	_ [C.TETS_MEASURES*unsafe.Sizeof(C.tets_sums{}) - unsafe.Sizeof(quality.Tally{}.Measures)]struct{}
)
