package field

import "math"

// expansions are triangles with what groups of them look like from afar: see winding.h.
type expansions struct {
	nodes   []far
	corners [][3][3]float64 // in the order of the leaves
	weight  []float32
	scale   float64
}

// far is read by the kernels as field_far.
type far struct {
	centre       [3]float64
	radius       float32
	area         float32
	one          [3]float32
	two          [6]float32
	three        [10]float32
	left         int32
	first, count int32
}

// opening is how many radii away a group of triangles is seen as a whole. The largest error of the winding number that was
// measured next to a surface of many triangles is then 1.1e-3, the mean 1.7e-4 (bench/README.md); tests allow 2.4e-3 and 2.3e-4.
const opening = 2.1

// moments are sums over triangles, of their normals (half, as long as their areas) times powers of where they are.
type moments struct {
	area   float64    // as often as each counts
	middle [3]float64 // times area
	one    [3]float64
	two    [3][3]float64    // normal, place
	three  [3][3][3]float64 // normal, place, place
}

func (m *moments) add(o *moments) {
	m.area += o.area
	m.middle = add(m.middle, o.middle)
	m.one = add(m.one, o.one)
	for i := range 3 {
		m.two[i] = add(m.two[i], o.two[i])
		for j := range 3 {
			m.three[i][j] = add(m.three[i][j], o.three[i][j])
		}
	}
}

// newExpansions builds the expansions of triangles from to to-1.
func (s *Surface) newExpansions(from, to int) *expansions {
	t := s.newTree(from, to)
	e := &expansions{
		nodes: make([]far, len(t.nodes)), corners: make([][3][3]float64, len(t.order)),
		weight: make([]float32, len(t.order)), scale: s.diagonal(),
	}
	for i, tri := range t.order {
		a, b, c := s.corners(tri)
		e.corners[i], e.weight[i] = [3][3]float64{a, b, c}, float32(s.weight[tri])
	}
	// children come after their parents
	sums := make([]moments, len(t.nodes))
	origin := scaled(add(t.nodes[0].min, t.nodes[0].max), 0.5)
	for i := len(t.nodes) - 1; i >= 0; i-- {
		n := &t.nodes[i]
		if n.left != 0 {
			sums[i] = sums[n.left]
			sums[i].add(&sums[n.left+1])
		} else {
			for k := n.first; k < n.first+n.count; k++ {
				m := momentsOf(e.corners[k], float64(e.weight[k]), origin)
				sums[i].add(&m)
			}
		}
		e.nodes[i] = e.far(n, &sums[i], origin)
	}
	return e
}

// momentsOf returns the moments of one triangle.
func momentsOf(corner [3][3]float64, weight float64, origin [3]float64) moments {
	a, b, c := sub(corner[0], origin), sub(corner[1], origin), sub(corner[2], origin)
	normal := scaled(cross(sub(b, a), sub(c, a)), 0.5)
	middle := scaled(add(add(a, b), c), 1./3)
	m := moments{area: norm(normal) * math.Abs(weight)}
	m.middle = scaled(middle, m.area)
	m.one = scaled(normal, weight)
	var square [3][3]float64 // the mean of place times place
	for j := range 3 {
		for k := range 3 {
			square[j][k] = (9*middle[j]*middle[k] + a[j]*a[k] + b[j]*b[k] + c[j]*c[k]) / 12
		}
	}
	for i := range 3 {
		m.two[i] = scaled(middle, m.one[i])
		for j := range 3 {
			m.three[i][j] = scaled(square[j], m.one[i])
		}
	}
	return m
}

// far sees moments about the origin as a node's about its own centre.
func (e *expansions) far(n *node, m *moments, origin [3]float64) far {
	f := far{left: n.left, first: n.first, count: n.count, area: float32(m.area / (4 * math.Pi))}
	p := scaled(add(n.min, n.max), 0.5)
	if m.area > 0 {
		p = add(origin, scaled(m.middle, 1/m.area))
	}
	f.centre = p
	var corner [3]float64
	for k := range 3 {
		corner[k] = max(p[k]-n.min[k], n.max[k]-p[k])
	}
	radius := norm(corner)
	closer := 0.0
	if n.left != 0 {
		for _, c := range e.nodes[n.left : n.left+2] {
			closer = max(closer, norm(sub(c.centre, p))+float64(c.radius))
		}
	} else {
		for _, t := range e.corners[n.first : n.first+n.count] {
			for _, v := range t {
				closer = max(closer, norm(sub(v, p)))
			}
		}
	}
	f.radius = math.Nextafter32(float32(min(radius, closer)), math.MaxFloat32)
	radius = float64(f.radius)

	// the moments about p, symmetric, in units of the radius and of 4π
	d := sub(p, origin)
	var two [3][3]float64
	var three [3][3][3]float64
	for i := range 3 {
		for j := range 3 {
			two[i][j] = m.two[i][j] - m.one[i]*d[j]
			for k := range 3 {
				three[i][j][k] = m.three[i][j][k] - m.two[i][j]*d[k] - m.two[i][k]*d[j] + m.one[i]*d[j]*d[k]
			}
		}
	}
	unit := 1 / (4 * math.Pi * radius * radius)
	for k := range 3 {
		f.one[k] = float32(m.one[k] * unit)
	}
	unit /= radius
	trace := two[0][0] + two[1][1] + two[2][2]
	for k := range 3 {
		f.two[k] = float32((trace - 3*two[k][k]) * unit)
		l := (k + 1) % 3
		f.two[3+k] = float32(-3 * (two[k][l] + two[l][k]) * unit)
	}
	unit /= radius
	sym := func(i, j, k int) float64 {
		return (three[i][j][k] + three[j][k][i] + three[k][i][j]) / 3
	}
	var v [3]float64 // the trace
	for k := range 3 {
		v[k] = sym(0, 0, k) + sym(1, 1, k) + sym(2, 2, k)
	}
	twice := func(i, j int) float32 { return float32(3 * (7.5*sym(i, i, j) - 1.5*v[j]) * unit) }
	for k := range 3 {
		f.three[k] = float32((7.5*sym(k, k, k) - 4.5*v[k]) * unit)
	}
	f.three[3], f.three[4] = twice(0, 1), twice(0, 2)
	f.three[5], f.three[6] = twice(1, 0), twice(1, 2)
	f.three[7], f.three[8] = twice(2, 0), twice(2, 1)
	f.three[9] = float32(6 * 7.5 * sym(0, 1, 2) * unit)
	return f
}
