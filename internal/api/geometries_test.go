package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/queue"
	"meshgen/internal/store"
)

func TestGeometry_TellsWhatItsImportFound(t *testing.T) {
	s := start(t)
	g := s.geometry()
	require.Nil(t, g.BoundingBox)
	require.Empty(t, g.Solids)
	c := s.claim()
	require.NoError(t, s.heartbeat(c, engine.StageImport, 0.5))
	g = decode[types.Geometry](s.get("/v1/geometries/"+g.ID), 200)
	require.Equal(t, "running", g.Status)
	require.Equal(t, "import", g.Stage)
	require.InDelta(t, 0.5, g.Progress, 1e-6)
	require.NotNil(t, g.StartedAt)

	preview := s.file(c, "preview.glb", "glb", "a picture")
	preview.Preview = true
	require.NoError(t, s.jobs.AddPreview(t.Context(), c, preview))
	require.Equal(t, "glb", decode[types.Geometry](s.get("/v1/geometries/"+g.ID), 200).Preview.Format, "while the import goes on")
	require.NoError(t, s.jobs.Finish(t.Context(), c, store.Outcome{
		Model: box(), Timings: []engine.Timing{{Stage: engine.StageImport, Seconds: 0.5}}, Artifacts: []store.Artifact{preview},
		Warnings: []diagnosis.Diagnosis{*diagnosis.New(diagnosis.Repaired, "faces were turned")},
	}))
	g = decode[types.Geometry](s.get("/v1/geometries/"+g.ID), 200)
	require.Equal(t, "succeeded", g.Status)
	require.Equal(t, 1.0, g.Progress)
	require.Empty(t, g.Stage)
	require.Equal(t, "mm", g.Units)
	require.Equal(t, "in", g.DeclaredUnits)
	require.Equal(t, [3]float64{10, 20, 30}, g.BoundingBox.Max)
	require.Equal(t, []engine.Body{{Tag: 1, Name: "block", Color: "#ff0000", Measure: 6000, Faces: []int{1, 2}}}, g.Solids)
	require.Len(t, g.Faces, 2)
	require.Equal(t, []int{1, 2, 12}, []int{g.SolidCount, g.FaceCount, g.CurveCount})
	require.Equal(t, []float64{6000, 2200}, []float64{g.Volume, g.Area})
	require.Equal(t, diagnosis.Repaired, g.Warnings[0].Code)
	require.Equal(t, engine.StageImport, g.Timings[0].Stage)
	require.NotNil(t, g.FinishedAt)
	content, header := s.download(g.Preview.URL)
	require.Equal(t, "a picture", content)
	require.Contains(t, header.Get("Content-Disposition"), "bracket.preview.glb")
}

func TestPreviewOfALostAttempt_IsHidden(t *testing.T) {
	s := start(t)
	g := s.geometry()
	c := s.claim()
	require.NoError(t, s.jobs.AddPreview(t.Context(), c, s.file(c, "preview.glb", "glb", "old")))
	require.NoError(t, s.jobs.Release(t.Context(), c, 0))
	require.Nil(t, decode[types.Geometry](s.get("/v1/geometries/"+g.ID), 200).Preview)
	again := s.claim()
	require.Equal(t, 2, again.Attempt)
	require.Nil(t, decode[types.Geometry](s.get("/v1/geometries/"+g.ID), 200).Preview)
}

