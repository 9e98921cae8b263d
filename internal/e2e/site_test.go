package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
	"meshgen/internal/devservers"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

func TestMain(m *testing.M) { os.Exit(testenv.Main(m)) }

// patience is how long a test waits for what must happen, on a machine that may be busy.
const patience = 90 * time.Second

// site is an installation of processes.
type site struct {
	t        *testing.T
	postgres *testenv.Database
	redis    *testenv.RedisServer
	s3       *testenv.Bucket

	env     []string
	port    int
	scratch string
	api     *devservers.Process
	log     said // by API and workers
	*client.Client
}

// newSite starts servers of its own and an API; workers are hired. Variables of the environment may differ from those here.
func newSite(t *testing.T, env ...string) *site {
	t.Helper()
	return newSiteFrom(t, func(*site) {}, env...)
}

// newSiteFrom is newSite with something that is done to the empty servers before the API is installed.
func newSiteFrom(t *testing.T, before func(*site), env ...string) *site {
	t.Helper()
	s := &site{t: t, postgres: testenv.NewPostgres(t), redis: testenv.NewRedis(t), s3: testenv.NewS3(t), scratch: t.TempDir()}
	s.port = s.freePort()
	s.env = []string{
		"MESHGEN_DATABASE_URL=" + s.postgres.URL, "MESHGEN_REDIS_URL=" + s.redis.URL,
		fmt.Sprintf("MESHGEN_LISTEN=127.0.0.1:%d", s.port), fmt.Sprintf("MESHGEN_METRICS_LISTEN=127.0.0.1:%d", s.freePort()),
		"MESHGEN_SCRATCH=" + s.scratch, "MESHGEN_ENGINES=1", "MESHGEN_LEASE=6s", "MESHGEN_RECONCILE_EVERY=300ms", "MESHGEN_DRAIN=1s", "MESHGEN_AUTH=off",
	}
	for name, value := range s.s3.Env() {
		s.env = append(s.env, name+"="+value)
	}
	s.env = append(s.env, env...) // the last one counts
	before(s)
	binary := testenv.Program(t, "api")
	require.NoError(t, devservers.Program{Name: "migrate", Path: binary, Args: []string{"migrate"}, Env: s.env}.Run(t.Context()))
	var err error
	s.api, err = devservers.Program{
		Name: "api", Port: s.port, Path: binary, Env: s.env, Log: io.MultiWriter(t.Output(), &s.log),
		Ready: func(ctx context.Context, _ int) error { return s.get(ctx, "/readyz") },
	}.Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.api.Kill() })
	s.Client, err = client.New(client.Config{Server: fmt.Sprintf("http://127.0.0.1:%d", s.port), Patience: patience, UserAgent: "e2e"})
	require.NoError(t, err)
	return s
}

func (s *site) freePort() int {
	s.t.Helper()
	port, err := devservers.FreePort()
	require.NoError(s.t, err)
	return port
}

func (s *site) get(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d%s", s.port, path), nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	return nil
}

// hire starts a worker process with the engine and returns when it is at work.
func (s *site) hire(enginePath string) *devservers.Process {
	s.t.Helper()
	worker, err := devservers.Program{
		Name: "worker", Path: testenv.Program(s.t, "worker"), Log: io.MultiWriter(s.t.Output(), &s.log),
		Env: append([]string{"MESHGEN_ENGINE=" + enginePath}, s.env...),
		Ready: func(ctx context.Context, pid int) error {
			pool, err := s.Pool(ctx)
			if err != nil {
				return err
			}
			for _, w := range pool.Workers {
				if w.PID == pid {
					return nil
				}
			}
			return fmt.Errorf("worker %d is not at work", pid)
		},
	}.Start(s.t.Context())
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = worker.Kill() })
	return worker
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

func (s *site) upload(name string, content []byte) (types.Geometry, error) {
	return s.Upload(s.t.Context(), client.UploadFile{Name: name, Size: int64(len(content)), Bytes: bytes.NewReader(content)})
}

// mesh uploads a part and asks for a mesh of it.
func (s *site) mesh(content []byte, sp spec.Spec) types.Mesh {
	s.t.Helper()
	g, err := s.upload("part.step", content)
	require.NoError(s.t, err)
	m, err := s.CreateMesh(s.t.Context(), createMesh(g.ID, sp), "")
	require.NoError(s.t, err)
	return m
}

// follow reads the events of a mesh or geometry until one is wanted, and returns it with how many were done events.
func (s *site) follow(subject string, wanted func(client.Event) bool) client.Event {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	for e, err := range s.Follow(ctx, subject, "") {
		require.NoError(s.t, err)
		if wanted(e) {
			return e
		}
	}
	s.t.Fatalf("the events of %s ended without the one that was waited for", subject)
	return client.Event{}
}

func isDone(e client.Event) bool { return e.Type == client.EventDone }

// stage wants the event that the job is in the stage.
func stage(name string) func(client.Event) bool {
	return func(e client.Event) bool {
		return (e.Type == client.EventStage || e.Type == client.EventStatus) && strings.Contains(string(e.Data), `"stage":"`+name+`"`)
	}
}

// asStored gets what S3 holds: Go's own client would unpack the files for viewing, and size and sha256 are of the packed ones.
var asStored = http.Client{Transport: &http.Transport{DisableCompression: true}}

// succeeded returns the mesh, which has to be done well, with every file as its record says.
func (s *site) succeeded(m types.Mesh) types.Mesh {
	s.t.Helper()
	s.follow(m.ID, isDone)
	m, err := s.Mesh(s.t.Context(), m.ID)
	require.NoError(s.t, err)
	require.Equal(s.t, "succeeded", m.Status, "%+v", m.Error)
	formats := map[string]bool{}
	for _, a := range m.Artifacts {
		if !a.Preview {
			require.False(s.t, formats[a.Format], "two files of format %s", a.Format)
			formats[a.Format] = true
		}
		resp, err := asStored.Get(a.URL)
		require.NoError(s.t, err)
		h := sha256.New()
		n, err := io.Copy(h, resp.Body)
		resp.Body.Close()
		require.NoError(s.t, err)
		require.Equal(s.t, a.Size, n, a.Name)
		require.Equal(s.t, a.SHA256, hex.EncodeToString(h.Sum(nil)), a.Name)
	}
	require.Contains(s.t, formats, "msh")
	return m
}

// engines returns the processes of the site's engines: those with its scratch folder as working directory.
func (s *site) engines() []int {
	s.t.Helper()
	entries, err := os.ReadDir("/proc")
	require.NoError(s.t, err)
	var found []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		exe, err := os.Readlink(filepath.Join("/proc", e.Name(), "exe"))
		if err != nil || !strings.HasPrefix(filepath.Base(exe), "engine") {
			continue
		}
		if cwd, err := os.Readlink(filepath.Join("/proc", e.Name(), "cwd")); err == nil && strings.HasPrefix(cwd, s.scratch) {
			found = append(found, pid)
		}
	}
	return found
}
