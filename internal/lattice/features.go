package lattice

import (
	"math"
	"slices"
)

// Features are the edges and corners of a surface: where its faces meet. They are polylines along edges of its triangles.
type Features struct {
	segments []segment
	corners  []corner
}

// None reports whether there are no edges, so that a mesh stays as it is where they are kept.
func (f *Features) None() bool { return len(f.segments) == 0 }

// segment is a part of the curve between two faces.
type segment struct {
	a, b  [3]float64
	faces [2]int32 // ascending
	all   []int32  // that meet there, where they are more than two: there is a segment for each two of them
}

// meeting returns the faces that meet on a segment, ascending.
func (s *segment) meeting() []int32 {
	if s.all != nil {
		return s.all
	}
	return s.faces[:]
}

// corner is where a curve ends, meets others or turns.
type corner struct {
	at    [3]float64
	faces []int32 // around it, ascending
}

// cornerTurn is the cosine of the angle, 40 degrees, by which a curve turns in a corner at least.
const cornerTurn = 0.766

// FindFeatures returns the features of indexed triangles, each of which belongs to a face.
func FindFeatures(vertices [][3]float64, triangles [][3]int32, faceOf []int32) *Features {
	return findFeatures(vertices, triangles, faceOf, false)
}

// findFeatures finds them where no more than two faces are to meet on a curve, or jointly: where any number may.
func findFeatures(vertices [][3]float64, triangles [][3]int32, faceOf []int32, jointly bool) *Features {
	type side struct {
		low, high, face int32
	}
	sides := make([]side, 0, 3*len(triangles))
	for i, t := range triangles {
		for k := range 3 {
			a, b := t[k], t[(k+1)%3]
			sides = append(sides, side{min(a, b), max(a, b), faceOf[i]})
		}
	}
	slices.SortFunc(sides, func(a, b side) int {
		switch {
		case a.low != b.low:
			return int(a.low) - int(b.low)
		case a.high != b.high:
			return int(a.high) - int(b.high)
		}
		return int(a.face) - int(b.face)
	})
	f := &Features{}
	at := map[int32][]int32{} // the segments of each vertex
	var order []int32         // of the vertices, as met
	for first := 0; first < len(sides); {
		last := first
		for last < len(sides) && sides[last].low == sides[first].low && sides[last].high == sides[first].high {
			last++
		}
		edge := sides[first:last]
		first = last
		if edge[0].low == edge[0].high {
			continue
		}
		if jointly {
			edge = slices.CompactFunc(edge, func(a, b side) bool { return a.face == b.face })
			if len(edge) > 2 {
				f.meet(vertices[edge[0].low], vertices[edge[0].high], len(edge), func(i int) int32 { return edge[i].face })
				for _, v := range [2]int32{edge[0].low, edge[0].high} {
					if len(at[v]) == 0 {
						order = append(order, v)
					}
					at[v] = append(at[v], int32(len(f.segments)-1)) // for all of them
				}
				continue
			}
		}
		for k := 1; k < len(edge); k++ {
			if edge[k].face == edge[k-1].face {
				continue
			}
			number := int32(len(f.segments))
			f.segments = append(f.segments, segment{a: vertices[edge[0].low], b: vertices[edge[0].high], faces: [2]int32{edge[k-1].face, edge[k].face}})
			for _, v := range [2]int32{edge[0].low, edge[0].high} {
				if len(at[v]) == 0 {
					order = append(order, v)
				}
				at[v] = append(at[v], number)
			}
		}
	}
	for _, v := range order {
		if around := at[v]; f.turns(around, vertices[v]) {
			c := corner{at: vertices[v]}
			for _, s := range around {
				c.faces = append(c.faces, f.segments[s].meeting()...)
			}
			slices.Sort(c.faces)
			c.faces = slices.Compact(c.faces)
			f.corners = append(f.corners, c)
		}
	}
	return f
}

// meet adds a segment where more than two faces meet, for each two of them.
func (f *Features) meet(a, b [3]float64, n int, face func(int) int32) {
	all := make([]int32, n)
	for i := range all {
		all[i] = face(i)
	}
	for i := range all {
		for k := i + 1; k < n; k++ {
			f.segments = append(f.segments, segment{a, b, [2]int32{all[i], all[k]}, all})
		}
	}
}

// turns reports whether the segments at a point are no mere part of one curve.
func (f *Features) turns(around []int32, at [3]float64) bool {
	if len(around) != 2 {
		return true
	}
	a, b := f.segments[around[0]], f.segments[around[1]]
	if !slices.Equal(a.meeting(), b.meeting()) {
		return true
	}
	away := func(s segment) [3]float64 {
		if s.a == at {
			return unit(sub(s.b, at))
		}
		return unit(sub(s.a, at))
	}
	return -dot(away(a), away(b)) < cornerTurn
}

