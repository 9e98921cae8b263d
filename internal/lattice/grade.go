package lattice

// #include "cpu.h"
import "C"

import (
	"fmt"
	"math/bits"
	"unsafe"
)

// Grading makes the tetrahedra inside larger, the farther they are from the surface.
type Grading struct {
	// Levels is how often the edge may double.
	Levels int
	// Layers is how many cubes there are of each size, before they are twice as large, at least: an even number, 0 stands for 2.
	Layers int
	// Size returns how long edges may be at a place; nil is no limit. It is called from several threads.
	Size func(place [3]float64) float64
}

// MaxLevels is how often an edge may double.
const MaxLevels = C.LAT_LEVELS - 1

// grade finds the cubes of the lattice that become greater ones, and which nodes are left.
func (w *work) grade() {
	w.lat.levels, w.lat.kept = 0, w.lat.q
	if w.grading.Levels <= 0 {
		return
	}
	n := [3]int{int(w.lat.n[0]), int(w.lat.n[1]), int(w.lat.n[2])}
	array := func(name string, level int) *C.u64 {
		words := n[0]/64 + 2
		w.lat.cube_words[level] = C.i32(words)
		return arrayOf[C.u64](w, fmt.Sprint(name, level), words*n[1]*n[2]+1)
	}
	for level := 0; level <= min(w.grading.Levels, MaxLevels); level++ {
		for k := range 3 {
			if level > 0 {
				n[k] = (n[k] + 1) / 2
			}
			w.lat.cubes[level][k] = C.i32(n[k])
		}
		w.lat.whole[level], w.lat.leaf[level] = array("whole", level), array("leaf", level)
		if level == 0 {
			w.eachRow(0, C.LAT_whole)
			continue
		}
		w.lat.joined = array("joined", level)
		w.eachRow(level, C.LAT_join)
		any := w.eachRow(level, C.LAT_inner) != 0
		for range max(w.grading.Layers/2, 1) - 1 {
			w.lat.joined, w.lat.whole[level] = w.lat.whole[level], w.lat.joined
			any = w.eachRow(level, C.LAT_inner) != 0
		}
		if !any || w.grading.Size != nil && !w.bound(level) {
			break
		}
		w.lat.levels = C.i32(level)
	}
	if w.lat.levels == 0 {
		return
	}
	w.lat.kept = w.bits("kept")
	w.eachLevel(0, C.LAT_leaves)
	w.each(C.LAT_keep)
	w.eachLevel(1, C.LAT_keep_leaves)
	for level := 1; level <= int(w.lat.levels); level++ {
		w.lat.row_leaf[level] = arrayOf[C.u64](w, fmt.Sprint("row leaf", level), w.cubeRows(level))
	}
}

// bound divides the cubes of a level that are larger than what is wanted where they are. It reports whether any is left.
func (w *work) bound(level int) (left bool) {
	words := w.cubeRows(level) * int(w.lat.cube_words[level])
	w.edit(unsafe.Pointer(w.lat.whole[level]), 8*words, func(at unsafe.Pointer) {
		left = w.divide(level, unsafe.Slice((*uint64)(at), words))
	})
	return left
}

func (w *work) divide(level int, all []uint64) bool {
	words := int(w.lat.cube_words[level])
	edge := float64(w.lat.h) * float64(int(1)<<level)
	return parallel(w.threads, w.cubeRows(level), func(first, last int) (any C.int) {
		for r := first; r < last; r++ {
			j, k := r%int(w.lat.cubes[level][1]), r/int(w.lat.cubes[level][1])
			for at := range words {
				for left := all[r*words+at]; left != 0; left &= left - 1 {
					i := 64*at + bits.TrailingZeros64(left)
					var p [3]float64
					for x, c := range [3]int{i, j, k} {
						p[x] = float64(w.lat.origin[x]) + edge*(float64(c)+0.5)
					}
					if edge > w.grading.Size(p) {
						all[r*words+at] &^= 1 << (i & 63)
					}
				}
				if all[r*words+at] != 0 {
					any = 1
				}
			}
		}
		return any
	}) != 0
}

// beginLeaves counts the tetrahedra of greater cubes, which follow those of the lattice, and returns how many there are in all.
func (w *work) beginLeaves(tets C.u64) C.u64 {
	w.eachLevel(1, C.LAT_count_leaves)
	for level := 1; level <= int(w.lat.levels); level++ {
		tets = w.scan64(w.lat.row_leaf[level], w.cubeRows(level), tets)
	}
	return tets
}

func (w *work) cubeRows(level int) int { return int(w.lat.cubes[level][1] * w.lat.cubes[level][2]) }

// eachLevel does a stage for the rows of cubes of all levels from one on.
func (w *work) eachLevel(first int, stage C.int) {
	for level := first; level <= int(w.lat.levels); level++ {
		w.eachRow(level, stage)
	}
}

func (w *work) eachRow(level int, stage C.int) C.int {
	return w.cubes(w.lat, stage, level, 0, w.cubeRows(level))
}
