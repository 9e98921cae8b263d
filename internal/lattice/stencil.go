package lattice

import "math/bits"

// sign says on which side of the surface a node of the lattice lies.
type sign int8

const (
	outside sign = iota
	on           // moved onto the surface
	inside
)

// Points of an octahedron: its nodes are 0 and 1, the ends of the long edge that it lies around, and 2 to 5, the ring; cuts
// of its edges follow.
const (
	nodes    = 6
	firstCut = nodes
	points   = 19
)

// octahedronEdges are the pairs of nodes that edges join, in the order of their cuts.
var octahedronEdges = [13][2]int{{0, 1}, {0, 2}, {0, 3}, {0, 4}, {0, 5}, {1, 2}, {1, 3}, {1, 4}, {1, 5}, {2, 3}, {3, 4}, {4, 5}, {5, 2}}

// octahedronNodes are the places of the nodes of the octahedron along each axis, in half edges of the lattice from the node
// that owns it. The ring turns so that each tetrahedron (0, 1, ring k, ring k+1) has a positive volume.
var octahedronNodes = [3][nodes][3]int{
	{{0, 0, 0}, {2, 0, 0}, {1, -1, -1}, {1, 1, -1}, {1, 1, 1}, {1, -1, 1}},
	{{0, 0, 0}, {0, 2, 0}, {-1, 1, -1}, {-1, 1, 1}, {1, 1, 1}, {1, 1, -1}},
	{{0, 0, 0}, {0, 0, 2}, {-1, -1, 1}, {1, -1, 1}, {1, 1, 1}, {-1, 1, 1}},
}

// cutOf returns the point at which the surface cuts the edge between two nodes.
func cutOf(a, b int) int {
	for e, ends := range octahedronEdges {
		if ends == [2]int{a, b} || ends == [2]int{b, a} {
			return firstCut + e
		}
	}
	panic("lattice: no such edge in an octahedron")
}

// cutter fills the tetrahedra of one octahedron of some signs: what lies inside of the surface.
type cutter struct {
	axis  int
	signs [nodes]sign
	tets  [][4]int
	tris  [][3]int // on the surface, counter-clockwise seen from outside
	asks  []ask
}

// ask is a triangle of nodes on the surface, which the octahedron beyond it has too: it is on the surface of the mesh unless
// that one continues the mesh, as the node there tells.
type ask struct {
	beyond int // 4 times the end that is not the triangle's, plus the edge of the ring
	tri    [3]int
}

func fill(axis int, signs [nodes]sign) *cutter {
	c := &cutter{axis: axis, signs: signs}
	for k := range 4 {
		c.cut([4]int{0, 1, 2 + k, 2 + (k+1)%4}, k)
	}
	return c
}

// place returns where a point is, cuts in the middle of their edges, in quarters of an edge of the lattice.
func (c *cutter) place(p int) [3]int {
	at := &octahedronNodes[c.axis]
	a, b := p, p
	if p >= firstCut {
		a, b = octahedronEdges[p-firstCut][0], octahedronEdges[p-firstCut][1]
	}
	return [3]int{at[a][0] + at[b][0], at[a][1] + at[b][1], at[a][2] + at[b][2]}
}

func (c *cutter) volume(a, b, d, e int) int {
	p, q, r, s := c.place(a), c.place(b), c.place(d), c.place(e)
	var u, v, w [3]int
	for k := range 3 {
		u[k], v[k], w[k] = q[k]-p[k], r[k]-p[k], s[k]-p[k]
	}
	return u[0]*(v[1]*w[2]-v[2]*w[1]) - u[1]*(v[0]*w[2]-v[2]*w[0]) + u[2]*(v[0]*w[1]-v[1]*w[0])
}

// tet adds a tetrahedron, turned so that its volume is positive.
func (c *cutter) tet(a, b, d, e int) {
	if c.volume(a, b, d, e) < 0 {
		d, e = e, d
	}
	c.tets = append(c.tets, [4]int{a, b, d, e})
}

// tri adds a triangle of the surface, turned away from a point inside.
func (c *cutter) tri(a, b, d, from int) {
	c.tris = append(c.tris, c.turned(a, b, d, from))
}

func (c *cutter) turned(a, b, d, from int) [3]int {
	if c.volume(a, b, d, from) > 0 { // seen from there counter-clockwise
		b, d = d, b
	}
	return [3]int{a, b, d}
}

// isLong reports whether an edge joins nodes of one sublattice; the others are shorter.
func isLong(a, b int) bool { return (a < 2) == (b < 2) }

