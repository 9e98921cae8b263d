package field

// #cgo CFLAGS: -std=c11 -O3
// #cgo LDFLAGS: -lm
// #include "kernel.h"
import "C"

import (
	"runtime"
	"sync/atomic"

	"meshgen/internal/threads"
)

// Sample computes the nodes of slabs first to last-1 of a lattice. The ranges may be cut as one likes: what is found is the
// same to the bit. Slices of an earlier call, given in reuse, are used where they are large enough; reuse may be nil.
func (s *Surface) Sample(l Lattice, first, last int, want Want, reuse *Samples) (*Samples, error) {
	if err := l.check(first, last); err != nil {
		return nil, err
	}
	if reuse == nil {
		reuse = &Samples{}
	}
	w := newSampling(s, l, first, last, want, reuse)
	w.sides()
	if want.Distance {
		w.distances()
	}
	if want.Cuts {
		w.cuts()
	}
	return w.result(), nil
}

// sampling is one call of Sample. The slabs are computed in tiles; each is one processor's at a time.
type sampling struct {
	*Surface
	lattice     Lattice
	want        Want
	first, last int   // slabs asked for
	reach       int   // slabs whose sides are needed: edges lead to the next two
	bounds      []int // the slab that each tile begins at, from the first on; one more at the end
	placed      []float64
	list        []int32 // the triangles of each tile
	begin       []int32 // of each tile in list; one more at the end
	out         Samples
}

// tileNodes is how many nodes of a tile a processor's cache holds, leastHeight and mostHeight how many slabs it has, and nodesPerTriangle how many
// nodes take as long as a triangle.
const (
	tileNodes               = 1 << 17
	leastHeight, mostHeight = 4, 32
	nodesPerTriangle        = 64
)

func newSampling(s *Surface, l Lattice, first, last int, want Want, reuse *Samples) *sampling {
	w := &sampling{Surface: s, lattice: l, want: want, first: first, last: last, reach: last, out: *reuse}
	if want.Cuts {
		w.reach = min(last+2, l.Slabs())
	}
	w.place()
	w.sort()
	return w
}

// place moves the vertices to lattice units.
func (w *sampling) place() {
	w.placed = make([]float64, 3*len(w.vertices))
	origin := w.lattice.Origin
	w.parts(len(w.vertices), func(from, to int) {
		C.field_place((*C.double)(&w.vertices[from][0]), C.int64_t(to-from), (*C.double)(&origin[0]), C.double(w.lattice.H),
			(*C.double)(&w.placed[3*from]))
	})
}

// sort lists the triangles of each tile, in their order.
func (w *sampling) sort() {
	slabs := w.reach - w.first
	// An edge belongs to its lower end, and leads a step up at most: triangles matter to tiles that far below them, and a little farther for
	// those that pass through a node (see field_cut_lines).
	const little = 1e-6
	below, above := little, little
	if w.want.Cuts {
		below++
	}
	if w.want.Distance {
		below, above = max(below, w.want.Band+0.5), max(above, w.want.Band+0.5)
	}
	span := make([]int32, 2*len(w.triangles)) // the first and the last slab, from the first on
	w.parts(len(w.triangles), func(from, to int) {
		C.field_slabs_of((*C.double)(&w.placed[0]), (*C.int32_t)(&w.triangles[from][0]), C.int64_t(to-from), C.double(below), C.double(above),
			C.int32_t(slabs), C.int32_t(w.first), (*C.int32_t)(&span[2*from]))
	})
	if w.Closed() {
		w.balance(span)
	} else { // whole bundles: what is asked for one is asked by each tile that it reaches into
		height := min(w.highest(), max(slabs/(3*w.threads), leastHeight))
		w.cut(max(height/C.FIELD_BUNDLE, 1) * C.FIELD_BUNDLE)
	}
	tiles := len(w.bounds) - 1
	tileOf := make([]int32, 0, slabs)
	for k := range tiles {
		for range w.bounds[k+1] - w.bounds[k] {
			tileOf = append(tileOf, int32(k))
		}
	}
	w.begin = make([]int32, tiles+1)
	for t := range w.triangles {
		if from, to := span[2*t], span[2*t+1]; from <= to { // it reaches some
			from, to = tileOf[from], tileOf[to]
			span[2*t], span[2*t+1] = from, to
			for k := from; k <= to; k++ {
				w.begin[k+1]++
			}
		}
	}
	for k := range tiles {
		w.begin[k+1] += w.begin[k]
	}
	w.list = make([]int32, w.begin[tiles])
	at := append([]int32(nil), w.begin...)
	for t := range w.triangles {
		for k := span[2*t]; k <= span[2*t+1]; k++ {
			w.list[at[k]] = int32(t)
			at[k]++
		}
	}
}

