// Package estimate says what a mesh would cost before it is made: from the volumes, areas and curvatures of a
// part, and the edge lengths that a spec stands for.
//
// It is rough where meshes are coarse and parts are thin. The bounds of each range say how rough.
package estimate

import (
	"math"

	"meshgen/internal/engine"
)

// Facts are what an estimate needs of a part.
type Facts struct {
	Box      engine.Box
	Diagonal float64
	Volume   float64 // of all solids
	Area     float64 // of all faces
	Faces    int

	bends []bend

	areas  map[int]float64 // of each face
	groups []engine.FileGroup
	solids map[int]float64 // volume of each
}

// bend is a face, or a part of one, of one curvature.
type bend struct {
	face            int
	area, thickness float64 // of the face, and of the solid that it bounds
	radius          float64 // 0 where it is flat
}

// curvedShare is the part of a face that is taken to be as curved as a rod of the part's thickness, where nothing is known: of
// an STL, and of what was imported before shapes of faces were noted.
const curvedShare = 0.3

// bend notes how the faces bend. Twice the volume by the area is the radius, if the solid were a rod; the wall, if it were a plate.
func (f *Facts) bend(m *engine.Model) {
	thickness := map[int]float64{} // of the thinnest solid that a face bounds
	for _, solid := range m.Solids {
		area := 0.
		for _, face := range solid.Faces {
			area += f.areas[face]
		}
		for _, face := range solid.Faces {
			t := 2 * solid.Measure / area
			if old, twice := thickness[face]; solid.Measure > 0 && (!twice || t < old) {
				thickness[face] = t
			}
		}
	}
	faces := m.Faces
	if len(faces) == 0 {
		faces = []engine.Body{{Measure: f.Area}}
	}
	for _, face := range faces {
		t, ok := thickness[face.Tag]
		if !ok {
			t = 2 * f.Volume / f.Area
		}
		b := bend{face: face.Tag, area: face.Measure, thickness: t, radius: face.Radius}
		if face.Shape == "" {
			curved := b
			curved.area, curved.radius = curvedShare*b.area, t
			b.area -= curved.area
			f.bends = append(f.bends, curved)
		}
		f.bends = append(f.bends, b)
	}
}

// FactsOf returns the facts of an imported part.
func FactsOf(m *engine.Model) *Facts {
	a, b, c := m.Box.Max[0]-m.Box.Min[0], m.Box.Max[1]-m.Box.Min[1], m.Box.Max[2]-m.Box.Min[2]
	f := &Facts{
		Box: m.Box, Diagonal: math.Sqrt(a*a + b*b + c*c), Faces: len(m.Faces),
		areas: map[int]float64{}, solids: map[int]float64{}, groups: m.Groups,
	}
	for _, face := range m.Faces {
		f.areas[face.Tag] = face.Measure
		f.Area += face.Measure
	}
	for _, solid := range m.Solids {
		f.solids[solid.Tag] = solid.Measure
		f.Volume += solid.Measure
	}
	// Where the CAD cannot say, the box bounds both.
	if f.Volume <= 0 {
		f.Volume = a * b * c
	}
	if f.Area <= 0 {
		f.Area = 2 * (a*b + b*c + c*a)
	}
	f.bend(m)
	return f
}
