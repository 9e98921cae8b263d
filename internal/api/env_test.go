package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"meshgen/internal/api"
	"meshgen/internal/api/types"
	"meshgen/internal/blob"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/fetch"
	"meshgen/internal/id"
	"meshgen/internal/jobs"
	"meshgen/internal/oidc"
	"meshgen/internal/queue"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
	"meshgen/internal/webhooks"
)

func TestMain(m *testing.M) { os.Exit(testenv.Main(m)) }

// patience is how long a test waits for something that must happen.
const patience = 20 * time.Second

// service is a running API with all that stands behind it. The test plays the worker.
type service struct {
	t       *testing.T
	header  []string // of each request
	url     string
	metrics string
	server  *api.Server
	db      *store.DB
	jobs    *jobs.Service
	queue   *queue.Queue
	blobs   *blob.Store
	sql     *pgx.Conn
	stop    context.CancelFunc
	stopped chan error
}

// parts are the servers and settings of a service; zero ones are the shared servers and the defaults.
type parts struct {
	postgres *testenv.Database
	redis    *testenv.RedisServer
	s3       *testenv.Bucket
	change   func(*api.Config)
	webhooks webhooks.Config
	fetch    *fetch.Fetcher
	oidc     *oidc.Verifier
	jobs     func(*jobs.Config)
	log      io.Writer
}

func start(t *testing.T) *service { return startWith(t, parts{}) }

