package estimate

import (
	"math"

	"meshgen/internal/spec"
)

// What a lattice costs: exactly known where its edge is, and bounded where it is made finer until the volume is held.
const (
	latticePerCube     = 12  // tetrahedra of a lattice of edge h in a volume of h³
	latticeMissed      = 0.2 // what the surface cuts, as a share
	latticeFree        = 600_000
	latticeFreeDraft   = 100_000
	latticeAtLeast     = 50_000 // what most parts with edges need to hold their volume
	secondsPerCell     = 4e-6   // of a tetrahedron, measured and written
	trianglesOfLattice = 5.2    // on an area of h²
)

// lattice is the model of a mesh by strategy lattice.
func (f *Facts) lattice(s spec.Spec, edge float64) Estimate {
	count := func(h float64) float64 { return latticePerCube * f.Volume / (h * h * h) }
	low, expected, high := count(edge), count(edge), count(edge)
	switch {
	case s.Size.TargetElements > 0:
		expected = float64(s.Size.TargetElements)
		low, high = expected, expected
	case s.Size.Max == 0:
		free := float64(latticeFree)
		if s.Draft {
			free = latticeFreeDraft
		}
		expected, high = max(expected, min(latticeAtLeast, free)), max(high, free)
	}
	of := func(tetrahedra float64) (h float64) { return math.Cbrt(latticePerCube * f.Volume / max(tetrahedra, 1)) }
	triangles := func(tetrahedra float64) float64 {
		h := of(tetrahedra)
		return trianglesOfLattice * f.Area / (h * h)
	}
	seconds := func(tetrahedra float64) float64 { return secondsAtLeast + secondsPerCell*tetrahedra }
	e := Estimate{
		MaxEdge: of(expected), MinEdge: of(expected),
		Tetrahedra: Range{Low: (1 - latticeMissed) * low, Expected: expected, High: (1 + latticeMissed) * high},
		Triangles:  Range{Low: triangles(low) / 2, Expected: triangles(expected), High: triangles(high)},
		Seconds:    Range{Low: seconds(low), Expected: seconds(expected), High: seconds(high)},
	}
	e.finish(s, 0)
	return e
}
