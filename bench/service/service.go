// Package service is what benchmarks measure: Meshgen as its users have it, over HTTP, with real Postgres (fsync on), Redis and S3.
package service

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"meshgen/bench/machine"
	"meshgen/internal/devservers"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// Options say what to measure.
type Options struct {
	Base    string   // URL of a service that runs already; empty starts one on loopback
	Restart string   // shell command that restarts its worker
	Bin     string   // folder of the built programs
	Engine  string   // path of the engine
	Scratch string   // folder for the data of what is started
	Engines int      // of the worker; 0 is 1
	Env     []string // further variables of api and worker
}

// Service is one that runs.
type Service struct {
	base    string
	restart string
	worker  *devservers.Process // ours; nil for a service that runs already
	all     []*devservers.Process
	stop    []func() error
}

// Open connects to a running service, or starts one: servers, api and worker.
func Open(ctx context.Context, o Options) (*Service, error) {
	if o.Base != "" {
		return &Service{base: strings.TrimSuffix(o.Base, "/"), restart: o.Restart}, nil
	}
	t := &Service{}
	if err := t.start(ctx, o); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

func (t *Service) start(ctx context.Context, o Options) error {
	pg, err := devservers.NewPostgres(ctx, devservers.Options{Dir: filepath.Join(o.Scratch, "postgres")})
	if err != nil {
		return err
	}
	t.stop = append(t.stop, pg.Stop)
	redis, err := devservers.NewRedis(ctx, devservers.Options{Dir: filepath.Join(o.Scratch, "redis")})
	if err != nil {
		return err
	}
	t.stop = append(t.stop, redis.Stop)
	s3, err := devservers.NewS3(ctx, devservers.Options{Dir: filepath.Join(o.Scratch, "s3")}, ".cache/bin")
	if err != nil {
		return err
	}
	t.stop = append(t.stop, s3.Stop)
	t.all = append(t.all, &pg.Process, &redis.Process, &s3.Process)
	port, err := devservers.FreePort()
	if err != nil {
		return err
	}
	metrics, err := devservers.FreePort()
	if err != nil {
		return err
	}
	t.base = fmt.Sprintf("http://127.0.0.1:%d", port)
	environment := []string{
		"MESHGEN_DATABASE_URL=" + pg.URL("meshgen"), "MESHGEN_REDIS_URL=" + redis.URL(), "MESHGEN_S3_ENDPOINT=" + s3.Endpoint(),
		"MESHGEN_S3_ACCESS_KEY=" + devservers.S3AccessKey, "MESHGEN_S3_SECRET_KEY=" + devservers.S3SecretKey,
		fmt.Sprintf("MESHGEN_LISTEN=127.0.0.1:%d", port), fmt.Sprintf("MESHGEN_METRICS_LISTEN=127.0.0.1:%d", metrics),
		"MESHGEN_AUTH=off", "MESHGEN_SCRATCH=" + filepath.Join(o.Scratch, "work"), fmt.Sprintf("MESHGEN_ENGINES=%d", max(1, o.Engines)), "MESHGEN_THREADS=1", "MESHGEN_ENGINE=" + o.Engine,
	}
	environment = append(environment, o.Env...)
	program := func(name string, args ...string) devservers.Program {
		return devservers.Program{
			Name: name, Port: port, Path: filepath.Join(o.Bin, name), Args: args, Env: environment,
			Ready: func(ctx context.Context, _ int) error { return t.ready(ctx) },
		}
	}
	for _, step := range []string{"migrate", "bucket"} {
		if err := program("api", step).Run(ctx); err != nil {
			return err
		}
	}
	api, err := program("api").Start(ctx)
	if err != nil {
		return err
	}
	t.stop = append(t.stop, api.Stop)
	worker := program("worker")
	worker.Port = 0 // it listens on none
	worker.Ready = func(ctx context.Context, pid int) error {
		return t.atWork(ctx, func(w Presence) bool { return w.PID == pid })
	}
	if t.worker, err = worker.Start(ctx); err != nil {
		return err
	}
	t.stop = append(t.stop, t.worker.Stop)
	t.all = append([]*devservers.Process{t.worker, api}, t.all...)
	return nil
}

// Used is the processor time that a process has used.
type Used struct {
	Name string
	Time time.Duration
}

// ProcessorTime returns what the engines and each process of a service of the benchmark's own have used so far, what a server has
// started counting for it; nil for another's.
func (t *Service) ProcessorTime() (used []Used) {
	for _, p := range t.all {
		own, started := machine.ProcessorTime(p.PID())
		if p == t.worker {
			used = append(used, Used{"engines", started})
			started = 0
		}
		used = append(used, Used{p.Name, own + started})
	}
	return used
}

// Since returns what each process has used from one look at them to another, which has the same processes.
func Since(before, after []Used) []Used {
	used := slices.Clone(after)
	for i := range used {
		used[i].Time -= before[i].Time
	}
	return used
}

// Sum adds what each process has used to what it had; had may be nil.
func Sum(had, used []Used) []Used {
	if had == nil {
		return slices.Clone(used)
	}
	for i := range had {
		had[i].Time += used[i].Time
	}
	return had
}

// Close stops what was started.
func (t *Service) Close() {
	for i := len(t.stop) - 1; i >= 0; i-- {
		if err := t.stop[i](); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
	}
}

// Own reports whether the servers are the benchmark's own.
func (t *Service) Own() bool { return t.worker != nil }

// CanRestart reports whether the worker can be restarted.
func (t *Service) CanRestart() bool { return t.worker != nil || t.restart != "" }

// RestartWorker returns when a new worker is at work with a warm engine.
func (t *Service) RestartWorker(ctx context.Context) error {
	if t.worker != nil {
		return errors.Join(t.worker.Stop(), t.worker.Start(ctx))
	}
	old, err := t.Workers(ctx)
	if err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "sh", "-c", t.restart).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", t.restart, err, out)
	}
	isNew := func(w Presence) bool {
		for _, o := range old {
			if o.ID == w.ID {
				return false
			}
		}
		return true
	}
	for deadline := time.Now().Add(time.Minute); ; {
		if err := t.atWork(ctx, isNew); err == nil || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Presence is a worker as the service sees it.
type Presence struct {
	ID     string
	PID    int
	Engine struct {
		GmshVersion string `json:"gmsh_version"`
	}
	Pool struct {
		Engines      []Engine
		Recycled     map[string]int // engines that were replaced, by cause
		Speculations Speculations
	}
}

// Speculations counts what a worker's engines have done before anybody asked.
type Speculations struct{ Begun, Used, Dropped, Failed int }

// Engine is one of a worker's.
type Engine struct {
	State string
	PID   int
	Jobs  int // that it was given
}

// Workers returns who works.
func (t *Service) Workers(ctx context.Context) ([]Presence, error) {
	var pool struct{ Workers []Presence }
	return pool.Workers, t.Get(ctx, "/v1/pool", &pool)
}

// atWork reports an error unless a worker that is wanted has a warm engine.
func (t *Service) atWork(ctx context.Context, wanted func(Presence) bool) error {
	workers, err := t.Workers(ctx)
	if err != nil {
		return err
	}
	for _, w := range workers {
		for _, e := range w.Pool.Engines {
			if wanted(w) && e.State == "warm" {
				return nil
			}
		}
	}
	return errors.New("no warm engine yet")
}

func (t *Service) ready(ctx context.Context) error { return t.Get(ctx, "/readyz", nil) }

// Get reads what the service says of something.
func (t *Service) Get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.base+path, nil)
	if err != nil {
		return err
	}
	return do(req, http.StatusOK, into)
}

