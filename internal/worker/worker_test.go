package worker_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/stretchr/testify/require"

	"meshgen/internal/blob"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/jobs"
	"meshgen/internal/pool"
	"meshgen/internal/queue"
	"meshgen/internal/spec"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
	"meshgen/internal/worker"
)

func TestMain(m *testing.M) { os.Exit(testenv.Main(m)) }

const tenant = store.DefaultTenant

// site is an installation without an API: the test plays it.
type site struct {
	t     *testing.T
	db    *store.DB
	queue *queue.Queue
	blobs *blob.Store
	jobs  *jobs.Service
	log   *slog.Logger

	postgres *testenv.Database
	redis    *testenv.RedisServer
	s3       *testenv.Bucket
	lease    time.Duration // 0 for a short one
	affinity time.Duration
	tick     string // after which a worker looks for work that it was not called for; "" for soon
}

// newSite returns an installation on shared servers.
func newSite(t *testing.T) *site {
	return open(t, &site{t: t, postgres: testenv.PreparedPostgres(t, store.Migrate), redis: testenv.Redis(t), s3: testenv.S3(t)})
}

// parse fills a configuration with its defaults and the variables given.
func parse[T any](t *testing.T, variables map[string]string) T {
	t.Helper()
	cfg, err := env.ParseAsWithOptions[T](env.Options{Environment: variables})
	require.NoError(t, err)
	return cfg
}

func open(t *testing.T, s *site) *site {
	t.Helper()
	s.log = slog.New(slog.NewTextHandler(t.Output(), nil))
	pg := parse[store.Config](t, map[string]string{"MESHGEN_DATABASE_URL": s.postgres.URL})
	var err error
	s.db, err = store.Open(t.Context(), pg)
	require.NoError(t, err)
	t.Cleanup(s.db.Close)
	s.queue, err = queue.New(parse[queue.Config](t, map[string]string{
		"MESHGEN_REDIS_URL": s.redis.URL, "MESHGEN_REDIS_PREFIX": id.New("tst") + ":", "MESHGEN_REDIS_TICK": cmp.Or(s.tick, "500ms"),
	}), s.log)
	require.NoError(t, err)
	t.Cleanup(func() { s.queue.Close() })
	s.blobs, err = blob.New(t.Context(), parse[blob.Config](t, s.s3.Env()), s.log)
	require.NoError(t, err)
	s.jobs = jobs.New(jobs.Config{Lease: cmp.Or(s.lease, 6*time.Second), MaxAttempts: 3, ReconcileEvery: 200 * time.Millisecond, Affinity: s.affinity}, s.db, s.queue, s.blobs, s.log)
	return s
}

// crew is a worker at work.
type crew struct {
	*worker.Worker
	pool    *pool.Pool
	scratch string
	tell    func() // as SIGTERM does
	stop    func() // the same, and waits
}

// hire starts a worker with the engine; the variables adapt its configuration and that of its pool.
func (s *site) hire(enginePath string, variables map[string]string) crew {
	t := s.t
	t.Helper()
	all := map[string]string{"MESHGEN_ENGINE": enginePath, "MESHGEN_ENGINES": "1", "MESHGEN_SCRATCH": t.TempDir(), "MESHGEN_DRAIN": "10s", "MESHGEN_SPECULATE": "0"}
	for k, v := range variables {
		all[k] = v
	}
	engines, err := pool.New(parse[pool.Config](t, all), s.log)
	require.NoError(t, err)
	require.NoError(t, engines.Start(t.Context()))
	w, err := worker.New(parse[worker.Config](t, all), s.jobs, s.blobs, s.queue, engines, s.log, nil)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := w.Run(ctx); err != nil {
			t.Errorf("worker: %v", err)
		}
	}()
	c := crew{Worker: w, pool: engines, scratch: all["MESHGEN_SCRATCH"], tell: cancel, stop: func() { cancel(); <-done }}
	t.Cleanup(func() {
		c.stop()
		require.NoError(t, engines.Close(context.Background()))
	})
	return c
}

