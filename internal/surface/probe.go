package surface

import "math"

// Probe answers where a surface is met by a line.
type Probe struct{ tree *tree }

// NewProbe prepares a surface, which must not change while it is probed.
func NewProbe(m *Mesh) *Probe { return &Probe{newTree(m)} }

// Nearest returns where the segment from p to q first meets a triangle, as a share of its length; triangles for which skip
// holds are passed.
func (p *Probe) Nearest(from, to [3]float64, skip func(triangle int32) bool) (share float64, found bool) {
	share = math.Inf(1)
	d := sub(to, from)
	for i := range p.tree.along(&from, &to) {
		if skip(i) {
			continue
		}
		a, b, c := p.tree.mesh.corners(p.tree.mesh.Triangles[i])
		point, hit := pierces(&from, &to, &a, &b, &c)
		if !hit {
			continue
		}
		if at := dot(sub(point, from), d) / dot(d, d); at < share {
			share = at
		}
	}
	return share, !math.IsInf(share, 1)
}

// Crossing returns the pairs of triangles that have more in common than the vertices and edges that they share, at most
// limit of them. Triangles need not have passed Repair.
func Crossing(vertices [][3]float64, triangles [][3]int32, limit int) (pairs [][2]int32) {
	if len(triangles) == 0 {
		return nil
	}
	m := &Mesh{Vertices: vertices, Triangles: triangles}
	r := &repair{Mesh: m}
	for i, j := range newTree(m).overlaps {
		if _, found := r.meet(i, j); found {
			if pairs = append(pairs, [2]int32{i, j}); len(pairs) >= limit {
				break
			}
		}
	}
	return pairs
}
