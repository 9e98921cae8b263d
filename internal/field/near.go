package field

// #include "kernel.h"
import "C"

import (
	"math"
	"runtime"
	"sort"
	"unsafe"
)

// Bare makes a surface that is asked for distances alone, of triangles that are in order: nothing is welded, joined or turned, and the slices
// are kept.
func Bare(vertices [][3]float64, triangles [][3]int32, threads int) (*Surface, error) {
	if len(triangles) == 0 {
		return nil, ErrNoTriangle
	}
	s := &Surface{vertices: vertices, triangles: triangles, solid: len(triangles), weight: make([]int32, 1), number: make([]int32, len(triangles))}
	for i := range s.number {
		s.number[i] = int32(i)
	}
	s.SetThreads(threads)
	return s, nil
}

// reaches are how far triangles look for points, in steps; those that none has found are looked for in the tree.
var reaches = [...]float64{0.0625, 0.25, 1.5}

const (
	// cellsPerPoint bounds how many cells a grid has, and rowsPerItem how many of its rows are looked at for each point and triangle.
	// Where it were more, the tree costs less.
	cellsPerPoint, rowsPerItem = 8, 16
	// finest is how much smaller than a step cells may be, where there are many points.
	finest = 8
	// pointsPerPart is how many points are looked at together on a thread, if that makes as many parts as may be.
	pointsPerPart         = 4096
	leastParts, mostParts = 8, 16
	// leastNear is from how many points on grids are worth their while.
	leastNear = 256
)

// Distances returns how far points are from the surface. It is quick where that is little in relation to a step, as the edge of a lattice
// that was cut by the surface.
func (s *Surface) Distances(points [][3]float64, step float64) []float64 {
	out := make([]float64, len(points))
	left := points
	var at []int32 // of those that are left, where they are among points; nil for all
	for _, steps := range reaches {
		reach := steps * step
		if len(left) < leastNear {
			break
		}
		squares := s.near(left, step, reach)
		if squares == nil {
			break
		}
		var missed [][3]float64
		var missedAt []int32
		for i, square := range squares {
			number := int32(i)
			if at != nil {
				number = at[i]
			}
			if square < reach*reach {
				out[number] = math.Sqrt(square)
			} else {
				missed, missedAt = append(missed, left[i]), append(missedAt, number)
			}
		}
		if left, at = missed, missedAt; len(left) == 0 {
			return out
		}
	}
	if len(left) == 0 {
		return out
	}
	for i, hit := range s.Nearest(left, math.Inf(1)) {
		number := int32(i)
		if at != nil {
			number = at[i]
		}
		out[number] = hit.Distance
	}
	return out
}

// near returns the squares of the distances of points, for those within reach, and something that is not less than that of reach for others. It
// returns nothing where a grid costs too much.
func (s *Surface) near(points [][3]float64, step, reach float64) []float64 {
	g, cells := gridAround(points, step)
	if cells == 0 {
		return nil
	}
	vertices, triangles := (*C.double)(&s.vertices[0][0]), s.triangles[:s.solid]
	layers, rows := s.layers(&g, triangles, reach)
	if rows > rowsPerItem*int64(len(points)+len(triangles)) {
		return nil
	}
	cell, begin := s.sorted(points, &g, cells)
	order := make([]int32, len(points))
	next := append([]int32(nil), begin[:cells]...)
	for i, c := range cell {
		order[next[c]] = int32(i)
		next[c]++
	}

	squares := make([]float64, len(points))
	layer := int(g.n[0] * g.n[1])
	// Each part goes through all triangles, and makes ready those that it reaches: they are few, and have about as many points each. However many
	// threads there are, so that what four points share does not depend on them.
	parts := min(max(len(points)/pointsPerPart, leastParts), mostParts)
	from := func(part int) int { // the layer that it begins with
		return sort.Search(int(g.n[2]), func(k int) bool { return int(begin[k*layer])*parts >= part*len(points) })
	}
	scratch := make([][]float64, s.threads)
	s.each(parts, func(worker, part int) {
		k0, k1 := from(part), from(part+1)
		first, last := begin[k0*layer], begin[k1*layer]
		n := int(last - first)
		if n == 0 {
			return
		}
		own := make([]int32, (k1-k0)*layer+1)
		for i := range own {
			own[i] = begin[k0*layer+i] - first
		}
		room := n + C.FIELD_BESIDE
		places := sized(scratch[worker], 4*room)
		scratch[worker] = places
		x, y, z, to := places[:room], places[room:2*room], places[2*room:3*room], places[3*room:]
		for i, p := range order[first:last] {
			x[i], y[i], z[i], to[i] = points[p][0], points[p][1], points[p][2], reach*reach
		}
		for i := n; i < room; i++ {
			x[i], y[i], z[i], to[i] = x[0], y[0], z[0], 0
		}
		var pin runtime.Pinner
		defer pin.Unpin()
		pin.Pin(&own[0])
		pin.Pin(&places[0])
		here := g
		here.k0, here.k1, here.begin = C.int32_t(k0), C.int32_t(k1), (*C.int32_t)(&own[0])
		at := C.field_points{x: (*C.double)(&x[0]), y: (*C.double)(&y[0]), z: (*C.double)(&z[0]), squares: (*C.double)(&to[0])}
		C.field_near_points(vertices, (*C.int32_t)(&triangles[0][0]), C.int64_t(len(triangles)), (*C.int32_t)(unsafe.Pointer(&layers[0])), C.double(reach), &here, &at)
		for i, p := range order[first:last] {
			squares[p] = to[i]
		}
	})
	return squares
}