// part returns a good STEP file that carries a command to a faulty engine, if one is given; see engine/serve.
func part(t *testing.T, fault string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(testenv.RepoRoot(t), "examples", "filleted-bracket.step"))
	require.NoError(t, err)
	if fault == "" {
		return b
	}
	head, rest, ok := strings.Cut(string(b), ";")
	require.True(t, ok)
	return []byte(head + ";\n/* MESHGEN-FAULT " + fault + " */" + rest)
}

// upload stores a file and queues its import.
func (s *site) upload(content []byte) store.Geometry {
	s.t.Helper()
	name := id.New(id.Geometry)
	key := blob.GeometryKey(tenant, name)
	object, err := s.blobs.PutStream(s.t.Context(), key, strings.NewReader(string(content)), 1<<30)
	require.NoError(s.t, err)
	g, err := s.jobs.CreateGeometry(s.t.Context(), store.NewGeometry{
		ID: name, TenantID: tenant, Filename: "part.step", Format: engine.STEP, Size: object.Size, SHA256: object.SHA256, ObjectKey: key,
	})
	require.NoError(s.t, err)
	return g
}

// imported is a geometry whose import is over: the worker has its file.
func (s *site) imported(content []byte) store.Geometry {
	s.t.Helper()
	g := s.upload(content)
	s.until(g.ID, isDone)
	return g
}

// patient has a worker wait for servers for as long as a test takes them away.
var patient = map[string]string{"MESHGEN_STORAGE_PATIENCE": "1h"}

func (s *site) mesh(g store.Geometry, sp spec.Spec) store.Mesh {
	s.t.Helper()
	sp, err := sp.Resolve()
	require.NoError(s.t, err)
	c, err := s.jobs.CreateMesh(s.t.Context(), store.NewMesh{TenantID: tenant, GeometryID: g.ID, Spec: sp})
	require.NoError(s.t, err)
	return c.Mesh
}

// patience is how long a test waits for what must happen, on a machine that may be busy.
const patience = 3 * time.Minute

// until follows the events of a subject to the one that is wanted.
func (s *site) until(subject string, wanted func(queue.Event) bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	f, err := s.queue.Hub().Follow(ctx, subject, 0)
	require.NoError(s.t, err)
	defer f.Close()
	for {
		e, err := f.Next(ctx)
		require.NoError(s.t, err)
		if wanted(e) {
			return
		}
	}
}

func isDone(e queue.Event) bool { return e.Type == jobs.EventDone }

func inStage(stage engine.Stage) func(queue.Event) bool {
	return func(e queue.Event) bool {
		return e.Type == jobs.EventStage && strings.Contains(string(e.Data), string(stage))
	}
}

// ended returns the mesh once it is final, as Postgres tells it.
func (s *site) ended(m store.Mesh) store.Mesh {
	s.t.Helper()
	var now store.Mesh
	require.Eventually(s.t, func() bool {
		var err error
		now, err = s.db.Mesh(context.Background(), tenant, m.ID)
		return err == nil && now.Status.Final()
	}, patience, 20*time.Millisecond)
	return now
}

// artifacts returns the files of a mesh by format, but for what was shown while it was made.
func (s *site) artifacts(m store.Mesh) map[string]store.Artifact {
	s.t.Helper()
	files, err := s.db.MeshArtifacts(s.t.Context(), tenant, m.ID)
	require.NoError(s.t, err)
	byFormat := map[string]store.Artifact{}
	for _, f := range files {
		if f.Preview {
			continue
		}
		require.NotContains(s.t, byFormat, f.Format, "one artifact a format")
		byFormat[f.Format] = f
	}
	return byFormat
}

func (s *site) content(a store.Artifact) []byte {
	s.t.Helper()
	body, _, err := s.blobs.Get(s.t.Context(), a.ObjectKey)
	require.NoError(s.t, err)
	defer body.Close()
	b, err := io.ReadAll(body)
	require.NoError(s.t, err)
	require.EqualValues(s.t, a.Size, len(b))
	hash := sha256.Sum256(b)
	require.Equal(s.t, a.SHA256, hex.EncodeToString(hash[:]))
	return b
}

