// Package sizing says how long edges are to be at each place of a part.
//
// A Field is a set of sources. A source is a shape (a point, segment, triangle or box), the size that holds on it and up to
// a distance from it, and the slope by which sizes grow further away:
//
//	size ┤          ╱ slope
//	     ┤─────────╱
//	     └────┬────┬──── distance
//	        shape  from
//
// The field is the least of them everywhere. It is as smooth as the steepest slope, so that what is meshed by it has no
// jumps, and a mesher that looks at a few places only cannot miss a source that is small: it is felt from afar.
package sizing

import (
	"math"
	"slices"
)

// Source asks for a size on a shape and around it.
type Source struct {
	Shape
	Size  float64
	From  float64 // distance from the shape within which the size holds
	Slope float64 // by how much sizes grow for each length further away; infinite for a size that nothing outside feels
}

// at returns what the source asks for at a distance from its shape.
func (s *Source) at(distance float64) float64 {
	if distance <= s.From {
		return s.Size
	}
	return s.Size + s.Slope*(distance-s.From)
}

// Field is the least that any of its sources asks for. The zero Field asks for nothing. It may be used by several threads.
type Field struct {
	sources []Source
	nodes   []node
}

// node bounds what the sources of a branch ask for. Inner nodes have children at left and left+1.
type node struct {
	low, high   vec     // box around their shapes
	size        float64 // the least size
	from        float64 // the greatest distance within which one holds
	slope       float64 // the least slope
	left        int32   // 0 for a leaf: the root is nobody's child
	first, last int32   // sources[first:last] of a leaf
}

const leafSize = 8

// New returns the field of some sources. The slice is the field's from then on.
func New(sources []Source) *Field {
	f := &Field{sources: sources}
	if len(sources) == 0 {
		return f
	}
	f.nodes = make([]node, 1, 2*len(sources)/leafSize+1)
	f.split(0, 0, int32(len(sources)))
	return f
}

// split makes a node of sources[first:last] and, where they are many, its children.
func (f *Field) split(at, first, last int32) {
	list := f.sources[first:last]
	n := node{first: first, last: last, size: math.Inf(1), slope: math.Inf(1)}
	n.low, n.high = list[0].box()
	for i := range list {
		low, high := list[i].box()
		n.low, n.high = n.low.least(low), n.high.most(high)
		n.size, n.from, n.slope = min(n.size, list[i].Size), max(n.from, list[i].From), min(n.slope, list[i].Slope)
	}
	if last-first > leafSize {
		axis, extent := 0, n.high.sub(n.low)
		for k := 1; k < 3; k++ {
			if extent.along(k) > extent.along(axis) {
				axis = k
			}
		}
		slices.SortFunc(list, func(a, b Source) int {
			x, y := a.centre(axis), b.centre(axis)
			switch {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		})
		n.left = int32(len(f.nodes))
		f.nodes = append(f.nodes, node{}, node{})
		middle := first + (last-first)/2
		f.split(n.left, first, middle)
		f.split(n.left+1, middle, last)
	}
	f.nodes[at] = n
}

// atLeast is a bound of what the sources of a node ask for at a place.
func (n *node) atLeast(place vec) float64 {
	d := math.Sqrt(toBox(place, n.low, n.high))
	if d <= n.from {
		return n.size
	}
	return n.size + n.slope*(d-n.from)
}

// Empty reports whether nothing asks for a size anywhere.
func (f *Field) Empty() bool { return len(f.nodes) == 0 }

// At returns the size at a place, or the limit where that is less.
func (f *Field) At(place [3]float64, limit float64) float64 {
	p := vecOf(place)
	if len(f.nodes) == 0 || f.nodes[0].atLeast(p) >= limit {
		return limit
	}
	return f.least(0, p, limit)
}

func (f *Field) least(at int32, place vec, limit float64) float64 {
	n := &f.nodes[at]
	if n.left == 0 {
		for i := n.first; i < n.last; i++ {
			s := &f.sources[i]
			if s.Size < limit {
				limit = min(limit, s.at(s.distance(place)))
			}
		}
		return limit
	}
	near, far := n.left, n.left+1
	nearest, farther := f.nodes[near].atLeast(place), f.nodes[far].atLeast(place)
	if farther < nearest {
		near, far, nearest, farther = far, near, farther, nearest
	}
	if nearest < limit {
		limit = f.least(near, place, limit)
	}
	if farther < limit {
		limit = f.least(far, place, limit)
	}
	return limit
}

// Least returns the least size that any source asks for, infinity where there is none.
func (f *Field) Least() float64 {
	if len(f.nodes) == 0 {
		return math.Inf(1)
	}
	return f.nodes[0].size
}