// highest returns how many slabs a tile may have.
func (w *sampling) highest() int {
	return min(max(tileNodes/w.lattice.Slab(), leastHeight), mostHeight)
}

// cut makes tiles of some height.
func (w *sampling) cut(height int) {
	slabs := w.reach - w.first
	for m := 0; m < slabs; m += height {
		w.bounds = append(w.bounds, m)
	}
	w.bounds = append(w.bounds, slabs)
}

// balance makes as few tiles as keep all threads busy, with about as much to do in each, by the slabs that triangles span: one that reaches into
// several tiles is looked at in each of them. One thread has tiles as high as they may be.
func (w *sampling) balance(span []int32) {
	slabs := w.reach - w.first
	work, nodes := make([]int, slabs+1), w.lattice.Slab() // of the slabs before each
	for t := range w.triangles {
		if from, to := span[2*t], span[2*t+1]; from <= to {
			work[(from+to)/2+1] += nodesPerTriangle
		}
	}
	for m := range slabs {
		work[m+1] += work[m] + nodes
	}
	most := w.highest()
	tiles := max((slabs+most-1)/most, 1)
	tiles = max(min((tiles+w.threads-1)/w.threads*w.threads, slabs/leastHeight), tiles)
	begin := 0
	for m := 1; m < slabs; m++ {
		share := (work[slabs] - work[begin]) / tiles // of what is left, for each of the tiles that are left
		height, done := m-begin, work[m]-work[begin]
		enough := w.threads > 1 && height >= leastHeight && tiles > 1 && 2*done+work[m+1]-work[m] >= 2*share // half of the next slab would be too much
		if !enough && height < most {
			continue
		}
		w.bounds = append(w.bounds, begin)
		if begin = m; tiles > 1 && 10*done >= 9*share { // one that ends for its height alone is none of those that share the work
			tiles--
		}
	}
	w.bounds = append(w.bounds, begin, slabs)
}

// tile is a range of slabs. Its nodes are nodes[0] to nodes[1]-1, from the first node of the range that was asked for.
type tile struct {
	c     C.field_tile
	nodes [2]int
	list  *C.int32_t
	count C.int64_t
}

// tiles returns the tiles up to a slab.
func (w *sampling) tiles(end int) []tile {
	var out []tile
	nodes := w.lattice.Slab()
	for k := range len(w.bounds) - 1 {
		m, m1 := w.first+w.bounds[k], min(w.first+w.bounds[k+1], end)
		if m >= m1 {
			break
		}
		t := tile{
			c: C.field_tile{nx: C.int32_t(w.lattice.N[0]), ny: C.int32_t(w.lattice.N[1]), m0: C.int32_t(m), m1: C.int32_t(m1),
				slabs: C.int32_t(w.lattice.Slabs())},
			nodes: [2]int{(m - w.first) * nodes, (m1 - w.first) * nodes},
			count: C.int64_t(w.begin[k+1] - w.begin[k]),
		}
		if t.count > 0 {
			t.list = (*C.int32_t)(&w.list[w.begin[k]])
		}
		out = append(out, t)
	}
	return out
}

func (w *sampling) nodes() int { return (w.last - w.first) * w.lattice.Slab() }

// chainArgs are the placed vertices and the triangles, as the kernels take them.
func (w *sampling) chainArgs() (*C.double, *C.int32_t) {
	return (*C.double)(&w.placed[0]), (*C.int32_t)(&w.triangles[0][0])
}

// sides computes Inside, and Winding.
func (w *sampling) sides() {
	w.out.Inside = sized(w.out.Inside, (w.reach-w.first)*w.lattice.Slab())
	if w.want.Winding {
		w.out.Winding = sized(w.out.Winding, len(w.out.Inside))
	}
	placed, triangles := w.chainArgs()
	tiles := w.tiles(w.reach)
	scratch := make([][]int32, w.threads)
	w.each(len(tiles), func(worker, k int) {
		t := tiles[k]
		winding := sized(scratch[worker], t.nodes[1]-t.nodes[0])
		scratch[worker] = winding
		C.field_scan_tile(placed, triangles, (*C.int32_t)(&w.weight[0]), t.list, t.count, t.c,
			(*C.int32_t)(&winding[0]), (*C.uint8_t)(&w.out.Inside[t.nodes[0]]))
		w.open(t, winding)
	})
}

