// Package layers shrinks the surface of a solid away from its walls, to make room for boundary layers: prisms between the
// wall and the shrunken surface, whose inside is left to tetrahedra. It knows no Gmsh.
//
//	wall       its nodes move inwards, along a direction that sees all wall triangles around them
//	rim        where a wall meets another face: its nodes move along that face, so that the prisms' sides lie in it
//	the rest   the nodes of a face that a wall meets make room, spread over the whole face
//
// How far a node moves is its share of what was asked for, 0 to 1. Shares shrink, and their neighbours' with them, where
// opposite walls are near, where a bend would turn prisms inside out, and where the shrunken surface would pass through
// itself. A node that cannot move at all has no layers: prisms around it become pyramids and tetrahedra that end in it, so
// that nothing hangs.
package layers

import (
	"math"
	"slices"
)

// Vec is a place or a direction.
type Vec = [3]float64

// Wall is what is asked for on a face.
type Wall struct {
	Thickness float64 // of all layers together
	ID        int     // walls of another number next to each other do not join: their layers end between them
}

// Surface is the closed surface of a solid.
type Surface struct {
	Points    []Vec
	Triangles [][3]int32 // counter-clockwise seen from outside the solid
	Face      []int      // of each triangle
	Walls     map[int]Wall
	// Fixed are faces that do not move, and on which no layer may end: what lies behind them is another solid.
	Fixed map[int]bool
	// Project returns the point of a curved face that is nearest to p. It may be nil where all faces but walls are plane.
	Project func(face int, p Vec) (Vec, bool)
}

// Growth is what came out.
type Growth struct {
	Top   []Vec     // where each node is on the shrunken surface
	Share []float64 // of the thickness asked for, of each node of a wall; 0 where it has no layers
	Wall  []bool    // whether a node is of a wall
	// Faces are the faces that a node slides along: none within a wall.
	Faces [][]int
	// Crossing counts the triangles of the shrunken surface that could not be kept apart.
	Crossing int
}

// Limits of what becomes of a surface.
const (
	// gapShare is how much of the way to the opposite side the layers of one side may take: both together leave a tenth.
	gapShare = 0.42
	// steepness bounds how much thicker the layers of one node are than its neighbour's, by the length between.
	steepness = 0.5
	// leastShare is the share below which layers are dropped: they would be fifty times thinner than asked for.
	leastShare = 0.02
	// leastSight is the least cosine between a node's direction and the normals around it.
	leastSight = 0.12
	// longest bounds how much longer than thick the way along an oblique direction may be.
	longest = 2.
	// leastTop is the smallest area of a triangle on the top of its layers, in relation to the wall's; leastForm its form.
	leastTop  = 0.12
	leastForm = 0.3
	// rounds bounds how often shares are reduced.
	rounds = 60
	shrink = 0.75
)

// Grow shrinks the surface. crossing lists pairs of triangles of a surface that pass through each other.
func Grow(s *Surface, crossing func(points []Vec, triangles [][3]int32) [][2]int32) *Growth {
	g := newGrower(s)
	g.classify()
	g.aim()
	g.look()
	for round := range rounds {
		g.ease()
		g.move()
		bad := g.foldedWalls()
		bad = append(bad, g.foldedRest()...)
		if len(bad) == 0 {
			var pairs [][2]int32
			if crossing != nil {
				pairs = crossing(g.top, s.Triangles)
			}
			g.out.Crossing = len(pairs)
			for _, p := range pairs {
				bad = append(bad, p[0], p[1])
			}
		}
		if len(bad) == 0 {
			bad = g.tight()
			if len(bad) == 0 {
				break
			}
		}
		if round > rounds/2 {
			bad = g.widen(bad) // what only its neighbours can mend
		}
		if !g.reduce(bad) {
			break
		}
	}
	g.out.Top, g.out.Share, g.out.Wall, g.out.Faces = g.top, g.share, g.wall, g.slides
	return &g.out
}

// Planes reports which faces are plane.
func (s *Surface) Planes() map[int]bool {
	first, out := map[int]Vec{}, map[int]bool{}
	for t, face := range s.Face {
		tri := s.Triangles[t]
		m := cross(sub(s.Points[tri[1]], s.Points[tri[0]]), sub(s.Points[tri[2]], s.Points[tri[0]]))
		if norm(m) == 0 {
			continue
		}
		m = unit(m)
		if n, seen := first[face]; !seen {
			first[face], out[face] = m, true
		} else if norm(sub(n, m)) > 1e-6 {
			out[face] = false
		}
	}
	return out
}

type grower struct {
	*Surface
	normal    []Vec // of triangles, outwards, of length 1
	area      []float64
	around    [][]int32 // triangles at each node
	next      [][]int32 // neighbours of each node
	wall      []bool
	id        []int // of the wall of a node
	slides    [][]int
	direction []Vec     // of wall nodes; zero where there is none
	length    []float64 // of the way at share 1
	share     []float64
	owner     []int32 // of a node that is not of a wall: the wall node whose move it follows most, -1
	top       []Vec
	spread    *spreader
	out       Growth
}

