package lattice

import (
	"math"
	"slices"
)

// move moves a knot, and the ones around it if tetrahedra get too sharp there. It reports false, and leaves all as it was,
// where they stay worse than a limit.
func (k *keeper) move(n int32, to [3]float64, limit float64) bool {
	const rounds = 6
	touched := []place{k.place(n)}
	kn := &k.knots[n]
	kn.at, kn.moved = to, true
	k.changed(n)
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
		k.changed(p.knot)
	}
	return false
}

// limit is how bad tetrahedra around a knot may get: no worse than they are, or than keptShape.
func (k *keeper) limit(n int32) float64 {
	w, _ := k.worst(n)
	return max(w, keptShape)
}

// worst returns that of the tetrahedra around a knot, and the tetrahedron.
func (k *keeper) worst(n int32) (value float64, tet int32) {
	k.effort -= len(k.knots[n].tets)
	shapes := k.shapes(n)
	for i, t := range k.knots[n].tets {
		x := float64(shapes[i])
		if x != x { // no number: nothing is worse
			return x, t
		}
		if x > value {
			value, tet = x, t
		}
	}
	return value, tet
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
		shapes := k.shapes(p.knot)
		for i, t := range k.knots[p.knot].tets {
			x := float64(shapes[i])
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
		if len(kn.tets) > crowd {
			break
		}
		on := k.try(n, tet)
		best := value
		at := k.near.best(&best, &k.effort)
		if at < 0 || best > value-1e-3 {
			break
		}
		kn.at, kn.on, kn.moved = k.near.tried(at), on[at], true
		k.changed(n)
		value, tet = k.worst(n)
	}
	return value < start
}

// try says where a knot may be, and returns on which triangle of the surface each place is.
func (k *keeper) try(n, worst int32) (on [tries]int32) {
	kn := &k.knots[n]
	at, i := &k.places, 0
	for _, d := range k.ways(n, worst) {
		for _, step := range [3]float64{0.16, 0.06, 0.02} {
			at[i], on[i] = add(kn.at, times(d, step*k.edge)), kn.on
			i++
		}
	}
	switch kn.kind {
	case inner:
		for i := range at {
			on[i] = -1
			k.near.try(i, at[i], true)
		}
	case onFace:
		if len(kn.faces) > 0 {
			k.probe.Nearest(at[:], k.edge, k.hits[:])
		}
		for i, hit := range k.hits {
			ok := len(kn.faces) > 0 && hit.Triangle >= 0 && k.faceOf[hit.Triangle] == kn.faces[0]
			if ok {
				on[i] = hit.Triangle
			}
			k.near.try(i, hit.Point, ok)
		}
	case onCurve:
		for i := range at {
			place, faces, ok := k.curves.nearest(at[i], kn.faces[:1], kn.faces[1:])
			k.near.try(i, place, ok && slices.Equal(faces, kn.faces))
		}
	default:
		for i := range at {
			k.near.try(i, at[i], false)
		}
	}
	return on
}

// ways are directions in which a knot may get better: to the middle of its neighbours, and away from the side opposite to it in its
// worst tetrahedron, and to both.
func (k *keeper) ways(n, worst int32) (out [7][3]float64) {
	kn := &k.knots[n]
	x, y, z := 0., 0., 0. // an array would be read from memory and written to it each time
	for _, t := range kn.tets {
		for _, v := range k.tets[t] {
			at := &k.knots[v].at
			x, y, z = x+at[0], y+at[1], z+at[2]
		}
	}
	out[0] = unit(sub(times([3]float64{x, y, z}, 1/float64(4*len(kn.tets))), kn.at))
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

// smooth betters the poorest tetrahedra by moving their nodes; none gets worse than the worst around a node was. Those that were good enough,
// and of which no node moved since, are not looked at again.
func (k *keeper) smooth() {
	for range 2 {
		for next := 0; next < len(k.tets) && k.effort >= 0; {
			next = k.smoothSome(next)
		}
	}
}

// smoothSome looks at some tetrahedra from one on, betters the first of them that can be, and returns which one is next.
func (k *keeper) smoothSome(next int) int {
	var some [together]int32
	count := 0
	for ; next < len(k.tets) && count < together; next++ {
		if k.doubtful[next] {
			some[count] = int32(next)
			k.some.put(count, k.tets[next], k.knots, -1)
			count++
		}
	}
	shapes := k.some.shapes(count)
	for i, t := range some[:count] {
		if shapes[i] <= poorShape {
			k.doubtful[t] = false
			continue
		}
		if k.effort < 0 {
			break
		}
		better := false
		for _, n := range k.tets[t] {
			better = k.free(n) && k.relax(n) || better
		}
		if better { // what is known of the others may be wrong now
			return int(t) + 1
		}
	}
	return next
}
