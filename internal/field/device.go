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
}

// NewDevice loads the kernels. Their arrays are a memory's.
func NewDevice(g *gpu.Device, memory *gpu.Memory) (*Device, error) {
	d := &Device{gpu: g, memory: memory}
	module, err := g.Load(ptx)
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

// mostGaps is how many cut edges that pass through no triangle there is room for: those that go through a hole, and those of nodes that lie on
// the surface to rounding.
const mostGaps = 1 << 20

// deviceGap is field_missing of gpu.cu.
type deviceGap struct{ At, Node, Inside, _ int32 }

// Sample computes the sides of all nodes of a lattice, and the cuts of its edges.
func (d *Device) Sample(s *Surface, l Lattice) (*Resident, error) {
	if err := l.sane(); err != nil {
		return nil, err
	}
	if n := l.Slabs() * l.Slab(); n > math.MaxInt32 {
		return nil, fmt.Errorf("%d nodes at once; at most %d are possible", n, math.MaxInt32)
	}
	w := &deviceSampling{Device: d, Surface: s, lattice: l}
	w.load()
	w.findSides()
	r := &Resident{Inside: w.inside}
	r.Slots = w.findOwners()
	if w.err == nil && r.Slots > 0 {
		w.findCuts(r)
	}
	return r, w.err
}

// deviceSampling is one call of Sample. After an error, nothing more is done.
type deviceSampling struct {
	*Device
	*Surface
	lattice                             Lattice
	err                                 error
	placed, corners, weights            gpu.Pointer
	size, frame                         gpu.Pointer
	nodes, inside, cut, starts, slotted gpu.Pointer
}

func (w *deviceSampling) array(name string, bytes int) (at gpu.Pointer) {
	if w.err == nil {
		at, w.err = w.memory.Array("field: "+name, bytes)
	}
	return at
}

func put[T any](w *deviceSampling, name string, from []T) (at gpu.Pointer) {
	bytes := len(from) * int(unsafe.Sizeof(*new(T)))
	at = w.array(name, bytes)
	if w.err == nil && bytes > 0 {
		w.err = w.gpu.Put(at, unsafe.Pointer(&from[0]), bytes)
	}
	return at
}

// run launches a kernel; arguments are places on the device and numbers.
func (w *deviceSampling) run(k *gpu.Kernel, threads int, arguments ...any) {
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

func (w *deviceSampling) clear(at gpu.Pointer, bytes int) {
	if w.err == nil {
		w.err = w.gpu.Clear(at, bytes)
	}
}

func (w *deviceSampling) rows() int { return w.lattice.Slabs() * int(w.lattice.N[1]) }

func (w *deviceSampling) count() int { return w.lattice.Slabs() * w.lattice.Slab() }

// load brings the triangles to the device, in lattice units.
func (w *deviceSampling) load() {
	l := w.lattice
	vertices := put(w, "vertices", w.vertices)
	w.corners, w.weights = put(w, "corners", w.triangles), put(w, "weights", w.weight)
	w.size = put(w, "size", []int32{l.N[0], l.N[1], int32(l.Slabs())})
	w.placed = w.array("placed", 24*len(w.vertices))
	w.frame = put(w, "frame", append(slices.Clone(l.Origin[:]), l.H))
	w.run(w.place, len(w.vertices), vertices, len(w.vertices), w.frame, w.placed)
}

// shares parts the slabs so that there are enough threads, be it for a few large triangles, and not too many.
func (w *deviceSampling) shares(each int) (part, parts int) {
	const enough = 1 << 24
	slabs := w.lattice.Slabs()
	parts = min(max(enough/(each*len(w.triangles)), 1), slabs)
	part = (slabs + parts - 1) / parts
	return part, (slabs + part - 1) / part
}

func (w *deviceSampling) findSides() {
	w.nodes = w.array("of each node", 4*w.count()) // what the winding number changes by; later, its slot
	w.inside = w.array("inside", w.count())
	w.clear(w.nodes, 4*w.count())
	part, parts := w.shares(1)
	w.run(w.scan, parts*len(w.triangles), w.placed, w.corners, w.weights, len(w.triangles), w.size, part, w.nodes)
	w.run(w.sides, w.rows(), w.nodes, w.size, w.inside)
	w.open()
}

// open takes holes into account.
func (w *deviceSampling) open() {
	e := w.capExpansions()
	if e == nil {
		return
	}
	crowd := C.field_crowd{
		nodes: (*C.field_far)(put(w, "groups of caps", e.nodes)), corners: (*C.double)(put(w, "corners of caps", e.corners)),
		weight: (*C.float)(put(w, "weights of caps", e.weight)), scale: C.double(e.scale), opening: opening,
	}
	blocks := 1
	for _, n := range []int{int(w.lattice.N[0]), int(w.lattice.N[1]), w.lattice.Slabs()} {
		blocks *= (n + C.FIELD_BLOCK - 1) / C.FIELD_BLOCK
	}
	w.run(w.Device.caps, blocks, put(w, "crowd", []C.field_crowd{crowd}), w.frame, w.size, w.nodes, w.inside)
}

// findOwners finds the edges that are cut, and returns how many nodes own one.
func (w *deviceSampling) findOwners() int {
	w.cut, w.starts = w.array("cut", w.count()), w.array("row owners", 4*w.rows())
	w.run(w.cutRows, w.rows(), w.inside, w.size, w.cut, w.starts)
	if w.err != nil {
		return 0
	}
	slots, err := w.scanner.Scan(w.starts, 32, w.rows(), 0)
	w.err = err
	return int(slots)
}

func (w *deviceSampling) findCuts(r *Resident) {
	n := r.Slots
	if n > math.MaxInt32/Edges {
		w.err = fmt.Errorf("%w: %d nodes own cut edges", gpu.ErrMemory, n)
		return
	}
	node, words := w.array("owners", 4*n), w.array("words", 8*Edges*n)
	w.run(w.owners, w.rows(), w.cut, w.size, w.starts, w.nodes, node, words)
	part, parts := w.shares(Edges)
	w.run(w.Device.cut, parts*Edges*w.solid, w.placed, w.corners, w.solid, w.size, part, w.nodes, w.cut, words)

	number := put(w, "numbers", w.number)
	r.T, r.Triangle = w.array("shares", 4*Edges*n), w.array("triangles", 4*Edges*n)
	gaps, found := w.array("gaps", 16*min(mostGaps, Edges*n)), w.array("found", 4)
	room := min(mostGaps, Edges*n)
	w.clear(found, 4)
	w.run(w.name, n, words, n, node, w.cut, w.inside, number, r.T, r.Triangle, gaps, room, found)
	var missing uint32
	if w.err == nil {
		w.err = w.gpu.Get(unsafe.Pointer(&missing), found, 4)
	}
	switch {
	case w.err != nil || missing == 0:
	case int(missing) > room:
		w.err = gpu.ErrMemory
	default:
		w.fillGaps(r, gaps, int(missing))
	}
}

// fillGaps has the processors place the cuts of edges that pass through no triangle: there are few.
func (w *deviceSampling) fillGaps(r *Resident, at gpu.Pointer, n int) {
	found := make([]deviceGap, n)
	if w.err = w.gpu.Get(unsafe.Pointer(&found[0]), at, 16*n); w.err != nil {
		return
	}
	slices.SortFunc(found, func(a, b deviceGap) int { return int(a.At) - int(b.At) })
	host := sampling{Surface: w.Surface, lattice: w.lattice}
	c := &host.out.Cuts
	c.Node, c.T, c.Triangle = make([]int32, n), make([]float32, Edges*n), make([]int32, Edges*n)
	host.out.Inside = make([]uint8, n)
	gaps, places := make([]gap, n), make([]int32, n)
	for i, g := range found { // each a slot of its own, in the order of the nodes
		edge := int(g.At) % Edges
		there, _ := w.lattice.Other(int(g.Node), edge)
		gaps[i] = gap{i*Edges + edge, w.lattice.At(int(g.Node)), w.lattice.At(there)}
		c.Node[i], host.out.Inside[i], places[i] = int32(i), uint8(g.Inside), g.At
	}
	host.fill(gaps)
	shares, triangles := make([]float32, n), make([]int32, n)
	for i, g := range gaps {
		shares[i], triangles[i] = c.T[g.at], c.Triangle[g.at]
	}
	w.run(w.mend, n, put(w, "mended", places), put(w, "mended shares", shares), put(w, "mended triangles", triangles), n, r.T, r.Triangle)
}
