package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api"
	"meshgen/internal/api/types"
	"meshgen/internal/engine"
	"meshgen/internal/pool"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
	"meshgen/internal/worker"
)

func TestHealth_IsThatOfTheProcessAlone(t *testing.T) {
	redis := testenv.NewRedis(t)
	s := startWith(t, parts{redis: redis})
	require.NoError(t, redis.Server.Kill())
	require.Equal(t, "ok", decode[types.Health](s.get("/healthz"), 200).Status)
}

func TestLong_Readiness_NamesWhatIsAway(t *testing.T) {
	pg, redis, bucket := testenv.NewPostgres(t), testenv.NewRedis(t), testenv.NewS3(t)
	s := startWith(t, parts{postgres: pg, redis: redis, s3: bucket})
	ready := decode[types.Readiness](s.get("/readyz"), 200)
	require.Equal(t, "ready", ready.Status)
	require.Len(t, ready.Checks, 3)
	for _, server := range []struct {
		name        string
		kill, start func() error
	}{
		{"postgres", pg.Server.Kill, func() error { return pg.Server.Start(t.Context()) }},
		{"redis", redis.Server.Kill, func() error { return redis.Server.Start(t.Context()) }},
		{"s3", bucket.Server.Kill, func() error { return bucket.Server.Start(t.Context()) }},
	} {
		require.NoError(t, server.kill())
		require.Eventually(t, func() bool { return s.get("/readyz").status == http.StatusServiceUnavailable }, patience, 50*time.Millisecond, server.name)
		ready := decode[types.Readiness](s.get("/readyz"), 503)
		require.Equal(t, "unavailable", ready.Status)
		for _, c := range ready.Checks {
			require.Equal(t, c.Name != server.name, c.OK, "%s while %s is away", c.Name, server.name)
			require.NotContains(t, c.Reason, "127.0.0.1")
			if !c.OK {
				require.NotEmpty(t, c.Reason)
			}
		}
		require.NoError(t, server.start())
		require.Eventually(t, func() bool { return s.get("/readyz").status == http.StatusOK }, patience, 50*time.Millisecond, server.name)
	}
}

func TestReadiness_IsAskedForOftenButAsksSeldom(t *testing.T) {
	s := start(t)
	first := decode[types.Readiness](s.get("/readyz"), 200)
	require.Equal(t, first.CheckedAt, decode[types.Readiness](s.get("/readyz"), 200).CheckedAt)
}

func TestPool_ShowsWorkersAndTheQueue(t *testing.T) {
	s := start(t)
	empty := s.get("/v1/pool")
	require.Contains(t, string(empty.body), `"workers":[]`)
	s.mesh(s.geometry().ID)
	report := worker.Presence{
		ID: "wrk_1", Host: "here", PID: 7, Started: time.Now().UTC().Truncate(time.Second), CPUs: 4, Threads: 2, Device: "cpu",
		Engine: engine.Ready{Protocol: engine.Protocol, GmshVersion: "4.15.2", EngineVersion: "e1", BuildOptions: []string{"OpenCASCADE"}},
		Pool: pool.Stats{
			Capacity: 2, Spares: 1, Waiting: 3, Started: 5, StartFailures: 1, LastStartError: "no", Crashes: 1,
			Engines: []pool.EngineStats{
				{PID: 8, State: pool.Warm, Jobs: 1, RSS: 1 << 20, GmshVersion: "4.15.2", Tenant: store.DefaultTenant, Kept: 2, KeptBytes: 3 << 20},
				{PID: 9, State: pool.Warm, Jobs: 1, RSS: 1 << 20, GmshVersion: "4.15.2", Tenant: "another", Kept: 1, KeptBytes: 1 << 20},
			},
			Recycled: map[pool.Cause]int{pool.CauseJobs: 2},
		},
	}
	require.NoError(t, s.queue.SetWorker(t.Context(), report.ID, report, time.Minute))
	require.NoError(t, s.queue.SetWorker(t.Context(), "wrk_0", "not a report", time.Minute))
	p := decode[types.Pool](s.get("/v1/pool"), 200)
	require.Equal(t, 1, p.Queue.Queued)
	require.Equal(t, 1, p.Queue.Waiting)
	require.Len(t, p.Workers, 1)
	engines := report.Pool.Engines
	engines[0].Tenant, engines[1].Tenant = "", ""
	engines[1].Kept, engines[1].KeptBytes = 0, 0 // that is nobody else's business
	want, err := json.Marshal(report)
	require.NoError(t, err)
	got, err := json.Marshal(p.Workers[0])
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(got), "nothing else of a report is lost")
}

func TestMetrics_AreOnAPortOfTheirOwn(t *testing.T) {
	s := start(t)
	s.get("/metrics").problem(404, "not_found")
	m := s.succeeded()
	f := s.follow("/v1/meshes/"+m.ID+"/events", "99999999999999999")
	f.next()
	everything := s.follow("/v1/events", "")
	everything.untilQuiet()
	s.get("/v1/nothing/of/the/kind")
	response, err := http.Get(s.metrics)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	for _, line := range []string{
		`meshgen_http_request_duration_seconds_count{method="POST",route="/v1/meshes",status="202"} 1`,
		`meshgen_http_request_duration_seconds_count{method="POST",route="/v1/upload",status="201"} 1`,
		`meshgen_http_request_duration_seconds_count{method="GET",route="none",status="404"} 2`,
		`meshgen_sse_clients{stream="tenant"} 1`,
		`meshgen_jobs{state="queued"} 0`,
		"meshgen_upload_bytes_total 1", "meshgen_oldest_job_seconds 0", "go_goroutines",
	} {
		require.Contains(t, string(text), line)
	}
	require.NotContains(t, string(text), m.ID)
}