func TestStepFileBecomesAMesh(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.Engine(t), nil)
	g := s.upload(part(t, ""))
	m := s.mesh(g, spec.Spec{Formats: []string{"msh", "vtk"}})
	s.until(m.ID, isDone)

	g, err := s.db.Geometry(t.Context(), tenant, g.ID)
	require.NoError(t, err)
	require.Equal(t, store.Succeeded, g.Status)
	require.Equal(t, "mm", g.Model.Units)
	require.Len(t, g.Model.Solids, 1)
	require.Len(t, g.Model.Faces, 11)
	require.InEpsilon(t, 24494.2, g.Model.Solids[0].Measure, 1e-4)

	m = s.ended(m)
	require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
	require.InEpsilon(t, 24494.2, m.Report.Volume, 0.01)
	require.Positive(t, m.Report.Elements["tetrahedron"])
	for _, c := range m.Report.Checks {
		require.True(t, c.Passed, c.Name)
	}
	files := s.artifacts(m)
	require.Len(t, files, 6)
	require.Contains(t, string(s.content(files["surface"])[:4]), "glTF")
	require.Contains(t, string(s.content(files["volume"])[:4]), "glTF")
	require.Contains(t, string(s.content(files["msh"])[:20]), "$MeshFormat\n4.1 1 8")
	require.Contains(t, string(s.content(files["vtk"])[:26]), "# vtk DataFile Version")
	require.NotEmpty(t, s.content(files["log"]))
	var report engine.MeshReport
	require.NoError(t, json.Unmarshal(s.content(files["report"]), &report))
	require.Equal(t, m.Report.Elements, report.Elements)
	var stages []engine.Stage
	for _, timing := range m.Timings {
		stages = append(stages, timing.Stage)
	}
	require.Subset(t, stages, []engine.Stage{engine.StageFetch, engine.StageImport, engine.Stage1D, engine.Stage2D, engine.Stage3D, engine.StageUpload})

	require.Equal(t, 1, w.Presence().Pool.Capacity)
	left, err := filepath.Glob(filepath.Join(w.scratch, w.ID, "job_*"))
	require.NoError(t, err)
	require.Empty(t, left, "the job's folder is gone")
}

func TestFormatNotYetMade_IsExported(t *testing.T) {
	s := newSite(t)
	s.hire(testenv.Engine(t), nil)
	m := s.mesh(s.upload(part(t, "")), spec.Spec{Formats: []string{"msh"}})
	s.until(m.ID, isDone)
	e, err := s.jobs.RequestExport(t.Context(), tenant, m.ID, "msh2")
	require.NoError(t, err)
	s.until(e.ID, isDone)
	files := s.artifacts(m)
	require.Contains(t, string(s.content(files["msh2"])[:20]), "$MeshFormat\n2.2 1 8")
}

func TestEngineCrashesInOneStrategy_TheNextSucceeds(t *testing.T) {
	s := newSite(t)
	s.hire(testenv.FaultyEngine(t), nil)
	m := s.mesh(s.upload(part(t, "segv mesh3d delaunay")), spec.Spec{})
	m = s.ended(m)
	require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
	require.Equal(t, spec.HXT, m.Report.Strategy)
	require.Len(t, m.Report.Tried, 2)
	require.Contains(t, m.Report.Tried[0].Error, "SIGSEGV")
	require.Equal(t, 1, m.Attempt, "rungs are not attempts")
	require.Len(t, s.artifacts(m), 6)
}

