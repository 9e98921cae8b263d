package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
	"meshgen/internal/devservers"
)

// stack is what runs.
type stack struct {
	cfg    Config
	client *client.Client
	worker types.Worker // as it said when it was ready
	ended  chan string  // names of those that ended by themselves

	mu       sync.Mutex
	running  map[string]*devservers.Process
	logs     []*os.File
	stopping bool
}

// stopOrder ends each one before those that it needs.
var stopOrder = []string{"worker", "api", "s3", "redis", "postgres"}

func newStack(cfg Config) *stack {
	return &stack{cfg: cfg, ended: make(chan string, len(stopOrder)), running: map[string]*devservers.Process{}}
}

// drain is how long the worker lets jobs go on when everything is to stop: whoever presses Ctrl-C waits for it.
const drain = 2 * time.Second

// start starts everything, and returns when a request would be answered by a warm engine.
func (s *stack) start(ctx context.Context) error {
	var err error
	if s.client, err = client.New(client.Config{Server: "http://" + loopback(s.cfg.Port), UserAgent: "make run"}); err != nil {
		return err
	}
	began := time.Now()
	environment, err := s.servers(ctx)
	if err != nil {
		return err
	}
	say("servers", "Postgres, Redis and S3 run; schema and bucket are there (%s)", seconds(time.Since(began)))

	began = time.Now()
	if err := s.service(ctx, environment); err != nil {
		return err
	}
	w := s.worker
	say("service", "API and worker run (%s); engine with Gmsh %s, warm %s after its start", seconds(time.Since(began)),
		w.Engine.GmshVersion, seconds(time.Duration(w.Engine.WarmSeconds*float64(time.Second))))
	return nil
}

// servers starts Postgres, Redis and S3 and prepares them. It returns the variables that lead to them.
func (s *stack) servers(ctx context.Context) ([]string, error) {
	var (
		postgres *devservers.Postgres
		redis    *devservers.Redis
		s3       *devservers.S3
	)
	starts, startCtx := errgroup.WithContext(ctx)
	launch := func(name string, port int, start func(devservers.Options) (*devservers.Process, error)) {
		starts.Go(func() error {
			log, err := s.log(name)
			if err != nil {
				return err
			}
			p, err := start(devservers.Options{Dir: filepath.Join(s.cfg.Dir, name), Port: port, Log: log})
			return s.keep(p, err)
		})
	}
	launch("postgres", s.cfg.PostgresPort, func(o devservers.Options) (_ *devservers.Process, err error) {
		if postgres, err = devservers.NewPostgres(startCtx, o); err != nil {
			return nil, err
		}
		return &postgres.Process, nil
	})
	launch("redis", s.cfg.RedisPort, func(o devservers.Options) (_ *devservers.Process, err error) {
		if redis, err = devservers.NewRedis(startCtx, o); err != nil {
			return nil, err
		}
		return &redis.Process, nil
	})
	launch("s3", s.cfg.S3Port, func(o devservers.Options) (_ *devservers.Process, err error) {
		if s3, err = devservers.NewS3(startCtx, o, filepath.Join(".cache", "bin")); err != nil {
			return nil, err
		}
		return &s3.Process, nil
	})
	if err := starts.Wait(); err != nil {
		return nil, err
	}
	environment := []string{
		"MESHGEN_DATABASE_URL=" + postgres.URL("meshgen"),
		"MESHGEN_REDIS_URL=" + redis.URL(),
		"MESHGEN_S3_ENDPOINT=" + s3.Endpoint(),
		"MESHGEN_S3_PUBLIC_ENDPOINT=", // the same: browsers are on this machine
		"MESHGEN_S3_REGION=" + devservers.S3Region,
		"MESHGEN_S3_BUCKET=meshgen",
		"MESHGEN_S3_ACCESS_KEY=" + devservers.S3AccessKey,
		"MESHGEN_S3_SECRET_KEY=" + devservers.S3SecretKey,
		"MESHGEN_LISTEN=" + loopback(s.cfg.Port),
		"MESHGEN_METRICS_LISTEN=" + loopback(s.cfg.MetricsPort),
		"MESHGEN_AUTH=off", // only this machine can connect
		"MESHGEN_WEB_DIR=" + filepath.Join("web", "dist"),
		"MESHGEN_SCRATCH=" + filepath.Join(s.cfg.Dir, "scratch"),
		"MESHGEN_DRAIN=" + drain.String(),
	}
	log, err := s.log("prepare")
	if err != nil {
		return nil, err
	}
	prepares, prepareCtx := errgroup.WithContext(ctx)
	for _, step := range []string{"migrate", "bucket"} {
		prepares.Go(func() error {
			return devservers.Program{Name: "api " + step, Path: binary("api"), Args: []string{step}, Env: environment, Log: log}.Run(prepareCtx)
		})
	}
	return environment, prepares.Wait()
}

// service starts the API and the worker side by side; the worker is ready when the API says that its engines are.
func (s *stack) service(ctx context.Context, environment []string) error {
	starts, startCtx := errgroup.WithContext(ctx)
	launch := func(name string, port int, ready func(context.Context, int) error) {
		starts.Go(func() error {
			log, err := s.log(name)
			if err != nil {
				return err
			}
			return s.keep(devservers.Program{Name: name, Port: port, Path: binary(name), Env: environment, Log: log, Ready: ready}.Start(startCtx))
		})
	}
	launch("api", s.cfg.Port, s.apiReady)
	launch("worker", 0, s.workerReady)
	return starts.Wait()
}

func (s *stack) apiReady(ctx context.Context, _ int) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+loopback(s.cfg.Port)+"/readyz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("readyz: %s", resp.Status)
	}
	return nil
}

// workerReady asks the API rather than the worker: it is ready for a request when the API knows that it is.
func (s *stack) workerReady(ctx context.Context, pid int) error {
	pool, err := s.client.Pool(ctx)
	if err != nil {
		return err
	}
	for _, w := range pool.Workers {
		if w.PID == pid && slices.ContainsFunc(w.Pool.Engines, func(e types.Engine) bool { return e.State == "warm" }) {
			s.worker = w
			return nil
		}
	}
	return errors.New("no warm engine yet")
}
