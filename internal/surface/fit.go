package surface

// mendShapes gets rid of what triangles of bad shape are left, even where the edges there get longer than they should be.
func (r *remesh) mendShapes() {
	const bad = 0.35 // about 13 degrees
	const patience = 2
	for range patience {
		for t := range r.triangle {
			if !r.alive(int32(t)) || shapeOf(r.corners(int32(t))) >= bad {
				continue
			}
			h := int32(3 * t)
			shortest := h
			for k := h; k < h+3; k++ {
				if r.length(k) < r.length(shortest) {
					shortest = k
				}
			}
			_ = r.tryFlip(h) || r.tryFlip(h+1) || r.tryFlip(h+2) ||
				r.tryCollapse(shortest, 1.6) || r.tryCollapse(r.twin[shortest], 1.6)
		}
		r.flipAll()
	}
}

// fit moves the vertices off the old surface by as much as the triangles between them miss it on average: chords would lose
// volume where the surface is convex, and gain it where it is hollow.
func (r *remesh) fit() {
	step := make([][3]float64, len(r.at))
	weight := make([]float64, len(r.at))
	signed := func(p, n [3]float64, face int32, within float64) float64 {
		home, q, _ := r.project(p, n, face, within)
		if home < 0 {
			return 0
		}
		return dot(sub(q, p), n)
	}
	for t := range r.triangle {
		if !r.alive(int32(t)) {
			continue
		}
		a, b, c := r.corners(int32(t))
		double := cross(sub(b, a), sub(c, a))
		n, face := unit(double), r.face[t]
		v := r.triangle[t]
		within := 2 * max(r.tolerance(v[0]), r.tolerance(v[1]), r.tolerance(v[2]))
		// a rule that is exact for what bends like a parabola
		miss := 0.75 * signed(midpoint(a, b, c), n, face, within)
		for _, p := range [3][3]float64{a, b, c} {
			miss += signed(p, n, face, within) / 12
		}
		w := norm(double)
		for _, x := range v {
			if r.kind[x] == inFace {
				step[x] = along(step[x], n, w*miss)
				weight[x] += w
			}
		}
	}
	for h := range r.twin {
		x := int32(h)
		if !r.alive(x/3) || r.curve[h] < 0 || x > r.twin[h] {
			continue
		}
		a, b := r.from(x), r.to(x)
		line, span := &r.shape.lines[r.curve[h]], r.span[h]
		off := sub(line.at((span[0]+span[1])/2), halfwayTo(r.at[a], r.at[b]))
		endA, endB := sub(line.at(span[0]), r.at[a]), sub(line.at(span[1]), r.at[b])
		l := r.length(x)
		for _, v := range [2]int32{a, b} {
			if r.kind[v] != onCurve {
				continue
			}
			for k := range 3 {
				step[v][k] += l * (4*off[k] + endA[k] + endB[k]) / 6
			}
			weight[v] += l
		}
	}
	for v := range step {
		if r.out[v] < 0 || weight[v] == 0 {
			continue
		}
		p := along(r.at[v], step[v], 1/weight[v])
		if norm(sub(p, r.at[v])) <= r.tolerance(int32(v)) {
			r.tryMove(int32(v), p, false)
		}
	}
}
