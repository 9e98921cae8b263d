package lattice

import (
	"cmp"
	"math"
	"slices"
)

// keepCorners moves the nearest nodes that may onto the corners that have none, or else divides the triangle of the mesh there.
func (k *keeper) keepCorners(f *Features) {
	var left []int // corners that have none
	for i := range f.corners {
		if !k.done[i] && k.within.holds(f.corners[i].at) {
			left = append(left, i)
		}
	}
	if len(left) == 0 {
		return
	}
	size := reach * k.edge
	at := map[[3]int32][]int32{}
	for n := range k.knots {
		if kn := &k.knots[n]; kn.kind != inner && !kn.held {
			key := cellOf(kn.at, size)
			at[key] = append(at[key], int32(n))
		}
	}
	for _, i := range left {
		c := &f.corners[i]
		var near, triangles []candidate
		middle := cellOf(c.at, size)
		for i := range int32(27) {
			for _, n := range at[[3]int32{middle[0] + i%3 - 1, middle[1] + i/3%3 - 1, middle[2] + i/9 - 1}] {
				kn := &k.knots[n]
				if d := norm(sub(kn.at, c.at)); d < size && kn.kind != onCorner && isSubset(kn.faces, c.faces) {
					near = append(near, candidate{n, d})
					for _, t := range kn.tris {
						triangles = append(triangles, candidate{t, norm(sub(k.middle(t), c.at))})
					}
				}
			}
		}
		for _, n := range closest(near) {
			if k.move(n.number, c.at, k.limit(n.number)) {
				k.done[i] = true
				kn := &k.knots[n.number]
				kn.kind, kn.faces = onCorner, c.faces
				break
			}
		}
		for _, t := range closest(triangles) {
			if k.done[i] = k.done[i] || k.divide(t.number, c); k.done[i] {
				break
			}
		}
		if k.done[i] {
			k.kept.CornersKept++
		}
	}
}

// candidate is a node or a triangle that may take a corner.
type candidate struct {
	number   int32
	distance float64
}

// closest returns the few that are tried. Triangles are met from each of their nodes.
func closest(list []candidate) []candidate {
	const tried = 4
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.number, b.number))
	})
	list = slices.Compact(list)
	return list[:min(len(list), tried)]
}

func isSubset(list, of []int32) bool {
	for _, x := range list {
		if !slices.Contains(of, x) {
			return false
		}
	}
	return true
}

func (k *keeper) middle(tri int32) (p [3]float64) {
	for _, n := range k.tris[tri] {
		p = add(p, times(k.knots[n].at, 1./3))
	}
	return p
}

// divide puts a new node into a triangle, and moves it to a corner.
func (k *keeper) divide(tri int32, c *corner) bool {
	v := k.tris[tri]
	var beside []int32 // one tetrahedron, two where solids meet
	for _, t := range k.knots[v[0]].tets {
		if w := k.tets[t][:]; slices.Contains(w, v[1]) && slices.Contains(w, v[2]) {
			beside = append(beside, t)
		}
	}
	if len(beside) == 0 || k.between[tri] && len(beside) == 1 {
		return false // beyond the part that is looked at
	}
	limit := k.limit(v[0])
	u := k.newUndo()
	m := int32(len(k.knots))
	k.knots = append(k.knots, knot{at: k.middle(tri), node: -1, kind: onCorner, faces: c.faces, on: -1})
	for _, tet := range beside {
		w := k.tets[tet]
		for i := range v {
			part := w
			part[slices.Index(w[:], v[i])] = m
			if i == 0 {
				k.setTet(u, tet, part)
			} else {
				k.addTet(part, -1, tet)
			}
		}
	}
	for i := range v {
		side := v
		side[i] = m
		if i == 0 {
			k.setTri(u, tri, side)
		} else {
			k.addTri(side, -1, tri)
		}
	}
	if k.move(m, c.at, limit) {
		return true
	}
	k.undo(u)
	return false
}

// crossing returns the edges of the mesh whose ends have no face in common, by knots.
func (k *keeper) crossing() [][2]int32 { return crossing(k.tris, k.knots) }

func crossing(tris [][3]int32, knots []knot) (out [][2]int32) {
	for _, t := range tris {
		for c := range 3 {
			if a, b := t[c], t[(c+1)%3]; a < b && apart(&knots[a], &knots[b]) {
				out = append(out, [2]int32{a, b})
			}
		}
	}
	return out
}

func (k *keeper) crosses(a, b int32) bool { return apart(&k.knots[a], &k.knots[b]) }

// apart reports whether two knots of the surface have no face in common.
func apart(a, b *knot) bool { return disjoint(a.faces, b.faces) }

// keepCurves goes through the edges that cross a curve, those with an end near to it first.
func (k *keeper) keepCurves() {
	type crossing struct {
		ends     [2]int32
		distance float64
	}
	var all []crossing
	for _, e := range k.crossing() {
		if !k.within.holds(k.knots[e[0]].at) || !k.within.holds(k.knots[e[1]].at) {
			continue
		}
		_, a, okA := k.onto(e[0], e[1])
		_, b, okB := k.onto(e[1], e[0])
		if !okA {
			a = math.Inf(1)
		}
		if !okB {
			b = math.Inf(1)
		}
		if b < a {
			e[0], e[1], a = e[1], e[0], b
		}
		all = append(all, crossing{e, a})
	}
	slices.SortFunc(all, func(a, b crossing) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.ends[0], b.ends[0]), cmp.Compare(a.ends[1], b.ends[1]))
	})
	for _, c := range all {
		a, b := c.ends[0], c.ends[1]
		if !k.crosses(a, b) || !slices.ContainsFunc(k.knots[a].tris, func(t int32) bool { return slices.Contains(k.tris[t][:], b) }) {
			continue // done with, or divided, by now
		}
		_ = k.snap(a, b) || k.split(a, b) || k.snap(b, a)
	}
}

