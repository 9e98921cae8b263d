package serve_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/mesh"
	"meshgen/internal/spec"
)

func TestLong_HexDominant_FillsTheInsideWithHexahedra(t *testing.T) {
	t.Parallel()
	c := start(t)
	for file, one := range map[string]struct{ fineness, least float64 }{ // the finer, the less is left to the tetrahedra at the surface
		"cad/cube-mm.step": {6, 0.75}, "cad/gen_sphere_void.step": {6, 0.6}, "cad/gen_sphere_in_box.step": {6, 0.57}, "stl/gen_hollow_sphere.stl": {7, 0.45},
	} {
		source := shared(t, file)
		a := c.mesh(source, func(s *spec.Spec) {
			s.Element, s.Size.Fineness, s.Formats = spec.HexDominant, one.fineness, []string{"msh"}
		})
		requireSound(t, a)
		volumeWithin(t, 0.01, a)
		require.Greater(t, a.Mesh.Quality["gamma"].Min, 0.1, file)
		require.Positive(t, a.Mesh.Elements["pyramid"], file)

		m, err := mesh.ReadMSH(a.dir + "/mesh.msh")
		require.NoError(t, err)
		hexahedra := 0.
		for _, b := range m.Of(3) {
			for e := 0; b.Kind == mesh.Hex8 && e < b.Len(); e++ {
				n := b.Element(e)
				edge := between(m.At(n[0]), m.At(n[1]))
				hexahedra += edge * edge * edge
			}
		}
		require.Greater(t, hexahedra, one.least*a.Mesh.Volume, file)
		require.False(t, warns(a, "Hexahedra fill"), file)
		t.Logf("%s: %.0f %% in hexahedra, %v, %v, %s", file, 100*hexahedra/a.Mesh.Volume, a.Mesh.Elements, a.Mesh.Quality, a.took)
	}
}

func TestHexDominant_ThinPartIsOfTetrahedraAndTheAnswerSaysSo(t *testing.T) {
	a := start(t).mesh(part(t), func(s *spec.Spec) { s.Element, s.Size.Fineness = spec.HexDominant, 4 })
	requireSound(t, a)
	require.True(t, warns(a, "Hexahedra fill"))
	require.Positive(t, a.Mesh.Elements["tetrahedron"])
}

func TestLong_HexDominant_HoldsRefinementsTargetAndStrategies(t *testing.T) {
	t.Parallel()
	c := start(t)
	source := named(t, "testdata/tee.step")
	plain := c.mesh(source, func(s *spec.Spec) { s.Element, s.Size.Fineness = spec.HexDominant, 5 })
	requireSound(t, plain)

	refined := c.mesh(source, func(s *spec.Spec) {
		s.Element, s.Size.Fineness = spec.HexDominant, 5
		s.Refine = []spec.Refinement{{Box: [][]float64{{-100, -100, -100}, {100, 100, 100}}, Size: 1.8}}
	})
	requireSound(t, refined)
	require.Zero(t, refined.Mesh.Elements["hexahedron"], "everywhere finer than the hexahedra")
	require.Greater(t, refined.Mesh.Solids[0].Elements, plain.Mesh.Solids[0].Elements)

	target := c.mesh(source, func(s *spec.Spec) { s.Element, s.Size.TargetElements = spec.HexDominant, 15000 })
	requireSound(t, target)
	require.InEpsilon(t, 15000, target.Mesh.Solids[0].Elements, 0.2)

	for _, strategy := range []string{spec.HXT, spec.Frontal} {
		a := c.mesh(source, func(s *spec.Spec) { s.Element, s.Strategy, s.Size.Fineness = spec.HexDominant, strategy, 5 })
		requireSound(t, a)
		require.Equal(t, plain.Mesh.Elements["hexahedron"], a.Mesh.Elements["hexahedron"], strategy)
	}
}

func TestHexDominant_IsWrittenInEveryFormat(t *testing.T) {
	a := start(t).mesh(named(t, "testdata/tee.step"), func(s *spec.Spec) {
		s.Element, s.Size.Fineness, s.Formats = spec.HexDominant, 5, spec.Formats
	})
	requireSound(t, a)
	require.Positive(t, a.Mesh.Elements["hexahedron"])
	var written []string
	for _, artifact := range a.artifacts {
		written = append(written, artifact.Format)
	}
	for _, format := range spec.Formats {
		if format != "unv" { // it has no pyramids
			require.Contains(t, written, format)
		}
	}
	require.True(t, warns(a, "unv"), "what cannot be written is told")
}

func TestHexDominantWithWhatItCannotBe_IsRefused(t *testing.T) {
	for path, s := range map[string]spec.Spec{
		"order": {Order: 3}, "layers": {Layers: []spec.Layer{{Groups: []string{"wall"}, FirstHeight: 1}}},
		"strategy": {Strategy: spec.Hex},
	} {
		s.Element = spec.HexDominant
		_, err := s.Resolve()
		require.ErrorContains(t, err, path+":")
	}
}