// do sends a request and reads the answer, whose status has to be the one wanted, or any of success where that is 0.
func do(req *http.Request, want int, into any) error {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != want && (want != 0 || resp.StatusCode/100 != 2) {
		return fmt.Errorf("%s %s: %s: %s", req.Method, req.URL.Path, resp.Status, body)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}

// Upload sends a part, waits until it is imported and returns the id of the geometry.
func (t *Service) Upload(ctx context.Context, name string, content []byte) (string, error) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	file, err := w.CreateFormFile("file", name)
	if err != nil {
		return "", err
	}
	if _, err := file.Write(content); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.base+"/v1/upload", &form)
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	var geometry struct{ ID string }
	if err := do(req, http.StatusCreated, &geometry); err != nil {
		return "", err
	}
	return geometry.ID, t.follow(ctx, "/v1/geometries/"+geometry.ID+"/events")
}

// Mesh is one that was made.
type Mesh struct {
	ID         string
	Took       time.Duration // from the POST until its success was seen
	Timings    []engine.Timing
	ReusedFrom string `json:"reused_from"`
}

// Request is what is asked of a mesh.
type Request struct {
	Geometry string
	Spec     spec.Spec
	Anew     bool // whatever results there are
	Batch    bool // after whoever waits
}

// Mesh asks for a mesh and waits until its success is seen: in the answer, or else on the stream of events. Of one that ends otherwise
// it returns the id and an *Ended.
func (t *Service) Mesh(ctx context.Context, r Request) (Mesh, error) {
	ask := map[string]any{"geometry_id": r.Geometry, "spec": r.Spec, "reuse": !r.Anew}
	if r.Batch {
		ask["class"] = "batch"
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return Mesh{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.base+"/v1/meshes", bytes.NewReader(body))
	if err != nil {
		return Mesh{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	var answer struct{ ID, Status string }
	began := time.Now()
	if err := do(req, 0, &answer); err != nil {
		return Mesh{}, err
	}
	if answer.Status != "succeeded" {
		if err := t.follow(ctx, "/v1/meshes/"+answer.ID+"/events"); err != nil {
			return Mesh{ID: answer.ID}, err
		}
	}
	took := time.Since(began)
	var m Mesh
	if err := t.Get(ctx, "/v1/meshes/"+answer.ID, &m); err != nil {
		return Mesh{}, err
	}
	m.Took = took
	return m, nil
}

// Ended is a job that has ended otherwise than by success.
type Ended struct {
	path   string
	Status string
	Reason json.RawMessage
}

func (e *Ended) Error() string { return fmt.Sprintf("%s: %s %s", e.path, e.Status, e.Reason) }

// follow reads a stream of events until a status says that the job succeeded.
func (t *Service) follow(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.base+path, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data:")
		if !ok {
			continue
		}
		var e struct {
			Status string
			Error  json.RawMessage
		}
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			return err
		}
		switch e.Status {
		case "succeeded":
			return nil
		case "failed", "canceled":
			return &Ended{path, e.Status, e.Error}
		}
	}
	return errors.Join(lines.Err(), fmt.Errorf("GET %s: the stream ended early", path))
}
