package layers

import (
	"math"
	"slices"

	"meshgen/internal/surface"
)

// look bounds shares by the way to the opposite side.
func (g *grower) look() {
	m := &surface.Mesh{Vertices: g.Points, Triangles: g.Triangles}
	probe := surface.NewProbe(m)
	for v := range g.Points {
		if g.share[v] == 0 {
			continue
		}
		reach := g.length[v] / gapShare
		from, to := g.Points[v], add(g.Points[v], g.direction[v], reach)
		gap, found := probe.Nearest(from, to, func(t int32) bool {
			tri := g.Triangles[t]
			return tri[0] == int32(v) || tri[1] == int32(v) || tri[2] == int32(v) || slices.Contains(g.slides[v], g.Face[t])
		})
		if found {
			g.share[v] = math.Min(1, gap)
		}
	}
}

// clearance is the way in front of a node that has to stay free, in relation to the edges around it and to its layers: the
// tetrahedra there need room.
const clearance = 0.5

// tight returns triangles of the shrunken surface that come too near to each other.
func (g *grower) tight() (bad []int32) {
	probe := surface.NewProbe(&surface.Mesh{Vertices: g.top, Triangles: g.Triangles})
	for v := range g.Points {
		if g.share[v] == 0 {
			continue
		}
		edge := 0.
		for _, w := range g.next[v] {
			edge += norm(sub(g.top[v], g.top[w])) / float64(len(g.next[v]))
		}
		way := clearance * math.Min(edge, g.share[v]*g.length[v])
		_, met := probe.Nearest(g.top[v], add(g.top[v], g.direction[v], way), func(t int32) bool {
			for _, w := range g.Triangles[t] {
				if w == int32(v) || slices.Contains(g.next[v], w) {
					return true
				}
			}
			return slices.Contains(g.slides[v], g.Face[t])
		})
		if met { // what is met has its own way, mostly back to here
			bad = append(bad, g.wallsAt(int32(v))...)
		}
	}
	return bad
}

// wallsAt returns the wall triangles around a node.
func (g *grower) wallsAt(v int32) (out []int32) {
	for _, t := range g.around[v] {
		if g.isWall(t) {
			out = append(out, t)
		}
	}
	return out
}

// move moves the nodes of walls by their shares, and has the others make room.
func (g *grower) move() {
	if g.spread == nil {
		g.spread = newSpreader(g)
	}
	offset := g.spread.offset
	for v := range g.Points {
		if g.wall[v] {
			offset[v] = scale(g.direction[v], g.share[v]*g.length[v])
		}
	}
	g.spread.solve()
	for v, p := range g.Points {
		g.top[v] = p
		if offset[v] == (Vec{}) {
			continue
		}
		g.top[v] = g.Onto(add(p, offset[v], 1), g.slides[v])
	}
}

// Onto brings a place onto the faces that its node slides along.
func (s *Surface) Onto(p Vec, faces []int) Vec {
	if s.Project == nil {
		return p
	}
	// on a curve between two faces, by turns
	turns := 1
	if len(faces) > 1 {
		turns = 6
	}
	for range turns {
		for _, f := range faces {
			if q, ok := s.Project(f, p); ok {
				p = q
			}
		}
	}
	return p
}

// spreader spreads the moves of the rims over the faces beside walls: each node moves by the mean of its neighbours' moves.
type spreader struct {
	g      *grower
	offset []Vec
	free   []int32
	of     [][]int32 // neighbours that count for a free node
	along  []Vec     // direction of the curve that a node is bound to; zero for those within a face
	plane  []Vec     // normal of the face of those within one
}

func newSpreader(g *grower) *spreader {
	n := len(g.Points)
	s := &spreader{g: g, offset: make([]Vec, n)}
	// only faces that a wall meets
	touched := map[int]bool{}
	for v := range g.Points {
		if g.wall[v] {
			for _, f := range g.slides[v] {
				touched[f] = true
			}
		}
	}
	g.owner = make([]int32, n)
	var front []int32
	for v := range g.owner {
		g.owner[v] = -1
		if g.wall[v] && g.share[v] > 0 && len(g.slides[v]) > 0 {
			g.owner[v] = int32(v)
			front = append(front, int32(v))
		}
	}
	for len(front) > 0 {
		v := front[0]
		front = front[1:]
		for _, w := range g.next[v] {
			if g.owner[w] < 0 && !g.wall[w] {
				g.owner[w] = g.owner[v]
				front = append(front, w)
			}
		}
	}
	for v := range g.Points {
		faces := g.slides[v]
		if g.wall[v] || len(faces) == 0 || len(faces) > 2 || g.heldBy(v) {
			continue
		}
		moves := true
		for _, f := range faces {
			moves = moves && touched[f]
		}
		if len(faces) == 2 {
			moves = touched[faces[0]] || touched[faces[1]]
		}
		if !moves {
			continue
		}
		var neighbours []int32
		for _, w := range g.next[v] {
			if len(faces) == 1 || slices.Contains(g.slides[w], faces[0]) && slices.Contains(g.slides[w], faces[1]) {
				neighbours = append(neighbours, w)
			}
		}
		var along, plane Vec
		if len(faces) == 2 {
			if len(neighbours) != 2 {
				continue // no smooth curve: it stays
			}
			along = unit(sub(g.Points[neighbours[0]], g.Points[neighbours[1]]))
		} else {
			for _, t := range g.around[v] {
				plane = add(plane, g.normal[t], g.area[t])
			}
			plane = unit(plane)
		}
		s.free = append(s.free, int32(v))
		s.of = append(s.of, neighbours)
		s.along = append(s.along, along)
		s.plane = append(s.plane, plane)
	}
	return s
}

// heldBy reports whether a node is on a face that does not move.
func (g *grower) heldBy(v int) bool {
	for _, t := range g.around[v] {
		if g.Fixed[g.Face[t]] {
			return true
		}
	}
	return false
}

// solve relaxes until nothing moves by more than a thousandth of the largest offset.
func (s *spreader) solve() {
	const (
		sweeps = 400
		over   = 1.7 // successive over-relaxation
	)
	largest := 0.
	for v, o := range s.offset {
		if s.g.wall[v] && len(s.g.slides[v]) > 0 {
			largest = math.Max(largest, norm(o))
		}
	}
	if largest == 0 {
		for _, v := range s.free {
			s.offset[v] = Vec{}
		}
		return
	}
	for range sweeps {
		change := 0.
		for i, v := range s.free {
			var mean Vec
			for _, w := range s.of[i] {
				mean = add(mean, s.offset[w], 1/float64(len(s.of[i])))
			}
			if m := s.along[i]; m != (Vec{}) {
				mean = scale(m, dot(mean, m))
			} else {
				mean = add(mean, s.plane[i], -dot(mean, s.plane[i]))
			}
			step := sub(mean, s.offset[v])
			s.offset[v] = add(s.offset[v], step, over)
			change = math.Max(change, norm(step))
		}
		if change < 1e-4*largest {
			return
		}
	}
}
