package lattice

// #include "cpu.h"
import "C"

import (
	"math"
	"unsafe"
)

// processor is what runs the kernels, on arrays that it holds by name. What an array holds at first is arbitrary. Each
// method panics where it cannot go on: with outOfMemory, or with broken.
type processor interface {
	// array returns one of so many bytes, which is good until its name is used again.
	array(name string, bytes int) unsafe.Pointer
	// done says that an array is not needed any more.
	done(name string)
	// room returns how many bytes there are for more arrays, those given back that are not needed if so many are, and how many those take
	// that are.
	room(need int) (free, used int)
	// lend returns what the kernels may read of an array of Go's, until its name is used again.
	lend(name string, from unsafe.Pointer, bytes int) unsafe.Pointer
	// clear makes bytes zero.
	clear(at unsafe.Pointer, bytes int)
	// edit has the bytes of an array changed.
	edit(at unsafe.Pointer, bytes int, change func(unsafe.Pointer))
	// rows and cubes do a stage for rows first to last-1, of nodes or of the cubes of a level, and return what it reports.
	rows(l *C.lat, stage C.int, first, last int) C.int
	cubes(l *C.lat, stage C.int, level, first, last int) C.int
	// scan replaces counts by where each begins, the first of them at a number, and returns the end of the last.
	scan(count *C.u32, n int, first C.u64) C.u64
	scan64(count *C.u64, n int, first C.u64) C.u64
	// write has a mesh written whose rows are counted, and returns it where Go finds it, if that is wanted. Its arrays are made with room for
	// more behind them, and are good until the next mesh.
	write(w *work) *Mesh
}

// arrayOf is an array of n values.
func arrayOf[T any](p processor, name string, n int) *T {
	return (*T)(p.array(name, max(n, 1)*int(unsafe.Sizeof(*new(T)))))
}

// lent is a slice as the kernels see it.
func lent[T any](p processor, name string, from []T) unsafe.Pointer {
	return p.lend(name, unsafe.Pointer(unsafe.SliceData(from)), len(from)*int(unsafe.Sizeof(*new(T))))
}

// roomy is how many values an array of n is made for that may grow: keeping edges divides some elements, and the whole of a large mesh would be
// copied for them.
func roomy(n int) int { return n + n/32 + 1024 }

// carveRoomy is an array of n values that may grow.
func carveRoomy[T any](m *memory, name string, n int) []T {
	return carve[T](m, name, roomy(n))[:n]
}

// carveMesh makes the arrays of a mesh.
func carveMesh(m *memory, w *work) *Mesh {
	return &Mesh{
		Inside: w.whole.inside,
		Levels: int(w.lat.levels),
		cubic:  w.cubic,
		XYZ:    carveRoomy[float64](m, "xyz", 3*w.whole.nodes()),
		On:     carveRoomy[int32](m, "on", w.whole.surface),
		Tets:   carveRoomy[int32](m, "tets", 4*w.whole.tets),
		Tris:   carveRoomy[int32](m, "tris", 3*w.whole.tris),
	}
}

// host is this machine's processors, on the memory of a mesher.
type host struct {
	*memory
	threads int
	past    int // from how many bytes of tetrahedra on they are written past caches
}

func (h host) array(name string, bytes int) unsafe.Pointer {
	return unsafe.Pointer(&carve[byte](h.memory, name, bytes)[0])
}

func (h host) done(string) {}

func (h host) room(int) (free, used int) { return math.MaxInt, 0 }

func (h host) lend(_ string, from unsafe.Pointer, _ int) unsafe.Pointer { return from }

func (h host) clear(at unsafe.Pointer, bytes int) { clear(unsafe.Slice((*byte)(at), bytes)) }

func (h host) edit(at unsafe.Pointer, _ int, change func(unsafe.Pointer)) { change(at) }

func (h host) rows(l *C.lat, stage C.int, first, last int) C.int {
	octahedra := tables()
	return parallel(h.threads, last-first, func(a, b int) C.int {
		return C.lat_rows(l, octahedra, stage, C.i64(first+a), C.i64(first+b))
	})
}

func (h host) cubes(l *C.lat, stage C.int, level, first, last int) C.int {
	return parallel(h.threads, last-first, func(a, b int) C.int {
		return C.lat_cube_rows(l, stage, C.i32(level), C.i64(first+a), C.i64(first+b))
	})
}

func (h host) scan(count *C.u32, n int, first C.u64) C.u64 {
	return C.lat_scan_rows(count, C.i64(n), first)
}

func (h host) scan64(count *C.u64, n int, first C.u64) C.u64 {
	return C.lat_scan_rows64(count, C.i64(n), first)
}

func (h host) write(w *work) *Mesh {
	m := carveMesh(h.memory, w)
	w.hold(extent{}, unsafe.Pointer(unsafe.SliceData(m.XYZ)), unsafe.Pointer(unsafe.SliceData(m.XYZ[3*m.Inside:])),
		unsafe.Pointer(unsafe.SliceData(m.On)), unsafe.Pointer(unsafe.SliceData(m.Tets)), unsafe.Pointer(unsafe.SliceData(m.Tris)))
	if 4*len(m.Tets) >= h.past {
		w.lat.past = 1
	}
	w.writeRows(0, w.allRows())
	return m
}

// cached is how many bytes of tetrahedra may still be in caches when they are read.
const cached = 32 << 20
