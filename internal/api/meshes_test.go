package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api"
	"meshgen/internal/api/types"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/queue"
	"meshgen/internal/spec"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

func TestMesh_FromRequestToResult(t *testing.T) {
	s := start(t)
	g := s.imported()
	a := s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q, "spec": {"order": 2, "formats": ["vtk", "msh", "vtk"]}}`, g.ID),
		"Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	m := decode[types.Mesh](a, http.StatusAccepted)
	require.Equal(t, "/v1/meshes/"+m.ID, a.header.Get("Location"))
	require.Empty(t, a.header.Get("Preference-Applied"))
	require.Equal(t, "queued", m.Status)
	want, err := spec.Spec{Order: 2, Formats: []string{"msh", "vtk"}}.Resolve()
	require.NoError(t, err)
	require.Equal(t, want, m.Spec)
	require.Contains(t, string(a.body), `"artifacts":[]`, "a list that is there is never null")

	c := s.claim()
	require.Equal(t, m.ID, *c.MeshID)
	require.Equal(t, want, *c.Spec)
	require.Equal(t, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", c.Traceparent)
	require.NoError(t, s.heartbeat(c, engine.Stage2D, 0.25))
	m = decode[types.Mesh](s.get("/v1/meshes/"+m.ID), 200)
	require.Equal(t, []any{"running", "mesh2d", 0.25, 1}, []any{m.Status, m.Stage, m.Progress, m.Attempt})
	require.NotNil(t, m.StartedAt)

	s.succeed(c)
	m = decode[types.Mesh](s.get("/v1/meshes/"+m.ID), 200)
	require.Equal(t, []any{"succeeded", "", 1.0}, []any{m.Status, m.Stage, m.Progress})
	require.Equal(t, 400, m.Counts.Elements["tetrahedron"])
	require.Equal(t, 100, m.Counts.Nodes)
	require.Equal(t, 0.4, m.Quality["sicn"].Min)
	require.Equal(t, []any{6000.0, 6000.0, "delaunay"}, []any{m.Volume, m.CADVolume, m.Strategy})
	require.Equal(t, "block", m.Solids[0].Name)
	require.True(t, m.Checks[0].Passed)
	require.Len(t, m.Tried, 1)
	require.Equal(t, "4.15.2", m.Versions["gmsh"])
	require.Equal(t, engine.Stage3D, m.Timings[0].Stage)
	require.Len(t, m.Artifacts, 2)
	content, header := s.download(m.Artifacts[0].URL)
	require.Equal(t, "a mesh", content)
	require.Contains(t, header.Get("Content-Disposition"), `filename="bracket.msh"`)
}

func TestMeshBeforeItsGeometryIsImported_WaitsForIt(t *testing.T) {
	s := start(t)
	g := s.geometry()
	m := s.mesh(g.ID)
	c := s.claim()
	require.Equal(t, engine.Import, c.Kind)
	_, ok, err := s.jobs.Claim(t.Context(), "wrk_test")
	require.NoError(t, err)
	require.False(t, ok)
	d := diagnosis.New(diagnosis.EmptyModel, "nothing in it")
	require.NoError(t, s.jobs.Finish(t.Context(), c, store.Outcome{Error: d}))
	m = decode[types.Mesh](s.get("/v1/meshes/"+m.ID), 200)
	require.Equal(t, "failed", m.Status)
	require.Equal(t, d, m.Error)
}

func TestMeshOfAnUnknownGeometry(t *testing.T) {
	s := start(t)
	for _, body := range []string{
		`{"geometry_id": "geo_0190163d-8694-739b-aea5-966c26f8ad91"}`,
		`{"geometry_id": "geo_0190163d-8694-739b-aea5-966c26f8ad91", "spec": {"size": {"max": 1}}}`,
	} {
		p := s.post("/v1/meshes", body).problem(422, "not_found")
		require.Equal(t, []string{"body.geometry_id"}, locations(p))
	}
	for _, body := range []string{`{}`, `{"geometry_id": ""}`, `{"geometry_id": 7}`, `{"geometry_id": "msh_0190163d-8694-739b-aea5-966c26f8ad91"}`} {
		p := s.post("/v1/meshes", body).problem(422, "validation_failed")
		require.Len(t, p.Errors, 1, body)
		require.Contains(t, p.Errors[0].Location, "body", body)
	}
}

func TestMeshOfMoreElementsThanAllowed_IsRefusedBeforeItIsQueued(t *testing.T) {
	s := startWith(t, parts{change: func(c *api.Config) { c.MaxElements = 100_000 }})
	g := s.imported()
	body := fmt.Sprintf(`{"geometry_id": %q, "spec": {"size": {"max": 0.01}}}`, g.ID)
	for range 2 { // the second answer is of remembered facts
		p := s.post("/v1/meshes", body).problem(422, "too_large")
		require.Equal(t, []string{"body.spec.size.max"}, locations(p))
	}
	require.Empty(t, decode[types.MeshList](s.get("/v1/meshes"), 200).Items)
	s.mesh(g.ID)
	decode[types.Mesh](s.post("/v1/meshes", strings.Replace(body, "0.01", "1", 1)), http.StatusAccepted)
}

// work plays a worker that finishes the next job a while after it is queued.
func (s *service) work(finish func(store.Claim)) (wait func()) {
	done := make(chan struct{})
	listener := s.queue.Listen("test")
	go func() {
		defer close(done)
		defer listener.Close()
		for {
			c, ok, err := s.jobs.Claim(context.Background(), "wrk_test")
			if err == nil && ok {
				finish(c)
				return
			}
			if _, err := listener.Next(s.t.Context()); err != nil && s.t.Context().Err() != nil {
				return
			}
		}
	}()
	return func() { <-done }
}

func TestPreferWait_AnswersWhenTheMeshIsDone(t *testing.T) {
	s := start(t)
	g := s.imported()
	wait := s.work(s.succeed)
	a := s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q}`, g.ID), "Prefer", "respond-async", "Prefer", `handling=lenient, WAIT="20"`)
	wait()
	m := decode[types.Mesh](a, http.StatusOK)
	require.Equal(t, "succeeded", m.Status)
	require.Len(t, m.Artifacts, 2)
	require.Equal(t, "wait=20", a.header.Get("Preference-Applied"))
	require.Equal(t, "/v1/meshes/"+m.ID, a.header.Get("Location"))
}

