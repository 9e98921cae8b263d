package field

// #include "kernel.h"
import "C"

import (
	"fmt"
	"math"
	"slices"
	"unsafe"

	"meshgen/internal/gpu"
)

// Device samples surfaces on a GPU: bit by bit what the processors find. It serves one call at a time.
type Device struct {
	gpu     *gpu.Device
	memory  *gpu.Memory
	scanner *gpu.Scanner
	place, scan, sides, caps, cutRows, owners,
	cut, name, mend *gpu.Kernel
	mostGaps int
}

// NewDevice loads the kernels. Their arrays are a memory's.
func NewDevice(g *gpu.Device, memory *gpu.Memory) (*Device, error) {
	d := &Device{gpu: g, memory: memory, mostGaps: mostGaps}
	module, err := g.Load(ptx, sources)
	if err != nil {
		return nil, err
	}
	for name, k := range map[string]**gpu.Kernel{
		"place": &d.place, "scan": &d.scan, "sides": &d.sides, "caps": &d.caps, "cut_rows": &d.cutRows, "owners": &d.owners,
		"cut": &d.cut, "name": &d.name, "mend": &d.mend,
	} {
		if *k, err = module.Kernel("field_gpu_" + name); err != nil {
			return nil, err
		}
	}
	d.scanner, err = module.Scanner(memory)
	return d, err
}

// Resident is what Sample found, on the device: Inside of each node, and T and Triangle of the cuts, as in Samples.
type Resident struct {
	Inside, T, Triangle gpu.Pointer
	Slots               int
}

// Sample computes the sides of all nodes of a lattice, and the cuts of its edges, at once.
func (d *Device) Sample(s *Surface, l Lattice) (*Resident, error) {
	w, err := d.Begin(s, l)
	if err != nil {
		return nil, err
	}
	defer w.End()
	r := &Resident{}
	if r.Inside, err = w.Sides(0, l.Slabs()); err != nil {
		return nil, err
	}
	if r.Slots, err = w.Owners(0, l.Slabs(), r.Inside); err != nil {
		return nil, err
	}
	r.T, r.Triangle = w.array("shares", 4*Edges*r.Slots), w.array("triangles", 4*Edges*r.Slots)
	return r, w.Cuts(r.T, r.Triangle)
}

// Sampling is a surface and a lattice on a device, of which some slabs are sampled at a time, as many as its memory holds: what is found of a
// slab does not depend on that. After an error, nothing more is done.
type Sampling struct {
	*Device
	surface                          *Surface
	lattice                          Lattice
	err                              error
	begun, names                     []string // arrays of all slabs, and of those that are sampled
	placed, corners, weights, number gpu.Pointer
	frame, crowd                     gpu.Pointer

	first, last       int // the slabs that are sampled
	size, nodes       gpu.Pointer
	inside, cut, rows gpu.Pointer
	slots             int // how many nodes of them own a cut
}

// Begin brings a surface to the device, in the units of a lattice.
func (d *Device) Begin(s *Surface, l Lattice) (*Sampling, error) {
	if err := l.sane(); err != nil {
		return nil, err
	}
	if n := l.Slabs() * l.Slab(); n > math.MaxInt32 {
		return nil, fmt.Errorf("%d nodes at once; at most %d are possible", n, math.MaxInt32)
	}
	w := &Sampling{Device: d, surface: s, lattice: l}
	w.corners, w.weights, w.number = put(w, "corners", s.triangles), put(w, "weights", s.weight), put(w, "numbers", s.number)
	w.placed = w.array("placed", 24*len(s.vertices))
	w.frame = put(w, "frame", append(slices.Clone(l.Origin[:]), l.H))
	w.run(w.place, len(s.vertices), put(w, "vertices", s.vertices), len(s.vertices), w.frame, w.placed)
	w.memory.Done(arrayName("vertices"))
	if e := s.capExpansions(); e != nil {
		w.crowd = put(w, "crowd", []C.field_crowd{{
			nodes: (*C.field_far)(put(w, "groups of caps", e.nodes)), corners: (*C.double)(put(w, "corners of caps", e.corners)),
			weight: (*C.float)(put(w, "weights of caps", e.weight)), scale: C.double(e.scale), opening: opening,
		}})
	}
	w.begun, w.names = w.names, nil
	if w.err != nil {
		w.End()
	}
	return w, w.err
}

