package improve

// maxRing is how many tetrahedra around an edge are looked at: the cost of the best triangulation of a ring grows with the
// cube of its length, and long rings hardly ever gain.
const maxRing = 9

// ring is the tetrahedra around an edge from a to b: tets[i] has the corners a, b, nodes[i] and nodes[i+1], in positive
// order.
type ring struct {
	a, b  int32
	tets  []int32
	nodes []int32
}

// around finds the ring of the edge between corners i and j of t. It reports false where the edge lies on the surface, or
// the ring is too long.
func (m *triangulation) around(t int32, i, j int, r *ring) bool {
	v := &m.tets[t].v
	r.a, r.b = v[i], v[j]
	// of the other corners, c and d such that (a, b, c, d) is positive
	f := facing[i]
	k := 0
	for f[k] != j {
		k++
	}
	// (f0, f1, f2, i) is positive, so (i, j, ., .) is with the two that follow j in reverse: (j, p, q, i) even -> (i, j, q, p)
	p, q := f[(k+1)%3], f[(k+2)%3]
	r.tets, r.nodes = r.tets[:0], r.nodes[:0]
	c, d := v[q], v[p]
	now := t
	if len(m.curves) > 0 && m.dim[r.a] < 2 && m.dim[r.b] < 2 && m.curves[[2]int32{min(r.a, r.b), max(r.a, r.b)}] {
		return false
	}
	for {
		r.tets, r.nodes = append(r.tets, now), append(r.nodes, c)
		if len(r.tets) > maxRing {
			return false
		}
		// on through the face (a, b, d), which lies opposite c
		n := &m.tets[now]
		i := n.corner(c)
		if n.s[i] != none || n.n[i] == none {
			return false
		}
		next := n.n[i]
		if next == t {
			return true
		}
		c = d
		n = &m.tets[next]
		d = n.v[0] ^ n.v[1] ^ n.v[2] ^ n.v[3] ^ r.a ^ r.b ^ c
		now = next
	}
}

// chords is the best triangulations of the parts of a ring's polygon: of the nodes from i to j, the smallest gamma that it
// gives and the node that it joins to both.
type chords struct {
	best [maxRing][maxRing]float64
	apex [maxRing][maxRing]int8
}

// plan finds the best triangulation of the ring's nodes by dynamic programming over its chords, and returns its smallest
// gamma, or 0 where none is better than floor. Each triangle makes two tetrahedra, one with a and one with b.
//
// Source: G. T. Klincsek, "Minimal triangulations of polygonal domains" (1980); J. R. Shewchuk, "Two discrete optimization
// algorithms for the topological improvement of tetrahedral meshes" (2002).
func (m *triangulation) plan(r *ring, floor float64) float64 {
	n, p := len(r.nodes), &m.chords
	a, b := &m.x[r.a], &m.x[r.b]
	for i := n - 3; i >= 0; i-- {
		for j := i + 2; j < n; j++ {
			best, apex := 0., int8(none)
			for k := i + 1; k < j; k++ {
				value := 1.
				if k > i+1 {
					value = min(value, p.best[i][k])
				}
				if k < j-1 {
					value = min(value, p.best[k][j])
				}
				if value <= best || value <= floor {
					continue
				}
				m.gammas += 2
				x, y, z := &m.x[r.nodes[i]], &m.x[r.nodes[k]], &m.x[r.nodes[j]]
				if value = min(value, gamma(x, y, z, b)); value <= best || value <= floor {
					continue
				}
				if value = min(value, gamma(y, x, z, a)); value <= best || value <= floor {
					continue
				}
				best, apex = value, int8(k)
			}
			p.best[i][j], p.apex[i][j] = best, apex
		}
	}
	return p.best[0][n-1]
}

// planned appends the tetrahedra of the plan for the nodes from i to j.
func (m *triangulation) planned(r *ring, i, j int, solid int32, out []birth) []birth {
	if j < i+2 {
		return out
	}
	k := int(m.chords.apex[i][j])
	x, y, z := r.nodes[i], r.nodes[k], r.nodes[j]
	for _, v := range [2][4]int32{{x, y, z, r.b}, {y, x, z, r.a}} {
		out = append(out, birth{v: v, solid: solid, q: m.gamma(v)})
	}
	out = m.planned(r, i, k, solid, out)
	return m.planned(r, k, j, solid, out)
}

// flip returns the smallest gamma of the three tetrahedra that t and the one behind its face i can turn into, 0 where that
// is no gain or not above floor. Where it is, the two are in m.set and the three in m.births.
func (m *triangulation) flip(t int32, i int, floor float64) float64 {
	e := &m.tets[t]
	n := e.n[i]
	if n == none || e.s[i] != none {
		return 0
	}
	o := &m.tets[n]
	floor = max(floor, enough(min(e.q, o.q)))
	f := m.face(t, i)
	near, far := e.v[i], o.v[m.back(n, t)]
	low := 1.
	var three [3]birth
	for k := range three {
		v := [4]int32{f[k], f[(k+1)%3], far, near}
		three[k] = birth{v: v, solid: e.solid, q: m.gamma(v)}
		m.gammas++
		if low = min(low, three[k].q); low <= floor {
			return 0
		}
	}
	m.set = append(m.set[:0], t, n)
	m.births = append(m.births[:0], three[:]...)
	return low
}
