package lattice

// Regular returns a bit for each tetrahedron that is one of the lattice as it is, nil where none is known: all of these are congruent, but for the
// rounding of their nodes. They are those outside of greater cubes that have no node on the surface, and none that was moved to keep edges:
// stencils leave a tetrahedron whole whose nodes all lie inside, and where edges are divided, they are divided at nodes of the surface.
func (m *Mesh) Regular(threads int) []uint64 {
	if m.cubic == 0 || m.Cells != nil {
		return nil
	}
	stays := make([]bool, len(m.XYZ)/3)
	for n := range stays[:m.Inside] {
		stays[n] = true
	}
	for _, n := range m.moved {
		stays[n] = false
	}
	out := make([]uint64, (len(m.Tets)/4+63)/64)
	parallel(threads, (m.cubic+63)/64, func(first, last int) int32 {
		for w := first; w < last; w++ {
			tets, bits := m.Tets[256*w:min(256*(w+1), 4*m.cubic)], uint64(0)
			for bit := uint64(1); len(tets) >= 4; tets, bit = tets[4:], bit<<1 {
				if stays[tets[0]] && stays[tets[1]] && stays[tets[2]] && stays[tets[3]] {
					bits |= bit
				}
			}
			out[w] = bits
		}
		return 0
	})
	return out
}
