package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"meshgen/internal/client"
	"meshgen/internal/devservers"
)

// site is an installation: three servers, an API and workers.
type site struct {
	dir      string
	engine   string // the binary of this run alone, so that its processes can be told
	base     string
	postgres *devservers.Postgres
	redis    *devservers.Redis
	s3       *devservers.S3
	api      *devservers.Process
	workers  []*devservers.Process
	client   *client.Client
	made     bell
	weather  *weather
	logs     []*os.File
}

// patience is how long a client of this run tries a call again: longer than any fault lasts.
const patience = 3 * time.Minute

func open(ctx context.Context, o options, dir string) (_ *site, err error) {
	s := &site{dir: dir, engine: filepath.Join(dir, "engine"), weather: newWeather()}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	for _, folder := range []string{"logs", "scratch"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			return nil, err
		}
	}
	if err := s.copyEngine(filepath.Join(o.bin, "engine-faults")); err != nil {
		return nil, err
	}
	if err := s.servers(ctx); err != nil {
		return nil, err
	}
	port, err := devservers.FreePort()
	if err != nil {
		return nil, err
	}
	metrics, err := devservers.FreePort()
	if err != nil {
		return nil, err
	}
	s.base = fmt.Sprintf("http://127.0.0.1:%d", port)
	if s.client, err = client.New(client.Config{Server: s.base, Patience: patience, UserAgent: "chaos"}); err != nil {
		return nil, err
	}
	env := s.environment(port, metrics)
	for _, step := range []string{"migrate", "bucket"} {
		if err := (devservers.Program{Name: step, Path: filepath.Join(o.bin, "api"), Args: []string{step}, Env: env}).Run(ctx); err != nil {
			return nil, err
		}
	}
	apiLog, err := s.log("api")
	if err != nil {
		return nil, err
	}
	s.api, err = devservers.Program{
		Name: "api", Port: port, Path: filepath.Join(o.bin, "api"), Env: env, Log: apiLog,
		Ready: func(ctx context.Context, _ int) error { return s.healthy(ctx) },
	}.Start(ctx)
	if err != nil {
		return nil, err
	}
	for i := range o.workers {
		log, err := s.log(fmt.Sprint("worker-", i+1))
		if err != nil {
			return nil, err
		}
		w, err := devservers.Program{
			Name: "worker", Path: filepath.Join(o.bin, "worker"), Log: log, Env: append([]string{"MESHGEN_ENGINE=" + s.engine}, env...),
			// The API knows who is at work, but it may be down itself: a process that has started engines will do.
			Ready: func(_ context.Context, pid int) error { return hasEngines(pid, s.engine) },
		}.Start(ctx)
		if err != nil {
			return nil, err
		}
		s.workers = append(s.workers, w)
	}
	return s, nil
}

func (s *site) copyEngine(from string) error {
	body, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("%w; `make chaos` builds it", err)
	}
	return os.WriteFile(s.engine, body, 0o700)
}

func (s *site) servers(ctx context.Context) (err error) {
	options := func(name string) (devservers.Options, error) {
		log, err := s.log(name)
		return devservers.Options{Dir: filepath.Join(s.dir, name), Log: log}, err
	}
	o, err := options("postgres")
	if err != nil {
		return err
	}
	if s.postgres, err = devservers.NewPostgres(ctx, o); err != nil {
		return err
	}
	if o, err = options("redis"); err != nil {
		return err
	}
	if s.redis, err = devservers.NewRedis(ctx, o); err != nil {
		return err
	}
	if o, err = options("s3"); err != nil {
		return err
	}
	s.s3, err = devservers.NewS3(ctx, o, filepath.Join(".cache", "bin"))
	return err
}

func (s *site) environment(port, metrics int) []string {
	library, _ := filepath.Abs(filepath.Join(".cache", "gmsh", "lib"))
	return []string{
		"MESHGEN_DATABASE_URL=" + s.postgres.URL("meshgen"), "MESHGEN_REDIS_URL=" + s.redis.URL(), "MESHGEN_S3_ENDPOINT=" + s.s3.Endpoint(),
		"MESHGEN_S3_ACCESS_KEY=" + devservers.S3AccessKey, "MESHGEN_S3_SECRET_KEY=" + devservers.S3SecretKey,
		fmt.Sprintf("MESHGEN_LISTEN=127.0.0.1:%d", port), fmt.Sprintf("MESHGEN_METRICS_LISTEN=127.0.0.1:%d", metrics), "MESHGEN_AUTH=off",
		"MESHGEN_SCRATCH=" + filepath.Join(s.dir, "scratch"), "MESHGEN_ENGINES=1", "MESHGEN_ENGINE_IDLE=30s", "MESHGEN_THREADS=1", "MESHGEN_DRAIN=2s",
		"MESHGEN_LEASE=10s", "MESHGEN_RECONCILE_EVERY=1s", "MESHGEN_ORPHAN_AGE=30s", "LD_LIBRARY_PATH=" + library,
	}
}

func (s *site) log(name string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(s.dir, "logs", name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		s.logs = append(s.logs, f)
	}
	return f, err
}

func (s *site) healthy(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/healthz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}

// calm has every process run again, whatever was done to it.
func (s *site) calm(ctx context.Context) error {
	var failed []error
	for _, p := range s.all() {
		failed = append(failed, revive(ctx, p))
	}
	return errors.Join(failed...)
}

func (s *site) all() []*devservers.Process {
	return append([]*devservers.Process{&s.postgres.Process, &s.redis.Process, &s.s3.Process, s.api}, s.workers...)
}

// revive starts a process that does not run, again and again while what it needs is away.
func revive(ctx context.Context, p *devservers.Process) (err error) {
	for range 10 {
		select {
		case <-p.Exited():
			if err = p.Kill(); err != nil { // it has died: this takes note of it
				return err
			}
		default:
			if p.PID() != 0 {
				return nil
			}
		}
		if err = p.Start(ctx); err == nil {
			return nil
		}
	}
	return err
}

// leave ends the workers in good order, so that what they leave can be looked at.
func (s *site) leave() error {
	var failed []error
	for _, w := range s.workers {
		failed = append(failed, w.Stop())
	}
	s.workers = nil
	return errors.Join(failed...)
}

func (s *site) close() {
	for _, w := range s.workers {
		_ = w.Kill()
	}
	if s.api != nil {
		_ = s.api.Kill()
	}
	if s.s3 != nil {
		_ = s.s3.Stop()
	}
	if s.redis != nil {
		_ = s.redis.Stop()
	}
	if s.postgres != nil {
		_ = s.postgres.Stop()
	}
	for _, f := range s.logs {
		f.Close()
	}
}

// part is a geometry of the run.
type part struct {
	id    string
	fault bool // its meshes have to fail
}

// upload brings the parts in: a good one, one that kills every engine that meshes it, and one on which engines hang.
func (s *site) upload(ctx context.Context) ([]part, error) {
	good, err := os.ReadFile(filepath.Join("examples", "filleted-bracket.step"))
	if err != nil {
		return nil, err
	}
	head, rest, ok := strings.Cut(string(good), ";")
	if !ok {
		return nil, errors.New("the sample is no STEP file")
	}
	var parts []part
	for _, fault := range []string{"", "segv mesh2d", "hang mesh2d"} {
		content := good
		if fault != "" {
			content = []byte(head + ";\n/* MESHGEN-FAULT " + fault + " */" + rest)
		}
		g, err := s.client.Upload(ctx, client.UploadFile{Name: "part.step", Size: int64(len(content)), Bytes: bytes.NewReader(content)})
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{id: g.ID, fault: fault != ""})
	}
	return parts, nil
}
