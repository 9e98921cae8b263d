package lattice

// #include "cpu.h"
import "C"

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"unsafe"

	"meshgen/internal/gpu"
)

// Device makes meshes on a GPU: bit by bit those that the processors make. It may be one mesher's.
type Device struct {
	Info   gpu.Info
	gpu    *gpu.Device
	row    [C.LAT_row_stages]*gpu.Kernel
	cube   [C.LAT_cube_stages]*gpu.Kernel
	sum    [2]*gpu.Kernel // of counts of 32 and of 64 bits
	place  [2]*gpu.Kernel
	begin  *gpu.Kernel
	survey *gpu.Kernel

	arrays map[string]deviceArray
	tables gpu.Pointer
	known  []byte // what the device has of the lattice that is made
	last   struct {
		xyz, at gpu.Pointer
		tets    int
	}
}

type deviceArray struct {
	at    gpu.Pointer
	bytes int
}

// The names of stages, as gpu.cu has them.
var (
	rowStages  = [...]string{"pack", "find", "rank", "warp", "part", "keep", "count", "begin", "number", "write"}
	cubeStages = [...]string{"whole", "join", "inner", "leaves", "keep_leaves", "count_leaves", "write_leaves"}
)

// OpenDevice takes the GPU of this machine. Where there is none, its error is gpu.ErrNone or what the driver says.
func OpenDevice() (*Device, error) {
	g, err := gpu.Open()
	if err != nil {
		return nil, err
	}
	return NewDevice(g)
}

// NewDevice loads the kernels and makes a small mesh, so that the next one finds all warm.
func NewDevice(g *gpu.Device) (*Device, error) {
	d := &Device{Info: g.Info, gpu: g, arrays: map[string]deviceArray{}}
	module, err := g.Load(ptx)
	if err != nil {
		return nil, err
	}
	kernel := func(to **gpu.Kernel, name string) {
		if err == nil {
			*to, err = module.Kernel("lat_gpu_" + name)
		}
	}
	for i, name := range rowStages {
		kernel(&d.row[i], name)
	}
	for i, name := range cubeStages {
		kernel(&d.cube[i], name)
	}
	for i, width := range []string{"32", "64"} {
		kernel(&d.sum[i], "sum"+width)
		kernel(&d.place[i], "place"+width)
	}
	kernel(&d.begin, "begin_parts")
	kernel(&d.survey, "measure")
	if err != nil {
		return nil, err
	}
	size := int(unsafe.Sizeof(C.octahedra{}))
	if d.tables, err = g.Alloc(size); err != nil {
		return nil, err
	}
	if err := g.Put(d.tables, unsafe.Pointer(tables()), size); err != nil {
		return nil, err
	}
	return d, d.Warm()
}

// Warm makes the mesh of one node, which says whether the device works.
func (d *Device) Warm() error {
	g := Grid{H: 1, N: [3]int{2*Margin + 3, 2*Margin + 3, 2*Margin + 3}}
	f := &Field{Grid: g, Inside: make([]uint8, g.Nodes())}
	middle := (2*(Margin+1)*g.N[1]+Margin+1)*g.N[0] + Margin + 1
	f.Inside[middle] = 1
	m := Mesher{Device: d}
	defer m.Free()
	f.T = make([]float32, 7*8) // seven of its edges belong to others
	for i := range f.T {
		f.T[i] = 0.5
	}
	_, err := m.fill(f, d.processor(&m.memory))
	return err
}

// Held returns how many bytes of the device are kept for the next mesh.
func (d *Device) Held() (sum int) {
	for _, a := range d.arrays {
		sum += a.bytes
	}
	return sum
}

// Free gives the memory of meshes back.
func (d *Device) Free() {
	d.last.tets = 0
	for name, a := range d.arrays {
		_ = d.gpu.Free(a.at) // of a lost device all is gone already
		delete(d.arrays, name)
	}
}

func (d *Device) processor(m *memory) processor {
	d.known, d.last.tets = nil, 0
	return onDevice{d, m}
}

// broken is what a processor panics with when its device cannot go on.
type broken struct{ error }

// onDevice is a processor whose meshes end in the memory of a mesher.
type onDevice struct {
	*Device
	memory *memory
}

func must(err error) {
	if err != nil {
		panic(broken{err})
	}
}

func (d onDevice) array(name string, size int) unsafe.Pointer {
	a := d.arrays[name]
	if a.bytes < size {
		if a.at != nil {
			delete(d.arrays, name)
			must(d.gpu.Free(a.at))
		}
		at, err := d.gpu.Alloc(size)
		if err != nil {
			must(fmt.Errorf("%s: %w", name, err))
		}
		a = deviceArray{at, size}
		d.arrays[name] = a
	}
	return a.at
}