// Leave leaves the memory of the slabs that were sampled to others. What was found stays until its array is asked for again.
func (w *Sampling) Leave() {
	for _, name := range w.names {
		w.memory.Done(name)
	}
}

// Forget gives that memory back, so that other slabs, whose arrays have other sizes, find room.
func (w *Sampling) Forget() error {
	for _, name := range w.names {
		if w.err == nil {
			w.err = w.memory.Give(name)
		}
	}
	w.names = nil
	return w.err
}

// End leaves all memory to others.
func (w *Sampling) End() {
	w.Leave()
	for _, name := range w.begun {
		w.memory.Done(name)
	}
}

func arrayName(name string) string { return "field: " + name }

func (w *Sampling) array(name string, bytes int) (at gpu.Pointer) {
	name = arrayName(name)
	if w.err == nil {
		at, w.err = w.memory.Array(name, bytes)
	}
	if w.err == nil && !slices.Contains(w.names, name) {
		w.names = append(w.names, name)
	}
	return at
}

func put[T any](w *Sampling, name string, from []T) (at gpu.Pointer) {
	bytes := len(from) * int(unsafe.Sizeof(*new(T)))
	at = w.array(name, bytes)
	if w.err == nil && bytes > 0 {
		w.err = w.gpu.Put(at, unsafe.Pointer(&from[0]), bytes)
	}
	return at
}

// run launches a kernel; arguments are places on the device and numbers.
func (w *Sampling) run(k *gpu.Kernel, threads int, arguments ...any) {
	if w.err != nil {
		return
	}
	words := make([]uint64, len(arguments))
	for i, a := range arguments {
		switch a := a.(type) {
		case gpu.Pointer:
			words[i] = gpu.Address(a)
		case int:
			words[i] = uint64(a)
		}
	}
	w.err = k.Launch(threads, words...)
}

func (w *Sampling) clear(at gpu.Pointer, bytes int) {
	if w.err == nil {
		w.err = w.gpu.Clear(at, bytes)
	}
}

// over says which slabs are sampled.
func (w *Sampling) over(first, last int) {
	w.first, w.last = first, last
	w.size = put(w, "size", []int32{w.lattice.N[0], w.lattice.N[1], int32(w.lattice.Slabs()), int32(first), int32(last)})
}

func (w *Sampling) rowCount() int { return (w.last - w.first) * int(w.lattice.N[1]) }

func (w *Sampling) nodeCount() int { return (w.last - w.first) * w.lattice.Slab() }

// shares parts the slabs so that there are enough threads, be it for a few large triangles, and not too many.
func (w *Sampling) shares(each int) (part, parts int) {
	const enough = 1 << 24
	slabs := w.last - w.first
	parts = min(max(enough/(each*len(w.surface.triangles)), 1), slabs)
	part = (slabs + parts - 1) / parts
	return part, (slabs + part - 1) / part
}

// SidesNeed returns how many bytes of the device Sides needs for so many slabs.
func (w *Sampling) SidesNeed(slabs int) int { return (4 + 1) * slabs * w.lattice.Slab() }

// Sides returns on which side the nodes of slabs first to last-1 are, a byte for each: Inside of Samples. It is good until the next call.
func (w *Sampling) Sides(first, last int) (inside gpu.Pointer, err error) {
	w.over(first, last)
	w.nodes = w.array("of each node", 4*w.nodeCount()) // what the winding number changes by; for Cuts, its slot
	w.inside = w.array("inside", w.nodeCount())
	w.clear(w.nodes, 4*w.nodeCount())
	part, parts := w.shares(1)
	w.run(w.scan, parts*len(w.surface.triangles), w.placed, w.corners, w.weights, len(w.surface.triangles), w.size, part, w.nodes)
	w.run(w.sides, w.rowCount(), w.nodes, w.size, w.inside)
	if w.crowd != nil { // holes
		blocks := (last+C.FIELD_BLOCK-1)/C.FIELD_BLOCK - first/C.FIELD_BLOCK
		for _, n := range w.lattice.N[:2] {
			blocks *= (int(n) + C.FIELD_BLOCK - 1) / C.FIELD_BLOCK
		}
		w.run(w.caps, blocks, w.crowd, w.frame, w.size, w.nodes, w.inside)
	}
	return w.inside, w.err
}
