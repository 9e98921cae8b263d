package lattice

import (
	"cmp"
	"slices"
)

// Between a solid and the rest, the mesh is cut by isosurface stuffing on both sides. Nodes that a wall is too near to are moved onto it, then
// each edge that still passes through is divided there. In which order they are says how quadrangles are halved that are left of the sides of
// tetrahedra: long edges first, then the short ones from a node to another of which an even number of coordinates is smaller. That is the rule
// of the stencils on the one side, and that of their mirror images on the other, so that both sides' angles have their bounds.

// passing is an edge that passes through a wall.
type passing struct {
	in, out int32   // knots
	t       float64 // where
	on      int32   // triangle of the wall
	turn    int     // when it is divided
}

// partRounds is how often edges that could be divided neither are tried again.
const partRounds = 3

// gatherCrossings takes what is around edges that pass through walls, nil where there is none.
func (d *division) gatherCrossings() *keeper {
	m := d.mesh
	near := make([]uint8, len(d.side))
	tets := 0
	for t, cell := range m.Cells {
		if cell != Nobody {
			continue
		}
		v := m.Tets[4*t : 4*t+4]
		var any [3]bool
		for _, n := range v {
			any[d.side[n]] = true
		}
		if any[within] && any[beyond] {
			tets++
			for _, n := range v {
				near[n] = seed
			}
		}
	}
	if tets == 0 {
		return nil
	}
	k := d.newKeeper(near)
	k.effort = crossingEffort * tets
	return k
}

// part moves nodes onto the walls and divides edges there.
func (d *division) part(k *keeper) {
	d.warp(k, d.crossings(k))
	for range partRounds {
		all := d.crossings(k)
		if len(all) == 0 {
			break
		}
		slices.SortFunc(all, func(a, b passing) int {
			return cmp.Or(a.turn-b.turn, cmp.Compare(a.in, b.in), cmp.Compare(a.out, b.out))
		})
		for _, c := range all {
			if k.knots[c.in].side != within || k.knots[c.out].side != beyond || !k.joined(c.in, c.out) {
				continue // one is on the wall by now
			}
			near, far := c.in, c.out
			if c.t > 0.5 {
				near, far = far, near
			}
			_ = d.splitOnWall(k, &c) || d.snapOnWall(k, near) || d.snapOnWall(k, far)
		}
		k.smooth()
	}
	k.smooth()
}

// onWallWithin is how near to a wall, in edges of the lattice, a cut has to be: of triangles that are hardly more than a line it is anywhere.
const onWallWithin = 1e-6

// joined reports whether an edge joins two knots.
func (k *keeper) joined(a, b int32) bool {
	return slices.ContainsFunc(k.knots[a].tets, func(t int32) bool { return slices.Contains(k.tets[t][:], b) })
}