func startWith(t *testing.T, p parts) *service {
	t.Helper()
	if p.postgres == nil {
		p.postgres = testenv.PreparedPostgres(t, store.Migrate)
	} else {
		require.NoError(t, store.Migrate(t.Context(), p.postgres.URL))
	}
	if p.redis == nil {
		p.redis = testenv.Redis(t)
	}
	if p.s3 == nil {
		p.s3 = testenv.S3(t)
	}
	ctx := context.Background()
	log := slog.New(slog.DiscardHandler)
	if p.log != nil {
		log = slog.New(slog.NewJSONHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	parse := func(target any, variables map[string]string) {
		require.NoError(t, env.ParseWithOptions(target, env.Options{Environment: variables}))
	}

	var storeCfg store.Config
	parse(&storeCfg, map[string]string{"MESHGEN_DATABASE_URL": p.postgres.URL})
	db, err := store.Open(ctx, storeCfg)
	require.NoError(t, err)

	var queueCfg queue.Config
	parse(&queueCfg, map[string]string{
		"MESHGEN_REDIS_URL": p.redis.URL, "MESHGEN_REDIS_PREFIX": id.New(id.Job) + ":", "MESHGEN_REDIS_TIMEOUT": "1s",
	})
	q, err := queue.New(queueCfg, log)
	require.NoError(t, err)

	var blobCfg blob.Config
	parse(&blobCfg, p.s3.Env())
	blobs, err := blob.New(ctx, blobCfg, log)
	require.NoError(t, err)

	var jobsCfg jobs.Config
	parse(&jobsCfg, map[string]string{})
	if p.jobs != nil {
		p.jobs(&jobsCfg)
	}
	var cfg api.Config
	parse(&cfg, map[string]string{"MESHGEN_AUTH": api.AuthOff})
	if p.change != nil {
		p.change(&cfg)
	}
	js := jobs.New(jobsCfg, db, q, blobs, log)
	server := api.New(cfg, api.Deps{DB: db, Jobs: js, Queue: q, Blobs: blobs, Webhooks: p.webhooks, Fetch: p.fetch, OIDC: p.oidc, Log: log})
	main, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	metrics, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	sql, err := pgx.Connect(ctx, p.postgres.URL)
	require.NoError(t, err)

	running, stop := context.WithCancel(ctx)
	s := &service{
		t: t, url: "http://" + main.Addr().String(), metrics: "http://" + metrics.Addr().String() + "/metrics",
		server: server, db: db, jobs: js, queue: q, blobs: blobs, sql: sql, stop: stop, stopped: make(chan error, 1),
	}
	go func() { s.stopped <- server.Serve(running, main, metrics) }()
	t.Cleanup(func() {
		stop()
		select {
		case <-s.stopped:
		case <-time.After(patience):
			t.Error("the server does not stop")
		}
		js.Wait()
		sql.Close(ctx)
		q.Close()
		db.Close()
	})
	return s
}

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// client follows no redirects: they are what is tested. Each test opens connections of its own.
func client() *http.Client {
	return &http.Client{
		Timeout:       60 * time.Second,
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (s *service) do(method, path string, body io.Reader, header ...string) answer {
	s.t.Helper()
	request, err := http.NewRequest(method, s.url+path, body)
	require.NoError(s.t, err)
	header = append(header, s.header...)
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	return s.send(request)
}

func (s *service) send(request *http.Request) answer {
	s.t.Helper()
	response, err := client().Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	return answer{t: s.t, status: response.StatusCode, header: response.Header, body: text}
}

// as is the service as somebody sees it who sends these headers.
func (s *service) as(header []string) *service {
	other := *s
	other.header = header
	return &other
}

func (s *service) get(path string, header ...string) answer {
	s.t.Helper()
	return s.do(http.MethodGet, path, nil, header...)
}

func (s *service) post(path, body string, header ...string) answer {
	s.t.Helper()
	return s.do(http.MethodPost, path, strings.NewReader(body), append([]string{"Content-Type", "application/json"}, header...)...)
}

func (s *service) delete(path string) answer {
	s.t.Helper()
	return s.do(http.MethodDelete, path, nil)
}

// decode checks the status and returns the body.
func decode[T any](a answer, status int) T {
	a.t.Helper()
	require.Equal(a.t, status, a.status, "%s", a.body)
	var v T
	require.NoError(a.t, json.Unmarshal(a.body, &v), "%s", a.body)
	return v
}

// problem checks that the answer is a problem with a status and code.
func (a answer) problem(status int, code string) types.Problem {
	a.t.Helper()
	require.Equal(a.t, status, a.status, "%s", a.body)
	require.Equal(a.t, types.ProblemJSON, a.header.Get("Content-Type"))
	p := decode[types.Problem](a, status)
	require.Equal(a.t, code, p.Code, "%s", a.body)
	require.Equal(a.t, status, p.Status)
	require.Equal(a.t, "about:blank", p.Type)
	require.NotEmpty(a.t, p.Title)
	require.NotEmpty(a.t, p.Detail)
	require.Equal(a.t, a.header.Get("X-Request-Id"), p.RequestID)
	return p
}

func locations(p types.Problem) []string {
	var out []string
	for _, e := range p.Errors {
		out = append(out, e.Location)
	}
	return out
}

// step is a file that passes for STEP.
func step(size int) []byte {
	text := []byte("ISO-10303-21;\nHEADER;\nFILE_SCHEMA(('AUTOMOTIVE_DESIGN'));\nENDSEC;\nDATA;\n")
	for len(text) < size {
		text = append(text, "#1=CARTESIAN_POINT('',(0.,0.,0.));\n"...)
	}
	return append(text[:max(size, 80)], "ENDSEC;\nEND-ISO-10303-21;\n"...)
}

// field is a field of a form; a file has a name.
type field struct {
	name, filename, value string
}

func form(t *testing.T, fields ...field) (body []byte, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		var part io.Writer
		var err error
		if f.filename != "" {
			part, err = w.CreateFormFile(f.name, f.filename)
		} else {
			part, err = w.CreateFormField(f.name)
		}
		require.NoError(t, err)
		_, err = io.WriteString(part, f.value)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes(), w.FormDataContentType()
}

func (s *service) upload(fields ...field) answer {
	s.t.Helper()
	body, contentType := form(s.t, fields...)
	return s.do(http.MethodPost, "/v1/upload", bytes.NewReader(body), "Content-Type", contentType)
}

// uploaded counts the parts, each of which is another file.
var uploaded atomic.Int64

// geometry uploads a part.
func (s *service) geometry() types.Geometry {
	s.t.Helper()
	return decode[types.Geometry](s.upload(field{"file", "bracket.step", string(step(1000 + int(uploaded.Add(1))))}), http.StatusCreated)
}

// objects counts what is in the bucket.
func (s *service) objects() int {
	s.t.Helper()
	n := 0
	for _, err := range s.blobs.List(s.t.Context(), "") {
		require.NoError(s.t, err)
		n++
	}
	return n
}

// claim takes the next job as a worker does.
func (s *service) claim() store.Claim {
	s.t.Helper()
	c, ok, err := s.jobs.Claim(s.t.Context(), "wrk_test")
	require.NoError(s.t, err)
	require.True(s.t, ok, "no job is queued")
	s.tell(c, jobs.StatusEvent(store.Running, c.Attempt, nil))
	return c
}

// box is the model of a cuboid of 10 by 20 by 30.
func box() *engine.Model {
	return &engine.Model{
		Format: engine.STEP, Units: "mm", DeclaredUnits: "in", Box: engine.Box{Max: [3]float64{10, 20, 30}},
		Solids: []engine.Body{{Tag: 1, Name: "block", Color: "#ff0000", Measure: 6000, Faces: []int{1, 2}}},
		Faces:  []engine.Body{{Tag: 1, Measure: 1000}, {Tag: 2, Measure: 1200}}, Curves: 12, Points: 8,
	}
}

// imported uploads a part and imports it.
func (s *service) imported() types.Geometry {
	s.t.Helper()
	g := s.geometry()
	c := s.claim()
	require.Equal(s.t, g.ID, c.GeometryID)
	require.NoError(s.t, s.jobs.Finish(s.t.Context(), c, store.Outcome{
		Model: box(), Timings: []engine.Timing{{Stage: engine.StageImport, Seconds: 0.5}},
	}))
	return decode[types.Geometry](s.get("/v1/geometries/"+g.ID), http.StatusOK)
}

// mesh asks for a mesh.
// mesh asks for a mesh that is to be made, whatever there is already.
func (s *service) mesh(geometryID string) types.Mesh {
	s.t.Helper()
	return decode[types.Mesh](s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q, "reuse": false}`, geometryID)), http.StatusAccepted)
}

// file stores an artifact of a claim.
func (s *service) file(c store.Claim, name, format, content string) store.Artifact {
	s.t.Helper()
	key := blob.ArtifactKey(c.TenantID, c.JobID, c.Attempt, c.Token, name)
	object, err := s.blobs.Put(s.t.Context(), key, strings.NewReader(content), int64(len(content)), "application/octet-stream")
	require.NoError(s.t, err)
	return store.Artifact{
		ID: id.New(id.Artifact), Name: name, Format: format, MediaType: "application/octet-stream",
		ObjectKey: key, Size: object.Size, SHA256: object.SHA256,
	}
}

// succeed finishes a mesh with two files.
func (s *service) succeed(c store.Claim) {
	s.t.Helper()
	require.NoError(s.t, s.jobs.Finish(s.t.Context(), c, store.Outcome{
		Report: &engine.MeshReport{
			Nodes: 100, Elements: map[string]int{"tetrahedron": 400, "triangle": 150}, Order: 1, Strategy: "delaunay",
			Solids: []engine.SolidReport{{Tag: 1, Name: "block", Elements: 400, Volume: 6000, Enclosed: 6000, CADVolume: 6000}},
			Volume: 6000, CADVolume: 6000, Quality: map[string]engine.Bounds{"sicn": {Min: 0.4, Mean: 0.8, Max: 1}},
			Checks: []engine.Check{{Name: "solids_filled", Passed: true}}, Tried: []diagnosis.Attempt{{Strategy: "delaunay", Seconds: 0.1}},
			Timings: []engine.Timing{{Stage: engine.Stage3D, Seconds: 0.1}}, Versions: map[string]string{"gmsh": "4.15.2", "engine": "e1"},
		},
		Timings:   []engine.Timing{{Stage: engine.Stage3D, Seconds: 0.1}},
		Artifacts: []store.Artifact{s.file(c, "mesh.msh", "msh", "a mesh"), s.file(c, "log.txt", "log", "the log\n")},
	}))
}

// succeeded makes a mesh of a fresh geometry.
func (s *service) succeeded() types.Mesh {
	s.t.Helper()
	m := s.mesh(s.imported().ID)
	s.succeed(s.claim())
	return decode[types.Mesh](s.get("/v1/meshes/"+m.ID), http.StatusOK)
}

// download gets a presigned URL as a browser does.
func (s *service) download(url string) (content string, header http.Header) {
	s.t.Helper()
	response, err := http.Get(url)
	require.NoError(s.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusOK, response.StatusCode, "%s", text)
	return string(text), response.Header
}

// askAbout asks with HEAD for a download, which is to be there and to hold size bytes.
func (s *service) askAbout(path string, size int, header ...string) http.Header {
	s.t.Helper()
	a := s.do(http.MethodHead, path, nil, header...)
	require.Equal(s.t, http.StatusFound, a.status)
	response, err := http.Head(a.header.Get("Location"))
	require.NoError(s.t, err)
	require.NoError(s.t, response.Body.Close())
	require.Equal(s.t, http.StatusOK, response.StatusCode)
	require.EqualValues(s.t, size, response.ContentLength)
	return response.Header
}

// requestsDone asks the metrics how many requests a route has answered.
func requestsDone(t *testing.T, s *service, route string) int {
	t.Helper()
	response, err := http.Get(s.metrics)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	total := 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "meshgen_http_request_duration_seconds_count") && strings.Contains(line, fmt.Sprintf("route=%q", route)) {
			var n int
			_, err := fmt.Sscan(line[strings.LastIndexByte(line, ' ')+1:], &n)
			require.NoError(t, err)
			total += n
		}
	}
	return total
}

// peakHeap watches the heap; the function that it returns stops that, and tells how far it grew.
func peakHeap(t *testing.T) func() uint64 {
	t.Helper()
	runtime.GC()
	read := func() uint64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	base, peak := read(), uint64(0)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				if now := read(); now > base {
					peak = max(peak, now-base)
				}
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-stopped
		return peak
	}
}

func (s *service) heartbeat(c store.Claim, stage engine.Stage, progress float64) error {
	_, err := s.jobs.Heartbeat(s.t.Context(), c, stage, progress)
	return err
}

// eventIDs returns the ids of all events of a subject, in order.
func (s *service) eventIDs(subject string) (ids []int64) {
	s.t.Helper()
	s.jobs.Wait() // Redis may be told after the answer
	events, _, err := s.queue.Replay(s.t.Context(), subject, queue.FromStart)
	require.NoError(s.t, err)
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	return ids
}

func (s *service) tell(c store.Claim, events ...queue.NewEvent) {
	s.jobs.Announce(s.t.Context(), c.TenantID, []string{c.Subject()}, events...)
}