func TestGeometryThatFailed_TellsWhy(t *testing.T) {
	s := start(t)
	g := s.geometry()
	at := [3]float64{1, 2, 3}
	d := diagnosis.New(diagnosis.NotWatertight, "there is a hole").At(diagnosis.Entity{Dim: 2, Tag: 7, Point: &at})
	require.NoError(t, s.jobs.Finish(t.Context(), s.claim(), store.Outcome{Error: d}))
	g = decode[types.Geometry](s.get("/v1/geometries/"+g.ID), 200)
	require.Equal(t, "failed", g.Status)
	require.Equal(t, d, g.Error)

	p := s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q}`, g.ID)).problem(422, "not_watertight")
	require.Equal(t, d, p.Diagnosis)
	require.Equal(t, []string{"body.geometry_id"}, locations(p))
	s.post("/v1/estimate", fmt.Sprintf(`{"geometry_id": %q}`, g.ID)).problem(422, "not_watertight")
	s.post("/v1/geometries/"+g.ID+"/warm", "").problem(409, "not_watertight")
}

// unclosed is a model of triangles with a defect.
func unclosed(d *diagnosis.Diagnosis) *engine.Model {
	return &engine.Model{Format: engine.STL, Box: engine.Box{Max: [3]float64{10, 10, 10}}, Triangles: 10, Defect: d,
		Solids: []engine.Body{{Tag: 1, Faces: []int{1}}}, Faces: []engine.Body{{Tag: 1, Measure: 500}}}
}

func TestGeometryWithADefectThatNothingFills_OffersNoLattice(t *testing.T) {
	s := start(t)
	g := s.geometry()
	d := diagnosis.New(diagnosis.NotWatertight, "there is a hole").Hollow()
	require.NoError(t, s.jobs.Finish(t.Context(), s.claim(), store.Outcome{Model: unclosed(d)}))
	for _, path := range []string{"/v1/meshes", "/v1/estimate"} {
		for _, refused := range []string{`{"strategy": "hxt"}`, `{"order": 2}`} {
			p := s.post(path, fmt.Sprintf(`{"geometry_id": %q, "spec": %s}`, g.ID, refused)).problem(422, "not_watertight")
			require.Equal(t, d, p.Diagnosis)
			require.Len(t, p.Errors, 1)
			require.Contains(t, p.Errors[0].Message, "surround no place")
			require.NotContains(t, p.Errors[0].Message+p.Diagnosis.Hint, "lattice")
		}
	}
	body := fmt.Sprintf(`{"geometry_id": %q, "spec": {"strategy": "lattice"}}`, g.ID)
	require.Equal(t, 202, s.post("/v1/meshes", body).status, "it may be asked for all the same")
}

func TestGeometryWithADefect_TellsWhatFillsIt(t *testing.T) {
	s := start(t)
	g := s.geometry()
	at := [3]float64{1, 2, 3}
	d := diagnosis.New(diagnosis.NotWatertight, "there is a hole").At(diagnosis.Entity{Dim: 1, Tag: 1, Point: &at})
	require.NoError(t, s.jobs.Finish(t.Context(), s.claim(), store.Outcome{Model: unclosed(d)}))
	g = decode[types.Geometry](s.get("/v1/geometries/"+g.ID), 200)
	require.Equal(t, "succeeded", g.Status)
	require.Nil(t, g.Error)
	require.Equal(t, d, g.Defect)
	require.Zero(t, g.Volume)
	require.Positive(t, g.Estimates[4].Tetrahedra.Expected)
	for e := range s.follow("/v1/geometries/"+g.ID+"/events", "").events {
		require.NotContains(t, string(e.data), "there is a hole", "it is no error")
	}

	refused := map[string]string{
		`{"strategy": "hxt"}`: "strategy", `{"heal": "off"}`: "heal", `{"order": 2}`: "order", `{"size": {"wall_elements": 2}}`: "size.wall_elements",
		`{"groups": [{"name": "rim", "dim": 1, "entities": [1]}]}`: "groups",
	}
	for text, field := range refused {
		body := fmt.Sprintf(`{"geometry_id": %q, "spec": %s}`, g.ID, text)
		p := s.post("/v1/meshes", body).problem(422, "not_watertight")
		require.Equal(t, d, p.Diagnosis)
		require.Equal(t, []string{"body.spec." + field}, locations(p))
		if field != "groups" { // this geometry has no edge
			p = s.post("/v1/estimate", body).problem(422, "not_watertight")
			require.Equal(t, []string{"body.spec." + field}, locations(p))
		}
	}
	for _, text := range []string{
		`{}`, `{"strategy": "lattice", "order": 1}`, `{"draft": true}`,
		`{"size": {"growth": 1.2}, "refine": [{"sphere": {"center": [5, 5, 5], "radius": 1}, "size": 0.5}]}`,
	} {
		body := fmt.Sprintf(`{"geometry_id": %q, "spec": %s}`, g.ID, text)
		require.Positive(t, decode[types.Estimate](s.post("/v1/estimate", body), 200).Tetrahedra.Expected)
		decode[types.Mesh](s.post("/v1/meshes", body), 202)
		require.NotNil(t, s.claim().Model.Defect)
	}
	batch := decode[types.Batch](s.post("/v1/batches", fmt.Sprintf(
		`{"geometry_ids": [%q], "specs": [{"name": "a", "spec": {"strategy": "hxt"}}, {"name": "b", "spec": {"size": {"fineness": 3}}}]}`, g.ID)), 202)
	items := decode[types.Batch](s.get("/v1/batches/"+batch.ID), 200).Items
	require.Equal(t, []any{"failed", "not_watertight", "queued"}, []any{items[0].Status, items[0].ErrorCode, items[1].Status})
	require.Equal(t, 202, s.post("/v1/geometries/"+g.ID+"/warm", "").status)
}

func TestGeometries_AreListedNewestFirstByPages(t *testing.T) {
	s := start(t)
	project := decode[types.Project](s.post("/v1/projects", `{"name": "p"}`), 201)
	var made []string
	for i := range 5 {
		fields := []field{{"file", "x.step", string(step(100))}}
		if i%2 == 0 {
			fields = append(fields, field{"project_id", "", project.ID})
		}
		made = append(made, decode[types.Geometry](s.upload(fields...), 201).ID)
	}
	slices.Reverse(made)
	var seen []string
	pages := 0
	for cursor := ""; ; pages++ {
		page := decode[types.GeometryList](s.get("/v1/geometries?limit=2&cursor="+cursor), 200)
		for _, g := range page.Items {
			seen = append(seen, g.ID)
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
		require.Len(t, page.Items, 2)
	}
	require.Equal(t, made, seen)
	require.Equal(t, 2, pages)

	filtered := decode[types.GeometryList](s.get("/v1/geometries?project_id="+project.ID), 200)
	require.Len(t, filtered.Items, 3)
	require.Empty(t, filtered.NextCursor)
	require.Len(t, decode[types.GeometryList](s.get("/v1/geometries?limit=5"), 200).Items, 5)
	require.Empty(t, decode[types.GeometryList](s.get("/v1/geometries?limit=5"), 200).NextCursor, "nothing follows a last page that is full")

	require.Equal(t, []string{"query.limit"}, locations(s.get("/v1/geometries?limit=201").problem(422, "validation_failed")))
	require.Equal(t, []string{"query.cursor"}, locations(s.get("/v1/geometries?cursor=x").problem(422, "validation_failed")))
	require.Equal(t, []string{"query.project_id"}, locations(s.get("/v1/geometries?project_id=x").problem(422, "validation_failed")))
}

func TestGeometryIsDeleted_ItsMeshesAndObjectsGo(t *testing.T) {
	s := start(t)
	m := s.succeeded()
	running := s.mesh(m.GeometryID)
	c := s.claim()
	require.Equal(t, http.StatusNoContent, s.delete("/v1/geometries/"+m.GeometryID).status)
	s.get("/v1/geometries/"+m.GeometryID).problem(404, "not_found")
	s.get("/v1/meshes/"+m.ID).problem(404, "not_found")
	s.get("/v1/meshes/"+running.ID).problem(404, "not_found")
	s.delete("/v1/geometries/"+m.GeometryID).problem(404, "not_found")
	require.ErrorIs(t, s.heartbeat(c, engine.Stage3D, 0.5), store.ErrFenced)
	require.NoError(t, s.jobs.Sweep(t.Context(), s.blobs))
	require.Zero(t, s.objects())
	p := s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q, "spec": {"size": {"max": 1}}}`, m.GeometryID)).problem(422, "not_found")
	require.Equal(t, []string{"body.geometry_id"}, locations(p))
}

