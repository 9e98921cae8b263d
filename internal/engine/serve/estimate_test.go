package serve_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/estimate"
	"meshgen/internal/spec"
)

func TestLong_Estimates_HoldForMeshes(t *testing.T) {
	t.Parallel()
	c := start(t)
	two := 2
	for _, one := range []struct {
		name, file string
		near       float64 // how much the estimate may be off, as a share
		change     func(*spec.Spec)
	}{
		{"default", "../../../examples/filleted-bracket.step", 0.4, func(*spec.Spec) {}},
		{"fine", "../../../examples/filleted-bracket.step", 0.1, func(s *spec.Spec) { s.Size.Fineness = 7 }},
		{"plates", "testdata/thin_walls.step", 0.4, func(*spec.Spec) {}},
		{"hexahedra", "testdata/tee.step", 0.5, func(s *spec.Spec) { s.Strategy = spec.Hex }},
		{"layers", "testdata/tee.step", 0.4, func(s *spec.Spec) {
			s.Groups = []spec.Group{{Name: "wall", Dim: &two, Entities: []int{1, 4}}}
			s.Layers = []spec.Layer{{Groups: []string{"wall"}, FirstHeight: 0.1, Ratio: 1.2, Count: 8}}
		}},
		{"growth", "testdata/tee.step", 0.4, func(s *spec.Spec) { s.Size.Growth = 1.15 }},
		{"target", "testdata/pipe.step", 0.2, func(s *spec.Spec) { s.Size.TargetElements = 5000 }},
	} {
		t.Run(one.name, func(t *testing.T) {
			c := c.on(t)
			source := named(t, one.file)
			part := c.do(engine.Request{Kind: engine.Import, Source: source})
			require.Nil(t, part.Error)
			var asked spec.Spec
			a := c.mesh(source, func(s *spec.Spec) {
				one.change(s)
				asked = *s
			})
			requireSound(t, a)
			asked, err := asked.Resolve()
			require.NoError(t, err)
			e := estimate.Of(estimate.FactsOf(part.Model), asked)
			n := 0
			for _, kind := range []string{"tetrahedron", "prism", "pyramid", "hexahedron"} {
				n += a.Mesh.Elements[kind]
			}
			t.Logf("%d elements, estimate %+v; %d nodes, estimate %+v", n, e.Tetrahedra, a.Mesh.Nodes, e.Nodes)
			require.InEpsilon(t, n, e.Tetrahedra.Expected, one.near)
			require.InEpsilon(t, a.Mesh.Nodes, e.Nodes.Expected, one.near)
			require.LessOrEqual(t, e.Tetrahedra.Low, float64(n))
			require.GreaterOrEqual(t, e.Tetrahedra.High, float64(n))
		})
	}
}

func TestFacesOfCAD_SayWhatTheyLieOnAndHowMuchTheyBend(t *testing.T) {
	a := start(t).do(engine.Request{Kind: engine.Import, Source: named(t, "../../../examples/filleted-bracket.step")})
	require.Nil(t, a.Error)
	shapes := map[string]int{}
	for _, f := range a.Model.Faces {
		shapes[f.Shape]++
		switch f.Shape {
		case "cylinder":
			require.InDelta(t, 4, f.Radius, 1e-9)
		case "plane":
			require.Zero(t, f.Radius)
		}
	}
	require.Equal(t, map[string]int{"plane": 8, "cylinder": 3}, shapes)
}
