package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api"
	"meshgen/internal/api/types"
	"meshgen/internal/engine"
	"meshgen/internal/store"
)

// labelled is a geometry with names, colours and tags of everything.
func (s *service) labelled() types.Geometry {
	s.t.Helper()
	g := s.geometry()
	m := box()
	m.Groups = engine.GroupsOf(m.Solids, m.Faces)
	m.Groups = append(m.Groups, engine.FileGroup{Name: "color_00ff00", Dim: 2, Entities: []int{2}})
	m.CurveTags, m.PointTags = [][2]int{{1, 12}}, [][2]int{{1, 8}}
	require.NoError(s.t, s.jobs.Finish(s.t.Context(), s.claim(), store.Outcome{Model: m}))
	return decode[types.Geometry](s.get("/v1/geometries/"+g.ID), http.StatusOK)
}

func TestGeometry_ListsWhatASpecCanReferTo_AndWhatMeshesWouldCost(t *testing.T) {
	s := start(t)
	g := s.labelled()
	require.Equal(t, []engine.FileGroup{{Name: "block", Dim: 3, Entities: []int{1}}, {Name: "color_00ff00", Dim: 2, Entities: []int{2}}}, g.Groups)
	require.Len(t, g.Estimates, 10)
	for i, e := range g.Estimates {
		require.Equal(t, i+1, e.Fineness)
		require.Positive(t, e.Tetrahedra.Low)
		if i > 0 {
			require.Greater(t, e.Tetrahedra.Expected, g.Estimates[i-1].Tetrahedra.Expected)
			require.Less(t, e.MaxEdge, g.Estimates[i-1].MaxEdge)
		}
	}
	e := decode[types.Estimate](s.post("/v1/estimate", fmt.Sprintf(`{"geometry_id": %q, "spec": {"size": {"fineness": 7}}}`, g.ID)), 200)
	require.Equal(t, e.Tetrahedra, g.Estimates[6].Tetrahedra)
}

func TestSpecThatTheGeometryDoesNotFit_IsRefusedWithEveryPath(t *testing.T) {
	s := start(t)
	g := s.labelled()
	for _, path := range []string{"/v1/meshes", "/v1/estimate"} {
		p := s.post(path, fmt.Sprintf(`{"geometry_id": %q, "spec": {
			"groups": [{"name": "inlet", "dim": 2, "entities": [1, 3]}, {"name": "rim", "dim": 1, "entities": [13]}],
			"refine": [{"group": "outlet", "size": 1}, {"near": {"points": [9], "from": 1}, "size": 1}, {"group": "block", "size": 1}]}}`, g.ID)).
			problem(422, "validation_failed")
		require.Equal(t, []string{
			"body.spec.groups[0].entities[1]", "body.spec.groups[1].entities[0]", "body.spec.refine[0].group", "body.spec.refine[1].near.points[0]",
		}, locations(p))
	}
	// a geometry that is not imported yet is not known: the engine will tell
	waiting := s.geometry()
	decode[types.Mesh](s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q, "spec": {"refine": [{"group": "outlet", "size": 1}]}}`, waiting.ID)), http.StatusAccepted)
}

func TestWhatIsWrongDeepInASpec_IsRefused(t *testing.T) {
	s := start(t)
	g := s.labelled()
	p := s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q, "spec": {"size": {"maximum": 1}, "groups": [{"name": "a", "dim": 2, "entities": [1], "colour": 1}],
		"refine": [{"box": [[0,0,0],[1,1]], "size": 1}, {"sphere": {"center": [0,0,0], "radius": 1, "hollow": true}, "size": 1},
			{"near": {"faces": [1], "from": 1, "until": 2}, "size": 1, "edge": [1]}, {"near": {"faces": [1], "from": 1, "to": 0}, "size": 1}],
		"layers": [{"groups": ["a"], "first_height": 1, "grow": 2}]}}`, g.ID)).problem(422, "validation_failed")
	require.Subset(t, locations(p), []string{
		"body.spec.size.maximum", "body.spec.groups[0].colour", "body.spec.refine[0].box[1]", "body.spec.refine[1].sphere.hollow",
		"body.spec.refine[2].near.until", "body.spec.refine[2].edge", "body.spec.refine[3].near.to", "body.spec.layers[0].grow",
	})
}

func TestMoreElementsThanAllowed_AreBlamedOnTheFieldsThatAskForThem(t *testing.T) {
	s := startWith(t, parts{change: func(c *api.Config) { c.MaxElements = 100_000 }})
	g := s.labelled() // 10 x 20 x 30 mm
	for text, want := range map[string][]string{
		`{"size": {"max": 0.1}}`:                {"body.spec.size.max"},
		`{"size": {"target_elements": 200000}}`: {"body.spec.size.target_elements"},
		`{"refine": [{"box": [[0,0,0],[10,10,10]], "size": 0.1}, {"sphere": {"center": [5,5,5], "radius": 1}, "size": 0.5}]}`: {"body.spec.refine[0].size"},
		`{"refine": [{"group": "color_00ff00", "size": 0.02}]}`:                                                               {"body.spec.refine[0].size"},
		`{"refine": [{"group": "block", "size": 0.1}]}`:                                                                       {"body.spec.refine[0].size"},
		`{"size": {"max": 0.0001}, "units": "m"}`:                                                                             {"body.spec.size.max"},
	} {
		for _, path := range []string{"/v1/meshes", "/v1/estimate"} {
			p := s.post(path, fmt.Sprintf(`{"geometry_id": %q, "spec": %s}`, g.ID, text)).problem(422, "too_large")
			require.Equal(t, want, locations(p), text)
		}
	}
	for _, text := range []string{
		`{"size": {"target_elements": 90000}}`, `{"refine": [{"sphere": {"center": [5,5,5], "radius": 1}, "size": 0.2}]}`,
		`{"refine": [{"box": [[100,0,0],[110,10,10]], "size": 0.01}]}`, `{"size": {"max": 0.002}, "units": "m"}`,
	} {
		decode[types.Mesh](s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q, "spec": %s}`, g.ID, text)), http.StatusAccepted)
	}
}

func TestEstimate_TakesNewControlsIntoAccount(t *testing.T) {
	s := start(t)
	g := s.labelled()
	estimate := func(text string) types.Estimate {
		return decode[types.Estimate](s.post("/v1/estimate", fmt.Sprintf(`{"geometry_id": %q, "spec": %s}`, g.ID, text)), 200)
	}
	plain := estimate(`{}`).Tetrahedra.Expected
	target := estimate(`{"size": {"target_elements": 50000}}`)
	require.Equal(t, 50000., target.Tetrahedra.Expected)
	require.Equal(t, 40000., target.Tetrahedra.Low)
	require.Greater(t, estimate(`{"refine": [{"box": [[0,0,0],[10,10,10]], "size": 0.5}]}`).Tetrahedra.Expected, 5*plain)
	require.Greater(t, estimate(`{"size": {"wall_elements": 8}}`).Tetrahedra.High, plain)
}
