package lattice

// #include "cpu.h"
import "C"

import (
	"fmt"
	"sort"
	"unsafe"

	"meshgen/internal/gpu"
)

// A lattice that is larger than the memory of a device is made in tiles: ranges of slabs of nodes, then ranges of rows. What all of them
// need stays on the device: bits of each node and their ranks, the cuts, and where each row begins; 9 % of what a uniform mesh of nine million
// tetrahedra needs. So nothing is computed twice, and no tile waits for what another has to find:
//
//	signs     of some slabs, five bytes a node, packed into bits               no halo: lines along x
//	cuts      of the edges that nodes of some slabs own, of the bits unpacked  halo: the two slabs that the edges lead to
//	warp, grading, counts, numbers                                             all at once, on what stays
//	mesh      of some rows, nodes and elements, copied to the host             no halo: numbers are those of the whole mesh
//
// In each array of the mesh, what a range of rows writes is a range. So the mesh is the same to the bit however it is cut. Each step knows what it
// needs before it begins, and is cut into as few tiles as there is room for.

// Tiling is how a mesh was made on a device.
type Tiling struct {
	Signs, Cuts, Mesh int // how many tiles each step had; Cuts is 0 where they were given
	// Needed is how many bytes the step that needs the most takes for the whole lattice, what stays counted, and Free is how many there were.
	Needed, Free int
	Stays        int // how many bytes were taken while the mesh was written by what all of its tiles need
}

// Tiles returns how many tiles there were of the step that had the most: 1 where there was room for all.
func (t Tiling) Tiles() int { return max(t.Signs, t.Cuts, t.Mesh) }

func (t Tiling) String() string {
	return fmt.Sprintf("lattice in %d tiles: %s needed, %s free on the GPU", t.Tiles(), gibibytes(t.Needed), gibibytes(t.Free))
}

func gibibytes(n int) string { return fmt.Sprintf("%.3g GiB", float64(n)/(1<<30)) }

// span is what a tile does: first to last-1.
type span struct{ first, last int }

// tiles cuts 0 … n-1 into as few spans as the processor has room for, and counts them. A span needs no less room than a part of it.
func (w *work) tiles(of string, count *int, n int, need func(span) int) (out []span) {
	defer func() { *count = len(out) }()
	whole := need(span{0, n})
	room, used := w.room(whole)
	w.tiling.Stays = used // of the last step in the end
	if used+whole > w.tiling.Needed {
		w.tiling.Needed, w.tiling.Free = used+whole, used+room
	}
	if whole <= room {
		return []span{{0, n}}
	}
	for first := 0; first < n; {
		most := sort.Search(n-first, func(k int) bool { return need(span{first, first + k + 1}) > room })
		if most == 0 {
			panic(broken{fmt.Errorf("%w: no tile of the lattice's %s is small enough: %s needed beside the %s of all tiles, %s free", gpu.ErrMemory, of,
				gibibytes(need(span{first, first + 1})), gibibytes(used), gibibytes(room))})
		}
		out = append(out, span{first, first + most})
		first += most
	}
	return out
}

// extent is how many nodes and elements come before a row of a mesh, or lie in some rows.
type extent struct{ inside, surface, tets, tris int }

func (b extent) nodes() int { return b.inside + b.surface }

func (b extent) to(end extent) extent {
	return extent{end.inside - b.inside, end.surface - b.surface, end.tets - b.tets, end.tris - b.tris}
}

// Bytes of each in the arrays of a mesh.
const (
	nodeBytes = 3 * 8
	onBytes   = 4
	tetBytes  = 4 * 4
	triBytes  = 3 * 4
)

func (b extent) bytes() int {
	return nodeBytes*b.nodes() + onBytes*b.surface + tetBytes*b.tets + triBytes*b.tris
}

// allRows is how many rows there are that write: those of nodes, then those of the cubes of each level.
func (w *work) allRows() int {
	n := w.n
	for level := 1; level <= int(w.lat.levels); level++ {
		n += w.cubeRows(level)
	}
	return n
}

// hold says where the arrays are that hold a mesh, or a part of it that comes after an extent.
func (w *work) hold(from extent, xyz, surface, on, tets, tris unsafe.Pointer) {
	l := w.lat
	l.first_inside, l.first_surface = C.u32(from.inside), C.u32(w.whole.inside+from.surface)
	l.first_tet, l.first_tri = C.u64(from.tets), C.u64(from.tris)
	l.xyz, l.surface, l.on = (*C.double)(xyz), (*C.double)(surface), (*C.i32)(on)
	l.tets, l.tris = (*C.i32)(tets), (*C.i32)(tris)
}

// writeRows writes what rows first to last-1 have of the mesh, of all that write.
func (w *work) writeRows(first, last int) {
	begin := 0
	for level := 0; level <= int(w.lat.levels); level++ {
		n := w.n
		if level > 0 {
			n = w.cubeRows(level)
		}
		if a, b := max(first-begin, 0), min(last-begin, n); a < b && level == 0 {
			w.rows(w.lat, C.LAT_write, a, b)
		} else if a < b {
			w.cubes(w.lat, C.LAT_write_leaves, level, a, b)
		}
		begin += n
	}
}