func newGrower(s *Surface) *grower {
	n := len(s.Points)
	g := &grower{Surface: s, normal: make([]Vec, len(s.Triangles)), area: make([]float64, len(s.Triangles)),
		around: make([][]int32, n), next: make([][]int32, n), wall: make([]bool, n), id: make([]int, n), slides: make([][]int, n),
		direction: make([]Vec, n), length: make([]float64, n), share: make([]float64, n), top: make([]Vec, n)}
	for t, tri := range s.Triangles {
		a, b, c := s.Points[tri[0]], s.Points[tri[1]], s.Points[tri[2]]
		m := cross(sub(b, a), sub(c, a))
		g.area[t] = norm(m) / 2
		g.normal[t] = unit(m)
		for k, v := range tri {
			g.around[v] = append(g.around[v], int32(t))
			g.next[v] = append(g.next[v], tri[(k+1)%3])
		}
	}
	return g
}

// isWall reports whether a triangle is of a wall.
func (g *grower) isWall(t int32) bool { _, ok := g.Walls[g.Face[t]]; return ok }

// classify finds the walls' nodes and what they slide along.
func (g *grower) classify() {
	for v := range g.Points {
		walls, held := 0, false
		for _, t := range g.around[v] {
			face := g.Face[t]
			w, ok := g.Walls[face]
			switch {
			case ok && walls > 0 && g.id[v] != w.ID:
				held = true
			case ok:
				walls++
				g.id[v] = w.ID
			case g.Fixed[face]:
				held = true
			case !slices.Contains(g.slides[v], face):
				g.slides[v] = append(g.slides[v], face)
			}
		}
		g.wall[v] = walls > 0
		if g.wall[v] && !held {
			g.share[v] = 1
		}
	}
}

// aim gives each wall node its direction.
func (g *grower) aim() {
	for v := range g.Points {
		if g.share[v] == 0 {
			continue
		}
		var normals []Vec
		var weights []float64
		var sum Vec
		thickness := 0.
		sides := map[int]Vec{}
		for _, t := range g.around[v] {
			w := g.angle(t, int32(v))
			if !g.isWall(t) {
				sides[g.Face[t]] = add(sides[g.Face[t]], g.normal[t], w)
				continue
			}
			inward := scale(g.normal[t], -1)
			normals, weights = append(normals, inward), append(weights, w)
			sum = add(sum, inward, w)
			thickness = g.Walls[g.Face[t]].Thickness
		}
		d := sightliest(unit(sum), normals)
		d, ok := g.alongSides(d, g.slides[v], sides)
		least, mean, total := 1., 0., 0.
		for i, n := range normals {
			c := dot(d, n)
			least = math.Min(least, c)
			mean += c * weights[i]
			total += weights[i]
		}
		if !ok || least < leastSight {
			g.share[v] = 0
			continue
		}
		g.direction[v] = d
		g.length[v] = thickness / math.Max(mean/total, 1/longest)
	}
}

// sightliest turns a direction until the normal that it sees worst is seen as well as can be.
func sightliest(d Vec, normals []Vec) Vec {
	for step := 0.3; step > 0.02; step *= 0.85 {
		worst, at := math.Inf(1), -1
		best := math.Inf(-1)
		for i, n := range normals {
			c := dot(d, n)
			if c < worst {
				worst, at = c, i
			}
			best = math.Max(best, c)
		}
		if at < 0 || best-worst < 0.05 {
			break // as even as a curved wall is
		}
		d = unit(add(d, normals[at], step))
	}
	return d
}

// alongSides turns a direction into the faces beside the wall. It fails where they run on in the direction of the wall, or
// leave no direction.
func (g *grower) alongSides(d Vec, faces []int, sides map[int]Vec) (Vec, bool) {
	switch len(faces) {
	case 0:
	case 1:
		m := unit(sides[faces[0]])
		d = add(d, m, -dot(d, m))
	case 2:
		m := cross(unit(sides[faces[0]]), unit(sides[faces[1]]))
		if norm(m) < 0.1 {
			return d, false
		}
		m = unit(m)
		d = scale(m, dot(d, m))
	default:
		return d, false
	}
	if norm(d) < 0.3 {
		return d, false
	}
	return unit(d), true
}

// angle returns the angle of a triangle at one of its nodes.
func (g *grower) angle(t, v int32) float64 {
	tri := g.Triangles[t]
	for k := range tri {
		if tri[k] == v {
			p := g.Points[v]
			a, b := sub(g.Points[tri[(k+1)%3]], p), sub(g.Points[tri[(k+2)%3]], p)
			return math.Atan2(norm(cross(a, b)), dot(a, b))
		}
	}
	return 0
}