func TestPreferWait_TellsAFailureToo(t *testing.T) {
	s := start(t)
	g := s.imported()
	d := diagnosis.New(diagnosis.SurfaceMeshingFailed, "face 7")
	wait := s.work(func(c store.Claim) {
		require.NoError(t, s.jobs.Finish(t.Context(), c, store.Outcome{Error: d}))
	})
	m := decode[types.Mesh](s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q}`, g.ID), "Prefer", "wait=20"), http.StatusOK)
	wait()
	require.Equal(t, "failed", m.Status)
	require.Equal(t, d, m.Error)
}

func TestPreferWait_IsShorterThanTheWork(t *testing.T) {
	s := start(t)
	g := s.imported()
	began := time.Now()
	a := s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q}`, g.ID), "Prefer", "wait=1")
	require.Equal(t, "queued", decode[types.Mesh](a, http.StatusAccepted).Status)
	require.Equal(t, "wait=1", a.header.Get("Preference-Applied"))
	require.GreaterOrEqual(t, time.Since(began), time.Second)
	for header, applied := range map[string]string{"wait=0": "wait=0", "wait=-1": "", "wait=soon": "", "wait": "", "return=minimal": ""} {
		a := s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q}`, g.ID), "Prefer", header)
		require.Equal(t, http.StatusAccepted, a.status)
		require.Equal(t, applied, a.header.Get("Preference-Applied"), header)
	}
}

func TestPreferWait_WithoutRedis(t *testing.T) {
	redis := testenv.NewRedis(t)
	s := startWith(t, parts{redis: redis})
	g := s.imported()
	require.NoError(t, redis.Server.Kill())
	answered := make(chan answer, 1)
	go func() {
		answered <- s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q}`, g.ID), "Prefer", "wait=25")
	}()
	var c store.Claim
	require.Eventually(t, func() bool {
		var ok bool
		var err error
		c, ok, err = s.jobs.Claim(t.Context(), "wrk_test")
		return err == nil && ok
	}, patience, 10*time.Millisecond)
	s.succeed(c)
	require.Equal(t, "succeeded", decode[types.Mesh](<-answered, http.StatusOK).Status)
}

