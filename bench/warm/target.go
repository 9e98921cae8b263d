package main

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
	"strings"
	"time"

	"meshgen/internal/devservers"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// target is the service that is measured, over HTTP as a client sees it.
type target struct {
	base     string
	restart  string
	geometry string
	worker   *devservers.Process // ours; nil for a service that runs already
	stop     []func() error

	anatomies [2][]anatomy // of the requests so far, by size
	stages    [2]stages    // of their engine
}

// openTarget connects to a running service, or starts one: real Postgres (with fsync), Redis and S3, api and worker.
func openTarget(ctx context.Context, o options, scratch string) (*target, error) {
	if o.base != "" {
		return &target{base: strings.TrimSuffix(o.base, "/"), restart: o.restart}, nil
	}
	t := &target{}
	if err := t.start(ctx, o, scratch); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

func (t *target) start(ctx context.Context, o options, scratch string) error {
	pg, err := devservers.NewPostgres(ctx, devservers.Options{Dir: filepath.Join(scratch, "postgres")})
	if err != nil {
		return err
	}
	t.stop = append(t.stop, pg.Stop)
	redis, err := devservers.NewRedis(ctx, devservers.Options{Dir: filepath.Join(scratch, "redis")})
	if err != nil {
		return err
	}
	t.stop = append(t.stop, redis.Stop)
	s3, err := devservers.NewS3(ctx, devservers.Options{Dir: filepath.Join(scratch, "s3")}, ".cache/bin")
	if err != nil {
		return err
	}
	t.stop = append(t.stop, s3.Stop)
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
		"MESHGEN_AUTH=off", "MESHGEN_SCRATCH=" + filepath.Join(scratch, "work"), "MESHGEN_ENGINES=1", "MESHGEN_THREADS=1", "MESHGEN_ENGINE=" + o.engine,
	}
	program := func(name string, args ...string) devservers.Program {
		return devservers.Program{
			Name: name, Port: port, Path: filepath.Join(o.bin, name), Args: args, Env: environment,
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
		return t.atWork(ctx, func(w presence) bool { return w.PID == pid })
	}
	if t.worker, err = worker.Start(ctx); err != nil {
		return err
	}
	t.stop = append(t.stop, t.worker.Stop)
	return nil
}

func (t *target) close() {
	for i := len(t.stop) - 1; i >= 0; i-- {
		if err := t.stop[i](); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
	}
}

func (t *target) canRestart() bool { return t.worker != nil || t.restart != "" }

// restartWorker returns when a new worker is at work with a warm engine.
func (t *target) restartWorker(ctx context.Context) error {
	if t.worker != nil {
		return errors.Join(t.worker.Stop(), t.worker.Start(ctx))
	}
	old, err := t.workers(ctx)
	if err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "sh", "-c", t.restart).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", t.restart, err, out)
	}
	isNew := func(w presence) bool {
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

type presence struct {
	ID     string
	PID    int
	Engine struct {
		GmshVersion string `json:"gmsh_version"`
	}
	Pool struct{ Engines []struct{ State string } }
}

func (t *target) workers(ctx context.Context) ([]presence, error) {
	var pool struct{ Workers []presence }
	return pool.Workers, t.get(ctx, "/v1/pool", &pool)
}

// atWork reports an error unless a worker that is wanted has a warm engine.
func (t *target) atWork(ctx context.Context, wanted func(presence) bool) error {
	workers, err := t.workers(ctx)
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

func (t *target) ready(ctx context.Context) error { return t.get(ctx, "/readyz", nil) }

func (t *target) get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.base+path, nil)
	if err != nil {
		return err
	}
	return do(req, http.StatusOK, into)
}

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
	if resp.StatusCode != want {
		return fmt.Errorf("%s %s: %s: %s", req.Method, req.URL.Path, resp.Status, body)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}

// upload sends the part and waits until it is imported.
func (t *target) upload(ctx context.Context, part string) error {
	content, err := os.ReadFile(part)
	if err != nil {
		return err
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	file, err := w.CreateFormFile("file", filepath.Base(part))
	if err != nil {
		return err
	}
	if _, err := file.Write(content); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.base+"/v1/upload", &form)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	var geometry struct{ ID string }
	if err := do(req, http.StatusCreated, &geometry); err != nil {
		return err
	}
	t.geometry = geometry.ID
	return t.follow(ctx, "/v1/geometries/"+t.geometry+"/events")
}

// request asks for a mesh and returns the time from the POST until its success is seen on the stream of events.
func (t *target) request(ctx context.Context, size int, s spec.Spec) (time.Duration, error) {
	body, err := json.Marshal(map[string]any{"geometry_id": t.geometry, "spec": s, "reuse": false})
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.base+"/v1/meshes", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	var mesh struct{ ID string }
	began := time.Now()
	if err := do(req, http.StatusAccepted, &mesh); err != nil {
		return 0, err
	}
	if err := t.follow(ctx, "/v1/meshes/"+mesh.ID+"/events"); err != nil {
		return 0, err
	}
	took := time.Since(began)
	return took, t.note(ctx, size, mesh.ID, took)
}

// anatomy is where the time of one request went.
type anatomy struct {
	stages time.Duration // of the engine
	beside time.Duration // what the engine did beside them: with them, its wall time in this request
	fetch  time.Duration // of the source, from the worker's disk
	upload time.Duration // after the engine's result: what was not overlapped
	rest   time.Duration // request, queue, claim, finish, events
}

// service is what the request took beyond its own engine's wall time.
func (a anatomy) service() time.Duration { return a.fetch + a.upload + a.rest }

// note keeps where the time of a finished request went, by the service's own account.
func (t *target) note(ctx context.Context, size int, meshID string, took time.Duration) error {
	var mesh struct{ Timings []engine.Timing }
	if err := t.get(ctx, "/v1/meshes/"+meshID, &mesh); err != nil {
		return err
	}
	t.stages[size].add(mesh.Timings)
	a := anatomy{rest: took}
	for _, timing := range mesh.Timings {
		d := time.Duration(timing.Seconds * float64(time.Second))
		a.rest -= d
		switch timing.Stage {
		case engine.StageFetch:
			a.fetch += d
		case engine.StageUpload:
			a.upload += d
		case engine.StageEngine:
			a.beside += d
		default:
			a.stages += d
		}
	}
	t.anatomies[size] = append(t.anatomies[size], a)
	return nil
}

// follow reads a stream of events until a status says that the job succeeded.
func (t *target) follow(ctx context.Context, path string) error {
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
			return fmt.Errorf("%s: %s %s", path, e.Status, e.Error)
		}
	}
	return errors.Join(lines.Err(), fmt.Errorf("GET %s: the stream ended early", path))
}
