package serve_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/spec"
)

// The edges of hexahedra are of three lengths, which are 0.2 to 0.5 of the edge of the tetrahedron that they are cut from. What was
// asked for is their mean.
func TestHex_EdgesAreAsLongAsAsked(t *testing.T) {
	c := start(t)
	box := named(t, "testdata/two_boxes.step")
	ratios := func(change func(*spec.Spec)) (mean float64, shortest float64) {
		a := c.mesh(box, func(s *spec.Spec) {
			s.Strategy, s.Formats = spec.Hex, []string{"msh"}
			change(s)
		})
		requireSound(t, a)
		r := a.Mesh.Measured.Volume.Measures["size_ratio"]
		return r.Mean, a.Mesh.Measured.Volume.Measures["edge_length"].Min
	}
	mean, _ := ratios(func(s *spec.Spec) { s.Size.Max = 1 })
	require.InDelta(t, 1, mean, 0.2)
	mean, shortest := ratios(func(s *spec.Spec) {
		s.Size.Max = 1
		s.Refine = []spec.Refinement{{Sphere: &spec.Sphere{Center: []float64{0, 0, 0}, Radius: 0.5}, Size: 0.2}}
	})
	require.InDelta(t, 1, mean, 0.25)
	require.InDelta(t, 0.2, shortest, 0.1)
}
