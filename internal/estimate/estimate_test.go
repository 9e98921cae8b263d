package estimate_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/estimate"
	"meshgen/internal/spec"
)

// rod is a cylinder of radius 10 and length 100; known says whether its faces say what they lie on.
func rod(known bool) *engine.Model {
	m := &engine.Model{
		Box:    engine.Box{Min: [3]float64{-10, -10, 0}, Max: [3]float64{10, 10, 100}},
		Solids: []engine.Body{{Tag: 1, Measure: math.Pi * 100 * 100, Faces: []int{1, 2, 3}}},
		Faces:  []engine.Body{{Tag: 1, Measure: 2 * math.Pi * 10 * 100}, {Tag: 2, Measure: math.Pi * 100}, {Tag: 3, Measure: math.Pi * 100}},
		Groups: []engine.FileGroup{{Name: "mantle", Dim: 2, Entities: []int{1}}},
	}
	if known {
		m.Faces[0].Shape, m.Faces[0].Radius, m.Faces[1].Shape, m.Faces[2].Shape = "cylinder", 10, "plane", "plane"
	}
	return m
}

func elements(t *testing.T, m *engine.Model, change func(*spec.Spec)) estimate.Range {
	t.Helper()
	var s spec.Spec
	change(&s)
	s, err := s.Resolve()
	require.NoError(t, err)
	e := estimate.Of(estimate.FactsOf(m), s)
	require.Less(t, e.Tetrahedra.Low, e.Tetrahedra.Expected)
	require.Greater(t, e.Tetrahedra.High, e.Tetrahedra.Expected)
	return e.Tetrahedra
}

func TestEstimate_FollowsWhatIsAskedFor(t *testing.T) {
	m := rod(true)
	plain := elements(t, m, func(*spec.Spec) {}).Expected
	for name, change := range map[string]func(*spec.Spec){
		"fineness":      func(s *spec.Spec) { s.Size.Fineness = 6 },
		"max":           func(s *spec.Spec) { s.Size.Max = 2 },
		"curvature":     func(s *spec.Spec) { s.Size.Curvature = 60 },
		"growth":        func(s *spec.Spec) { s.Size.Growth = 1.1 },
		"wall elements": func(s *spec.Spec) { s.Size.WallElements = 12 },
		"refine":        func(s *spec.Spec) { s.Refine = []spec.Refinement{{Group: "mantle", Size: 1}} },
		"layers":        func(s *spec.Spec) { s.Layers = []spec.Layer{{Groups: []string{"mantle"}, FirstHeight: 0.1}} },
		"mmg":           func(s *spec.Spec) { s.Strategy = spec.MMG },
	} {
		require.Greater(t, elements(t, m, change).Expected, 1.05*plain, name)
	}
	require.Less(t, elements(t, m, func(s *spec.Spec) { s.Size.Curvature = 6 }).Expected, plain)
	require.EqualValues(t, 12345, elements(t, m, func(s *spec.Spec) { s.Size.TargetElements = 12345 }).Expected)
}

func TestEstimate_OfFacesThatDoNotSayHowTheyBendIsCautious(t *testing.T) {
	known, guessed := elements(t, rod(true), func(*spec.Spec) {}), elements(t, rod(false), func(*spec.Spec) {})
	require.InEpsilon(t, known.Expected, guessed.Expected, 0.5)
	nothing := elements(t, &engine.Model{Box: rod(false).Box}, func(*spec.Spec) {})
	require.Positive(t, nothing.Expected, "not even a face is known")
}