// crossings returns the edges that join a node of the solid and one of the rest.
func (d *division) crossings(k *keeper) (out []passing) {
	for t, v := range k.tets {
		if k.cell[t] != Nobody {
			continue
		}
		for _, a := range v {
			for _, b := range v {
				if k.knots[a].side == within && k.knots[b].side == beyond {
					out = append(out, passing{in: a, out: b})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b passing) int { return cmp.Or(cmp.Compare(a.in, b.in), cmp.Compare(a.out, b.out)) })
	out = slices.CompactFunc(out, func(a, b passing) bool { return a.in == b.in && a.out == b.out })
	from, to := make([][3]float64, len(out)), make([][3]float64, len(out))
	for i, c := range out {
		from[i], to[i] = k.knots[c.in].at, k.knots[c.out].at
	}
	cuts := d.near.Cross(from, to)
	places := make([][3]float64, len(out))
	for i, cut := range cuts {
		places[i] = along(from[i], to[i], cut.T)
	}
	for i, hit := range d.near.Nearest(places, onWallWithin*d.edge) {
		c := &out[i]
		c.t, c.on = cuts[i].T, -1
		if cuts[i].Triangle >= 0 && hit.Triangle >= 0 {
			c.on = d.wall[cuts[i].Triangle]
		}
		smaller := 0
		for x := range 3 {
			if from[i][x] > to[i][x] {
				smaller++
			}
		}
		switch {
		case d.isLong(from[i], to[i]):
		case smaller%2 == 0:
			c.turn = 1
		default:
			c.turn = 2
		}
	}
	return out
}

// isLong reports whether an edge is nearer to a long one of the lattice than to a short one.
func (d *division) isLong(a, b [3]float64) bool { return norm(sub(a, b)) > 0.93*d.edge }

// warp moves the nodes that a wall is too near to onto it, where the tetrahedra stay in shape.
func (d *division) warp(k *keeper, all []passing) {
	type target struct {
		at       [3]float64 // before any is moved
		on       int32
		distance float64
	}
	best := map[int32]target{}
	consider := func(n int32, t float64, c passing) {
		length := norm(sub(k.knots[c.in].at, k.knots[c.out].at))
		alpha := alphaShort
		if c.turn == 0 {
			alpha = alphaLong
		}
		if was, ok := best[n]; t < alpha && (!ok || t*length < was.distance) {
			best[n] = target{along(k.knots[c.in].at, k.knots[c.out].at, c.t), c.on, t * length}
		}
	}
	for _, c := range all {
		if c.on >= 0 {
			consider(c.in, c.t, c)
			consider(c.out, 1-c.t, c)
		}
	}
	for n := range int32(len(k.knots)) {
		if c, ok := best[n]; ok {
			d.put(k, n, c.at, c.on)
		}
	}
}

// put moves a knot onto a wall: one inside to a place, one of a face to the nearest edge of it.
func (d *division) put(k *keeper, n int32, at [3]float64, on int32) bool {
	kn := &k.knots[n]
	if kn.held || kn.kind != inner && kn.kind != onFace {
		return false
	}
	kind, faces := onFace, d.face[on:on+1]
	if kn.kind == onFace {
		var ok bool
		kind = onCurve
		if at, faces, ok = k.curves.nearest(kn.at, kn.faces, faces); !ok {
			return false
		}
	}
	side, told := d.sideOn(faces)
	if !told || side != onWall || !k.move(n, at, k.limit(n)) {
		return false
	}
	kn.kind, kn.faces, kn.side = kind, faces, onWall
	if kind == onFace {
		kn.on = on
	}
	k.kept.Moved++
	return true
}

// snapOnWall moves a knot to the nearest place of a wall.
func (d *division) snapOnWall(k *keeper, n int32) bool {
	hit := d.near.Nearest([][3]float64{k.knots[n].at}, d.edge)[0]
	return hit.Triangle >= 0 && d.put(k, n, hit.Point, d.wall[hit.Triangle])
}

// splitOnWall divides an edge where it passes through a wall.
func (d *division) splitOnWall(k *keeper, c *passing) bool {
	a, b := &k.knots[c.in], &k.knots[c.out]
	if a.held && b.held {
		return false
	}
	if slices.ContainsFunc(a.tris, func(t int32) bool { return slices.Contains(k.tris[t][:], c.out) }) {
		// an edge of the surface, which passes from one face to another
		n := len(k.knots)
		if !k.split(c.in, c.out) {
			return false
		}
		k.knots[n].side, _ = d.sideOn(k.knots[n].faces)
		return true
	}
	cut := d.near.Cross([][3]float64{a.at}, [][3]float64{b.at})[0]
	hit := d.near.Nearest([][3]float64{along(a.at, b.at, cut.T)}, onWallWithin*d.edge)[0]
	if cut.Triangle < 0 || hit.Triangle < 0 {
		return false
	}
	on := d.wall[cut.Triangle]
	return k.splitAt(c.in, c.out, knot{at: hit.Point, node: -1, kind: onFace, faces: d.face[on : on+1], on: on, side: onWall})
}
