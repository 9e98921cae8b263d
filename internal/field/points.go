package field

// #include "kernel.h"
import "C"

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"unsafe"
)

// Hit is the point of the surface nearest to another.
type Hit struct {
	Point    [3]float64
	Distance float64
	Triangle int32 // of the input; -1: there is none within the distance asked for
}

// Cut is where a segment passes the surface first.
type Cut struct {
	T        float64 // share of the way
	Triangle int32   // of the input; -1: it does not
}

// Winding returns the generalised winding number of the surface at each point: to 1e-3 and better, and a whole number where
// the surface is closed.
func (s *Surface) Winding(points [][3]float64) []float32 { return s.winding(points, C.FIELD_GROUP) }

// winding asks so many points together; one alone has the same number whatever the others are.
func (s *Surface) winding(points [][3]float64, together int) []float32 {
	out := make([]float32, len(points))
	order := s.order(points)
	sorted := make([][3]float64, len(points))
	s.parts(len(points), func(from, to int) {
		for i := from; i < to; i++ {
			sorted[i] = points[order[i]]
		}
	})
	t, caps := s.boxes(), s.capExpansions()
	// groups begin at the same points however many threads there are
	const batch = 8 * C.FIELD_GROUP
	s.each((len(points)+batch-1)/batch, func(_, k int) {
		from, to := k*batch, min((k+1)*batch, len(points))
		var pin runtime.Pinner
		defer pin.Unpin()
		var whole [batch]C.int32_t
		p := (*C.double)(&sorted[from][0])
		tree := s.treeArgs(t, &pin)
		C.field_count_points(&tree, p, C.int64_t(to-from), &whole[0])
		var rest [batch]C.float
		if caps != nil {
			crowd := caps.args(&pin)
			C.field_ask_points(&crowd, p, C.int64_t(to-from), C.int32_t(together), &rest[0])
		}
		for i := from; i < to; i++ {
			out[order[i]] = float32(whole[i-from]) - float32(rest[i-from])
		}
	})
	return out
}

// Inside returns 1 for each point inside the surface, else 0.
func (s *Surface) Inside(points [][3]float64) []uint8 {
	inside := make([]uint8, len(points))
	for i, w := range s.Winding(points) {
		if w >= half {
			inside[i] = 1
		}
	}
	return inside
}

// half is the winding number from which on a point is inside.
const half = 0.5

// Nearest returns the point of the surface nearest to each point, among those that are not farther than within.
func (s *Surface) Nearest(points [][3]float64, within float64) []Hit {
	out := make([]Hit, len(points))
	t := s.boxes()
	s.batches(len(points), func(from, to int) {
		n := to - from
		at, distance, triangle := make([][3]float64, n), make([]float64, n), make([]int32, n)
		var pin runtime.Pinner
		defer pin.Unpin()
		tree := s.treeArgs(t, &pin)
		C.field_nearest_points(&tree, (*C.double)(&points[from][0]), C.int64_t(n), C.double(within),
			(*C.double)(&at[0][0]), (*C.double)(&distance[0]), (*C.int32_t)(&triangle[0]))
		for i := range n {
			out[from+i] = Hit{Point: at[i], Distance: distance[i], Triangle: s.given(triangle[i])}
		}
	})
	return out
}

// Probe asks a surface for a few points at a time, without what it costs to begin. Close it after use; it serves one thread.
type Probe struct {
	surface   *Surface
	tree      *C.field_tree
	pin       runtime.Pinner
	points    [][3]float64
	distances []float64
	triangles []int32
}

// Probe returns one of the surface.
func (s *Surface) Probe() *Probe {
	p := &Probe{surface: s}
	tree := s.treeArgs(s.boxes(), &p.pin)
	p.tree = &tree
	return p
}

// Nearest sets what Surface.Nearest returns.
func (p *Probe) Nearest(points [][3]float64, within float64, out []Hit) {
	n := len(points)
	p.points, p.distances, p.triangles = sized(p.points, n), sized(p.distances, n), sized(p.triangles, n)
	C.field_nearest_points(p.tree, (*C.double)(&points[0][0]), C.int64_t(n), C.double(within), (*C.double)(&p.points[0][0]), (*C.double)(&p.distances[0]),
		(*C.int32_t)(&p.triangles[0]))
	for i := range points {
		out[i] = Hit{Point: p.points[i], Distance: p.distances[i], Triangle: p.surface.given(p.triangles[i])}
	}
}

