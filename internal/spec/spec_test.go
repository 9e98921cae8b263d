package spec_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/spec"
)

func TestEmptySpecResolvesToDefaults(t *testing.T) {
	s, err := spec.Spec{}.Resolve()
	require.NoError(t, err)
	require.Equal(t, spec.Spec{
		Strategy: "auto", Element: "tet", Order: 1, Size: spec.Size{Fineness: 5}, Heal: "auto", Device: "auto",
		TimeLimit: "2m0s", Formats: []string{"msh", "vtk"},
	}, s)
	again, err := s.Resolve()
	require.NoError(t, err)
	require.Equal(t, s, again, "resolving twice changes nothing")
}

// paths returns the fields that Resolve refuses.
func paths(t *testing.T, s spec.Spec) (paths []string) {
	t.Helper()
	_, err := s.Resolve()
	if err == nil {
		return nil
	}
	var bad spec.Errors
	require.ErrorAs(t, err, &bad)
	for _, f := range bad {
		require.NotEmpty(t, f.Message)
		paths = append(paths, f.Path)
	}
	return paths
}

func decode(t *testing.T, text string) (s spec.Spec) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &s))
	return s
}

func TestEveryBadFieldIsNamed(t *testing.T) {
	require.ElementsMatch(t, []string{
		"strategy", "element", "order", "heal", "device", "units", "time_limit", "formats[1]",
		"size.fineness", "size.min", "size.curvature", "size.growth", "size.target_elements", "size.wall_elements",
	}, paths(t, decode(t, `{
		"strategy": "magic", "element": "brick", "order": 4, "heal": "always", "device": "tpu", "units": "furlong",
		"time_limit": "soon", "formats": ["msh", "doc"],
		"size": {"fineness": 11, "max": 1, "min": 2, "curvature": 1, "growth": 0.9, "target_elements": 5, "wall_elements": 100}}`)))
}

func TestEveryBadFieldOfARefinementIsNamed(t *testing.T) {
	for text, want := range map[string][]string{
		`{}`:                             {"refine[0]", "refine[0].size"},
		`{"size": 1}`:                    {"refine[0]"},
		`{"size": -1, "group": "inlet"}`: {"refine[0].size"},
		`{"size": 1, "group": "inlet", "faces": [1]}`:                                       {"refine[0]"},
		`{"size": 1, "box": [[0,0,0],[1,1,1]], "sphere": {"center": [0,0,0], "radius": 1}}`: {"refine[0]"},
		`{"size": 1, "faces": [3, 0, -7]}`:                                                  {"refine[0].faces[1]", "refine[0].faces[2]"},
		`{"size": 1, "points": [0], "edges": [0], "solids": [0]}`:                           {"refine[0].points[0]", "refine[0].edges[0]", "refine[0].solids[0]"},
		`{"size": 1, "box": []}`:                                                            {"refine[0].box"},
		`{"size": 1, "box": [[0,0,0]]}`:                                                     {"refine[0].box"},
		`{"size": 1, "box": [[0,0,0],[1,1]]}`:                                               {"refine[0].box[1]"},
		`{"size": 1, "box": [[0,0],[1,1]]}`:                                                 {"refine[0].box[0]", "refine[0].box[1]"},
		`{"size": 1, "box": [[0,0,0],[1,0,1]]}`:                                             {"refine[0].box[1]"},
		`{"size": 1, "sphere": {}}`:                                                         {"refine[0].sphere.center", "refine[0].sphere.radius"},
		`{"size": 1, "sphere": {"center": [0,0,0], "radius": -1}}`:                          {"refine[0].sphere.radius"},
		`{"size": 1, "near": {}}`:                                                           {"refine[0].near", "refine[0].near.from"},
		`{"size": 1, "near": {"faces": [0], "from": -1, "to": 2}}`:                          {"refine[0].near.faces[0]", "refine[0].near.from"},
		`{"size": 1, "near": {"faces": [1], "group": "inlet", "to": 2}}`:                    {"refine[0].near"},
		`{"size": 1, "near": {"faces": [1], "from": 3, "to": 2}}`:                           {"refine[0].near.to"},
		`{"size": 9, "group": "inlet"}`:                                                     {"refine[0].size"},
		`{"size": 0.01, "group": "inlet"}`:                                                  {"refine[0].size"},
	} {
		t.Run(text, func(t *testing.T) {
			require.Subset(t, paths(t, decode(t, `{"size": {"max": 2, "min": 0.1}, "refine": [`+text+`]}`)), want)
			for _, p := range paths(t, decode(t, `{"size": {"max": 2, "min": 0.1}, "refine": [`+text+`]}`)) {
				if strings.HasPrefix(p, "refine[") {
					require.Contains(t, want, p)
				}
			}
		})
	}
}

