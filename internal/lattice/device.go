package lattice

// #include "cpu.h"
import "C"

import (
	"bytes"
	"errors"
	"fmt"
	"unsafe"

	"meshgen/internal/field"
	"meshgen/internal/gpu"
)

// Device makes meshes on a GPU: bit by bit those that the processors make. It may be one mesher's.
type Device struct {
	Info   gpu.Info
	gpu    *gpu.Device
	row    [C.LAT_row_stages]*gpu.Kernel
	cube   [C.LAT_cube_stages]*gpu.Kernel
	survey *gpu.Kernel

	memory  *gpu.Memory
	scanner *gpu.Scanner
	field   *field.Device
	tables  gpu.Pointer
	known   []byte // what the device has of the lattice that is made
	last    extent // of the mesh that it holds
	xyz     gpu.Pointer
	tets    gpu.Pointer
}

// The names of stages, as gpu.cu has them.
var (
	rowStages  = [...]string{"pack", "unpack", "find", "rank", "warp", "part", "keep", "count", "begin", "number", "write"}
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
	d := &Device{Info: g.Info, gpu: g, memory: gpu.NewMemory(g)}
	module, err := g.Load(ptx, sources)
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
	kernel(&d.survey, "measure")
	if err != nil {
		return nil, err
	}
	if d.scanner, err = module.Scanner(d.memory); err != nil {
		return nil, err
	}
	if d.field, err = field.NewDevice(g, d.memory); err != nil {
		return nil, err
	}
	size := int(unsafe.Sizeof(C.octahedra{}))
	if d.tables, err = g.Alloc(size); err != nil {
		return nil, err
	}
	if err := g.Put(d.tables, unsafe.Pointer(tables()), size); err != nil {
		return nil, err
	}
	if err := d.Warm(); err != nil {
		return nil, err
	}
	return d, nil
}

// Warm makes small meshes with every kernel, which says whether the device works: one of one node, and one of a box without a side.
func (d *Device) Warm() error {
	if err := d.warmField(); err != nil {
		return err
	}
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
	_, err := m.fillOn(d, f.Grid, f.Grading, given{f})
	return err
}

func (d *Device) warmField() error {
	var corners [][3]float64
	for i := range 8 {
		corners = append(corners, [3]float64{float64(i & 1), float64(i >> 1 & 1), float64(i >> 2)})
	}
	sides := [][3]int32{{0, 2, 1}, {1, 2, 3}, {0, 1, 4}, {1, 5, 4}, {0, 4, 2}, {2, 4, 6}, {1, 3, 5}, {3, 7, 5}, {2, 6, 3}, {3, 6, 7}, {4, 5, 6}} // and not 5 7 6
	s, err := field.Prepare(corners, sides, field.Options{Threads: 1})
	if err != nil {
		return err
	}
	m := Mesher{Device: d}
	defer m.Free()
	if _, err := m.fillWholly(s, 0.1, Grading{Levels: 2}); err != nil {
		return err
	}
	_, err = d.Measure()
	return err
}

// Held returns how many bytes of the device are kept for the next mesh.
func (d *Device) Held() int { return d.memory.Held() }

// Free gives the memory of meshes back.
func (d *Device) Free() {
	d.forget()
	d.memory.Free()
}

// Limit bounds how many bytes of the device meshes take; 0 leaves that to the device. Lattices that need more are made in tiles.
func (d *Device) Limit(bytes int) { d.memory.Limit(bytes) }

func (d *Device) processor(m *memory) (onDevice, error) {
	return onDevice{Device: d, here: m}, d.begin()
}

// begin leaves the memory of the mesh that was made last to what comes.
func (d *Device) begin() error {
	d.forget()
	return d.memory.Begin()
}

func (d *Device) forget() { d.known, d.last, d.xyz, d.tets = nil, extent{}, nil, nil }

// broken is what a processor panics with when its device cannot go on.
type broken struct{ error }

// onDevice is a processor whose meshes end in the memory of a mesher.
type onDevice struct {
	*Device
	here  *memory
	stays bool // the mesh, on the device alone
}

func must(err error) {
	if err != nil {
		panic(broken{err})
	}
}

func (d onDevice) array(name string, size int) unsafe.Pointer {
	at, err := d.memory.Array(name, size)
	must(err)
	return at
}

func (d onDevice) lend(name string, from unsafe.Pointer, size int) unsafe.Pointer {
	at := d.array(name, size)
	must(d.gpu.Put(at, from, size))
	return at
}

func (d onDevice) clear(at unsafe.Pointer, size int) { must(d.gpu.Clear(at, size)) }

func (d onDevice) edit(at unsafe.Pointer, size int, change func(unsafe.Pointer)) {
	here := unsafe.Pointer(&carve[byte](d.here, "edited", size)[0])
	must(d.gpu.Get(here, at, size))
	change(here)
	must(d.gpu.Put(at, here, size))
}

func (d onDevice) done(name string) { d.memory.Done(name) }