// adjoins reports which end of the edge pq, both inside, has the diagonal of the quadrangle that is left of triangle pqr when
// r is cut away: it joins that end and the cut at the other one. Both octahedra that have the triangle decide alike.
//
// If one of the cut edges is long, its cut has the diagonal. If both are short, parity decides (Labelle and Shewchuk 2007): p has
// it if an odd number of its coordinates is greater than that of r. The edge pq is long then, and two triangles of a
// tetrahedron that share it differ in that.
func (c *cutter) adjoins(p, q, r int) int {
	switch {
	case isLong(p, r):
		return q
	case isLong(q, r):
		return p
	}
	at := &octahedronNodes[c.axis]
	greater := 0
	for k := range 3 {
		if at[p][k] > at[r][k] {
			greater++
		}
	}
	if greater%2 == 1 {
		return p
	}
	return q
}

// cut fills what is inside of one tetrahedron; k is its edge of the ring.
func (c *cutter) cut(corners [4]int, k int) {
	var in, zero, out []int
	for _, v := range corners {
		switch c.signs[v] {
		case inside:
			in = append(in, v)
		case on:
			zero = append(zero, v)
		default:
			out = append(out, v)
		}
	}
	switch {
	case len(in) == 0: // nodes on the surface alone hold nothing
	case len(out) == 0:
		c.tet(corners[0], corners[1], corners[2], corners[3])
		if len(zero) == 3 {
			c.whole(in[0], zero, k)
		}
	case len(in) == 1:
		c.tip(in[0], zero, out)
	case len(in) == 2 && len(out) == 2:
		c.wedge(in[0], in[1], out[0], out[1])
	case len(in) == 2:
		c.halves(in[0], in[1], zero[0], out[0])
	default:
		c.trunk(in, out[0])
	}
}

// whole adds the side of a tetrahedron that has all its nodes on the surface, if it is where the mesh ends.
func (c *cutter) whole(top int, zero []int, k int) {
	tri := c.turned(zero[0], zero[1], zero[2], top)
	if top < 2 {
		c.asks = append(c.asks, ask{beyond: 4*top + k, tri: tri})
		return
	}
	next := 2 + (k+2)%4 // of the ring, beyond the one that is not top
	if top == 2+(k+1)%4 {
		next = 2 + (k+3)%4
	}
	if c.signs[next] != inside {
		c.tris = append(c.tris, tri)
	}
}

// tip is one node inside; the surface cuts it off from those outside.
func (c *cutter) tip(top int, zero, out []int) {
	base := append([]int{}, zero...)
	for _, v := range out {
		base = append(base, cutOf(top, v))
	}
	c.tet(top, base[0], base[1], base[2])
	c.tri(base[0], base[1], base[2], top)
}

// halves is a pyramid: two nodes inside and their cuts below one node on the surface.
func (c *cutter) halves(p, q, top, r int) {
	if c.adjoins(p, q, r) == q {
		p, q = q, p
	}
	cp, cq := cutOf(p, r), cutOf(q, r)
	c.tet(top, p, q, cq)
	c.tet(top, p, cq, cp)
	c.tri(top, cp, cq, p)
}

// wedge is two nodes inside and four cuts. The diagonals of its two quadrangles end at different nodes.
func (c *cutter) wedge(p, q, r, s int) {
	if c.adjoins(p, q, r) == q {
		r, s = s, r
	}
	if c.adjoins(p, q, r) != p || c.adjoins(p, q, s) != q {
		panic("lattice: both diagonals of a wedge at one node")
	}
	pr, ps, qr, qs := cutOf(p, r), cutOf(p, s), cutOf(q, r), cutOf(q, s)
	c.tet(p, q, qr, ps)
	c.tet(p, pr, qr, ps)
	c.tet(q, qr, qs, ps)
	c.tri(pr, qr, ps, p)
	c.tri(qr, qs, ps, q)
}

// trunk is three nodes inside: a prism under the cuts. One of its three edges to r is long: both diagonals beside it end
// there, so that the prism is a tetrahedron and a pyramid.
func (c *cutter) trunk(in []int, r int) {
	a, p, q := in[0], in[1], in[2]
	switch {
	case isLong(p, r):
		a, p = p, a
	case isLong(q, r):
		a, q = q, a
	}
	if c.adjoins(p, q, r) == q {
		p, q = q, p
	}
	ca, cp, cq := cutOf(a, r), cutOf(p, r), cutOf(q, r)
	c.tet(a, p, q, ca)
	c.tet(ca, p, q, cq)
	c.tet(ca, p, cq, cp)
	c.tri(ca, cp, cq, a)
}

// signsOf returns the signs that a number stands for, that of node 0 first in base 3.
func signsOf(code int) (signs [nodes]sign) {
	for v := range signs {
		signs[v] = sign(code % 3)
		code /= 3
	}
	return signs
}

// used returns the set of points that a filling needs.
func (c *cutter) used() (set uint32) {
	for _, t := range c.tets {
		for _, p := range t {
			set |= 1 << p
		}
	}
	if bits.Len32(set) > points {
		panic("lattice: a point that an octahedron does not have")
	}
	return set
}