func TestEngineFails_JobEndsOnceWithTheTruth(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.FaultyEngine(t), map[string]string{"MESHGEN_ENGINE_MEMORY_LIMIT": "600MiB"})
	for _, c := range []struct {
		fault string
		code  diagnosis.Code
		says  string
	}{
		{"segv mesh2d", diagnosis.EngineCrashed, "SIGSEGV"},
		{"abort mesh2d", diagnosis.EngineCrashed, "a fault was asked for"},
		{"exit mesh3d", diagnosis.EngineCrashed, "exit status 0"},
		{"hang mesh1d", diagnosis.TimeLimit, "time limit"},
		{"alloc mesh3d", diagnosis.OutOfMemory, "memory limit"},
		{"garbage mesh2d", diagnosis.Internal, ""},
		{"flood mesh2d", diagnosis.Internal, ""},
		{"stranger mesh2d", diagnosis.Internal, ""},
		{"panic mesh2d", diagnosis.Internal, ""},
	} {
		t.Run(c.fault, func(t *testing.T) {
			s.t = t
			limit := "60s"
			if c.code == diagnosis.TimeLimit {
				limit = "3s"
			}
			m := s.mesh(s.upload(part(t, c.fault)), spec.Spec{Strategy: spec.Delaunay, TimeLimit: limit})
			s.until(m.ID, isDone)
			m = s.ended(m)
			require.Equal(t, store.Failed, m.Status)
			require.Equal(t, c.code, m.Error.Code, "%+v", m.Error)
			require.Contains(t, m.Error.Message+m.Error.Detail, c.says)
			require.Equal(t, 1, m.Attempt)
			files := s.artifacts(m)
			require.Len(t, files, 1, "the log alone is kept")
			all, err := s.db.MeshArtifacts(t.Context(), tenant, m.ID)
			require.NoError(t, err)
			require.Len(t, all, 1, "and what was shown meanwhile is not")
			require.NotEmpty(t, s.content(files["log"]))
		})
	}
	s.t = t
	m := s.ended(s.mesh(s.upload(part(t, "")), spec.Spec{}))
	require.Equal(t, store.Succeeded, m.Status, "the worker goes on")
	require.Positive(t, w.pool.Stats().Crashes)
}

func TestImportCrashes_MeshFailsWithTheLastWords(t *testing.T) {
	s := newSite(t)
	// Both are there before anybody works: a mesh of an import that has failed would be refused.
	m := s.mesh(s.upload(part(t, "abort import")), spec.Spec{})
	s.hire(testenv.FaultyEngine(t), nil)
	m = s.ended(m)
	require.Equal(t, store.Failed, m.Status)
	require.Equal(t, diagnosis.EngineCrashed, m.Error.Code)
	require.Contains(t, m.Error.Detail, "a fault was asked for")
	require.Len(t, m.Error.Tried, 2, "once more on a fresh engine")
}

func TestCanceledWhileRunning_EngineIsKilled(t *testing.T) {
	s := newSite(t)
	w := s.hire(testenv.FaultyEngine(t), nil)
	m := s.mesh(s.upload(part(t, "sleep mesh2d")), spec.Spec{})
	s.until(m.ID, inStage(engine.Stage2D))
	var busy int
	for _, e := range w.pool.Stats().Engines {
		if e.State == pool.Busy {
			busy = e.PID
		}
	}
	require.NotZero(t, busy)
	began := time.Now()
	require.NoError(t, s.jobs.CancelMesh(t.Context(), tenant, m.ID))
	require.Equal(t, store.Canceled, s.ended(m).Status)
	require.Eventually(t, func() bool { _, err := os.Stat(fmt.Sprintf("/proc/%d", busy)); return err != nil }, patience, time.Millisecond)
	t.Logf("from cancel to a dead engine and a final status: %s", time.Since(began))
	require.Equal(t, store.Succeeded, s.ended(s.mesh(s.upload(part(t, "")), spec.Spec{})).Status)
}

func TestWorkerLosesLease_OtherResultStands(t *testing.T) {
	s := newSite(t)
	s.hire(testenv.FaultyEngine(t), nil)
	m := s.mesh(s.upload(part(t, "sleep mesh2d")), spec.Spec{})
	s.until(m.ID, inStage(engine.Stage2D))
	// As if the worker had been away for longer than its lease: another claim runs and finishes the job.
	require.NoError(t, s.steal(m))
	require.Equal(t, store.Succeeded, s.ended(m).Status)
	require.Empty(t, s.artifacts(m))
	good := s.ended(s.mesh(s.upload(part(t, "")), spec.Spec{}))
	require.Equal(t, store.Succeeded, good.Status, "its engine was freed by the heartbeat that found the lease gone")
}

