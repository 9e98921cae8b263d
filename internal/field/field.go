// Package field says of any point whether it lies inside a triangle surface, how far from it, and where a segment passes
// through it: what an isosurface mesher asks. The surface may have holes, doubled, turned and missing triangles, and may
// pass through itself.
//
//	Prepare   triangles → Surface: corners welded, doubles left out, triangles turned to agree with their neighbours
//	Sample    Surface × body-centred cubic lattice → side of every node, distance near the surface, cuts of the edges
//	Inside, Winding, Nearest, Cross   the same for points and segments anywhere
//
// Inside is where the generalised winding number (the solid angle under which the surface is seen, over 4π) is at least
// one half. It is computed exactly, in two parts. The boundary of the surface, as a chain of directed edges, is a set of
// closed loops; a few triangles across each loop, the caps, make a closed chain of the whole. A closed chain has a whole
// winding number everywhere, which lines along x count (scan.h): what a line passes is decided once an edge, so that no
// rounding can make two triangles disagree. The caps' own winding number, smooth and tiny but near holes, is added where
// it can matter (winding.h). A surface without boundary has no caps, and its sides are exact.
//
// The kernels are C in the subset that NVRTC compiles too, without fused multiply-add and without any function of libm but
// the square root: a processor and a GPU give the same bits. Nothing depends on the number of threads.
package field

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
)

// Options of Prepare.
type Options struct {
	Threads int  // at most this many processors are used, by all calls; 0: all there are
	AsGiven bool // neither leave out doubled triangles nor turn any
}

// Surface is a triangle surface, ready to be asked. It is read only, and calls may run side by side.
type Surface struct {
	threads  int
	vertices [][3]float64
	min, max [3]float64
	fine     float64 // lengths below mean nothing: the rounding of coordinates

	// The closed chain: the triangles that count, by vertices, and behind them the caps.
	triangles [][3]int32
	weight    []int32 // how often each counts: 1; -1 where it was turned; caps as their loop asks for
	number    []int32 // of each triangle in the input
	solid     int     // how many are triangles of the input; caps follow

	Changes Changes

	treeOnce sync.Once
	tree     *tree // of the closed chain
	capsOnce sync.Once
	caps     *expansions
}

// Changes counts what Prepare did to make sense of the triangles.
type Changes struct {
	Flat    int // triangles of which two corners are one point: left out
	Doubled int // triangles that were there before: left out
	Turned  int // triangles that pointed against their neighbours, or inwards: turned
	Open    int // edges of the boundary that is left
	Caps    int // triangles that close it
}

// farthest bounds coordinates, as package surface does for files.
const farthest = 1e15

// maxTriangles keeps three half-edges of each triangle, and as many caps, countable in 32 bits.
const maxTriangles = math.MaxInt32 / 8

// ErrNoTriangle is the answer to a surface of nothing.
var ErrNoTriangle = errors.New("the surface has no triangle with three different corners")

// Prepare makes a surface of triangles. Their vertices may be shared or repeated. It refuses coordinates that are not
// finite and indices that name no vertex, and keeps none of the slices.
func Prepare(vertices [][3]float64, triangles [][3]int32, opts Options) (*Surface, error) {
	if len(triangles) > maxTriangles {
		return nil, fmt.Errorf("the surface has %d triangles; at most %d are possible", len(triangles), maxTriangles)
	}
	s := &Surface{}
	s.SetThreads(opts.Threads)
	if err := s.weld(vertices, triangles); err != nil {
		return nil, err
	}
	if len(s.triangles) == 0 {
		return nil, ErrNoTriangle
	}
	s.measure()
	c := chain{Surface: s}
	if !opts.AsGiven {
		c.dropDoubles()
		if len(s.triangles) == 0 {
			return nil, ErrNoTriangle
		}
	}
	c.join()
	if !opts.AsGiven {
		c.turnToNeighbours()
	}
	s.solid = len(s.triangles)
	if loops := c.boundary(); len(loops) > 0 {
		s.close(loops)
	}
	if !opts.AsGiven && c.turnOutwards() {
		s.triangles, s.weight = s.triangles[:s.solid], s.weight[:s.solid]
		s.Changes.Caps = 0
		if loops := c.boundary(); len(loops) > 0 {
			s.close(loops)
		}
	}
	return s, nil
}

// Threads returns how many processors calls use at most.
func (s *Surface) Threads() int { return s.threads }

// SetThreads says how many that is from here on, 0 for all there are. No call may be under way.
func (s *Surface) SetThreads(n int) {
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	s.threads = n
}

// Closed reports whether the triangles are a closed chain: sides are then exact.
func (s *Surface) Closed() bool { return s.Changes.Caps == 0 }

// Box returns the bounding box.
func (s *Surface) Box() (lower, upper [3]float64) { return s.min, s.max }

// measure computes the box, and what is the least length that means anything.
func (s *Surface) measure() {
	inf := math.Inf(1)
	s.min, s.max = [3]float64{inf, inf, inf}, [3]float64{-inf, -inf, -inf}
	for _, t := range s.triangles {
		for _, v := range t {
			widen(&s.min, &s.max, &s.vertices[v])
		}
	}
	far := 0.0
	for k := range 3 {
		far = max(far, math.Abs(s.min[k]), math.Abs(s.max[k]))
	}
	s.fine = max(far, s.diagonal()) * 0x1p-50
}

// widen makes a box hold a point, of which it holds most already: comparisons that come out as before cost less than min and max, which look for
// what is no number.
func widen(low, high, p *[3]float64) {
	for k, x := range p {
		if x < low[k] {
			low[k] = x
		}
		if x > high[k] {
			high[k] = x
		}
	}
}

func (s *Surface) diagonal() float64 { return norm(sub(s.max, s.min)) }

func sub(a, b [3]float64) [3]float64 { return [3]float64{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }

func add(a, b [3]float64) [3]float64 { return [3]float64{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }

func scaled(a [3]float64, x float64) [3]float64 { return [3]float64{a[0] * x, a[1] * x, a[2] * x} }

func cross(a, b [3]float64) [3]float64 {
	return [3]float64{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

func dot(a, b [3]float64) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

func norm(a [3]float64) float64 { return math.Sqrt(dot(a, a)) }
