package surface

// Rays finds the triangles that straight lines pass through. The surface need not be closed, nor oriented.
type Rays struct{ tree *tree }

// NewRays prepares a surface for rays. It may not be changed afterwards.
func NewRays(m *Mesh) *Rays {
	if len(m.Triangles) == 0 {
		return &Rays{}
	}
	return &Rays{newTree(m)}
}

// Hits yields the triangles that the segment from one point to another passes through, in no order, with the place of the
// hit as a share of the segment.
func (r *Rays) Hits(from, to [3]float64) func(yield func(triangle int, share float64) bool) {
	return func(yield func(int, float64) bool) {
		if r.tree == nil {
			return
		}
		direction := sub(to, from)
		for i := range r.tree.along(&from, &to) {
			a, b, c := r.tree.mesh.corners(r.tree.mesh.Triangles[i])
			if share, hit := meets(from, direction, a, b, c); hit && !yield(int(i), share) {
				return
			}
		}
	}
}

// meets is the test of Möller and Trumbore, "Fast, minimum storage ray/triangle intersection" (1997).
func meets(from, direction, a, b, c [3]float64) (share float64, hit bool) {
	ab, ac := sub(b, a), sub(c, a)
	p := cross(direction, ac)
	det := dot(ab, p)
	if det == 0 {
		return 0, false
	}
	s := sub(from, a)
	u := dot(s, p) / det
	if !(u >= 0 && u <= 1) {
		return 0, false
	}
	q := cross(s, ab)
	v := dot(direction, q) / det
	if !(v >= 0 && u+v <= 1) {
		return 0, false
	}
	share = dot(ac, q) / det
	return share, share >= 0 && share <= 1
}
