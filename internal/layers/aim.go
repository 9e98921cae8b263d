package layers

import (
	"math"
	"slices"
)

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
