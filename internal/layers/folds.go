package layers

import "math"

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
