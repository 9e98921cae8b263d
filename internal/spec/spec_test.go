package spec_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/spec"
)

func TestEmptySpecResolvesToDefaults(t *testing.T) {
	s, err := spec.Spec{}.Resolve()
	require.NoError(t, err)
	require.Equal(t, spec.Spec{
		Strategy: "auto", Order: 1, Size: spec.Size{Fineness: 5, Curvature: 30}, TimeLimit: "2m0s", Formats: []string{"msh", "vtk"},
	}, s)
	again, err := s.Resolve()
	require.NoError(t, err)
	require.Equal(t, s, again, "resolving twice changes nothing")
}

func TestEveryBadFieldIsNamed(t *testing.T) {
	_, err := spec.Spec{
		Strategy: "magic", Order: 4, TimeLimit: "soon", Formats: []string{"msh", "doc"},
		Size: spec.Size{Fineness: 11, Max: 1, Min: 2, Curvature: 1},
	}.Resolve()
	var bad spec.Errors
	require.ErrorAs(t, err, &bad)
	var paths []string
	for _, f := range bad {
		paths = append(paths, f.Path)
		require.NotEmpty(t, f.Message)
	}
	require.ElementsMatch(t, []string{"strategy", "order", "time_limit", "formats[1]", "size.fineness", "size.min", "size.curvature"}, paths)
}

func TestLengthsHaveToBePositiveNumbers(t *testing.T) {
	for _, v := range []float64{-1, math.NaN(), math.Inf(1)} {
		_, err := spec.Spec{Size: spec.Size{Max: v, Min: v}}.Resolve()
		var bad spec.Errors
		require.ErrorAs(t, err, &bad)
		require.Len(t, bad, 2, "%g", v)
	}
}

func TestTimeLimitIsBounded(t *testing.T) {
	for _, v := range []string{"0s", "999ms", "31m", "-5s", "5"} {
		_, err := spec.Spec{TimeLimit: v}.Resolve()
		require.ErrorContains(t, err, "time_limit", v)
	}
}

func TestFormatsAreSortedAndUnique_AndTheCallersSliceIsLeftAlone(t *testing.T) {
	asked := []string{"vtk", "msh", "vtk"}
	s, err := spec.Spec{Formats: asked}.Resolve()
	require.NoError(t, err)
	require.Equal(t, []string{"msh", "vtk"}, s.Formats)
	require.Equal(t, []string{"vtk", "msh", "vtk"}, asked)
}

func TestFinenessHalvesTheEdgeEveryTwoSteps(t *testing.T) {
	const diagonal = 100.
	at := func(f float64) float64 { return spec.Size{Fineness: f}.MaxEdge(diagonal) }
	require.InDelta(t, diagonal/20, at(5), 1e-12)
	require.InDelta(t, at(5)/2, at(7), 1e-12)
	require.InDelta(t, at(5)*2, at(3), 1e-12)
	require.Equal(t, 3., spec.Size{Fineness: 5, Max: 3}.MaxEdge(diagonal), "size.max overrides")
	require.Less(t, spec.Size{Fineness: 5}.MinEdge(diagonal), at(5))
	require.Equal(t, .5, spec.Size{Fineness: 5, Min: .5}.MinEdge(diagonal))
}