// gridAround returns a grid of about a step that holds points, and how many cells it has: none where they are no numbers.
func gridAround(points [][3]float64, step float64) (g C.field_grid, cells int) {
	inf := math.Inf(1)
	low, high := [3]float64{inf, inf, inf}, [3]float64{-inf, -inf, -inf}
	for i := range points {
		for k, x := range points[i] {
			low[k], high[k] = min(low[k], x), max(high[k], x)
		}
	}
	count := func(size float64) float64 {
		all := 1.
		for k := range 3 {
			all *= math.Floor((high[k]-low[k])/size) + 1
		}
		return all
	}
	size, n := step/2, float64(len(points))
	if all := count(size); !(all >= 1) || math.IsInf(all, 0) {
		return g, 0
	}
	for count(size) > cellsPerPoint*n {
		size *= 1.25
	}
	if size > 2*step { // of a wire that lies askew: all points around would be looked at for each triangle
		return g, 0
	}
	for size > step/finest && count(size/2) <= n {
		size /= 2
	}
	g.cell, g.share = C.double(size), C.double(1/size)
	for k := range 3 {
		g.origin[k], g.n[k] = C.double(low[k]), C.int32_t((high[k]-low[k])/size)+1
	}
	return g, int(g.n[0]) * int(g.n[1]) * int(g.n[2])
}

// layers returns which layers of a grid each triangle reaches, and how many rows all of them look at.
func (s *Surface) layers(g *C.field_grid, triangles [][3]int32, reach float64) (layers [][2]int32, rows int64) {
	layers = make([][2]int32, len(triangles))
	const part = 4096
	counts := make([]int64, (len(triangles)+part-1)/part)
	here := *g
	s.each(len(counts), func(_, i int) {
		from, to := i*part, min((i+1)*part, len(triangles))
		grid := here
		counts[i] = int64(C.field_layers_of((*C.double)(&s.vertices[0][0]), (*C.int32_t)(&triangles[from][0]), C.int64_t(to-from), C.double(reach), &grid,
			(*C.int32_t)(unsafe.Pointer(&layers[from]))))
	})
	for _, n := range counts {
		rows += n
	}
	return layers, rows
}

// sorted returns the cell of each point, and where the points of each cell begin if they are sorted by cells.
func (s *Surface) sorted(points [][3]float64, g *C.field_grid, cells int) (cell, begin []int32) {
	cell, begin = make([]int32, len(points)), make([]int32, cells+1)
	here := *g
	s.parts(len(points), func(from, to int) {
		grid := here
		C.field_cells_of((*C.double)(&points[from][0]), C.int64_t(to-from), &grid, (*C.int32_t)(&cell[from]))
	})
	for _, c := range cell {
		begin[c+1]++
	}
	for c := range cells {
		begin[c+1] += begin[c]
	}
	return cell, begin
}
