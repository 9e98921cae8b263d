package surface

import "math"

// halfwayTo returns the middle of a and b.
func halfwayTo(a, b [3]float64) [3]float64 {
	return [3]float64{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2}
}

// normalOf returns the direction that some triangles look to together, weighted by area.
func (r *remesh) normalOf(triangles ...int32) (n [3]float64) {
	for _, t := range triangles {
		a, b, c := r.corners(t)
		n = along(n, cross(sub(b, a), sub(c, a)), 1)
	}
	return unit(n)
}

func (r *remesh) corners(t int32) (a, b, c [3]float64) {
	v := r.triangle[t]
	return r.at[v[0]], r.at[v[1]], r.at[v[2]]
}

// shapeOf returns how regular a triangle is: 4·√3·area over the sum of its squared sides, 1 for an equilateral one.
func shapeOf(a, b, c [3]float64) float64 {
	u, v, w := sub(b, a), sub(c, b), sub(a, c)
	sum := dot(u, u) + dot(v, v) + dot(w, w)
	if sum == 0 {
		return 0
	}
	return 2 * math.Sqrt(3) * norm(cross(u, v)) / sum
}

// project returns the triangle of the old face nearest to p of those that look along n, and the point on it.
func (r *remesh) project(p, n [3]float64, face int32, within float64) (triangle int32, q [3]float64, distance float64) {
	triangle, q, distance = r.shape.trees[face].closest(p, n, r.shape.normalsOf(face), within)
	if triangle >= 0 {
		triangle += int32(r.shape.mesh.Faces[face].First)
	}
	return triangle, q, distance
}

// fits reports whether a triangle could be one of the new surface: its middle is as near to the old face as the
// tolerance wants it, and it looks the same way.
func (r *remesh) fits(a, b, c [3]float64, face int32, tolerance float64) bool {
	n := unit(cross(sub(b, a), sub(c, a)))
	if n == ([3]float64{}) {
		return false
	}
	home, _, _ := r.project(midpoint(a, b, c), n, face, tolerance)
	return home >= 0 && dot(n, r.shape.normal[home]) >= sameSide
}

// near reports whether the middle of an edge is as near to the old face as the tolerance wants it.
func (r *remesh) near(a, b, n [3]float64, face int32, tolerance float64) bool {
	home, _, _ := r.project(halfwayTo(a, b), n, face, tolerance)
	return home >= 0
}

// tryCollapse draws the beginning of an edge into its end, if nothing is lost by it. No edge may become longer than reach
// times what is wanted.
func (r *remesh) tryCollapse(h int32, reach float64) bool {
	g := r.twin[h]
	a, b := r.from(h), r.to(h)
	if r.kind[a] == fixed || r.kind[a] == onCurve && r.curve[h] < 0 || !r.canCollapse(h) {
		return false
	}
	pa, pb := r.at[a], r.at[b]
	tolerance := min(r.tolerance(a), r.tolerance(b))
	worst := 1.
	for x := range r.around(a) {
		worst = min(worst, shapeOf(r.corners(x/3)))
	}
	least := min(worst, 0.3) // of what comes out
	left := math.Inf(1)
	for x := range r.around(a) {
		t := x / 3
		if t == h/3 || t == g/3 {
			continue
		}
		v, w := r.to(x), r.apex(x)
		pv, pw := r.at[v], r.at[w]
		if x != r.twin[prev(h)] { // that edge is there already
			if norm(sub(pv, pb)) > reach*r.wanted(v, b) {
				return false
			}
		}
		if shapeOf(pb, pv, pw) < least {
			return false
		}
		q := sub(pa, closestOnTriangle(pa, pb, pv, pw))
		left = min(left, dot(q, q))
	}
	if left > tolerance*tolerance {
		return false
	}
	for x := range r.around(a) {
		t := x / 3
		if t == h/3 || t == g/3 {
			continue
		}
		pv, pw := r.at[r.to(x)], r.at[r.apex(x)]
		n := unit(cross(sub(pv, pb), sub(pw, pb)))
		if !r.fits(pb, pv, pw, r.face[t], tolerance) || r.curve[x] < 0 && !r.near(pb, pv, n, r.face[t], tolerance) {
			return false
		}
		if r.curve[x] >= 0 && x != h {
			// the part of the curve that the new edge is to stand for
			line, shift := &r.shape.lines[r.curve[x]], r.span[h][1]-r.span[h][0]
			from, to := r.span[x][0]+shift, r.span[x][1]
			if r.curve[h] != r.curve[x] || !line.follows(pb, pv, from, to, tolerance) {
				return false
			}
		}
	}
	r.collapse(h)
	return true
}

