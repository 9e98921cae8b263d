package improve

import "math"

const (
	// maxBall bounds the tetrahedra at a node that is to be contracted.
	maxBall = 60
	// maxCavity bounds the tetrahedra that a new node takes the place of.
	maxCavity = 40
)

const (
	// growths bounds how often a cavity takes in another tetrahedron.
	growths = 12
	// shortClimb is the steps of the search for the apex after each growth.
	shortClimb = 3
)

// insert puts a new node into t or near to it. It takes the place of a cavity, at first t and those behind its faces, which
// takes in what lies behind the worst face of its cone; the best of all these cavities is used.
func (m *triangulation) insert(t int32) bool {
	e := &m.tets[t]
	old := e.q
	m.cavity = append(m.cavity[:0], t)
	for i, n := range e.n {
		if n != none && e.s[i] == none {
			m.cavity = append(m.cavity, n)
		}
	}
	if len(m.cavity) == 1 {
		return false
	}
	apex := m.x[e.v[0]].add(m.x[e.v[1]]).add(m.x[e.v[2]]).add(m.x[e.v[3]]).times(0.25)
	best, place, size := 0., apex, 0
	for range growths {
		m.hull(m.cavity)
		var h float64
		if apex, h = m.climb(m.faces, apex, shortClimb, nil); h > best {
			best, place, size = h, apex, len(m.cavity)
		}
		behind := m.behind[m.lowest(&apex)]
		if behind == none || len(m.cavity) >= maxCavity {
			break
		}
		m.cavity = append(m.cavity, behind)
	}
	if best <= enough(old) {
		return false
	}
	m.set = append(m.set[:0], m.cavity[:size]...)
	m.hull(m.set)
	if best <= enough(m.worst(m.set)) || !m.spare() {
		return false
	}
	node := int32(len(m.x))
	m.x, m.dim, m.at = append(m.x, place), append(m.dim, 3), append(m.at, none)
	for _, n := range m.nodes {
		m.at[n] = none
	}
	m.fill(node)
	return true
}

// lowest returns the face of m.faces that makes the worst tetrahedron with the apex.
func (m *triangulation) lowest(apex *vec) int {
	low, at := math.Inf(1), 0
	for i := range m.faces {
		f := &m.faces[i]
		if g := gamma(&m.x[f[0]], &m.x[f[1]], &m.x[f[2]], apex); g < low {
			low, at = g, i
		}
	}
	m.gammas += len(m.faces)
	return at
}

// roof is about the largest gamma that a tetrahedron over a poor triangle can have, in relation to the triangle's own
// 2·inradius/circumradius.
const roof = 1.35

// room reports whether the triangles of surface at t allow for a much better tetrahedron.
func (m *triangulation) room(t int32) bool {
	e := &m.tets[t]
	for i, s := range e.s {
		if s == none {
			continue
		}
		f := m.face(t, i)
		a, b, c := m.x[f[0]], m.x[f[1]], m.x[f[2]]
		p, q, r := math.Sqrt(b.sub(a).norm2()), math.Sqrt(c.sub(b).norm2()), math.Sqrt(a.sub(c).norm2())
		if e.q > 0.9*roof*(p+q-r)*(q+r-p)*(r+p-q)/(p*q*r) {
			return false
		}
	}
	return true
}

// hull lists the faces around a set of tetrahedra in m.faces, and what lies behind each that may be taken in in m.behind.
func (m *triangulation) hull(set []int32) {
	m.mark()
	for _, t := range set {
		m.put(t)
	}
	m.faces, m.behind = m.faces[:0], m.behind[:0]
	for _, t := range set {
		e := &m.tets[t]
		for i, n := range e.n {
			if n != none && m.marked(n) && e.s[i] == none {
				continue
			}
			m.faces = append(m.faces, m.face(t, i))
			if e.s[i] != none || n != none && m.marked(n) {
				n = none
			}
			m.behind = append(m.behind, n)
		}
	}
}

// spare reports whether all nodes that the cavity m.set swallows are free ones, and lists them in m.nodes.
func (m *triangulation) spare() bool {
	m.nodes = m.nodes[:0]
	for _, t := range m.set {
		for _, v := range m.tets[t].v {
			if contains(m.nodes, v) {
				continue
			}
			on := false
			for i := range m.faces {
				f := &m.faces[i]
				if f[0] == v || f[1] == v || f[2] == v {
					on = true
					break
				}
			}
			if !on {
				if m.dim[v] != 3 {
					return false
				}
				m.nodes = append(m.nodes, v)
			}
		}
	}
	return true
}
