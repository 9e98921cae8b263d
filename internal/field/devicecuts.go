package field

import (
	"fmt"
	"math"
	"slices"
	"unsafe"

	"meshgen/internal/gpu"
)

// mostGaps is for how many cut edges there is room that pass through no triangle: those that go through a hole, and those of nodes that lie on
// the surface to rounding. Nodes that may own more are looked at in turns.
const mostGaps = 1 << 20

// deviceGap is field_missing of gpu.cu.
type deviceGap struct{ At, Node, Inside, _ int32 }

// mended is what of a gap the host sends back: its place, share and triangle.
const mended = 3 * 4

func (d *Device) roomForGaps(slots int) int { return min(d.mostGaps, Edges*slots) }

// CutsNeed returns how many bytes of the device Owners and Cuts need for so many slabs, of whose nodes so many own a cut.
func (w *Sampling) CutsNeed(slabs, owners int) int {
	return (4+1)*slabs*w.lattice.Slab() + 4*slabs*int(w.lattice.N[1]) + (4+8*Edges)*owners + (int(unsafe.Sizeof(deviceGap{}))+mended)*w.roomForGaps(owners)
}

// Beyond is how many slabs further the edges lead that a node owns.
const Beyond = 2

// Owners finds which edges are cut that nodes of slabs first to last-1 own, and returns how many nodes own one. Inside is Sides of these
// slabs and of those Beyond, as far as there are any.
func (w *Sampling) Owners(first, last int, inside gpu.Pointer) (int, error) {
	w.over(first, last)
	w.inside = inside
	w.nodes = w.array("of each node", 4*w.nodeCount())
	w.cut, w.rows = w.array("cut", w.nodeCount()), w.array("row owners", 4*w.rowCount())
	w.run(w.cutRows, w.rowCount(), inside, w.size, w.cut, w.rows)
	if w.err != nil {
		return 0, w.err
	}
	slots, err := w.scanner.Scan(w.rows, 32, w.rowCount(), 0)
	w.err, w.slots = err, int(slots)
	return w.slots, w.err
}

// Cuts finds where those edges pass through the surface: T and Triangle of Samples, Edges of each for every node that Owners counted.
func (w *Sampling) Cuts(t, triangle gpu.Pointer) error {
	n := w.slots
	if n == 0 || w.err != nil {
		return w.err
	}
	if n > math.MaxInt32/Edges {
		w.err = fmt.Errorf("%w: %d nodes own cut edges", gpu.ErrMemory, n)
		return w.err
	}
	node, words := w.array("owners", 4*n), w.array("words", 8*Edges*n)
	w.run(w.owners, w.rowCount(), w.cut, w.size, w.rows, w.nodes, node, words)
	part, parts := w.shares(Edges)
	w.run(w.Device.cut, parts*Edges*w.surface.solid, w.placed, w.corners, w.surface.solid, w.size, part, w.nodes, w.cut, words)

	room := w.roomForGaps(n)
	gaps, found := w.array("gaps", int(unsafe.Sizeof(deviceGap{}))*room), w.array("found", 4)
	for first := 0; first < n && w.err == nil; first += room / Edges {
		some := min(room/Edges, n-first)
		from := func(array gpu.Pointer, bytes int) gpu.Pointer { return unsafe.Add(array, bytes*first) }
		shares, triangles := from(t, 4*Edges), from(triangle, 4*Edges)
		w.clear(found, 4)
		w.run(w.name, some, from(words, 8*Edges), some, from(node, 4), w.cut, w.inside, w.number, shares, triangles, gaps, room, found)
		var missing uint32
		if w.err == nil {
			w.err = w.gpu.Get(unsafe.Pointer(&missing), found, 4)
		}
		if w.err == nil && missing > 0 {
			w.fillGaps(shares, triangles, gaps, int(missing))
		}
	}
	return w.err
}

// fillGaps has the processors place the cuts of edges that pass through no triangle.
func (w *Sampling) fillGaps(t, triangle, at gpu.Pointer, n int) {
	found := make([]deviceGap, n)
	if w.err = w.gpu.Get(unsafe.Pointer(&found[0]), at, n*int(unsafe.Sizeof(found[0]))); w.err != nil {
		return
	}
	slices.SortFunc(found, func(a, b deviceGap) int { return int(a.At) - int(b.At) })
	host := sampling{Surface: w.surface, lattice: w.lattice}
	c := &host.out.Cuts
	c.Node, c.T, c.Triangle = make([]int32, n), make([]float32, Edges*n), make([]int32, Edges*n)
	host.out.Inside = make([]uint8, n)
	gaps, places := make([]gap, n), make([]int32, n)
	for i, g := range found { // each a slot of its own, in the order of the nodes
		edge, here := int(g.At)%Edges, int(g.Node)+w.first*w.lattice.Slab()
		there, _ := w.lattice.Other(here, edge)
		gaps[i] = gap{i*Edges + edge, w.lattice.At(here), w.lattice.At(there)}
		c.Node[i], host.out.Inside[i], places[i] = int32(i), uint8(g.Inside), g.At
	}
	host.fill(gaps)
	shares, triangles := make([]float32, n), make([]int32, n)
	for i, g := range gaps {
		shares[i], triangles[i] = c.T[g.at], c.Triangle[g.at]
	}
	w.run(w.mend, n, put(w, "mended", places), put(w, "mended shares", shares), put(w, "mended triangles", triangles), n, t, triangle)
}