func TestIdempotencyKey_NamesOneMesh(t *testing.T) {
	s := start(t)
	g := s.imported()
	body := fmt.Sprintf(`{"geometry_id": %q, "spec": {"order": 2}}`, g.ID)
	first := decode[types.Mesh](s.post("/v1/meshes", body, "Idempotency-Key", "k1"), http.StatusAccepted)
	// The same request in other words.
	again := decode[types.Mesh](s.post("/v1/meshes", fmt.Sprintf(` { "spec" : {"order":2}, "geometry_id":%q}`, g.ID), "Idempotency-Key", "k1"), http.StatusAccepted)
	require.Equal(t, first.ID, again.ID)
	p := s.post("/v1/meshes", strings.Replace(body, "2", "1", 1), "Idempotency-Key", "k1").problem(422, "idempotency_key_reused")
	require.Equal(t, []string{"header.Idempotency-Key"}, locations(p))
	other := decode[types.Mesh](s.post("/v1/meshes", body, "Idempotency-Key", "k2"), http.StatusAccepted)
	require.NotEqual(t, first.ID, other.ID)
	s.post("/v1/meshes", body, "Idempotency-Key", strings.Repeat("k", 256)).problem(422, "validation_failed")

	c := s.claim()
	require.Equal(t, first.ID, *c.MeshID)
	s.succeed(c)
	finished := decode[types.Mesh](s.post("/v1/meshes", body, "Idempotency-Key", "k1"), http.StatusOK)
	require.Equal(t, "succeeded", finished.Status)
	require.Len(t, finished.Artifacts, 2)
	require.Equal(t, http.StatusNoContent, s.delete("/v1/meshes/"+first.ID).status)
	fresh := decode[types.Mesh](s.post("/v1/meshes", body, "Idempotency-Key", "k1"), http.StatusAccepted)
	require.NotEqual(t, first.ID, fresh.ID)
}

func TestIdempotencyKey_IsSentManyTimesAtOnce(t *testing.T) {
	s := start(t)
	g := s.imported()
	body := fmt.Sprintf(`{"geometry_id": %q}`, g.ID)
	names := sync.Map{}
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			a := s.post("/v1/meshes", body, "Idempotency-Key", "the same")
			var m types.Mesh
			if json.Unmarshal(a.body, &m) == nil && a.status == http.StatusAccepted {
				names.Store(m.ID, true)
			} else {
				names.Store(string(a.body), true)
			}
		})
	}
	all.Wait()
	var seen []any
	names.Range(func(k, _ any) bool { seen = append(seen, k); return true })
	require.Len(t, seen, 1, "%v", seen)
	require.Len(t, decode[types.MeshList](s.get("/v1/meshes"), 200).Items, 1)
}

