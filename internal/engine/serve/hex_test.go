package serve_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/mesh"
	"meshgen/internal/spec"
)

func TestHex_FillsPartsWithHexahedraOfTheSizeAskedFor(t *testing.T) {
	c := start(t)
	for _, source := range []engine.Source{named(t, "testdata/pipe.step"), named(t, "testdata/tee.step"), part(t)} {
		a := c.mesh(source, func(s *spec.Spec) { s.Strategy, s.Size.Max, s.Formats = spec.Hex, 2.5, []string{"msh"} })
		requireSound(t, a)
		require.Equal(t, spec.Hex, a.Mesh.Strategy)
		require.Zero(t, a.Mesh.Elements["tetrahedron"]+a.Mesh.Elements["triangle"])
		require.Equal(t, a.Mesh.Solids[0].Elements, a.Mesh.Elements["hexahedron"])
		volumeWithin(t, 0.01, a)

		m, err := mesh.ReadMSH(a.dir + "/mesh.msh")
		require.NoError(t, err)
		var lengths []float64
		for _, b := range m.Of(3) {
			require.Equal(t, mesh.Hex8, b.Kind)
			for e := range b.Len() {
				n := b.Element(e)
				for _, k := range [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 0}, {0, 4}, {1, 5}, {2, 6}, {3, 7}, {4, 5}, {5, 6}, {6, 7}, {7, 4}} {
					lengths = append(lengths, between(m.At(n[k[0]]), m.At(n[k[1]])))
				}
			}
		}
		typical := median(lengths)
		require.Less(t, typical, 2.5*1.3)
		require.Greater(t, typical, 2.5*0.25, "curvature asks for less than the longest edge")
		t.Log(typical, a.Mesh.Elements, a.Mesh.Quality, a.Mesh.Solids[0].Deviation, a.took)
	}
}

func TestHexWithWhatItCannotBe_IsRefused(t *testing.T) {
	_, err := spec.Spec{Strategy: spec.Hex, Order: 3}.Resolve()
	require.ErrorContains(t, err, "order")
	_, err = spec.Spec{Strategy: spec.Hex, Layers: []spec.Layer{{Groups: []string{"wall"}, FirstHeight: 1}}}.Resolve()
	require.ErrorContains(t, err, "layers")
}
