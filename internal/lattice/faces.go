package lattice

import (
	"math"
	"slices"
)

// faces returns the face that each triangle of the mesh lies on: the one that its nodes have in common. Where that is none, or
// several, it is that of the nearest triangle. All nodes of a triangle that is not named as doubtful lie on its face by what the mesh says.
func (k *keeper) faces() (out, doubtful []int32) {
	const plain, near, known = 0, 1, 2
	m := k.mesh
	out = make([]int32, len(m.Tris)/3)
	state := make([]uint8, len(out))
	several := map[int32][]int32{}
	for i, t := range k.tris {
		at := k.triAt[i]
		switch common := k.common(t); len(common) {
		case 0:
			state[at] = near
		case 1:
			out[at], state[at] = common[0], known
		default:
			several[at], state[at] = common, near
		}
	}
	unsure := find(k.surface.Threads(), len(out), func(first, last int, found []int32) []int32 {
		for i := first; i < last; i++ {
			switch state[i] {
			case plain:
				t := m.Tris[3*i : 3*i+3]
				if out[i] = k.faceOn(t[0]); out[i] < 0 || out[i] != k.faceOn(t[1]) || out[i] != k.faceOn(t[2]) {
					found = append(found, int32(i))
				}
			case near:
				found = append(found, int32(i))
			}
		}
		return found
	})
	centres := make([][3]float64, len(unsure))
	for n, tri := range unsure {
		centres[n] = m.centre(m.Tris[3*tri : 3*tri+3])
	}
	for n, hit := range k.surface.Nearest(centres, math.Inf(1)) {
		f := k.faceOf[hit.Triangle]
		if common := several[unsure[n]]; len(common) > 0 && !slices.Contains(common, f) {
			f = common[0]
		}
		out[unsure[n]] = f
	}
	return out, slices.Concat(k.triAt, unsure)
}

// common returns the faces that all three knots lie on, in the order of the first.
func (k *keeper) common(t [3]int32) []int32 {
	all := k.knots[t[0]].faces
	shared := func(f int32) bool {
		return slices.Contains(k.knots[t[1]].faces, f) && slices.Contains(k.knots[t[2]].faces, f)
	}
	for i, f := range all {
		if !shared(f) {
			out := slices.Clone(all[:i])
			for _, f := range all[i+1:] {
				if shared(f) {
					out = append(out, f)
				}
			}
			return out
		}
	}
	return all
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

// meeting returns for each node of the surface whether triangles of several faces meet there, as between does, and, ascending, the triangles that
// may have such nodes. Of a triangle that is not doubtful, each node lies on its face by what the mesh says: only where one does not can faces meet.
func (k *keeper) meeting(faces, doubtful []int32) (between []bool, tris []int32) {
	m := k.mesh
	between = make([]bool, len(m.XYZ)/3-m.Inside)
	asked := make([]bool, len(between))
	for _, tri := range doubtful {
		for _, n := range m.Tris[3*tri : 3*tri+3] {
			if k.faceOn(n) != faces[tri] {
				asked[int(n)-m.Inside] = true
			}
		}
	}
	tris = find(k.surface.Threads(), len(faces), func(first, last int, found []int32) []int32 {
		for i := first; i < last; i++ {
			t := m.Tris[3*i : 3*i+3]
			if asked[int(t[0])-m.Inside] || asked[int(t[1])-m.Inside] || asked[int(t[2])-m.Inside] {
				found = append(found, int32(i))
			}
		}
		return found
	})
	one := make([]int32, len(between)) // the number of a triangle at each node, and one more
	for _, tri := range tris {
		for _, n := range m.Tris[3*tri : 3*tri+3] {
			at := int(n) - m.Inside
			switch {
			case !asked[at]:
			case one[at] == 0:
				one[at] = tri + 1
			case faces[one[at]-1] != faces[tri]:
				between[at] = true
			}
		}
	}
	return between, tris
}

// compare measures how far the surface's edges are from the mesh's.
func (k *keeper) compare(f *Features, faces, doubtful []int32) {
	if len(f.segments) == 0 {
		return
	}
	mesh := k.mesh
	own := &Features{}
	between, tris := k.meeting(faces, doubtful)
	other := map[[2]int32]int32{} // the face of the triangle that runs along a half-edge
	for _, tri := range tris {
		t, face := mesh.Tris[3*tri:3*tri+3], faces[tri]
		for c := range 3 {
			a, b := t[c], t[(c+1)%3]
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