// curves finds the place on a curve that is nearest to a point. Segments are cut into pieces no longer than a cell, which are
// kept by the cells that they pass through and by the faces that they part.
type curves struct {
	cell   float64 // also how far a piece is found from
	pieces []piece
	at     map[passage][]int32
	around map[passage][]int32 // what is in a cell and the 26 around it, once it was asked for

	last     passage // that was asked for, as the next mostly is, and what is there
	lastList []int32
}

// piece is a part of a segment.
type piece struct {
	segment
	way    [3]float64 // from one end to the other
	square float64    // of its length
}

func newPiece(s segment) piece {
	way := sub(s.b, s.a)
	return piece{s, way, dot(way, way)}
}

// nearest returns the place on a piece that is nearest to a point, and the square of how far it is. Most points lie beside other pieces of
// the same curve, so that one of the ends is nearest: these need no division.
func (s *piece) nearest(p *[3]float64) (at [3]float64, square float64) {
	t := (p[0]-s.a[0])*s.way[0] + (p[1]-s.a[1])*s.way[1] + (p[2]-s.a[2])*s.way[2]
	switch {
	case t <= 0:
		t = 0
	case t >= s.square:
		t = 1
	default:
		t /= s.square
	}
	x, y, z := s.a[0]+t*s.way[0], s.a[1]+t*s.way[1], s.a[2]+t*s.way[2]
	dx, dy, dz := p[0]-x, p[1]-y, p[2]-z
	return [3]float64{x, y, z}, dx*dx + dy*dy + dz*dz
}

// alike returns one of the same curves, for another thread.
func (c *curves) alike() *curves {
	return &curves{cell: c.cell, pieces: c.pieces, at: c.at, around: map[passage][]int32{}}
}

type passage struct {
	cell  [3]int32
	faces [2]int32
}

func (f *Features) near(cell float64) *curves {
	c := &curves{cell: cell, at: map[passage][]int32{}, around: map[passage][]int32{}}
	for _, s := range f.segments {
		n := int(math.Ceil(norm(sub(s.b, s.a)) / cell))
		for k := range n {
			p := newPiece(segment{along(s.a, s.b, float64(k)/float64(n)), along(s.a, s.b, float64(k+1)/float64(n)), s.faces, s.all})
			number := int32(len(c.pieces))
			c.pieces = append(c.pieces, p)
			low, high := cellOf(p.a, cell), cellOf(p.b, cell)
			for x := range 3 {
				low[x], high[x] = min(low[x], high[x]), max(low[x], high[x])
			}
			for i := low[0]; i <= high[0]; i++ {
				for j := low[1]; j <= high[1]; j++ {
					for l := low[2]; l <= high[2]; l++ {
						key := passage{[3]int32{i, j, l}, s.faces}
						c.at[key] = append(c.at[key], number)
					}
				}
			}
		}
	}
	return c
}

// near returns the pieces between two faces that are in a cell or beside it, each once.
func (c *curves) near(middle passage) []int32 {
	if middle == c.last && c.lastList != nil {
		return c.lastList
	}
	list, known := c.around[middle]
	if known {
		c.last, c.lastList = middle, list
		return list
	}
	key := middle
	for i := range int32(27) {
		key.cell = [3]int32{middle.cell[0] + i%3 - 1, middle.cell[1] + i/3%3 - 1, middle.cell[2] + i/9 - 1}
		for _, n := range c.at[key] {
			if !slices.Contains(list, n) {
				list = append(list, n)
			}
		}
	}
	c.around[middle] = list
	return list
}

// nearest returns the nearest place on a curve between a face of one list and a face of another, and the faces that meet there.
func (c *curves) nearest(p [3]float64, one, other []int32) (at [3]float64, faces []int32, found bool) {
	middle := cellOf(p, c.cell)
	least := c.cell * c.cell
	for _, f := range one {
		for _, g := range other {
			if f == g {
				continue
			}
			for _, n := range c.near(passage{middle, [2]int32{min(f, g), max(f, g)}}) {
				if q, square := c.pieces[n].nearest(&p); square < least {
					least, at, faces, found = square, q, c.pieces[n].meeting(), true
				}
			}
		}
	}
	return at, faces, found
}

func cellOf(p [3]float64, size float64) (key [3]int32) {
	for k := range 3 {
		key[k] = int32(math.Floor(p[k] / size))
	}
	return key
}

func along(a, b [3]float64, t float64) (p [3]float64) {
	for k := range 3 {
		p[k] = a[k] + t*(b[k]-a[k])
	}
	return p
}

func sub(a, b [3]float64) [3]float64 { return [3]float64{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }

func add(a, b [3]float64) [3]float64 { return [3]float64{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }

func times(a [3]float64, x float64) [3]float64 { return [3]float64{a[0] * x, a[1] * x, a[2] * x} }

func dot(a, b [3]float64) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

func cross(a, b [3]float64) [3]float64 {
	return [3]float64{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

func norm(a [3]float64) float64 { return math.Sqrt(dot(a, a)) }

func unit(a [3]float64) [3]float64 {
	if l := norm(a); l > 0 {
		return times(a, 1/l)
	}
	return a
}