func (d onDevice) lend(name string, from unsafe.Pointer, size int) unsafe.Pointer {
	at := d.array(name, size)
	must(d.gpu.Put(at, from, size))
	return at
}

func (d onDevice) clear(at unsafe.Pointer, size int) { must(d.gpu.Clear(at, size)) }

func (d onDevice) edit(at unsafe.Pointer, size int, change func(unsafe.Pointer)) {
	here := unsafe.Pointer(&carve[byte](d.memory, "edited", size)[0])
	must(d.gpu.Get(here, at, size))
	change(here)
	must(d.gpu.Put(at, here, size))
}

func (d onDevice) fetch(name string, at unsafe.Pointer, size int) unsafe.Pointer {
	here := unsafe.Pointer(&carve[byte](d.memory, name, size)[0])
	must(d.gpu.Get(here, at, size))
	switch name {
	case "xyz":
		d.last.xyz = at
	case "tets":
		d.last.at, d.last.tets = at, size/16
	}
	return here
}

// lattice is what the device knows of the lattice.
func (d onDevice) lattice(l *C.lat) uint64 {
	now := unsafe.Slice((*byte)(unsafe.Pointer(l)), unsafe.Sizeof(*l))
	at := d.array("lattice", len(now))
	if !bytes.Equal(now, d.known) {
		must(d.gpu.Put(at, unsafe.Pointer(l), len(now)))
		d.known = append(d.known[:0], now...)
	}
	return address(at)
}

func address(at gpu.Pointer) uint64 { return uint64(uintptr(at)) }

func (d onDevice) rows(l *C.lat, stage C.int, n int) C.int {
	return d.report(stage == C.LAT_pack, func(report uint64) {
		must(d.row[stage].Launch(n, d.lattice(l), address(d.tables), uint64(n), report))
	})
}

func (d onDevice) cubes(l *C.lat, stage C.int, level, n int) C.int {
	return d.report(stage == C.LAT_inner, func(report uint64) {
		must(d.cube[stage].Launch(n, d.lattice(l), uint64(level), uint64(n), report))
	})
}

// report launches a kernel, and waits for what it reports if it does.
func (d onDevice) report(does bool, launch func(at uint64)) (found C.int) {
	at := d.array("report", 4)
	if !does {
		launch(address(at))
		return 0
	}
	must(d.gpu.Clear(at, 4))
	launch(address(at))
	must(d.gpu.Get(unsafe.Pointer(&found), at, 4))
	return found
}

func (d onDevice) scan(count *C.u32, n int, first C.u64) C.u64 {
	return d.scanned(0, unsafe.Pointer(count), n, first)
}

func (d onDevice) scan64(count *C.u64, n int, first C.u64) C.u64 {
	return d.scanned(1, unsafe.Pointer(count), n, first)
}

func (d onDevice) scanned(width int, count gpu.Pointer, n int, first C.u64) (end C.u64) {
	part := int(math.Ceil(math.Sqrt(float64(n))))
	parts := (n + part - 1) / part
	sums := d.array("sums", 8*(n/part+2))
	must(d.sum[width].Launch(parts, address(count), uint64(n), uint64(part), address(sums)))
	must(d.begin.Launch(1, address(sums), uint64(parts), uint64(first)))
	must(d.place[width].Launch(parts, address(count), uint64(n), uint64(part), address(sums)))
	must(d.gpu.Get(unsafe.Pointer(&end), unsafe.Add(sums, 8*parts), 8))
	return end
}

// surveyed is how many tetrahedra a thread measures.
const surveyed = measured

// Measure returns the quality of the mesh that was made last, from what the device holds of it.
func (d *Device) Measure() (q Quality, err error) {
	defer (&memory{}).recover(&err)
	l := &d.last
	n := l.tets
	if n == 0 {
		return Quality{}, nil
	}
	parts := make([]C.lat_quality, (n+surveyed-1)/surveyed)
	size := len(parts) * int(unsafe.Sizeof(parts[0]))
	on := onDevice{d, nil}
	out := on.array("qualities", size)
	must(d.survey.Launch(len(parts), address(l.xyz), address(l.at), uint64(n), surveyed, address(out)))
	must(d.gpu.Get(unsafe.Pointer(&parts[0]), out, size))
	return summed(parts, n), nil
}

// failed reports whether an error says that a device could not make a mesh, and not that there is none to be made.
func failed(err error) bool { return errors.As(err, new(broken)) }

func (b broken) Unwrap() error { return b.error }
