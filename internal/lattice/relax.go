package lattice

import (
	"math"
	"slices"
)

// shape returns how bad a tetrahedron is: the greatest square of the cosine of a dihedral angle, or as much where gamma,
// 3 inradius/circumradius, is small. It is more than one where the tetrahedron is turned inside out.
func (k *keeper) shape(t int32) float64 {
	v := &k.tets[t]
	return shape4(&k.knots[v[0]].at, &k.knots[v[1]].at, &k.knots[v[2]].at, &k.knots[v[3]].at)
}

const (
	inverted = 2
	// gammaWeight makes a gamma of 0.1 as bad as keptShape.
	gammaWeight = 0.302
	// sureVolume is the square of the volume, in relation to that of a regular tetrahedron of edges as long on average, above
	// which gamma does not matter.
	sureVolume = 0.25
)

// vec is a vector; a struct, unlike an array, stays in registers, and most of the time of keeping edges is spent in shape4.
type vec struct{ x, y, z float64 }

func between(a, b *[3]float64) vec { return vec{b[0] - a[0], b[1] - a[1], b[2] - a[2]} }

func (a vec) less(b vec) vec { return vec{a.x - b.x, a.y - b.y, a.z - b.z} }

func (a vec) dot(b vec) float64 { return a.x*b.x + a.y*b.y + a.z*b.z }

func (a vec) cross(b vec) vec {
	return vec{a.y*b.z - a.z*b.y, a.z*b.x - a.x*b.z, a.x*b.y - a.y*b.x}
}

func shape4(a, b, c, d *[3]float64) float64 {
	e, f, g := between(a, b), between(a, c), between(a, d)
	n3, n1, n2 := e.cross(f), f.cross(g), g.cross(e)
	volume := n3.dot(g)
	ee, ff, gg := e.dot(e), f.dot(f), g.dot(g)
	if !(volume > 0) {
		return inverted - volume/(math.Sqrt(ee)*math.Sqrt(ff)*math.Sqrt(gg)+1e-300)
	}
	n0 := vec{-(n1.x + n2.x + n3.x), -(n1.y + n2.y + n3.y), -(n1.z + n2.z + n3.z)}
	a0, a1, a2, a3 := n0.dot(n0), n1.dot(n1), n2.dot(n2), n3.dot(n3) // squares of areas
	s0, s1, s2, s3 := 1/a0, 1/a1, 1/a2, 1/a3
	d0, d1, d2, d3, d4, d5 := n0.dot(n1), n0.dot(n2), n0.dot(n3), n1.dot(n2), n1.dot(n3), n2.dot(n3)
	worst := max(d0*d0*s0*s1, d1*d1*s0*s2, d2*d2*s0*s3, d3*d3*s1*s2, d4*d4*s1*s3, d5*d5*s2*s3)
	x, y, z := g.less(f), e.less(g), f.less(e)
	xx, yy, zz := x.dot(x), y.dot(y), z.dot(z)
	mean := (ee + ff + gg + xx + yy + zz) / 6
	if 2*volume*volume > sureVolume*mean*mean*mean {
		return worst
	}
	u, v, w := math.Sqrt(ee*xx), math.Sqrt(ff*yy), math.Sqrt(gg*zz)
	product := (u + v + w) * (u + v - w) * (v + w - u) * (w + u - v)
	surface := math.Sqrt(a0) + math.Sqrt(a1) + math.Sqrt(a2) + math.Sqrt(a3)
	gamma := 0.
	if product > 0 {
		gamma = 12 * volume * volume / (surface * math.Sqrt(product))
	}
	return max(worst, 1-gammaWeight*gamma)
}

// worst returns that of the tetrahedra around a knot, and the tetrahedron.
func (k *keeper) worst(n int32) (value float64, tet int32) {
	k.effort -= len(k.knots[n].tets)
	for _, t := range k.knots[n].tets {
		if x := k.shape(t); x > value {
			value, tet = x, t
		}
	}
	return value, tet
}

// worstBelow returns the same if it is less than a limit, or else something that is not.
func (k *keeper) worstBelow(n int32, limit float64) (value float64) {
	for _, t := range k.knots[n].tets {
		k.effort--
		if value = max(value, k.shape(t)); value >= limit {
			break
		}
	}
	return value
}

// move moves a knot, and the ones around it if tetrahedra get too sharp there. It reports false, and leaves all as it was,
// where they stay worse than a limit.
func (k *keeper) move(n int32, to [3]float64, limit float64) bool {
	const rounds = 6
	touched := []place{k.place(n)}
	kn := &k.knots[n]
	kn.at, kn.moved = to, true
	before := math.Inf(1)
	for round := range rounds + 1 {
		around, worst := k.sharp(touched, n, limit)
		if worst <= limit {
			return true
		}
		if len(around) == 0 || round == rounds || worst >= before || k.effort < 0 {
			break
		}
		before = worst
		for _, v := range around {
			if !slices.ContainsFunc(touched, func(p place) bool { return p.knot == v }) {
				touched = append(touched, k.place(v))
			}
			k.relax(v)
		}
	}
	for _, p := range touched {
		kn := &k.knots[p.knot]
		kn.at, kn.on, kn.moved = p.at, p.on, p.moved
	}
	return false
}

