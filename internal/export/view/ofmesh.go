package view

import (
	"math"

	"meshgen/internal/mesh"
)

// Measure is a value of each element.
type Measure struct {
	Name      string
	Low, High float64
	Of        func(b *mesh.Block) func(element int) float64
}

// SurfaceOf returns the surface of a mesh as its faces hold it: triangles as they are, quadrangles as two triangles each, and
// curved elements by their corners. describe gives a face its name and colour; it may be nil.
func SurfaceOf(m *mesh.Mesh, describe func(tag int) (name, color string), measures ...Measure) *Surface {
	s := &Surface{XYZ: m.XYZ}
	for _, measure := range measures {
		s.Values = append(s.Values, Values{Name: measure.Name, Low: measure.Low, High: measure.High})
	}
	for _, b := range m.Of(2) {
		if n := len(s.Faces); n == 0 || s.Faces[n-1].Tag != b.Entity {
			face := Face{Tag: b.Entity, First: len(s.Corners) / 3}
			if describe != nil {
				face.Name, face.Color = describe(b.Entity)
			}
			s.Faces = append(s.Faces, face)
		}
		face := &s.Faces[len(s.Faces)-1]
		of := make([]func(int) float64, len(measures))
		for i, measure := range measures {
			of[i] = measure.Of(b)
		}
		for e := range b.Len() {
			for _, t := range split(m, b.Element(e)[:b.Kind.Corners()]) {
				s.Corners = append(s.Corners, uint32(t[0]), uint32(t[1]), uint32(t[2]))
				if b.Tags != nil {
					s.Elements = append(s.Elements, uint32(b.Tags[e]))
				}
				for i := range measures {
					s.Values[i].Of = append(s.Values[i].Of, float32(of[i](e)))
				}
				face.Count++
			}
		}
	}
	return s
}

// split returns the triangles that show an element: a quadrangle is cut along its shorter diagonal.
func split(m *mesh.Mesh, c []uint64) [][3]uint64 {
	switch {
	case len(c) == 3:
		return [][3]uint64{{c[0], c[1], c[2]}}
	case distance(m, c[0], c[2]) <= distance(m, c[1], c[3]):
		return [][3]uint64{{c[0], c[1], c[2]}, {c[0], c[2], c[3]}}
	}
	return [][3]uint64{{c[0], c[1], c[3]}, {c[1], c[2], c[3]}}
}

func distance(m *mesh.Mesh, a, b uint64) float64 {
	p, q := m.At(a), m.At(b)
	return math.Hypot(math.Hypot(p[0]-q[0], p[1]-q[1]), p[2]-q[2])
}