func TestWarm_AsksTheWorkersToHoldTheFile(t *testing.T) {
	s := start(t)
	g := s.imported()
	controls := s.queue.Controls(t.Context())
	deadline := time.After(patience)
	for { // who listens late misses what was said before, so it is said again
		require.Equal(t, g.ID, decode[types.Geometry](s.post("/v1/geometries/"+g.ID+"/warm", ""), http.StatusAccepted).ID)
		select {
		case c := <-controls:
			require.Equal(t, queue.ControlWarm, c.Kind)
			require.Equal(t, g.SHA256, c.Source.SHA256)
			require.Equal(t, store.DefaultTenant, c.Source.Tenant)
			require.Equal(t, engine.STEP, c.Source.Format)
			require.Equal(t, g.Size, c.Source.Size)
			_, err := s.blobs.Head(t.Context(), c.Source.ObjectKey)
			require.NoError(t, err)
			return
		case <-time.After(50 * time.Millisecond):
		case <-deadline:
			t.Fatal("no worker was asked")
		}
	}
}

func TestProjects_HoldGeometriesAndMeshes(t *testing.T) {
	s := start(t)
	a := s.post("/v1/projects", `{"name": "  Bracket study "}`)
	project := decode[types.Project](a, http.StatusCreated)
	require.Equal(t, "/v1/projects/"+project.ID, a.header.Get("Location"))
	require.Equal(t, "Bracket study", project.Name)
	require.Equal(t, project, decode[types.Project](s.get("/v1/projects/"+project.ID), 200))
	second := decode[types.Project](s.post("/v1/projects", `{"name": "b"}`), 201)
	page := decode[types.ProjectList](s.get("/v1/projects?limit=1"), 200)
	require.Equal(t, []types.Project{second}, page.Items)
	page = decode[types.ProjectList](s.get("/v1/projects?cursor="+page.NextCursor), 200)
	require.Equal(t, []types.Project{project}, page.Items)

	g := decode[types.Geometry](s.upload(field{"file", "x.step", string(step(100))}, field{"project_id", "", project.ID}), 201)
	m := s.mesh(g.ID)
	require.Equal(t, project.ID, m.ProjectID)
	require.Len(t, decode[types.MeshList](s.get("/v1/meshes?project_id="+project.ID), 200).Items, 1)
	require.Empty(t, decode[types.MeshList](s.get("/v1/meshes?project_id="+second.ID), 200).Items)
	require.Equal(t, http.StatusNoContent, s.delete("/v1/projects/"+project.ID).status)
	s.get("/v1/projects/"+project.ID).problem(404, "not_found")
	s.get("/v1/geometries/"+g.ID).problem(404, "not_found")
	s.get("/v1/meshes/"+m.ID).problem(404, "not_found")
}