// limit is how bad tetrahedra around a knot may get: no worse than they are, or than keptShape.
func (k *keeper) limit(n int32) float64 {
	w, _ := k.worst(n)
	return max(w, keptShape)
}

// place is where a knot was.
type place struct {
	knot, on int32
	at       [3]float64
	moved    bool
}

func (k *keeper) place(n int32) place {
	kn := &k.knots[n]
	return place{n, kn.on, kn.at, kn.moved}
}

// sharp returns the knots, other than one, that may move, of the tetrahedra around some that are worse than a limit, and the
// worst.
func (k *keeper) sharp(touched []place, but int32, limit float64) (out []int32, worst float64) {
	for _, p := range touched {
		for _, t := range k.knots[p.knot].tets {
			x := k.shape(t)
			worst = max(worst, x)
			if x <= limit {
				continue
			}
			for _, v := range k.tets[t] {
				if v != but && !slices.Contains(out, v) && k.free(v) {
					out = append(out, v)
				}
			}
		}
		k.effort -= len(k.knots[p.knot].tets)
	}
	return out, worst
}

// free reports whether a knot may be moved to better the shapes around it.
func (k *keeper) free(n int32) bool {
	kn := &k.knots[n]
	return !kn.held && kn.kind != onCorner
}

// relax moves a knot to where the worst tetrahedron around it is better: inside anywhere, on a face or a curve within it.
func (k *keeper) relax(n int32) bool {
	kn := &k.knots[n]
	value, tet := k.worst(n)
	start := value
	for range 3 {
		from, on := kn.at, kn.on
		best, bestAt, bestOn := value, from, on
		for _, d := range k.ways(n, tet) {
			for _, step := range [3]float64{0.16, 0.06, 0.02} {
				at, on, ok := k.within(n, add(from, times(d, step*k.edge)))
				if !ok {
					continue
				}
				kn.at = at
				if w := k.worstBelow(n, best); w < best {
					best, bestAt, bestOn = w, at, on
				}
			}
		}
		kn.at, kn.on = bestAt, bestOn
		if best > value-1e-3 {
			kn.at, kn.on = from, on
			break
		}
		value, tet = k.worst(n)
		kn.moved = true
	}
	return value < start
}

// ways are directions in which a knot may get better: to the middle of its neighbours, and away from the side opposite to it in its
// worst tetrahedron, and to both.
func (k *keeper) ways(n, worst int32) (out [7][3]float64) {
	kn := &k.knots[n]
	var middle [3]float64
	for _, t := range kn.tets {
		for _, v := range k.tets[t] {
			middle = add(middle, k.knots[v].at)
		}
	}
	out[0] = unit(sub(times(middle, 1/float64(4*len(kn.tets))), kn.at))
	v := k.tets[worst]
	i := slices.Index(v[:], n)
	a, b, c := k.knots[v[(i+1)%4]].at, k.knots[v[(i+2)%4]].at, k.knots[v[(i+3)%4]].at
	normal := unit(cross(sub(b, a), sub(c, a)))
	if i%2 == 0 { // the others are seen clockwise from the knot
		normal = times(normal, -1)
	}
	out[1] = times(normal, 1)
	out[2] = unit(add(out[0], out[1]))
	side := unit(sub(times(add(add(a, b), c), 1./3), kn.at))
	out[3] = side
	out[4] = times(side, -1)
	out[5] = unit(cross(normal, side))
	out[6] = times(out[5], -1)
	return out
}

// within returns the place next to another that a knot may have.
func (k *keeper) within(n int32, at [3]float64) (place [3]float64, on int32, ok bool) {
	kn := &k.knots[n]
	switch kn.kind {
	case inner:
		return at, -1, true
	case onFace:
		if len(kn.faces) == 0 {
			return at, kn.on, false
		}
		hit := k.probe.Nearest(at, k.edge)
		if hit.Triangle < 0 || k.faceOf[hit.Triangle] != kn.faces[0] {
			return at, kn.on, false
		}
		return hit.Point, hit.Triangle, true
	case onCurve:
		place, faces, ok := k.curves.nearest(at, kn.faces[:1], kn.faces[1:])
		return place, kn.on, ok && faces == [2]int32(kn.faces)
	}
	return at, kn.on, false
}

// smooth betters the poorest tetrahedra by moving their nodes; none gets worse than the worst around a node was.
func (k *keeper) smooth() {
	for range 2 {
		for t := range k.tets {
			if k.shape(int32(t)) <= poorShape || k.effort < 0 {
				continue
			}
			for _, n := range k.tets[t] {
				if k.free(n) {
					k.relax(n)
				}
			}
		}
	}
}
