package hexcore

import "math"

// grid is cubes that may be taken.
type grid struct {
	low  [3]float64
	edge float64
	n    [3]int
	take []bool
}

// newGrid lies amid the surface, so that what is left on both sides of a symmetric part is the same.
func newGrid(s Surface, edge float64) *grid {
	if len(s.Points) == 0 {
		return nil
	}
	g := &grid{edge: edge}
	low, high := s.Points[0], s.Points[0]
	for _, p := range s.Points {
		for k, x := range p {
			low[k], high[k] = min(low[k], x), max(high[k], x)
		}
	}
	cells := 1.
	for k := range 3 {
		n := math.Floor((high[k]-low[k])/edge - 2*clearance)
		if !(n >= 1) {
			return nil
		}
		cells *= n
		g.n[k] = int(n)
		g.low[k] = (low[k]+high[k])/2 - n*edge/2
	}
	if cells > MaxCells {
		return nil
	}
	g.take = make([]bool, int(cells))
	for i := range g.take {
		g.take[i] = true
	}
	return g
}

func (g *grid) index(c [3]int) int { return (c[2]*g.n[1]+c[1])*g.n[0] + c[0] }

func (g *grid) cell(i int) [3]int {
	return [3]int{i % g.n[0], i / g.n[0] % g.n[1], i / g.n[0] / g.n[1]}
}

// at returns a place of the grid, in edges from its corner.
func (g *grid) at(x, y, z float64) [3]float64 {
	return [3]float64{g.low[0] + x*g.edge, g.low[1] + y*g.edge, g.low[2] + z*g.edge}
}

func (g *grid) centre(i int) [3]float64 {
	c := g.cell(i)
	return g.at(float64(c[0])+.5, float64(c[1])+.5, float64(c[2])+.5)
}

// sides are the ways to the six neighbours of a cube, with the corners of that side, counter-clockwise from outside.
var sides = [6]struct {
	way     [3]int
	corners [4]int
}{
	{[3]int{0, 0, -1}, [4]int{0, 3, 2, 1}}, {[3]int{0, -1, 0}, [4]int{0, 1, 5, 4}}, {[3]int{1, 0, 0}, [4]int{1, 2, 6, 5}},
	{[3]int{0, 1, 0}, [4]int{2, 3, 7, 6}}, {[3]int{-1, 0, 0}, [4]int{3, 0, 4, 7}}, {[3]int{0, 0, 1}, [4]int{4, 5, 6, 7}},
}

// each asks of each set of cubes that hang together by their sides whether it stays.
func (g *grid) each(keep func(set []int) bool) {
	seen := make([]bool, len(g.take))
	for seed, taken := range g.take {
		if !taken || seen[seed] {
			continue
		}
		seen[seed] = true
		set := []int{seed}
		for k := 0; k < len(set); k++ {
			for _, next := range g.neighbours(set[k]) {
				if next >= 0 && g.take[next] && !seen[next] {
					seen[next] = true
					set = append(set, next)
				}
			}
		}
		if !keep(set) {
			for _, i := range set {
				g.take[i] = false
			}
		}
	}
}

// neighbours returns the six cubes beside one, -1 beyond the border of the grid.
func (g *grid) neighbours(i int) []int {
	c := g.cell(i)
	out := make([]int, 0, len(sides))
	for _, side := range sides {
		next := [3]int{c[0] + side.way[0], c[1] + side.way[1], c[2] + side.way[2]}
		inside := true
		for k := range 3 {
			inside = inside && next[k] >= 0 && next[k] < g.n[k]
		}
		if inside {
			out = append(out, g.index(next))
		} else {
			out = append(out, -1)
		}
	}
	return out
}

// corners of a cube, in the order of a hexahedron.
var corners = [8][3]int{{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}}

// core makes elements of the cubes that are left.
func (g *grid) core() *Core {
	out := &Core{}
	nodes := map[[3]int]int32{}
	add := func(p [3]float64) int32 {
		out.Points = append(out.Points, p)
		return int32(len(out.Points) - 1)
	}
	for i, taken := range g.take {
		if !taken {
			continue
		}
		c := g.cell(i)
		var hex [8]int32
		for k, d := range corners {
			at := [3]int{c[0] + d[0], c[1] + d[1], c[2] + d[2]}
			node, known := nodes[at]
			if !known {
				node = add(g.at(float64(at[0]), float64(at[1]), float64(at[2])))
				nodes[at] = node
			}
			hex[k] = node
		}
		out.Hexes = append(out.Hexes, hex)
		out.Volume += g.edge * g.edge * g.edge
		beside := g.neighbours(i)
		for s, side := range sides {
			if beside[s] >= 0 && g.take[beside[s]] {
				continue
			}
			apex := g.centre(i)
			for k, d := range side.way {
				apex[k] += (0.5 + height) * g.edge * float64(d)
			}
			top := add(apex)
			base := [4]int32{hex[side.corners[0]], hex[side.corners[1]], hex[side.corners[2]], hex[side.corners[3]]}
			out.Pyramids = append(out.Pyramids, [5]int32{base[0], base[1], base[2], base[3], top})
			for k := range base {
				out.Skin = append(out.Skin, [3]int32{base[k], base[(k+1)%4], top})
			}
		}
	}
	if len(out.Hexes) == 0 {
		return nil
	}
	return out
}
