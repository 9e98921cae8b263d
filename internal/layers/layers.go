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