// ease bounds how fast the thickness changes from node to node, and drops what is too thin.
func (g *grower) ease() {
	for {
		for again := true; again; {
			again = false
			for v, neighbours := range g.next {
				if g.share[v] == 0 {
					continue
				}
				for _, w := range neighbours {
					again = g.bound(int32(v), w) || again
					again = g.bound(w, int32(v)) || again
				}
			}
		}
		dropped := false
		for v := range g.share {
			if g.share[v] > 0 && g.share[v] < leastShare {
				g.share[v], dropped = 0, true
			}
		}
		if !dropped {
			return
		}
	}
}

func (g *grower) bound(v, w int32) bool {
	if !g.wall[v] || !g.wall[w] || g.share[v] == 0 {
		return false
	}
	most := (g.share[w]*g.length[w] + steepness*norm(sub(g.Points[v], g.Points[w]))) / g.length[v]
	if g.share[v] <= most*(1+1e-9) {
		return false
	}
	g.share[v] = most
	return true
}

// foldedWalls returns the wall triangles of which a prism would be inside out, or nearly so.
func (g *grower) foldedWalls() (bad []int32) {
	for t, tri := range g.Triangles {
		if !g.isWall(int32(t)) {
			continue
		}
		if !g.stands(int32(t), tri) {
			bad = append(bad, int32(t))
		}
	}
	return bad
}

func (g *grower) stands(t int32, tri [3]int32) bool {
	base := cross(sub(g.Points[tri[1]], g.Points[tri[0]]), sub(g.Points[tri[2]], g.Points[tri[0]]))
	size := norm(base)
	if size == 0 {
		return true // the surface is checked elsewhere
	}
	moves := false
	for _, step := range []float64{0.25, 0.5, 0.75, 1} {
		var p [3]Vec
		for k, v := range tri {
			p[k] = add(g.Points[v], sub(g.top[v], g.Points[v]), step)
		}
		m := cross(sub(p[1], p[0]), sub(p[2], p[0]))
		for _, v := range tri {
			up := sub(g.Points[v], g.top[v])
			if length := norm(up); length > 0 {
				moves = true
				if dot(m, scale(up, 1/length)) < leastTop*size {
					return false
				}
			}
		}
	}
	if !moves {
		return true
	}
	return form(g.top[tri[0]], g.top[tri[1]], g.top[tri[2]]) > leastForm*form(g.Points[tri[0]], g.Points[tri[1]], g.Points[tri[2]])
}

// form is 1 for an equilateral triangle, 0 for a flat one.
func form(a, b, c Vec) float64 {
	u, v, w := sub(b, a), sub(c, a), sub(c, b)
	edges := dot(u, u) + dot(v, v) + dot(w, w)
	if edges == 0 {
		return 0
	}
	return 2 * math.Sqrt(3) * norm(cross(u, v)) / edges
}

// foldedRest returns the other triangles that have turned around or lost their form in making room.
func (g *grower) foldedRest() (bad []int32) {
	for t, tri := range g.Triangles {
		if g.isWall(int32(t)) || g.area[t] == 0 {
			continue
		}
		a, b, c := g.top[tri[0]], g.top[tri[1]], g.top[tri[2]]
		m := cross(sub(b, a), sub(c, a))
		before := form(g.Points[tri[0]], g.Points[tri[1]], g.Points[tri[2]])
		if dot(m, g.normal[t]) < leastTop*2*g.area[t] || form(a, b, c) < leastForm*before {
			bad = append(bad, int32(t))
		}
	}
	return bad
}

// widen adds the neighbours of triangles.
func (g *grower) widen(triangles []int32) []int32 {
	seen := map[int32]bool{}
	var out []int32
	for _, t := range triangles {
		for _, v := range g.Triangles[t] {
			for _, u := range g.around[v] {
				if !seen[u] {
					seen[u] = true
					out = append(out, u)
				}
			}
		}
	}
	return out
}

// reduce lowers the shares of the nodes of triangles, or of those that they follow, and reports whether it could.
func (g *grower) reduce(triangles []int32) bool {
	seen := map[int32]bool{}
	any := false
	for _, t := range triangles {
		for _, v := range g.Triangles[t] {
			if !g.wall[v] {
				if v = g.owner[v]; v < 0 {
					continue
				}
			}
			if !seen[v] && g.share[v] > 0 {
				seen[v], any = true, true
				g.share[v] *= shrink
			}
		}
	}
	return any
}

func sub(a, b Vec) Vec            { return Vec{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
func add(a, b Vec, f float64) Vec { return Vec{a[0] + f*b[0], a[1] + f*b[1], a[2] + f*b[2]} }
func scale(a Vec, f float64) Vec  { return Vec{f * a[0], f * a[1], f * a[2]} }
func dot(a, b Vec) float64        { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func norm(a Vec) float64          { return math.Sqrt(dot(a, a)) }
func cross(a, b Vec) Vec {
	return Vec{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

func unit(a Vec) Vec {
	if n := norm(a); n > 0 {
		return scale(a, 1/n)
	}
	return a
}
