package surface

import (
	"fmt"

	"meshgen/internal/diagnosis"
)

// refuseCrossing refuses a surface of which two triangles have more in common than the vertices and edges that they
// share: a mesher cannot tell inside from outside where they do, not even where they only touch.
func (r *repair) refuseCrossing(tree *tree) *diagnosis.Diagnosis {
	// a surface that crosses itself everywhere is not worth the quadratic work of saying where: a sound one has about
	// ten neighbours for each triangle
	patience := 1_000_000 + 200*len(r.Triangles)
	crossing := make([]bool, len(r.Triangles))
	var places []diagnosis.Entity
	pairs, least := 0, ""
	for i, j := range tree.overlaps {
		if patience--; patience < 0 && pairs > 0 {
			least = "at least "
			break
		}
		if crossing[i] && crossing[j] {
			continue // enough is known of both
		}
		p, found := r.meet(i, j)
		if !found {
			continue
		}
		crossing[i], crossing[j] = true, true
		if pairs++; len(places) < maxPlaces {
			low, high := min(r.number[i], r.number[j]), max(r.number[i], r.number[j])
			places = append(places, diagnosis.Entity{Dim: 2, Tag: int(low), Point: &p,
				Name: fmt.Sprintf("triangle %d through triangle %d", low, high)})
		}
	}
	if pairs == 0 {
		return nil
	}
	n := 0
	for _, c := range crossing {
		if c {
			n++
		}
	}
	return diagnosis.New(diagnosis.SelfIntersecting, "The surface passes through itself or touches itself at %s%d of its %d triangles.",
		least, n, len(r.Triangles)).At(places...)
}

// meet reports whether two triangles meet anywhere but in the vertices and edges that they share, and a point there.
func (r *repair) meet(i, j int32) (p [3]float64, found bool) {
	t, u := r.Triangles[i], r.Triangles[j]
	// turn both so that the shared vertices come first
	shared := 0
	for a := 0; a < 3; a++ {
		for b := shared; b < 3; b++ {
			if t[a] == u[b] {
				t[a], t[shared] = t[shared], t[a]
				u[b], u[shared] = u[shared], u[b]
				shared++
				break
			}
		}
	}
	v := r.Vertices
	t0, t1, t2 := &v[t[0]], &v[t[1]], &v[t[2]]
	u0, u1, u2 := &v[u[0]], &v[u[1]], &v[u[2]]
	switch shared {
	case 3:
		return midpoint(*t0, *t1, *t2), true
	case 2:
		// they have more than the edge in common if one is folded back onto the other
		if orient3D(t0, t1, t2, u2) != 0 {
			return p, false
		}
		a, b := plane(t0, t1, t2)
		if opposite(orient2D(t0, t1, t2, a, b), orient2D(t0, t1, u2, a, b)) {
			return p, false
		}
		return midpoint(*t0, *t1, *u2), true
	case 1:
		// what they have in common beside the vertex ends on the side opposite to it, of one or the other
		if p, found = pierces(t1, t2, u0, u1, u2); found {
			return p, true
		}
		return pierces(u1, u2, t0, t1, t2)
	}
	if apart(u0, u1, u2, t0, t1, t2) || apart(t0, t1, t2, u0, u1, u2) {
		return p, false
	}
	for _, s := range [3][2]*[3]float64{{t0, t1}, {t1, t2}, {t2, t0}} {
		if p, found = pierces(s[0], s[1], u0, u1, u2); found {
			return p, true
		}
	}
	for _, s := range [3][2]*[3]float64{{u0, u1}, {u1, u2}, {u2, u0}} {
		if p, found = pierces(s[0], s[1], t0, t1, t2); found {
			return p, true
		}
	}
	return p, false
}

// apart reports whether d, e and f lie on one side of the plane through a, b and c, none of them on it.
func apart(a, b, c, d, e, f *[3]float64) bool {
	od := orient3D(a, b, c, d)
	return od != 0 && same(od, orient3D(a, b, c, e)) && same(od, orient3D(a, b, c, f))
}

func same(x, y float64) bool     { return x > 0 && y > 0 || x < 0 && y < 0 }
func opposite(x, y float64) bool { return x > 0 && y < 0 || x < 0 && y > 0 }

// pierces reports whether the segment pq has a point in common with triangle abc, its border included, and one such
// point.
func pierces(p, q, a, b, c *[3]float64) ([3]float64, bool) {
	op, oq := orient3D(a, b, c, p), orient3D(a, b, c, q)
	if same(op, oq) {
		return [3]float64{}, false
	}
	if op == 0 && oq == 0 {
		return coversInPlane(p, q, a, b, c)
	}
	x, y, z := orient3D(p, q, a, b), orient3D(p, q, b, c), orient3D(p, q, c, a)
	if opposite(x, y) || opposite(y, z) || opposite(z, x) {
		return [3]float64{}, false
	}
	share := op / (op - oq)
	var point [3]float64
	for k := range point {
		point[k] = p[k] + share*(q[k]-p[k])
	}
	return point, true
}

// coversInPlane is pierces for a segment in the plane of the triangle.
func coversInPlane(p, q, a, b, c *[3]float64) ([3]float64, bool) {
	u, v := plane(a, b, c)
	if insideInPlane(p, a, b, c, u, v) {
		return *p, true
	}
	if insideInPlane(q, a, b, c, u, v) {
		return *q, true
	}
	for _, s := range [3][2]*[3]float64{{a, b}, {b, c}, {c, a}} {
		if crossInPlane(p, q, s[0], s[1], u, v) {
			return midpoint(*p, *q), true
		}
	}
	return [3]float64{}, false
}

// insideInPlane reports whether p lies in triangle abc or on its border, seen in the coordinates u and v.
func insideInPlane(p, a, b, c *[3]float64, u, v int) bool {
	x, y, z := orient2D(a, b, p, u, v), orient2D(b, c, p, u, v), orient2D(c, a, p, u, v)
	return !opposite(x, y) && !opposite(y, z) && !opposite(z, x)
}

// crossInPlane reports whether the segments pq and ab, not both on one line, have a point in common.
func crossInPlane(p, q, a, b *[3]float64, u, v int) bool {
	x, y := orient2D(p, q, a, u, v), orient2D(p, q, b, u, v)
	if same(x, y) || x == 0 && y == 0 {
		return false // on one line: an end of one then lies in the other, or another side is crossed, too
	}
	return !same(orient2D(a, b, p, u, v), orient2D(a, b, q, u, v))
}

// plane returns the two coordinates in which a triangle is seen best: the others than that of its normal's largest part.
func plane(a, b, c *[3]float64) (u, v int) {
	n := cross(sub(*b, *a), sub(*c, *a))
	for k := range n {
		n[k] = max(n[k], -n[k])
	}
	switch {
	case n[0] >= n[1] && n[0] >= n[2]:
		return 1, 2
	case n[1] >= n[2]:
		return 2, 0
	}
	return 0, 1
}