func TestLong_ServersAwayMidJob_JobSucceedsOnce(t *testing.T) {
	for name, act := range map[string]func(s *site) error{
		"redis flushed": func(s *site) error { return s.redis.Server.Flush(context.Background()) },
		"redis restarted": func(s *site) error {
			return errors.Join(s.redis.Server.Kill(), s.redis.Server.Start(context.Background()))
		},
		"postgres restarted": func(s *site) error {
			return errors.Join(s.postgres.Server.Kill(), s.postgres.Server.Start(context.Background()))
		},
		"s3 restarted": func(s *site) error { return errors.Join(s.s3.Server.Kill(), s.s3.Server.Start(context.Background())) },
	} {
		t.Run(name, func(t *testing.T) {
			// A lease that outlives the restart, on a busy machine too: the worker was there all the time.
			postgres := testenv.NewPostgres(t)
			require.NoError(t, store.Migrate(t.Context(), postgres.URL))
			s := open(t, &site{t: t, postgres: postgres, redis: testenv.NewRedis(t), s3: testenv.NewS3(t), lease: time.Minute})
			s.hire(testenv.Engine(t), nil)
			m := s.mesh(s.upload(part(t, "")), spec.Spec{Size: spec.Size{Fineness: 7}})
			s.until(m.ID, inStage(engine.Stage1D))
			require.NoError(t, act(s))
			m = s.ended(m)
			require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
			require.Equal(t, 1, m.Attempt)
			for _, a := range s.artifacts(m) {
				s.content(a)
			}
		})
	}
}

func TestFilesAreOnTheirWay_TheNextJobHasTheEngine(t *testing.T) {
	s := open(t, &site{t: t, postgres: testenv.PreparedPostgres(t, store.Migrate), redis: testenv.Redis(t), s3: testenv.NewS3(t), lease: time.Minute})
	s.hire(testenv.Engine(t), patient)
	g := s.imported(part(t, ""))
	require.NoError(t, s.s3.Server.Kill()) // no file of either goes anywhere until it is back
	first := s.mesh(g, spec.Spec{Size: spec.Size{Max: 9}})
	second := s.mesh(g, spec.Spec{Size: spec.Size{Max: 8}})
	s.until(second.ID, inStage(engine.Stage2D))
	waiting, err := s.db.Mesh(t.Context(), tenant, first.ID)
	require.NoError(t, err)
	require.Equal(t, store.Running, waiting.Status)
	require.NoError(t, s.s3.Server.Start(t.Context()))
	for _, m := range []store.Mesh{first, second} {
		m = s.ended(m)
		require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
		require.Equal(t, 1, m.Attempt)
	}
}

// A claim does not wait for the disk of Postgres; when that loses it the job is claimed once more, as the same attempt, and maybe by
// the worker that is still at it.
func TestLong_ClaimIsLostWithTheDatabase_TheSameWorkerHasTheJobTwiceAndEndsItOnce(t *testing.T) {
	s := open(t, &site{t: t, postgres: testenv.PreparedPostgres(t, store.Migrate), redis: testenv.Redis(t), s3: testenv.NewS3(t), lease: 24 * time.Hour})
	w := s.hire(testenv.Engine(t), patient)
	g := s.imported(part(t, ""))
	require.NoError(t, s.s3.Server.Kill()) // both runs wait with their files
	m := s.mesh(g, spec.Spec{Size: spec.Size{Max: 8.5}})
	require.Eventually(t, func() bool { // the first run has told all that it has to tell: it does not learn from a heartbeat what happens next
		now, err := s.db.Mesh(t.Context(), tenant, m.ID)
		return err == nil && now.Stage == engine.StageUpload
	}, patience, 5*time.Millisecond)
	s.exec(`UPDATE jobs SET status = 'queued', attempt = 0, claim = '', worker = '', lease_until = NULL WHERE id = '` + m.Job.ID + `'`)
	require.Eventually(t, func() bool {
		runs, err := filepath.Glob(filepath.Join(w.scratch, "*", m.Job.ID+"-*"))
		return err == nil && len(runs) == 2
	}, patience, 5*time.Millisecond)
	require.NoError(t, s.s3.Server.Start(t.Context()))
	m = s.ended(m)
	require.Equal(t, store.Succeeded, m.Status, "%+v", m.Error)
	require.Equal(t, 1, m.Attempt)
	for _, a := range s.artifacts(m) {
		s.content(a)
	}
}
