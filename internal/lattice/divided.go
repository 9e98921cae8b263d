package lattice

import (
	"math"
	"slices"
)

// settle gives tetrahedra that no solid holds, slivers within walls, to the one that has most of their sides.
func (d *division) settle() {
	m := d.mesh
	var left []int32
	for t, cell := range m.Cells {
		if cell == Nobody {
			left = append(left, int32(t))
		}
	}
	for len(left) > 0 {
		at := map[[3]int32]int32{} // a side, and whose
		for _, t := range left {
			for _, s := range sidesOfTet {
				v := m.Tets[4*t : 4*t+4]
				at[ascending(v[s[0]], v[s[1]], v[s[2]])] = Nobody
			}
		}
		for t, cell := range m.Cells {
			if cell == Nobody {
				continue
			}
			for _, s := range sidesOfTet {
				v := m.Tets[4*t : 4*t+4]
				key := ascending(v[s[0]], v[s[1]], v[s[2]])
				if _, asked := at[key]; asked {
					at[key] = cell
				}
			}
		}
		next := left[:0]
		for _, t := range left {
			count := map[int32]int{}
			best := int32(Nobody)
			for _, s := range sidesOfTet {
				v := m.Tets[4*t : 4*t+4]
				cell := at[ascending(v[s[0]], v[s[1]], v[s[2]])]
				if cell == Nobody {
					continue
				}
				if count[cell]++; best == Nobody || count[cell] > count[best] {
					best = cell
				}
			}
			if m.Cells[t] = best; best == Nobody {
				next = append(next, t)
			}
		}
		if len(next) == len(left) { // nothing is around them
			for _, t := range next {
				m.Cells[t] = 0
			}
			return
		}
		left = next
	}
}

// renewWalls replaces the triangles between solids: what was the rest once may belong to the solid by now.
func (d *division) renewWalls() {
	m := d.mesh
	n := 0
	for i, between := range m.Between {
		if !between {
			copy(m.Tris[3*n:3*n+3], m.Tris[3*i:3*i+3])
			n++
		}
	}
	m.Tris, m.Between = m.Tris[:3*n], m.Between[:n]
	clear(m.Between)
	low, high := make([]int32, len(m.XYZ)/3), make([]int32, len(m.XYZ)/3) // of the solids around each node
	for i := range low {
		low[i], high[i] = math.MaxInt32, Nobody
	}
	for t, cell := range m.Cells {
		for _, n := range m.Tets[4*t : 4*t+4] {
			low[n], high[n] = min(low[n], cell), max(high[n], cell)
		}
	}
	type open struct {
		cell int32
		tri  [3]int32
	}
	first := map[[3]int32]open{}
	for t, cell := range m.Cells {
		v := m.Tets[4*t : 4*t+4]
		for _, s := range sidesOfTet {
			a, b, c := v[s[0]], v[s[1]], v[s[2]]
			if low[a] == high[a] || low[b] == high[b] || low[c] == high[c] {
				continue
			}
			key := ascending(a, b, c)
			other, met := first[key]
			if !met {
				first[key] = open{cell, [3]int32{a, b, c}}
				continue
			}
			delete(first, key)
			tri := [3]int32{a, b, c} // counter-clockwise from beyond the tetrahedron
			if other.cell < cell {
				tri = other.tri
			}
			if other.cell != cell {
				m.Tris, m.Between = append(m.Tris, tri[:]...), append(m.Between, true)
			}
		}
	}
}

// faces renews the triangles between solids, and returns the face that each triangle lies on, of which those before are known. Each lies between
// the solids that its face does: where solids touch that share no face there, tetrahedra are given to others.
func (d *division) faces(before []int32) ([]int32, error) {
	for round := 0; ; round++ {
		d.renewWalls()
		faces, wrong := d.tryFaces(before)
		if len(wrong) == 0 {
			return faces, nil
		}
		if round == mendRounds {
			return nil, ErrDivide
		}
		if left := d.mend(wrong, round == mendRounds-1); len(left) > 0 {
			d.renewWalls()
			d.loosen(left)
		}
	}
}

// mendRounds is how often tetrahedra are given to others at most.
const mendRounds = 8

