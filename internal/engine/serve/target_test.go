package serve_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

func TestLong_Target_IsMetOnPartsOfVeryDifferentKinds(t *testing.T) {
	t.Parallel()
	c := start(t)
	for _, one := range []struct {
		file   string
		target int
	}{
		{"cad/cube-mm.step", 2000},             // flat faces
		{"cad/gen_torus_self_seam.step", 3000}, // curved everywhere
		{"cad/gen_touching_boxes.step", 5000},  // many solids
		{"cad/conical-surface.step", 4000},
		{"cad/gen_filleted_bracket.step", 4000},
		{"cad/io1-cm-214.stp", 10000},
		{"stl/gen_hollow_sphere.stl", 6000}, // triangles
	} {
		t.Run(one.file, func(t *testing.T) {
			a := c.on(t).mesh(shared(t, one.file), func(s *spec.Spec) { s.Size.TargetElements = one.target })
			requireSound(t, a)
			got := a.Mesh.Elements["tetrahedron"]
			t.Logf("%d of %d: %v", got, one.target, passes(a))
			require.InEpsilon(t, one.target, got, 0.2)
			require.LessOrEqual(t, len(passes(a)), 4)
			for _, w := range a.Warnings {
				require.NotEqual(t, diagnosis.UnfitSpec, w.Code)
			}
		})
	}
}

func TestTarget_CountsHexahedraWhereTheseAreMade(t *testing.T) {
	t.Parallel()
	a := start(t).mesh(part(t), func(s *spec.Spec) { s.Size.TargetElements, s.Strategy = 20000, spec.Hex })
	requireSound(t, a)
	require.InEpsilon(t, 20000, a.Mesh.Elements["hexahedron"], 0.2)
}

func TestTarget_CountsTheElementsOfLayersToo(t *testing.T) {
	t.Parallel()
	c := start(t)
	two := 2
	for _, one := range []struct {
		file         string
		wall         []int
		target, deep int
	}{
		{"testdata/pipe.step", []int{1}, 6000, 5},
		{"testdata/tee.step", []int{1, 4}, 40000, 12},
		{"testdata/elbow.step", []int{2}, 12000, 8}, // on the bend alone: they end at smooth edges
	} {
		t.Run(one.file, func(t *testing.T) {
			a := c.on(t).mesh(named(t, one.file), func(s *spec.Spec) {
				s.Groups = []spec.Group{{Name: "wall", Dim: &two, Entities: one.wall}}
				s.Layers = []spec.Layer{{Groups: []string{"wall"}, FirstHeight: 0.02, Ratio: 1.2, Count: one.deep}}
				s.Size.TargetElements = one.target
			})
			requireSound(t, a)
			n := 0
			for _, kind := range []string{"tetrahedron", "prism", "pyramid"} {
				n += a.Mesh.Elements[kind]
			}
			t.Logf("%d of %d: %v", n, one.target, passes(a))
			require.InEpsilon(t, one.target, n, 0.2)
			require.Greater(t, a.Mesh.Elements["prism"], n/12)
			require.LessOrEqual(t, len(passes(a)), 4)
		})
	}
}

// passes returns what the log says of the passes.
func passes(a answer) (lines []string) {
	for _, l := range a.log {
		if len(l.Text) > 5 && l.Text[:5] == "Pass " {
			lines = append(lines, l.Text)
		}
	}
	return lines
}

func TestTarget_LeavesRefinementsAsTheyAre(t *testing.T) {
	t.Parallel()
	c := start(t)
	m := cube(t, c, func(s *spec.Spec) {
		s.Size.Max, s.Size.TargetElements = 0, 20000
		s.Refine = []spec.Refinement{{Group: "color_ff0000", Size: 3}}
	})
	n := 0
	for _, b := range m.Of(3) {
		n += b.Len()
	}
	require.InEpsilon(t, 20000, n, 0.2)
	all := edges(m, m.Of(3), 4)
	requireSize(t, 3, typical(t, all, func(p [3]float64) bool { return p[1] == 50 }))
	require.Greater(t, typical(t, all, func(p [3]float64) bool { return p[1] < 0 }), 5.)
}

func TestTargetOverTheLimit_IsRefusedByTheEngineToo(t *testing.T) {
	s, err := spec.Spec{Size: spec.Size{TargetElements: 5000}}.Resolve()
	require.NoError(t, err)
	a := start(t).do(engine.Request{Kind: engine.Mesh, Source: part(t), Spec: s, MaxElements: 4000})
	require.NotNil(t, a.Error)
	require.Equal(t, diagnosis.TooLarge, a.Error.Code)
}

func TestTargetThatBoundsForbid_IsWarnedOf(t *testing.T) {
	t.Parallel()
	a := start(t).mesh(part(t), func(s *spec.Spec) { s.Size.Max, s.Size.TargetElements = 2, 500 })
	requireSound(t, a)
	require.Greater(t, a.Mesh.Elements["tetrahedron"], 600)
	require.Len(t, a.Warnings, 1)
	require.Contains(t, a.Warnings[0].Hint, "size.max")
	require.False(t, math.IsNaN(a.Mesh.Volume))
}
