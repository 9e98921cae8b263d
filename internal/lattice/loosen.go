package lattice

import (
	"cmp"
	"slices"
)

// loosen divides tetrahedra at sides where solids touch that share no face, so that there is one to be given to a solid that lies between: an edge has to
// have as many tetrahedra around it as solids meet there.
func (d *division) loosen(sides [][3]int32) {
	near := make([]uint8, len(d.side))
	for _, s := range sides {
		for _, n := range s {
			near[n] = seed
		}
	}
	k := d.newKeeper(near)
	k.effort = crossingEffort * len(sides)
	of := map[int32]int32{} // the knot of each node
	for i := range k.knots {
		of[k.knots[i].node] = int32(i)
	}
	for _, s := range sides {
		for _, e := range k.opposite([3]int32{of[s[0]], of[s[1]], of[s[2]]}) {
			if by, ok := d.middleOf(k, e[0], e[1]); ok && k.joined(e[0], e[1]) && k.splitAt(e[0], e[1], by) {
				break
			}
		}
	}
	k.smooth()
	d.note(k)
}

// opposite returns the edges opposite to that of a side at which most faces meet, in the tetrahedra around it, the longest first: each of them
// that is divided makes one tetrahedron more there. Those at the side itself come first.
func (k *keeper) opposite(side [3]int32) (out [][2]int32) {
	meeting := func(n int32) int { return len(k.knots[n].faces) }
	slices.SortStableFunc(side[:], func(a, b int32) int { return meeting(b) - meeting(a) })
	a, b := side[0], side[1]
	for _, t := range k.knots[a].tets {
		v := k.tets[t]
		if !slices.Contains(v[:], b) {
			continue
		}
		var e []int32
		for _, n := range v {
			if n != a && n != b {
				e = append(e, n)
			}
		}
		out = append(out, [2]int32{min(e[0], e[1]), max(e[0], e[1])})
	}
	at := func(e [2]int32) int {
		if slices.Contains(e[:], side[2]) {
			return 0
		}
		return 1
	}
	length := func(e [2]int32) float64 { return norm(sub(k.knots[e[0]].at, k.knots[e[1]].at)) }
	slices.SortStableFunc(out, func(e, f [2]int32) int { return cmp.Or(at(e)-at(f), cmp.Compare(length(f), length(e))) })
	return out
}

// middleOf returns a knot in the middle of an edge: on the faces that this lies on.
func (d *division) middleOf(k *keeper, a, b int32) (knot, bool) {
	by := knot{at: along(k.knots[a].at, k.knots[b].at, 0.5), node: -1, kind: inner, on: -1}
	onSurface, onAny := false, false
	for _, t := range k.knots[a].tris {
		if slices.Contains(k.tris[t][:], b) {
			onAny = true
			onSurface = onSurface || !k.between[t]
		}
	}
	if !onAny {
		return by, true
	}
	var common []int32
	for _, f := range k.knots[a].faces {
		if slices.Contains(k.knots[b].faces, f) {
			common = append(common, f)
		}
	}
	switch len(common) {
	case 0: // a side of a tetrahedron that no face is near to
		return by, !onSurface
	case 1:
		hit := d.All.Nearest([][3]float64{by.at}, d.edge)[0]
		if hit.Triangle < 0 || d.face[hit.Triangle] != common[0] {
			return by, false
		}
		by.at, by.kind, by.faces, by.on = hit.Point, onFace, common, hit.Triangle
	default:
		at, faces, ok := k.curves.nearest(by.at, common[:1], common[1:])
		if !ok {
			return by, false
		}
		by.at, by.kind, by.faces = at, onCurve, faces
	}
	return by, true
}