// Close ends the probe.
func (p *Probe) Close() { p.pin.Unpin() }

// Cross returns where the segments from p to q pass the surface first. Both slices have the same length.
func (s *Surface) Cross(p, q [][3]float64) []Cut {
	out := make([]Cut, len(p))
	t := s.boxes()
	s.batches(len(p), func(from, to int) {
		n := to - from
		share, triangle := make([]float64, n), make([]int32, n)
		var pin runtime.Pinner
		defer pin.Unpin()
		tree := s.treeArgs(t, &pin)
		C.field_cross_segments(&tree, (*C.double)(&p[from][0]), (*C.double)(&q[from][0]), C.int64_t(n), (*C.double)(&share[0]),
			(*C.int32_t)(&triangle[0]))
		for i := range n {
			out[from+i] = Cut{T: share[i], Triangle: s.given(triangle[i])}
		}
	})
	return out
}

// given returns the number that a triangle has in the input.
func (s *Surface) given(t int32) int32 {
	if t < 0 {
		return -1
	}
	return s.number[t]
}

func (s *Surface) boxes() *tree {
	s.treeOnce.Do(func() { s.tree = s.newTree(0, len(s.triangles)) })
	return s.tree
}

// capExpansions returns those of the caps; nil where there are none.
func (s *Surface) capExpansions() *expansions {
	s.capsOnce.Do(func() {
		if len(s.triangles) > s.solid {
			s.caps = s.newExpansions(s.solid, len(s.triangles))
		}
	})
	return s.caps
}

// treeArgs is the tree as the kernels take it. It is valid until pin is released.
func (s *Surface) treeArgs(t *tree, pin *runtime.Pinner) C.field_tree {
	for _, p := range []any{&t.nodes[0], &t.order[0], &s.vertices[0], &s.triangles[0], &s.weight[0]} {
		pin.Pin(p)
	}
	return C.field_tree{
		nodes: (*C.field_node)(unsafe.Pointer(&t.nodes[0])), order: (*C.int32_t)(&t.order[0]),
		vertices: (*C.double)(&s.vertices[0][0]), triangles: (*C.int32_t)(&s.triangles[0][0]), weight: (*C.int32_t)(&s.weight[0]),
		solid: C.int32_t(s.solid),
	}
}

func (e *expansions) args(pin *runtime.Pinner) C.field_crowd {
	for _, p := range []any{&e.nodes[0], &e.corners[0], &e.weight[0]} {
		pin.Pin(p)
	}
	return C.field_crowd{
		nodes: (*C.field_far)(unsafe.Pointer(&e.nodes[0])), corners: (*C.double)(&e.corners[0][0][0]), weight: (*C.float)(&e.weight[0]),
		scale: C.double(e.scale), opening: opening,
	}
}

// batches runs f for parts of 0 to n-1 that take some time each.
func (s *Surface) batches(n int, f func(from, to int)) {
	const batch = 512
	s.each((n+batch-1)/batch, func(_, k int) { f(k*batch, min((k+1)*batch, n)) })
}

// order returns the points along a curve that leaves near ones side by side (of Morton).
func (s *Surface) order(points [][3]float64) []int32 {
	type keyed struct {
		key   uint64
		index int32
	}
	keys := make([]keyed, len(points))
	lower, upper := s.min, s.max
	s.parts(len(points), func(from, to int) {
		for i := from; i < to; i++ {
			key := uint64(0)
			for k, x := range points[i] {
				share := (x - lower[k]) / (upper[k] - lower[k])
				if !(share > 0) { // flat boxes, too
					share = 0
				}
				key |= spread(uint64(math.Min(share, 1)*(1<<16-1))) << k
			}
			keys[i] = keyed{key, int32(i)}
		}
	})
	slices.SortFunc(keys, func(a, b keyed) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return int(a.index - b.index)
	})
	out := make([]int32, len(points))
	for i := range keys {
		out[i] = keys[i].index
	}
	return out
}

// spread moves the 16 bits of x three places apart.
func spread(x uint64) uint64 {
	x = (x | x<<16) & 0x0000ff0000ff
	x = (x | x<<8) & 0x00f00f00f00f
	x = (x | x<<4) & 0x0c30c30c30c3
	x = (x | x<<2) & 0x249249249249
	return x
}
