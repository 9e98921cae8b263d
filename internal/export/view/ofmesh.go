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
	triangles, tagged := 0, false
	for _, b := range m.Of(2) {
		triangles += b.Len() * (b.Kind.Corners() - 2)
		tagged = tagged || len(b.Tags) > 0
	}
	s.Corners = make([]uint32, 0, 3*triangles)
	if tagged {
		s.Elements = make([]uint32, 0, triangles)
	}
	for _, measure := range measures {
		s.Values = append(s.Values, Values{Name: measure.Name, Low: measure.Low, High: measure.High, Of: make([]float32, 0, triangles)})
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
		corners := b.Kind.Corners()
		for e := range b.Len() {
			c := b.Element(e)[:corners]
			number := 1
			if corners == 3 {
				s.Corners = append(s.Corners, uint32(c[0]), uint32(c[1]), uint32(c[2]))
			} else {
				number = 2
				for _, n := range split(m, c) {
					s.Corners = append(s.Corners, uint32(n))
				}
			}
			for range number {
				if b.Tags != nil {
					s.Elements = append(s.Elements, uint32(b.Tags[e]))
				}
				for i := range measures {
					s.Values[i].Of = append(s.Values[i].Of, float32(of[i](e)))
				}
			}
			face.Count += number
		}
	}
	return s
}

// split returns the corners of the two triangles that show a quadrangle: it is cut along its shorter diagonal.
func split(m *mesh.Mesh, c []uint64) [6]uint64 {
	if distance(m, c[0], c[2]) <= distance(m, c[1], c[3]) {
		return [6]uint64{c[0], c[1], c[2], c[0], c[2], c[3]}
	}
	return [6]uint64{c[0], c[1], c[3], c[1], c[2], c[3]}
}

func distance(m *mesh.Mesh, a, b uint64) float64 {
	p, q := m.At(a), m.At(b)
	return math.Hypot(math.Hypot(p[0]-q[0], p[1]-q[1]), p[2]-q[2])
}