// tryFlip flips an edge if the worse of its two triangles gets better by it and nothing is lost.
func (r *remesh) tryFlip(h int32) bool {
	if r.curve[h] >= 0 {
		return false
	}
	g := r.twin[h]
	va, vb, vc, vd := r.from(h), r.to(h), r.apex(h), r.apex(g)
	a, b, c, d := r.at[va], r.at[vb], r.at[vc], r.at[vd]
	before := min(shapeOf(a, b, c), shapeOf(b, a, d))
	if after := min(shapeOf(a, d, c), shapeOf(b, c, d)); after <= before+1e-3 {
		return false
	}
	if vc == vd || r.joined(vc, vd) || !r.hasFour(va) || !r.hasFour(vb) {
		return false
	}
	face := r.face[h/3]
	tolerance := min(r.tolerance(va), r.tolerance(vb), r.tolerance(vc), r.tolerance(vd))
	n1, n2 := unit(cross(sub(d, a), sub(c, a))), unit(cross(sub(c, b), sub(d, b)))
	if dot(n1, n2) < sameSide || !r.fits(a, d, c, face, tolerance) || !r.fits(b, c, d, face, tolerance) ||
		!r.near(c, d, unit(along(n1, n2, 1)), face, tolerance) {
		return false
	}
	r.flip(h)
	return true
}

// idle is how short a step is, in relation to the size, that is not worth a look.
const idle = 0.02

// smooth moves each vertex to the middle of the triangles around it, within its face or along its curve.
func (r *remesh) smooth(times int) {
	for range times {
		for v, h := range r.out {
			switch {
			case h < 0:
			case r.kind[v] == inFace:
				r.smoothInFace(int32(v))
			case r.kind[v] == onCurve:
				r.smoothOnCurve(int32(v))
			}
		}
	}
}

func (r *remesh) smoothInFace(v int32) {
	var sum, n [3]float64
	weight := 0.
	for h := range r.around(v) {
		a, b, c := r.corners(h / 3)
		double := cross(sub(b, a), sub(c, a))
		n = along(n, double, 1)
		// so weighted, small triangles are wanted where the size is small
		t := r.triangle[h/3]
		size := (r.size[t[0]] + r.size[t[1]] + r.size[t[2]]) / 3
		w := norm(double) / (size * size)
		sum = along(sum, midpoint(a, b, c), w)
		weight += w
	}
	n = unit(n)
	if weight == 0 {
		return
	}
	step := sub([3]float64{sum[0] / weight, sum[1] / weight, sum[2] / weight}, r.at[v])
	step = along(step, n, -dot(step, n))
	length := norm(step)
	if length < idle*r.size[v] {
		return
	}
	face := r.face[r.out[v]/3]
	home, p, _ := r.project(along(r.at[v], step, 0.8), n, face, length+r.tolerance(v))
	if home >= 0 && r.tryMove(v, p, true) {
		r.base[v], r.deviation[v] = min(r.shape.field.size[home], r.narrow[v]), r.shape.field.deviation[home]
	}
}

func (r *remesh) smoothOnCurve(v int32) {
	var ahead, behind int32 = -1, -1 // half-edges that leave v along its curve
	for h := range r.around(v) {
		if r.curve[h] < 0 {
			continue
		}
		if r.span[h][1] > r.span[h][0] {
			ahead = h
		} else {
			behind = h
		}
	}
	if ahead < 0 || behind < 0 {
		return
	}
	a, b := r.span[ahead][1]-r.span[ahead][0], r.span[behind][0]-r.span[behind][1]
	sa, sb := r.wanted(v, r.to(ahead)), r.wanted(v, r.to(behind))
	shift := (a+b)*sb/(sa+sb) - b // divides what there is as the sizes are
	line := &r.shape.lines[r.curve[ahead]]
	place := r.span[ahead][0] + 0.8*shift
	tolerance := r.tolerance(v)
	p := line.at(place)
	if !line.follows(p, r.at[r.to(ahead)], place, r.span[ahead][1], tolerance) ||
		!line.follows(p, r.at[r.to(behind)], r.span[behind][0]+0.8*shift, r.span[behind][1], tolerance) {
		return
	}
	if r.tryMove(v, p, true) {
		r.put(ahead, r.curve[ahead], [2]float64{place, r.span[ahead][1]})
		r.put(behind, r.curve[behind], [2]float64{r.span[behind][0] + 0.8*shift, r.span[behind][1]})
		size := min(r.shape.sizing.Max, line.sizeAt(place), r.narrow[v])
		for _, h := range [2]int32{ahead, r.twin[ahead]} {
			if home, _, _ := r.project(p, r.normalOf(h/3), r.face[h/3], math.Inf(1)); home >= 0 {
				size = min(size, r.shape.field.size[home])
				r.deviation[v] = r.shape.field.deviation[home]
			}
		}
		r.base[v] = size
	}
}

// tryMove moves a vertex, if the triangles around it stay on the old surface and none gets a worse shape than the worst had.
func (r *remesh) tryMove(v int32, p [3]float64, shapely bool) bool {
	if p == r.at[v] {
		return false
	}
	before, after := 1., 1.
	for h := range r.around(v) {
		b, c := r.at[r.to(h)], r.at[r.apex(h)]
		before = min(before, shapeOf(r.at[v], b, c))
		after = min(after, shapeOf(p, b, c))
	}
	if shapely && after < min(before, goodShape) || after < 0.9*min(before, goodShape) {
		return false
	}
	tolerance := r.tolerance(v)
	for h := range r.around(v) {
		if !r.fits(p, r.at[r.to(h)], r.at[r.apex(h)], r.face[h/3], tolerance) {
			return false
		}
	}
	r.at[v] = p
	return true
}
