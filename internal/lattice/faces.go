package lattice

import (
	"math"
	"slices"
)

// faces returns the face that each triangle of the mesh lies on: the one that its nodes have in common. Where that is none, or
// several, it is that of the nearest triangle.
func (k *keeper) faces() []int32 {
	m := k.mesh
	out := make([]int32, len(m.Tris)/3)
	known := make([]bool, len(out))
	several := map[int32][]int32{}
	for i, t := range k.tris {
		common := slices.Clone(k.knots[t[0]].faces)
		for _, n := range t[1:] {
			common = slices.DeleteFunc(common, func(f int32) bool { return !slices.Contains(k.knots[n].faces, f) })
		}
		if len(common) == 1 {
			out[k.triAt[i]], known[k.triAt[i]] = common[0], true
		} else if len(common) > 1 {
			several[k.triAt[i]] = common
		}
	}
	near := make([]bool, len(out))
	for _, t := range k.triAt {
		near[t] = true
	}
	var unsure []int32
	var centres [][3]float64
	for i := range out {
		t := m.Tris[3*i : 3*i+3]
		if known[i] {
			continue
		}
		if !near[i] {
			a := k.faceOn(t[0])
			if out[i] = a; a >= 0 && a == k.faceOn(t[1]) && a == k.faceOn(t[2]) {
				continue
			}
		}
		unsure = append(unsure, int32(i))
		centres = append(centres, m.centre(t))
	}
	for n, hit := range k.surface.Nearest(centres, math.Inf(1)) {
		f := k.faceOf[hit.Triangle]
		if common := several[unsure[n]]; len(common) > 0 && !slices.Contains(common, f) {
			f = common[0]
		}
		out[unsure[n]] = f
	}
	return out
}

// between returns for each node of the surface whether triangles of several faces meet there: edges between faces have such ends.
func (m *Mesh) between(faces []int32) []bool {
	out := make([]bool, len(m.XYZ)/3-m.Inside)
	first := make([]int32, len(out))
	for i := range first {
		first[i] = -1
	}
	for i, face := range faces {
		for _, n := range m.Tris[3*i : 3*i+3] {
			switch at := int(n) - m.Inside; first[at] {
			case -1:
				first[at] = face
			case face:
			default:
				out[at] = true
			}
		}
	}
	return out
}

// compare measures how far the surface's edges are from the mesh's.
func (k *keeper) compare(f *Features, faces []int32) {
	if len(f.segments) == 0 {
		return
	}
	mesh := k.mesh
	own := &Features{}
	between := mesh.between(faces)
	other := map[[2]int32]int32{} // the face of the triangle that runs along a half-edge
	for i, face := range faces {
		for c := range 3 {
			a, b := mesh.Tris[3*i+c], mesh.Tris[3*i+(c+1)%3]
			if !between[int(a)-mesh.Inside] || !between[int(b)-mesh.Inside] {
				continue
			}
			g, met := other[[2]int32{b, a}]
			if !met {
				other[[2]int32{a, b}] = face
				continue
			}
			delete(other, [2]int32{b, a})
			if g != face {
				own.segments = append(own.segments, segment{a: mesh.At(a), b: mesh.At(b), faces: [2]int32{min(g, face), max(g, face)}})
			}
		}
	}
	k.kept.measure(f, own, k.edge)
}

// measure compares the edges of a surface with those of its mesh.
func (kept *Kept) measure(f, own *Features, edge float64) {
	near := own.near(reach * edge)
	const samples = 4 // along an edge of the lattice
	for _, s := range f.segments {
		if s.all != nil && (s.faces[0] != s.all[0] || s.faces[1] != s.all[1]) {
			continue // once
		}
		length := norm(sub(s.b, s.a))
		n := max(int(samples*length/edge), 1)
		for i := range n {
			p := along(s.a, s.b, (float64(i)+0.5)/float64(n))
			kept.Length += length / float64(n)
			at, _, ok := near.nearest(p, s.faces[:1], s.faces[1:])
			if !ok {
				kept.Lost += length / float64(n)
				continue
			}
			kept.Deviation = max(kept.Deviation, norm(sub(p, at)))
		}
	}
}
