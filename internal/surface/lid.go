package surface

import "math"

// bend returns the angle by which two triangles at an edge are bent out of one plane: 0 where they are flush, π where one
// lies on the other. It does not ask which way they point.
func (r *repair) bend(a, b, apex1, apex2 int32) float64 {
	along := sub(r.Vertices[b], r.Vertices[a])
	across := func(apex int32) [3]float64 {
		u := sub(r.Vertices[apex], r.Vertices[a])
		share := dot(u, along) / dot(along, along)
		for k := range u {
			u[k] -= share * along[k]
		}
		return u
	}
	u, v := across(apex1), across(apex2)
	return math.Pi - angle(u, v)
}

// angle returns the angle between two vectors, 0 where one of them is null.
func angle(u, v [3]float64) float64 { return math.Atan2(norm(cross(u, v)), dot(u, v)) }

// lid triangulates a hole so that its sharpest bend, with the surface around and within, is as slight as can be, and of
// those triangulations the one of least area. It reports false where every one would repeat an edge of the surface.
// After P. Liepa, "Filling holes in meshes" (2003).
func (r *repair) lid(h *hole, table *edgeTable) ([][3]int32, bool) {
	n := len(h.rim)
	if n < 3 || n > maxHoleEdges {
		return nil, false
	}
	type cost struct {
		bend, area float64
		middle     int // of the triangle on the chord, -1 for none
	}
	// best[i][j] is that of the polygon rim[i..j], closed by the chord from j to i
	best := make([][]cost, n)
	for i := range best {
		best[i] = make([]cost, n)
		for j := range best[i] {
			best[i][j] = cost{middle: -1}
		}
	}
	// apex of what lies beyond the side i-j of a triangle, seen from it
	beyond := func(i, j int) (int32, bool) {
		if j == i+1 {
			return h.apex[i][2], true
		}
		return h.rim[max(best[i][j].middle, 0)], best[i][j].middle >= 0
	}
	for span := 2; span < n; span++ {
		for i := 0; i+span < n; i++ {
			j := i + span
			found := cost{bend: math.Inf(1), middle: -1}
			// a chord must not be an edge already, but the last is the rim's own
			if span < n-1 && len(table.of(h.rim[i], h.rim[j])) > 0 {
				best[i][j] = found
				continue
			}
			for m := i + 1; m < j; m++ {
				c := cost{middle: m, bend: max(best[i][m].bend, best[m][j].bend), area: best[i][m].area + best[m][j].area}
				if math.IsInf(c.bend, 1) || c.bend > found.bend {
					continue
				}
				c.area += r.areaOf([][3]int32{{h.rim[i], h.rim[m], h.rim[j]}})
				for _, s := range [2][2]int{{i, m}, {m, j}} {
					if apex, ok := beyond(s[0], s[1]); ok {
						c.bend = max(c.bend, r.bend(h.rim[s[0]], h.rim[s[1]], apex, h.rim[i+m+j-s[0]-s[1]]))
					}
				}
				if span == n-1 {
					c.bend = max(c.bend, r.bend(h.rim[j], h.rim[i], h.apex[j][2], h.rim[m]))
				}
				if c.bend < found.bend || c.bend == found.bend && c.area < found.area {
					found = c
				}
			}
			best[i][j] = found
		}
	}
	if best[0][n-1].middle < 0 {
		return nil, false
	}
	var out [][3]int32
	var collect func(i, j int)
	collect = func(i, j int) {
		if j < i+2 {
			return
		}
		m := best[i][j].middle
		out = append(out, [3]int32{h.rim[i], h.rim[m], h.rim[j]})
		collect(i, m)
		collect(m, j)
	}
	collect(0, n-1)
	// at the rim the lid has to run against the triangle beyond it
	if h.apex[0][1] == h.rim[0] {
		for i := range out {
			turn(&out[i])
		}
	}
	return out, true
}