func TestEveryBadFieldOfGroupsAndLayersIsNamed(t *testing.T) {
	got := paths(t, decode(t, `{
		"groups": [{"name": "inlet", "dim": 2, "entities": [1]}, {"name": "inlet", "dim": 2, "entities": [2]}, {"name": "a\"b", "dim": 4, "entities": []},
			{"name": "", "entities": [0]}, {"name": "rim", "dim": 1, "entities": [4]}],
		"layers": [{"groups": ["rim", "", "inlet"], "first_height": 0, "ratio": 0.5, "count": 99}, {"groups": []}, {"groups": ["inlet"], "first_height": 1}]}`))
	for _, want := range []string{
		"groups[1].name", "groups[2].name", "groups[2].dim", "groups[2].entities", "groups[3].name", "groups[3].dim", "groups[3].entities[0]",
		"layers[0].groups[0]", "layers[0].groups[1]", "layers[0].first_height", "layers[0].ratio", "layers[0].count",
		"layers[1].groups", "layers[1].first_height", "layers[2].groups[0]",
	} {
		require.Contains(t, got, want)
	}
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

func TestCurvature_GivenAndLeftOutAreTwoThings(t *testing.T) {
	given, err := decode(t, `{"size": {"curvature": 30}}`).Resolve()
	require.NoError(t, err)
	absent, err := spec.Spec{}.Resolve()
	require.NoError(t, err)
	require.Equal(t, given.Size.Chords(), absent.Size.Chords())
	require.NotEqual(t, given.Identity(), absent.Identity(), "what is given holds everywhere, the default rule does not")
}

func TestLengthsOfASpec_AreConvertedToTheGeometrysUnit(t *testing.T) {
	asked := spec.Spec{Units: "m", Size: spec.Size{Max: 0.002, Min: 0.001}, Refine: []spec.Refinement{
		{Box: [][]float64{{0, 0, 0}, {0.01, 0.02, 0.03}}, Size: 0.0015},
		{Sphere: &spec.Sphere{Center: []float64{0, 0, 0.5}, Radius: 0.1}, Size: 0.0015},
		{Near: &spec.Near{Group: "wall", From: 0.25, To: 0.5}, Size: 0.0015},
	}, Layers: []spec.Layer{{Groups: []string{"wall"}, FirstHeight: 0.0005}}}
	s, err := asked.Convert("mm")
	require.NoError(t, err)
	require.Equal(t, spec.Spec{Size: spec.Size{Max: 2, Min: 1}, Refine: []spec.Refinement{
		{Box: [][]float64{{0, 0, 0}, {10, 20, 30}}, Size: 1.5},
		{Sphere: &spec.Sphere{Center: []float64{0, 0, 500}, Radius: 100}, Size: 1.5},
		{Near: &spec.Near{Group: "wall", From: 250, To: 500}, Size: 1.5},
	}, Layers: []spec.Layer{{Groups: []string{"wall"}, FirstHeight: 0.5}}}, s)
	require.Equal(t, 0.002, asked.Size.Max)
	require.Equal(t, 0.25, asked.Refine[2].Near.From, "what was asked is left alone")

	_, err = asked.Convert("")
	require.ErrorContains(t, err, "units")
	same, err := spec.Spec{Size: spec.Size{Max: 2}}.Convert("")
	require.NoError(t, err, "lengths without a unit are in the geometry's")
	require.Equal(t, 2., same.Size.Max)
}

func TestResolvedSpecIsCanonical_AlsoThroughJSON(t *testing.T) {
	asked := decode(t, `{"size": {"max": 3, "growth": 1.3}, "units": "cm",
		"refine": [{"faces": [7, 3, 7], "edges": [], "size": 1}, {"box": [[1, 0, 5], [0, 2, 3]], "size": 1},
			{"near": {"group": "inlet", "from": 0.1, "to": 2}, "size": 0.5}, {"sphere": {"center": [0, 0, 0], "radius": 2}, "size": 2}],
		"groups": [{"name": "inlet", "dim": 2, "entities": [9, 1, 1]}, {"name": "tips", "dim": 0, "entities": [4]}], "layers": []}`)
	s, err := asked.Resolve()
	require.NoError(t, err)
	require.Equal(t, []int{3, 7}, s.Refine[0].Faces)
	require.Equal(t, [][]float64{{0, 0, 3}, {1, 2, 5}}, s.Refine[1].Box)
	require.Equal(t, []int{1, 9}, s.Groups[0].Entities)
	again, err := s.Resolve()
	require.NoError(t, err)
	require.Equal(t, s, again)
	text, err := json.Marshal(s)
	require.NoError(t, err)
	stored, err := decode(t, string(text)).Resolve()
	require.NoError(t, err)
	require.Equal(t, s, stored)
	require.Equal(t, []int{7, 3, 7}, asked.Refine[0].Faces, "what was asked is left alone")
}