func (d onDevice) room(need int) (free, used int) {
	free, used, err := d.memory.Room(need)
	must(err)
	return free, used
}

// lattice is what the device knows of the lattice.
func (d onDevice) lattice(l *C.lat) uint64 {
	now := unsafe.Slice((*byte)(unsafe.Pointer(l)), unsafe.Sizeof(*l))
	at := d.array("lattice", len(now))
	if !bytes.Equal(now, d.known) {
		must(d.gpu.Put(at, unsafe.Pointer(l), len(now)))
		d.known = append(d.known[:0], now...)
	}
	return gpu.Address(at)
}

func (d onDevice) rows(l *C.lat, stage C.int, first, last int) C.int {
	return d.report(stage == C.LAT_pack, func(report uint64) {
		must(d.row[stage].Launch(last-first, d.lattice(l), gpu.Address(d.tables), uint64(first), uint64(last), report))
	})
}

func (d onDevice) cubes(l *C.lat, stage C.int, level, first, last int) C.int {
	return d.report(stage == C.LAT_inner, func(report uint64) {
		must(d.cube[stage].Launch(last-first, d.lattice(l), uint64(level), uint64(first), uint64(last), report))
	})
}

// report launches a kernel, and waits for what it reports if it does.
func (d onDevice) report(does bool, launch func(at uint64)) (found C.int) {
	at := d.array("report", 4)
	if !does {
		launch(gpu.Address(at))
		return 0
	}
	must(d.gpu.Clear(at, 4))
	launch(gpu.Address(at))
	must(d.gpu.Get(unsafe.Pointer(&found), at, 4))
	return found
}

func (d onDevice) scan(count *C.u32, n int, first C.u64) C.u64 {
	return d.scanned(unsafe.Pointer(count), 32, n, first)
}

func (d onDevice) scan64(count *C.u64, n int, first C.u64) C.u64 {
	return d.scanned(unsafe.Pointer(count), 64, n, first)
}

func (d onDevice) scanned(count gpu.Pointer, bits, n int, first C.u64) C.u64 {
	end, err := d.scanner.Scan(count, bits, n, uint64(first))
	must(err)
	return C.u64(end)
}

// Counts say how large a mesh is.
type Counts struct{ Nodes, Tets, Tris int }

// Fill makes the mesh of a surface in the memory of the device, where it stays until the next one.
func (d *Device) Fill(s *field.Surface, h float64, grading Grading) (Counts, error) {
	g, _ := latticeAround(s, h)
	if err := g.check(); err != nil {
		return Counts{}, err
	}
	m := Mesher{}
	defer m.Free()
	p, err := d.processor(&m.memory)
	if err != nil {
		return Counts{}, err
	}
	p.stays = true
	if _, err := m.make(g, grading, &sampled{surface: s, device: d}, p); err != nil {
		return Counts{}, err
	}
	return Counts{d.last.nodes(), d.last.tets, d.last.tris}, d.gpu.Wait()
}

// Sample finds the sides of all nodes of the lattice that fills a surface, and its cuts, and returns how many nodes there are.
func (d *Device) Sample(s *field.Surface, h float64) (nodes int, err error) {
	g, l := latticeAround(s, h)
	if err := g.check(); err != nil {
		return 0, err
	}
	if err := d.begin(); err != nil {
		return 0, err
	}
	if _, err := d.field.Sample(s, l); err != nil {
		return 0, err
	}
	return g.Nodes(), d.gpu.Wait()
}

// surveyed is how many tetrahedra a thread measures.
const surveyed = measured

// errInTiles is the answer where a mesh was not held as a whole.
var errInTiles = fmt.Errorf("%w: the mesh was made in tiles", gpu.ErrMemory)

// errNothing is the answer where no mesh is held.
var errNothing = errors.New("lattice: the GPU holds no mesh")

// Measure returns the quality of the mesh that was made last, from what the device holds of it: all of it, or its
// error is gpu.ErrMemory, or errNothing where none is held.
func (d *Device) Measure() (q Quality, err error) {
	defer (&memory{}).recover(&err)
	n := d.last.tets
	switch {
	case n == 0: // no mesh is without tetrahedra
		return Quality{}, errNothing
	case d.tets == nil:
		return Quality{}, errInTiles
	}
	parts := make([]C.lat_quality, (n+surveyed-1)/surveyed)
	size := len(parts) * int(unsafe.Sizeof(parts[0]))
	on := onDevice{Device: d}
	out := on.array("qualities", size)
	must(d.survey.Launch(len(parts), gpu.Address(d.xyz), gpu.Address(d.tets), uint64(n), surveyed, gpu.Address(out)))
	must(d.gpu.Get(unsafe.Pointer(&parts[0]), out, size))
	return summed(parts, n), nil
}

// failed reports whether an error says that a device could not make a mesh, and not that there is none to be made.
func failed(err error) bool { return errors.Is(err, gpu.ErrMemory) || errors.Is(err, gpu.ErrFailed) }

func (b broken) Unwrap() error { return b.error }
