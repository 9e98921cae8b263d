// Package hexcore fills the inside of a closed surface with hexahedra, and leaves a gap to the surface for tetrahedra.
//
//	surface ─ gap of tetrahedra ─ pyramids ─ cubes of a regular grid
//
// The cubes lie along the axes, all of one size. A cube is taken where the whole of it keeps away from the surface and where
// edges may be as long as its own. On each side of a cube that no other has stands a pyramid, so that what the tetrahedra meet
// are triangles alone: faces of volume elements are shared by two of them, everywhere.
package hexcore

import (
	"math"

	"meshgen/internal/sizing"
	"meshgen/internal/surface"
)

const (
	// clearance is how far a cube stays away from the surface, and height how high the pyramids on it are, in edges: what
	// is left between them has room for a layer of tetrahedra. Pyramids of cubes at a right angle are as flat as they are so
	// that tetrahedra between them are not flatter.
	clearance = 0.75
	height    = 0.25
	// leastShare is the least size wanted at a cube, in edges, at which it is taken.
	leastShare = 0.7
	// fewest is the least number of cubes that hang together by their sides: fewer are not worth their pyramids.
	fewest = 8
	// MaxCells bounds the grid.
	MaxCells = 50_000_000
)

// Surface is a closed surface; which way the triangles point does not matter.
type Surface struct {
	Points    [][3]float64
	Triangles [][3]int32
}

// Core is what lies inside. Its skin is closed, with triangles that point out of the core.
type Core struct {
	Points   [][3]float64
	Hexes    [][8]int32
	Pyramids [][5]int32
	Skin     [][3]int32
	Volume   float64 // of the hexahedra
}

// Build fills a surface with cubes of an edge. wanted says how long edges may be at a place. Nil where no cube has room.
func Build(s Surface, edge float64, wanted func(place [3]float64) float64) *Core {
	g := newGrid(s, edge)
	if g == nil {
		return nil
	}
	g.keepAway(s)
	g.keepInside(s)
	g.keepToSize(wanted)
	g.dropSmall()
	g.openCavities()
	return g.core()
}

// keepAway drops the cubes that come near to the surface.
func (g *grid) keepAway(s Surface) {
	sources := make([]sizing.Source, len(s.Triangles))
	for i, t := range s.Triangles {
		sources[i] = sizing.Source{Shape: sizing.Triangle(s.Points[t[0]], s.Points[t[1]], s.Points[t[2]]), Slope: 1}
	}
	distance := sizing.New(sources)
	gap := clearance * g.edge
	toCorner, toSide := math.Sqrt(3)/2*g.edge, g.edge/2
	for i := range g.take {
		switch d := distance.At(g.centre(i), gap+toCorner); {
		case d >= gap+toCorner:
		case d < gap+toSide: // a cube holds the ball between its sides
			g.take[i] = false
		default:
			g.take[i] = g.clear(i, distance, gap)
		}
	}
}

// clear looks at the corners of a cube and at the middles of its edges and sides.
func (g *grid) clear(i int, distance *sizing.Field, gap float64) bool {
	c := g.cell(i)
	for x := range 3 {
		for y := range 3 {
			for z := range 3 {
				p := g.at(float64(c[0])+float64(x)/2, float64(c[1])+float64(y)/2, float64(c[2])+float64(z)/2)
				if distance.At(p, gap) < gap {
					return false
				}
			}
		}
	}
	return true
}

// keepInside drops the cubes outside. The surface lies between no two that share a side, so one of each set is asked.
func (g *grid) keepInside(s Surface) {
	mesh := &surface.Mesh{Vertices: s.Points, Triangles: s.Triangles}
	rays := surface.NewRays(mesh)
	box := mesh.Box()
	length := 2 * box.Diagonal()
	g.each(func(set []int) bool {
		place, votes := g.centre(set[0]), 0
		for _, way := range [3][3]float64{{0.8721, 0.3217, 0.3688}, {-0.2913, 0.9034, 0.3146}, {0.1876, -0.3521, 0.9169}} {
			hits := 0
			for range rays.Hits(place, [3]float64{place[0] + length*way[0], place[1] + length*way[1], place[2] + length*way[2]}) {
				hits++
			}
			votes += hits % 2 // a ray through an edge may count it twice: most votes decide
		}
		return votes >= 2
	})
}

func (g *grid) keepToSize(wanted func([3]float64) float64) {
	for i, taken := range g.take {
		if taken {
			g.take[i] = wanted(g.centre(i)) >= leastShare*g.edge
		}
	}
}

func (g *grid) dropSmall() {
	g.each(func(set []int) bool { return len(set) >= fewest })
}