func TestMeshes_AreListedByFilter(t *testing.T) {
	s := start(t)
	a, b := s.imported(), s.imported()
	var made []string
	for range 3 {
		made = append(made, s.mesh(a.ID).ID)
	}
	of := s.mesh(b.ID)
	s.succeed(s.claim())
	page := decode[types.MeshList](s.get("/v1/meshes?limit=2&geometry_id="+a.ID), 200)
	require.Equal(t, []string{made[2], made[1]}, []string{page.Items[0].ID, page.Items[1].ID})
	page = decode[types.MeshList](s.get("/v1/meshes?limit=2&geometry_id="+a.ID+"&cursor="+page.NextCursor), 200)
	require.Len(t, page.Items, 1)
	require.Equal(t, made[0], page.Items[0].ID)
	require.Equal(t, "succeeded", page.Items[0].Status)
	require.Equal(t, 100, page.Items[0].Counts.Nodes)
	require.Empty(t, page.NextCursor)
	require.Len(t, decode[types.MeshList](s.get("/v1/meshes?status=queued"), 200).Items, 3)
	require.Equal(t, of.ID, decode[types.MeshList](s.get("/v1/meshes?status=queued&geometry_id="+b.ID), 200).Items[0].ID)
	p := s.get("/v1/meshes?geometry_id=7").problem(422, "validation_failed")
	require.Equal(t, []string{"query.geometry_id"}, locations(p))
	p = s.get("/v1/meshes?cursor="+decode[types.GeometryList](s.get("/v1/geometries?limit=1"), 200).NextCursor).problem(422, "validation_failed")
	require.Equal(t, []string{"query.cursor"}, locations(p), "a cursor of another list")
}

func TestCancel_IsFinalAtOnceAndIdempotent(t *testing.T) {
	s := start(t)
	g := s.imported()
	queued := s.mesh(g.ID)
	m := decode[types.Mesh](s.post("/v1/meshes/"+queued.ID+"/cancel", ""), 200)
	require.Equal(t, "canceled", m.Status)
	require.Equal(t, "canceled", decode[types.Mesh](s.post("/v1/meshes/"+queued.ID+"/cancel", ""), 200).Status)

	running := s.mesh(g.ID)
	c := s.claim()
	require.Equal(t, running.ID, *c.MeshID)
	require.Equal(t, "canceled", decode[types.Mesh](s.post("/v1/meshes/"+running.ID+"/cancel", ""), 200).Status)
	require.ErrorIs(t, s.jobs.Finish(t.Context(), c, store.Outcome{}), store.ErrFenced)

	done := s.mesh(g.ID)
	s.succeed(s.claim())
	require.Equal(t, "succeeded", decode[types.Mesh](s.post("/v1/meshes/"+done.ID+"/cancel", ""), 200).Status, "after the end it changes nothing")
}