// tryFaces returns the face that each triangle lies on, and which lie between solids that share no face there.
func (d *division) tryFaces(before []int32) (faces, wrong []int32) {
	m := d.mesh
	marks := make([]bool, len(m.XYZ)/3)
	triangle := map[[3]int32]int32{}
	for i, t := range triples(m.Tris) {
		_, a := d.known[t[0]]
		_, b := d.known[t[1]]
		_, c := d.known[t[2]]
		if a || b || c || i >= len(before) {
			marks[t[0]], marks[t[1]], marks[t[2]] = true, true, true
			triangle[ascending(t[0], t[1], t[2])] = int32(i)
		}
	}
	owners := make([]Sides, len(m.Tris)/3)
	for i := range owners {
		owners[i] = Sides{Nobody, Nobody}
	}
	for t, cell := range m.Cells {
		v := m.Tets[4*t : 4*t+4]
		for _, s := range sidesOfTet {
			a, b, c := v[s[0]], v[s[1]], v[s[2]]
			if !marks[a] || !marks[b] || !marks[c] {
				continue
			}
			if i, ok := triangle[ascending(a, b, c)]; ok {
				o := &owners[i]
				if o[0] == Nobody {
					o[0] = cell
				} else {
					o[0], o[1] = min(o[0], cell), max(o[0], cell)
				}
			}
		}
	}
	out := make([]int32, len(owners))
	for i, t := range triples(m.Tris) {
		if owners[i][0] == Nobody {
			out[i] = before[i]
			continue
		}
		f, ok := d.faceOf(t, owners[i])
		if !ok {
			wrong = append(wrong, int32(i))
		}
		out[i] = f
	}
	return out, wrong
}

// faceOf returns the face of a triangle between some solids: the one that its nodes have in common, or else the nearest.
func (d *division) faceOf(t [3]int32, owners Sides) (int32, bool) {
	var common []int32
	for _, f := range d.facesOf(t[0]) {
		if d.sides[f] == owners && slices.Contains(d.facesOf(t[1]), f) && slices.Contains(d.facesOf(t[2]), f) {
			common = append(common, f)
		}
	}
	if len(common) == 1 {
		return common[0], true
	}
	if len(common) == 0 {
		if !d.share(owners, t) {
			return 0, false
		}
		for f, s := range d.sides {
			if s == owners {
				common = append(common, f)
			}
		}
		slices.Sort(common)
	}
	if len(common) == 1 {
		return common[0], true
	}
	return d.nearestOf(d.mesh.centre(t[:]), common), true
}

// nearestOf returns which of some faces is nearest to a place.
func (d *division) nearestOf(at [3]float64, faces []int32) int32 {
	hit := d.All.Nearest([][3]float64{at}, 4*d.edge)[0]
	if hit.Triangle >= 0 && slices.Contains(faces, d.face[hit.Triangle]) {
		return d.face[hit.Triangle]
	}
	best, least := faces[0], -1.
	for i, f := range d.face {
		if !slices.Contains(faces, f) {
			continue
		}
		t := d.triangles[i]
		var p [3]float64
		for _, v := range t {
			p = add(p, times(d.vertices[v], 1./3))
		}
		if r := norm(sub(p, at)); least < 0 || r < least {
			best, least = f, r
		}
	}
	return best
}

// compare measures how far the edges of the joint are from the mesh's.
func (d *division) compare(faces []int32) {
	m := d.mesh
	of := map[[2]int32][]int32{}
	for i, t := range triples(m.Tris) {
		for c := range 3 {
			a, b := t[c], t[(c+1)%3]
			_, known := d.known[a]
			_, also := d.known[b]
			if known && also {
				key := [2]int32{min(a, b), max(a, b)}
				if !slices.Contains(of[key], faces[i]) {
					of[key] = append(of[key], faces[i])
				}
			}
		}
	}
	own := &Features{}
	for key, list := range of {
		slices.Sort(list)
		for i, f := range list {
			for _, g := range list[i+1:] {
				own.segments = append(own.segments, segment{a: m.At(key[0]), b: m.At(key[1]), faces: [2]int32{f, g}})
			}
		}
	}
	d.kept.measure(d.Features, own, d.edge)
}
