package improve

import "math"

// A cone is a point joined to faces around it: the ball of a node that is to be moved, or a cavity that is to be filled
// from one point. Each face has its corners in the order in which the point lies on the side of their normal; where all
// tetrahedra of a cone are positive, they fill what the faces enclose, and nothing twice.

// height returns the smallest gamma of the cone with the given apex; it may stop early once below floor.
func (m *triangulation) height(faces [][3]int32, apex *vec, floor float64) float64 {
	w := 1.
	for i := range faces {
		m.gammas++
		f := &faces[i]
		if w = min(w, gamma(&m.x[f[0]], &m.x[f[1]], &m.x[f[2]], apex)); w <= floor {
			return w
		}
	}
	return w
}

const (
	// climbSteps bounds the steps of one search for an apex.
	climbSteps = 8
	// climbHalvings bounds how often a step is shortened.
	climbHalvings = 5
	// active is how near to the smallest gamma, relatively, those lie whose slopes are minded too.
	active = 0.1
)

// climb moves the apex uphill while the smallest gamma of its cone grows, and returns the apex and that gamma. The
// direction is the shortest vector of the convex hull of the slopes of the smallest ones: the steepest in which all of
// them grow; with a plane, all within it (Freitag and Ollivier-Gooch, "Tetrahedral mesh improvement using swapping and smoothing", 1997).
func (m *triangulation) climb(faces [][3]int32, apex vec, steps int, in *plane) (vec, float64) {
	reach := math.Inf(1) // the shortest way to a corner
	for _, f := range faces {
		for _, v := range f {
			reach = min(reach, m.x[v].sub(apex).norm2())
		}
	}
	reach = math.Sqrt(reach)
	if cap(m.slopes) < len(faces) {
		m.slopes, m.values = make([]vec, 2*len(faces)), make([]float64, 2*len(faces))
	}
	slopes, values := m.slopes[:len(faces)], m.values[:len(faces)]
	step := 0.5 * reach
	best := -1.
	for range steps {
		m.gammas += 2 * len(faces)
		low := math.Inf(1)
		for i := range faces {
			f := &faces[i]
			values[i], slopes[i] = gammaSlope(&m.x[f[0]], &m.x[f[1]], &m.x[f[2]], &apex)
			if in != nil {
				slopes[i] = in.along(slopes[i])
			}
			low = min(low, values[i])
		}
		if best < 0 {
			best = low
		}
		direction := steepest(slopes, values, low)
		size := math.Sqrt(direction.norm2())
		if !(size*reach > 1e-3*best) {
			break
		}
		direction = direction.times(1 / size)
		// The first step goes to where the smallest, growing as it does, would meet another that shrinks.
		length := step
		for i := range values {
			rate := slopes[i].dot(direction)
			if values[i] > low*(1+active) && rate < size {
				length = min(length, (values[i]-low)/(size-rate))
			}
		}
		length = max(length, 1e-3*reach)
		moved := false
		for range climbHalvings {
			next := apex.add(direction.times(length))
			if in != nil {
				next = in.nearest(next)
			}
			if h := m.height(faces, &next, best); h > best*1.001 {
				apex, best, moved = next, h, true
				break
			}
			length /= 2
		}
		if !moved {
			break
		}
		step = 2 * length
	}
	return apex, max(best, 0)
}

// steepest returns the shortest vector in the convex hull of the slopes of the values near to low (Gilbert's algorithm).
func steepest(slopes []vec, values []float64, low float64) vec {
	bound := low * (1 + active)
	var g vec
	for i, v := range values {
		if v == low {
			g = slopes[i]
			break
		}
	}
	for range 12 {
		least, at := math.Inf(1), none
		for i, v := range values {
			if v <= bound {
				if d := slopes[i].dot(g); d < least {
					least, at = d, i
				}
			}
		}
		gg := g.norm2()
		if at == none || gg-least <= 0.01*gg {
			break
		}
		// the point of the way from g to that slope that is nearest to 0
		way := slopes[at].sub(g)
		g = g.add(way.times(min(1, -g.dot(way)/way.norm2())))
	}
	return g
}

// smooth moves a node within its ball. It reports whether the smallest gamma grew enough.
func (m *triangulation) smooth(node int32) bool {
	in := m.planeOf(node)
	if m.dim[node] != 3 && in == nil {
		return false
	}
	m.set = m.ball(node, m.set[:0])
	m.faces = m.faces[:0]
	for _, t := range m.set {
		m.faces = append(m.faces, m.face(t, m.tets[t].corner(node)))
	}
	old := m.worst(m.set)
	apex, h := m.climb(m.faces, m.x[node], climbSteps, in)
	if h <= enough(old) {
		return false
	}
	m.x[node] = apex
	if in != nil {
		m.slid[node] = true
	}
	for _, t := range m.set {
		e := &m.tets[t]
		e.q = m.gamma(e.v)
		e.turn++
	}
	return true
}

// contract moves an inner node onto a neighbour, so that both become one. It tries every neighbour.
func (m *triangulation) contract(node int32) bool {
	if m.dim[node] != 3 {
		return false
	}
	m.set = m.ball(node, m.set[:0])
	if len(m.set) > maxBall {
		return false
	}
	m.faces = m.faces[:0]
	m.nodes = m.nodes[:0]
	for _, t := range m.set {
		f := m.face(t, m.tets[t].corner(node))
		m.faces = append(m.faces, f)
		for _, v := range f {
			if !contains(m.nodes, v) {
				m.nodes = append(m.nodes, v)
			}
		}
	}
	best, to := enough(m.worst(m.set)), int32(none)
	for _, end := range m.nodes {
		low := 1.
		for i := range m.faces {
			f := &m.faces[i]
			if f[0] == end || f[1] == end || f[2] == end {
				continue
			}
			if low = min(low, gamma(&m.x[f[0]], &m.x[f[1]], &m.x[f[2]], &m.x[end])); low <= best {
				break
			}
		}
		if low > best {
			best, to = low, end
		}
	}
	if to == none {
		return false
	}
	m.fill(to)
	m.at[node] = none
	return true
}

// fill replaces the tetrahedra of m.set by the cone of m.faces with an apex, which may be a corner of some.
func (m *triangulation) fill(apex int32) {
	solid := m.tets[m.set[0]].solid
	m.births = m.births[:0]
	for _, f := range m.faces {
		if f[0] != apex && f[1] != apex && f[2] != apex {
			v := [4]int32{f[0], f[1], f[2], apex}
			m.births = append(m.births, birth{v: v, solid: solid, q: m.gamma(v)})
		}
	}
	m.made = m.replace(m.set, m.births, m.made[:0])
}

func contains(list []int32, v int32) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}