func TestEstimate_GrowsWithFinenessAndAgreesWithMeasuredMeshes(t *testing.T) {
	s := start(t)
	g := s.geometry()
	s.post("/v1/estimate", fmt.Sprintf(`{"geometry_id": %q}`, g.ID)).problem(409, "not_ready")
	c := s.claim()
	// The cube of a metre: 6 faces, fineness 7 gives 8170 triangles and 63648 tetrahedra.
	cube := &engine.Model{Format: engine.STEP, Units: "mm", Box: engine.Box{Max: [3]float64{1000, 1000, 1000}}, Solids: []engine.Body{{Tag: 1, Measure: 1e9}}}
	for i := range 6 {
		cube.Faces = append(cube.Faces, engine.Body{Tag: i + 1, Measure: 1e6})
	}
	require.NoError(t, s.jobs.Finish(t.Context(), c, store.Outcome{Model: cube}))
	estimate := func(spec string) types.Estimate {
		return decode[types.Estimate](s.post("/v1/estimate", fmt.Sprintf(`{"geometry_id": %q, "spec": %s}`, g.ID, spec)), 200)
	}
	e := estimate(`{"size": {"fineness": 7}}`)
	require.InEpsilon(t, 8170, e.Triangles.Expected, 0.15)
	require.InEpsilon(t, 63648, e.Tetrahedra.Expected, 0.2)
	require.InEpsilon(t, 12862, e.Nodes.Expected, 0.2)
	for _, r := range []types.Range{e.Triangles, e.Tetrahedra, e.Nodes, e.Seconds} {
		require.Less(t, r.Low, r.Expected)
		require.Less(t, r.Expected, r.High)
	}
	require.Equal(t, 7.0, e.Spec.Size.Fineness)
	require.InEpsilon(t, 43.3, e.MaxEdge, 0.01)
	require.Greater(t, estimate(`{"size": {"max": 20}}`).Tetrahedra.Expected, 2*e.Tetrahedra.Expected)
	require.Greater(t, estimate(`{"order": 2, "size": {"fineness": 7}}`).Nodes.Expected, 5*e.Nodes.Expected)
	require.Equal(t, []string{"body.spec.size.min"}, locations(
		s.post("/v1/estimate", fmt.Sprintf(`{"geometry_id": %q, "spec": {"size": {"min": 2, "max": 1}}}`, g.ID)).problem(422, "validation_failed")))
	s.post("/v1/estimate", `{"geometry_id": "geo_0190163d-8694-739b-aea5-966c26f8ad91"}`).problem(422, "not_found")
}
