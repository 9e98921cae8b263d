package lattice

// #include "cpu.h"
import "C"

import "unsafe"

// processor is what runs the kernels, on arrays that it holds by name. What an array holds at first is arbitrary. Each
// method panics where it cannot go on: with outOfMemory, or with broken.
type processor interface {
	// array returns one of so many bytes, which is good until its name is used again.
	array(name string, bytes int) unsafe.Pointer
	// lend returns what the kernels may read of an array of Go's, until the mesh is made.
	lend(name string, from unsafe.Pointer, bytes int) unsafe.Pointer
	// clear makes bytes zero.
	clear(at unsafe.Pointer, bytes int)
	// edit has the bytes of an array changed.
	edit(at unsafe.Pointer, bytes int, change func(unsafe.Pointer))
	// fetch returns where Go finds what an array holds, with room for more behind it that the array was made with, until its name is used
	// again.
	fetch(name string, at unsafe.Pointer, bytes, room int) unsafe.Pointer
	// rows and cubes do a stage for all rows, of nodes or of the cubes of a level, and return what it reports.
	rows(l *C.lat, stage C.int, n int) C.int
	cubes(l *C.lat, stage C.int, level, n int) C.int
	// scan replaces counts by where each begins, the first of them at a number, and returns the end of the last.
	scan(count *C.u32, n int, first C.u64) C.u64
	scan64(count *C.u64, n int, first C.u64) C.u64
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

// roomyOf is an array of n values that may grow.
func roomyOf[T any](p processor, name string, n int) *T { return arrayOf[T](p, name, roomy(n)) }

// fetched is an array of n values that may grow, as Go sees it.
func fetched[T any](p processor, name string, at unsafe.Pointer, n int) []T {
	size := int(unsafe.Sizeof(*new(T)))
	return unsafe.Slice((*T)(p.fetch(name, at, n*size, roomy(n)*size)), roomy(n))[:n]
}

// host is this machine's processors, on the memory of a mesher.
type host struct {
	*memory
	threads int
}

func (h host) array(name string, bytes int) unsafe.Pointer {
	return unsafe.Pointer(&carve[byte](h.memory, name, bytes)[0])
}

func (h host) lend(_ string, from unsafe.Pointer, _ int) unsafe.Pointer { return from }

func (h host) clear(at unsafe.Pointer, bytes int) { clear(unsafe.Slice((*byte)(at), bytes)) }

func (h host) edit(at unsafe.Pointer, _ int, change func(unsafe.Pointer)) { change(at) }

func (h host) fetch(_ string, at unsafe.Pointer, _, _ int) unsafe.Pointer { return at }

func (h host) rows(l *C.lat, stage C.int, n int) C.int {
	octahedra := tables()
	return parallel(h.threads, n, func(first, last int) C.int {
		return C.lat_rows(l, octahedra, stage, C.i64(first), C.i64(last))
	})
}

func (h host) cubes(l *C.lat, stage C.int, level, n int) C.int {
	return parallel(h.threads, n, func(first, last int) C.int {
		return C.lat_cube_rows(l, stage, C.i32(level), C.i64(first), C.i64(last))
	})
}

func (h host) scan(count *C.u32, n int, first C.u64) C.u64 {
	return C.lat_scan_rows(count, C.i64(n), first)
}

func (h host) scan64(count *C.u64, n int, first C.u64) C.u64 {
	return C.lat_scan_rows64(count, C.i64(n), first)
}
