package surface

// Append adds the shells and solids of another mended surface. The two share no vertex, wherever they lie.
func (m *Mesh) Append(other *Mesh) {
	vertices, triangles, shells := int32(len(m.Vertices)), len(m.Triangles), len(m.Shells)
	m.Vertices = append(m.Vertices, other.Vertices...)
	for _, t := range other.Triangles {
		m.Triangles = append(m.Triangles, [3]int32{t[0] + vertices, t[1] + vertices, t[2] + vertices})
	}
	for _, s := range other.Shells {
		s.First += triangles
		m.Shells = append(m.Shells, s)
	}
	for _, s := range other.Solids {
		joined := Solid{Outer: s.Outer + shells}
		for _, v := range s.Voids {
			joined.Voids = append(joined.Voids, v+shells)
		}
		m.Solids = append(m.Solids, joined)
	}
}