func TestDocs_NeedNothingFromElsewhere(t *testing.T) {
	s := start(t)
	a := s.get("/")
	require.Equal(t, http.StatusFound, a.status)
	require.Equal(t, "/docs", a.header.Get("Location"))
	page := s.get("/docs")
	require.Equal(t, http.StatusOK, page.status)
	text := string(page.body)
	require.NotContains(t, text, "<script")
	require.Empty(t, regexp.MustCompile(`(?:src|href)="(?:https?:)?//`).FindAllString(text, -1))
	require.NotRegexp(t, `%!|0x[0-9a-f]{6}`, text, "nothing is written as a program has it")
	for _, want := range []string{"/v1/meshes/{id}/download", "idempotency_key_reused", "not_watertight", `id="schema-Mesh"`, "curl -F file=@part.step"} {
		require.Contains(t, text, want)
	}
	require.Contains(t, page.header.Get("Content-Security-Policy"), "style-src 'sha256-")
	// Every link within the page leads somewhere.
	for _, link := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(text, -1) {
		require.Contains(t, text, `id="`+link[1]+`"`)
	}
}

func TestOpenAPIDocument_IsTheCommittedOne(t *testing.T) {
	s := start(t)
	committed, err := os.ReadFile(filepath.Join(testenv.RepoRoot(t), "docs", "openapi.yaml"))
	require.NoError(t, err)
	served := s.get("/openapi.yaml")
	require.Equal(t, "application/yaml", served.header.Get("Content-Type"))
	require.Equal(t, string(committed), string(served.body), "docs/openapi.yaml is stale: run make generate")
	document := decode[map[string]any](s.get("/openapi.json"), 200)
	require.Equal(t, "3.1.0", document["openapi"])
}

func TestEveryRouteIsDocumented(t *testing.T) {
	s := start(t)
	document := decode[struct {
		Paths map[string]map[string]any `json:"paths"`
	}](s.get("/openapi.json"), 200)
	undocumented := []string{"GET /", "GET /docs", "GET /openapi.json", "GET /openapi.yaml"}
	for _, route := range s.server.Routes() {
		method, path, _ := strings.Cut(route, " ")
		_, documented := document.Paths[path][strings.ToLower(method)]
		if documented {
			continue
		}
		require.Contains(t, undocumented, route)
	}
}

func TestStop_StreamsEndAndRequestsFinish(t *testing.T) {
	s := startWith(t, parts{change: func(c *api.Config) { c.StopDelay = 3 * time.Second }}) // in which it is asked whether it is ready
	g := s.imported()
	m := s.mesh(g.ID)
	f := s.follow("/v1/meshes/"+m.ID+"/events", "")
	f.next()
	everything := s.follow("/v1/events", "")
	everything.untilQuiet()
	waiting := make(chan answer, 1)
	go func() { waiting <- s.post("/v1/meshes", `{"geometry_id": "`+g.ID+`"}`, "Prefer", "wait=25") }()
	require.Eventually(t, func() bool { return len(decode[types.MeshList](s.get("/v1/meshes"), 200).Items) == 2 }, patience, 10*time.Millisecond)

	require.Equal(t, "queued", decodeEvent[types.StatusEvent](everything.next()).Status, "the second mesh")
	s.stop()
	f.ended()
	ready := decode[types.Readiness](s.get("/readyz"), 503)
	require.Equal(t, "process", ready.Checks[0].Name)
	everything.ended()
	require.Equal(t, http.StatusAccepted, (<-waiting).status, "it is told what there is")
	select {
	case err := <-s.stopped:
		require.NoError(t, err)
		s.stopped <- err
	case <-time.After(patience):
		t.Fatal("it does not stop")
	}
	_, err := http.Get(s.url + "/healthz")
	require.Error(t, err)
}

func TestConfig_SaysAllThatIsWrong(t *testing.T) {
	good := api.Config{Listen: "0.0.0.0:8080", MetricsListen: "off", Auth: api.AuthOn, SessionLife: 1, MaxUpload: 1, UploadIdle: 1, MaxElements: 1, MaxBatch: 1, StopTimeout: 1}
	require.NoError(t, good.Validate())
	bad := api.Config{
		Listen: "8080", MetricsListen: "x", Auth: "maybe", AdminKey: "hunter2", CORSOrigins: []string{"*", "https://x/path"}, StopDelay: -1,
	}
	for _, name := range []string{
		"LISTEN", "METRICS_LISTEN", "AUTH", "ADMIN_KEY", "SESSION_LIFE", "MAX_UPLOAD", "UPLOAD_IDLE", "MAX_ELEMENTS", "STOP_DELAY", `"*"`, "https://x/path",
	} {
		require.ErrorContains(t, bad.Validate(), name)
	}
	require.NotContains(t, bad.Validate().Error(), "hunter2")
}

// The API and the worker are static programs: neither may pull in the mesher.
func TestServerProgramsHoldNoMesherCode(t *testing.T) {
	for _, program := range []string{"./cmd/api", "./cmd/worker"} {
		list := exec.Command("go", "list", "-deps", program)
		list.Dir = testenv.RepoRoot(t)
		list.Env = append(os.Environ(), "CGO_ENABLED=0")
		out, err := list.Output()
		require.NoError(t, err, program)
		deps := strings.Fields(string(out))
		for _, forbidden := range []string{"meshgen/internal/gmsh", "meshgen/internal/lattice", "meshgen/internal/mesher", "meshgen/internal/engine/serve", "runtime/cgo"} {
			require.NotContains(t, deps, forbidden, program)
		}
	}
}
