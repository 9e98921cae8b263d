package surface

import "math"

// seamShare is the gap, in relation to the diagonal, that may be closed without asking: about what single precision
// leaves between two writings of one point.
const seamShare = 1e-6

// weldSeams unites vertices on open edges that all but coincide, if that closes the surface; otherwise it changes
// nothing, since the holes are then the thing to be told. It reports whether it did.
func (r *repair) weldSeams(open []edge) bool {
	box := r.Box()
	far := 0.0
	for k := range 3 {
		far = max(far, math.Abs(box.Min[k]), math.Abs(box.Max[k]))
	}
	// at its place in space a file of single precision knows a point only to a few of its steps
	tolerance := max(seamShare*r.diagonal, 4*far*0x1p-23)

	sets := r.near(open, tolerance)
	united := &repair{Mesh: &Mesh{Vertices: r.Vertices}, diagonal: r.diagonal, flatness: r.flatness}
	farthest := 0.0
	seen := make(map[int32]bool)
	for i, t := range r.Triangles {
		for k, v := range t {
			t[k] = sets.root(v)
			if t[k] != v && !seen[v] {
				seen[v] = true
				farthest = max(farthest, norm(sub(r.Vertices[v], r.Vertices[t[k]])))
			}
		}
		united.Triangles = append(united.Triangles, t)
		united.number = append(united.number, r.number[i])
	}
	if len(seen) == 0 {
		return false
	}
	united.dropCollapsed()
	united.dropDuplicates()
	if united.mendFlat() != nil || len(united.Triangles) == 0 {
		return false
	}
	if stillOpen, _ := newEdgeTable(united.Mesh).census(); len(stillOpen) > 0 {
		return false
	}
	r.Triangles, r.number = united.Triangles, united.number
	r.repaired(nil, "Moved %s by up to %.3g onto a neighbour, which closed the seams.", count(len(seen), "point"), farthest)
	r.warnings = append(r.warnings, united.warnings...)
	return true
}

// near returns the vertices on the edges, united where they lie within the tolerance of each other.
func (r *repair) near(edges []edge, tolerance float64) forest {
	sets := newForest(len(r.Vertices))
	next := make(map[int32]int32)     // chains the vertices of a cell
	first := make(map[[3]int64]int32) // of each cell of a grid as wide as the tolerance
	cell := func(p [3]float64) (c [3]int64) {
		for k, x := range p {
			c[k] = int64(math.Floor(x / tolerance))
		}
		return c
	}
	place := func(v int32) {
		if _, done := next[v]; done {
			return
		}
		p := r.Vertices[v]
		home, crowd := cell(p), false
		for n := range 27 {
			c := [3]int64{home[0] + int64(n%3) - 1, home[1] + int64(n/3%3) - 1, home[2] + int64(n/9) - 1}
			u, ok := first[c]
			for ok && u >= 0 {
				d := sub(r.Vertices[u], p)
				if gap := dot(d, d); gap <= tolerance*tolerance {
					sets.join(u, v)
					crowd = crowd || gap <= tolerance*tolerance/16
				}
				u = next[u]
			}
		}
		if crowd { // a neighbour stands for it: the chains stay short, however many points a file heaps up
			next[v] = -1
			return
		}
		if u, ok := first[home]; ok {
			next[v] = u
		} else {
			next[v] = -1
		}
		first[home] = v
	}
	for _, e := range edges {
		place(e.low)
		place(e.high)
	}
	return sets
}
