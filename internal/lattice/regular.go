package lattice

// Regular returns a bit for each tetrahedron that is one of the lattice as it is, nil where none is known: all of these are congruent, but for the
// rounding of their nodes. They are those outside of greater cubes that have no node on the surface, and none that was moved to keep edges:
// stencils leave a tetrahedron whole whose nodes all lie inside, and where edges are divided, they are divided at nodes of the surface.
func (m *Mesh) Regular(threads int) []uint64 {
	if m.cubic == 0 || m.Cells != nil {
		return nil
	}
	var left []bool // of each node inside, whether it was moved; nil where none was
	if len(m.moved) > 0 {
		left = make([]bool, m.Inside)
		for _, n := range m.moved {
			left[n] = true
		}
	}
	inside := int32(m.Inside)
	out := make([]uint64, (len(m.Tets)/4+63)/64)
	parallel(threads, (m.cubic+63)/64, func(first, last int) int32 {
		for w := first; w < last; w++ {
			tets, bits := m.Tets[256*w:min(256*(w+1), 4*m.cubic)], uint64(0)
			for bit := uint64(1); len(tets) >= 4; tets, bit = tets[4:], bit<<1 {
				a, b, c, d := tets[0], tets[1], tets[2], tets[3]
				if max(a, b, c, d) < inside && (left == nil || !left[a] && !left[b] && !left[c] && !left[d]) {
					bits |= bit
				}
			}
			out[w] = bits
		}
		return 0
	})
	return out
}