// onto returns the place on a curve, between the faces of two knots, that is nearest to the first, and how far it is.
func (k *keeper) onto(a, b int32) (at [3]float64, distance float64, ok bool) {
	kn := &k.knots[a]
	if kn.kind != onFace || kn.held {
		return at, 0, false
	}
	at, _, ok = k.curves.nearest(kn.at, kn.faces, k.knots[b].faces)
	return at, norm(sub(at, kn.at)), ok
}

// snap moves the first of two knots onto the curve between their faces.
func (k *keeper) snap(a, b int32) bool {
	kn := &k.knots[a]
	if kn.kind != onFace || kn.held {
		return false
	}
	at, faces, ok := k.curves.nearest(kn.at, kn.faces, k.knots[b].faces)
	if !ok || !k.move(a, at, k.limit(a)) {
		return false
	}
	kn.kind, kn.faces = onCurve, faces
	k.kept.Moved++
	return true
}

// split divides an edge where it passes the curve between the faces of its ends.
func (k *keeper) split(a, b int32) bool {
	if k.knots[a].held && k.knots[b].held {
		return false
	}
	at, faces, ok := k.curves.nearest(along(k.knots[a].at, k.knots[b].at, 0.5), k.knots[a].faces, k.knots[b].faces)
	if !ok {
		return false
	}
	return k.splitAt(a, b, knot{at: at, node: -1, kind: onCurve, faces: faces, on: -1})
}

// splitAt divides an edge by a new knot.
func (k *keeper) splitAt(a, b int32, by knot) bool {
	limit := k.limit(a)
	u := k.newUndo()
	m := int32(len(k.knots))
	k.knots = append(k.knots, by)
	for _, t := range slices.Clone(k.knots[a].tets) {
		if v := k.tets[t]; slices.Contains(v[:], b) {
			one, other := v, v
			one[slices.Index(v[:], b)], other[slices.Index(v[:], a)] = m, m
			k.setTet(u, t, one)
			k.addTet(other, -1, t)
		}
	}
	for _, t := range slices.Clone(k.knots[a].tris) {
		if v := k.tris[t]; slices.Contains(v[:], b) {
			one, other := v, v
			one[slices.Index(v[:], b)], other[slices.Index(v[:], a)] = m, m
			k.setTri(u, t, one)
			k.addTri(other, -1, t)
		}
	}
	if k.move(m, by.at, limit) {
		k.kept.Split++
		return true
	}
	k.undo(u)
	return false
}

// undo is how to go back to what was before tetrahedra were divided.
type undo struct {
	tets, tris, knots int // how many there were
	oldTets           []old[[4]int32]
	oldTris           []old[[3]int32]
}

// old is the corners that a tetrahedron or a triangle had.
type old[V any] struct {
	number  int32
	corners V
}

// inOrder sorts what was noted: each number once.
func inOrder[V any](list []old[V]) []old[V] {
	slices.SortFunc(list, func(a, b old[V]) int { return cmp.Compare(a.number, b.number) })
	return list
}

func (k *keeper) newUndo() *undo {
	return &undo{tets: len(k.tets), tris: len(k.tris), knots: len(k.knots)}
}

// setTet replaces a tetrahedron.
func (k *keeper) setTet(u *undo, t int32, v [4]int32) {
	if u != nil {
		u.oldTets = append(u.oldTets, old[[4]int32]{t, k.tets[t]})
	}
	for _, n := range k.tets[t] {
		k.knots[n].tets = without(k.knots[n].tets, t)
	}
	k.tets[t], k.doubtful[t] = v, true
	for _, n := range v {
		k.knots[n].tets = append(k.knots[n].tets, t)
	}
}

func (k *keeper) setTri(u *undo, t int32, v [3]int32) {
	if u != nil {
		u.oldTris = append(u.oldTris, old[[3]int32]{t, k.tris[t]})
	}
	for _, n := range k.tris[t] {
		k.knots[n].tris = without(k.knots[n].tris, t)
	}
	k.tris[t] = v
	for _, n := range v {
		k.knots[n].tris = append(k.knots[n].tris, t)
	}
}

func (k *keeper) undo(u *undo) {
	for len(k.tets) > u.tets {
		t := int32(len(k.tets) - 1)
		for _, n := range k.tets[t] {
			k.knots[n].tets = without(k.knots[n].tets, t)
		}
		k.tets, k.tetAt, k.doubtful, k.cell = k.tets[:t], k.tetAt[:t], k.doubtful[:t], k.cell[:t]
	}
	for len(k.tris) > u.tris {
		t := int32(len(k.tris) - 1)
		for _, n := range k.tris[t] {
			k.knots[n].tris = without(k.knots[n].tris, t)
		}
		k.tris, k.triAt, k.between = k.tris[:t], k.triAt[:t], k.between[:t]
	}
	for _, t := range inOrder(u.oldTets) {
		k.setTet(nil, t.number, t.corners)
	}
	for _, t := range inOrder(u.oldTris) {
		k.setTri(nil, t.number, t.corners)
	}
	k.knots = k.knots[:u.knots]
}

func without(list []int32, x int32) []int32 {
	i := slices.Index(list, x)
	list[i] = list[len(list)-1]
	return list[:len(list)-1]
}
