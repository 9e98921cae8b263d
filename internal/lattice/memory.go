package lattice

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"

	"meshgen/internal/threads"
)

// memory holds arrays by name, outside of Go's heap: they are not set to zero nor looked at by the collector, and those of a
// mesh serve the next one, whose pages are then there already.
type memory struct {
	arrays map[string][]byte
}

const (
	hugePages = 14      // MADV_HUGEPAGE
	hugePage  = 2 << 20 // arrays that are smaller have no use for it
)

// carve returns the array of a name with room for n values, n ≥ 0. What it holds is arbitrary.
func carve[T any](m *memory, name string, n int) []T {
	size := max(n, 1) * int(unsafe.Sizeof(*new(T)))
	a := m.arrays[name]
	if cap(a) < size {
		if a != nil {
			unmap(a)
		}
		if m.arrays == nil {
			m.arrays = map[string][]byte{}
		}
		delete(m.arrays, name)
		var err error
		a, err = syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			panic(outOfMemory{fmt.Errorf("lattice: %d bytes for %s: %w", size, name, err)})
		}
		if size >= hugePage {
			_ = syscall.Madvise(a, hugePages) // without it, all is slower and the same
		}
		m.arrays[name] = a
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&a[0])), max(n, 1))[:n:n]
}

// outOfMemory is what carve panics with.
type outOfMemory struct{ error }

// recover turns running out of memory, and a device that cannot go on, into an error.
func (m *memory) recover(err *error) {
	switch r := recover().(type) {
	case nil:
	case outOfMemory:
		m.free()
		*err = r.error
	case broken:
		*err = r
	default:
		panic(r)
	}
}

func unmap(a []byte) {
	if err := syscall.Munmap(a); err != nil {
		panic("lattice: " + err.Error()) // an array that is not ours
	}
}

// bytes returns how much memory is held.
func (m *memory) bytes() (sum int) {
	for _, a := range m.arrays {
		sum += len(a)
	}
	return sum
}

func (m *memory) free() {
	for _, a := range m.arrays {
		unmap(a)
	}
	m.arrays = nil
}

// parallel calls do for parts of 0 … n-1 by some workers, 0 for as many as there are processors, and returns what the calls returned, or-ed.
func parallel[T ~int32](workers, n int, do func(first, last int) T) T {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	part := max(n/(16*workers), 1)
	var next atomic.Int64
	var found atomic.Int32
	threads.Run(workers, func(int) {
		for {
			first := int(next.Add(int64(part))) - part
			if first >= n {
				return
			}
			if r := do(first, min(first+part, n)); r != 0 {
				found.Or(int32(r))
			}
		}
	})
	return T(found.Load())
}