// open takes holes into account: the caps across them are no part of the surface.
func (w *sampling) open(t tile, winding []int32) {
	var all []float32 // the tile's part of Winding
	if w.want.Winding {
		all = w.out.Winding[t.nodes[0]:t.nodes[1]]
	}
	caps := w.capExpansions()
	if caps == nil {
		for i := range all {
			all[i] = float32(winding[i])
		}
		return
	}
	var pin runtime.Pinner
	defer pin.Unpin()
	crowd := caps.args(&pin)
	origin := w.lattice.Origin
	var to *C.float
	if all != nil {
		to = (*C.float)(&all[0])
	}
	C.field_caps_tile(&crowd, (*C.double)(&origin[0]), C.double(w.lattice.H), t.c, (*C.int32_t)(&winding[0]),
		(*C.uint8_t)(&w.out.Inside[t.nodes[0]]), to)
}

// distances computes Distance.
func (w *sampling) distances() {
	w.out.Distance = sized(w.out.Distance, w.nodes())
	placed, triangles := w.chainArgs()
	tiles := w.tiles(w.last)
	scratch := make([][]float32, w.threads)
	w.each(len(tiles), func(worker, k int) {
		t := tiles[k]
		rows := (t.nodes[1] - t.nodes[0]) / int(t.c.nx)
		squares := sized(scratch[worker], rows*(int(t.c.nx)+C.FIELD_LANES))
		scratch[worker] = squares
		C.field_distance_tile(placed, triangles, t.list, t.count, C.int32_t(w.solid), C.float(w.want.Band), C.double(w.lattice.H), t.c,
			(*C.uint8_t)(&w.out.Inside[t.nodes[0]]), (*C.float)(&squares[0]), (*C.float)(&w.out.Distance[t.nodes[0]]))
	})
}

// cuts computes Cuts.
func (w *sampling) cuts() {
	cut := make([]uint8, w.nodes())
	tiles := w.tiles(w.last)
	owners := make([]int, len(tiles)+1)
	w.each(len(tiles), func(_, k int) {
		t := tiles[k]
		owners[k+1] = int(C.field_cut_edges((*C.uint8_t)(&w.out.Inside[t.nodes[0]]), t.c, (*C.uint8_t)(&cut[t.nodes[0]])))
	})
	for k := range tiles {
		owners[k+1] += owners[k]
	}
	slots := owners[len(tiles)]
	c := &w.out.Cuts
	c.Node, c.T, c.Triangle = sized(c.Node, slots), sized(c.T, Edges*slots), sized(c.Triangle, Edges*slots)
	if w.want.Slots {
		c.Slot = sized(c.Slot, w.nodes())
	}
	placed, triangles := w.chainArgs()
	scratch := make([][]int32, w.threads)
	w.each(len(tiles), func(worker, k int) {
		t := tiles[k]
		var slot []int32
		if w.want.Slots {
			slot = c.Slot[t.nodes[0]:t.nodes[1]]
		} else {
			slot = sized(scratch[worker], t.nodes[1]-t.nodes[0])
			scratch[worker] = slot
		}
		bits := (*C.uint8_t)(&cut[t.nodes[0]])
		from, to := owners[k], owners[k+1]
		if from == to {
			if w.want.Slots {
				for i := range slot {
					slot[i] = -1
				}
			}
			return
		}
		share, triangle := (*C.float)(&c.T[Edges*from]), (*C.int32_t)(&c.Triangle[Edges*from])
		C.field_owners(bits, C.int64_t(len(slot)), C.int32_t(t.nodes[0]), 0, (*C.int32_t)(&c.Node[from]), (*C.int32_t)(&slot[0]), share, triangle)
		C.field_cut_tile(placed, triangles, t.list, t.count, C.int32_t(w.solid), t.c, (*C.int32_t)(&slot[0]), bits, share, triangle)
		if w.want.Slots {
			for i := range slot {
				if slot[i] >= 0 {
					slot[i] += int32(from)
				}
			}
		}
	})
	w.missing(cut)
}

func (w *sampling) result() *Samples {
	w.out.Inside = w.out.Inside[:w.nodes()]
	if w.want.Winding {
		w.out.Winding = w.out.Winding[:w.nodes()]
	}
	return &w.out
}

// each runs f for 0 to n-1 on the threads of the surface, and returns when all are done.
func (s *Surface) each(n int, f func(worker, i int)) {
	workers := min(s.threads, n)
	if workers <= 1 {
		for i := range n {
			f(0, i)
		}
		return
	}
	var next atomic.Int64
	threads.Run(workers, func(worker int) {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			f(worker, i)
		}
	})
}

// parts runs f for parts of 0 to n-1.
func (s *Surface) parts(n int, f func(from, to int)) {
	const least = 4096
	parts := max(min(n/least, 4*s.threads), 1)
	s.each(parts, func(_, i int) { f(i*n/parts, (i+1)*n/parts) })
}

// sized returns a slice of n elements, the given one if it is large enough.
func sized[E any](old []E, n int) []E {
	if cap(old) >= n {
		return old[:n]
	}
	return make([]E, n)
}