func TestClassDecidesTheOrder(t *testing.T) {
	s := start(t)
	g := s.imported()
	decode[types.Mesh](s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q, "class": "batch"}`, g.ID)), http.StatusAccepted)
	later := s.mesh(g.ID)
	require.Equal(t, later.ID, *s.claim().MeshID)
}

func TestDownload_RedirectsToTheFile(t *testing.T) {
	s := start(t)
	m := s.succeeded()
	for _, path := range []string{"/download", "/download?format=msh"} {
		a := s.get("/v1/meshes/" + m.ID + path)
		require.Equal(t, http.StatusFound, a.status)
		content, header := s.download(a.header.Get("Location"))
		require.Equal(t, "a mesh", content)
		require.Contains(t, header.Get("Content-Disposition"), "bracket.msh")

		// curl -IL and download managers ask what it will be.
		header = s.askAbout("/v1/meshes/"+m.ID+path, len("a mesh"))
		require.Contains(t, header.Get("Content-Disposition"), "bracket.msh")
	}
	p := s.get("/v1/meshes/"+m.ID+"/download?format=doc").problem(422, "validation_failed")
	require.Equal(t, []string{"query.format"}, locations(p))
}

func TestDownloadOfAFormatNotYetMade_IsExported(t *testing.T) {
	s := start(t)
	m := s.succeeded()
	wait := s.work(func(c store.Claim) {
		require.Equal(t, engine.Export, c.Kind)
		require.Equal(t, []string{"stl"}, c.Formats)
		require.Equal(t, engine.MSH, c.Format)
		require.NoError(t, s.jobs.Finish(t.Context(), c, store.Outcome{Artifacts: []store.Artifact{s.file(c, "mesh.stl", "stl", "a surface")}}))
	})
	a := s.get("/v1/meshes/" + m.ID + "/download?format=stl")
	wait()
	require.Equal(t, http.StatusFound, a.status, "%s", a.body)
	content, _ := s.download(a.header.Get("Location"))
	require.Equal(t, "a surface", content)
	require.Equal(t, http.StatusFound, s.get("/v1/meshes/"+m.ID+"/download?format=stl").status, "it is there now")
	require.Len(t, decode[types.Mesh](s.get("/v1/meshes/"+m.ID), 200).Artifacts, 3)
}

func TestExportThatFails_TellsWhy(t *testing.T) {
	s := start(t)
	m := s.succeeded()
	d := diagnosis.New(diagnosis.EngineCrashed, "it died")
	wait := s.work(func(c store.Claim) {
		require.NoError(t, s.jobs.Finish(t.Context(), c, store.Outcome{Error: d}))
	})
	p := s.get("/v1/meshes/"+m.ID+"/download?format=stl").problem(409, "engine_crashed")
	wait()
	require.Equal(t, d, p.Diagnosis)
}

func TestExportThatTakesLong_AsksToComeBack(t *testing.T) {
	s := start(t)
	m := s.succeeded()
	answered := make(chan answer, 1)
	go func() { answered <- s.get("/v1/meshes/" + m.ID + "/download?format=stl") }()
	require.Eventually(t, func() bool {
		c, ok, err := s.jobs.Claim(t.Context(), "wrk_test")
		return err == nil && ok && c.Kind == engine.Export
	}, patience, 10*time.Millisecond)
	s.server.Drain() // which ends every wait, as 20 s would
	a := <-answered
	a.problem(503, "export_pending")
	require.Equal(t, "5", a.header.Get("Retry-After"))
}

func TestDownloadOfAMeshWithoutAResult(t *testing.T) {
	s := start(t)
	g := s.imported()
	m := s.mesh(g.ID)
	s.get("/v1/meshes/"+m.ID+"/download").problem(409, "not_ready")
	d := diagnosis.New(diagnosis.TimeLimit, "it took too long")
	c := s.claim()
	require.NoError(t, s.jobs.Finish(t.Context(), c, store.Outcome{Error: d, Artifacts: []store.Artifact{s.file(c, "log.txt", "log", "why\n")}}))
	require.Equal(t, d, s.get("/v1/meshes/"+m.ID+"/download").problem(409, "time_limit").Diagnosis)
	a := s.get("/v1/meshes/" + m.ID + "/log")
	require.Equal(t, "why\n", string(a.body), "a failed one has its log")
	canceled := s.mesh(g.ID)
	s.post("/v1/meshes/"+canceled.ID+"/cancel", "")
	s.get("/v1/meshes/"+canceled.ID+"/download").problem(409, "canceled")
}

func TestLog_IsTheEventsUntilThereIsTheFile(t *testing.T) {
	s := start(t)
	m := s.mesh(s.imported().ID)
	a := s.get("/v1/meshes/" + m.ID + "/log")
	require.Equal(t, http.StatusOK, a.status)
	require.Empty(t, a.body)
	c := s.claim()
	line := func(text string) {
		s.tell(c, queue.NewEvent{Type: queue.EventLog, Data: map[string]any{
			"lines": []engine.LogLine{{Level: "info", Text: text, Seconds: 0.25}}}})
	}
	line("of an attempt that was lost")
	require.NoError(t, s.jobs.Release(t.Context(), c, 0))
	c = s.claim()
	line("Meshing 1D...")
	line("Done <1D> & so on")
	a = s.get("/v1/meshes/" + m.ID + "/log")
	require.Equal(t, "[    0.250] info    Meshing 1D...\n[    0.250] info    Done <1D> & so on\n", string(a.body))
	require.Equal(t, "text/plain; charset=utf-8", a.header.Get("Content-Type"))
	s.succeed(c)
	a = s.get("/v1/meshes/" + m.ID + "/log")
	require.Equal(t, "the log\n", string(a.body))
	require.Equal(t, "8", a.header.Get("Content-Length"))
}
