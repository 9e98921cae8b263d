// Package estimate says what a mesh would cost before it is made: from the volume, areas and box of a part, and the edge
// lengths that a spec stands for.
//
// It is rough: small features and curvature make more elements than a part of that volume needs by itself. The bounds of each
// range say how rough.
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

	areas  map[int]float64 // of each face
	groups []engine.FileGroup
	solids map[int]float64 // volume of each
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
	return f
}
