package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"meshgen/internal/auth"
	"meshgen/internal/blob"
	"meshgen/internal/devservers"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/spec"
	"meshgen/internal/startup"
	"meshgen/internal/store"
)

// site is an installation without workers: this program is them.
type site struct {
	postgres *devservers.Postgres
	redis    *devservers.Redis
	s3       *devservers.S3
	api      *devservers.Process
	apiPID   int
	address  string

	db    *store.DB
	queue *queue.Queue
	jobs  *jobs.Service
	keys  []string
	parts map[string]string // geometry, by tenant
}

// tenants among whom the queue shares out.
var tenants = []string{store.DefaultTenant, "second", "third", "fourth"}

func open(ctx context.Context, o options, dir string) (_ *site, err error) {
	s := &site{parts: map[string]string{}}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	at := func(name string) devservers.Options { return devservers.Options{Dir: filepath.Join(dir, name)} }
	if s.postgres, err = devservers.NewPostgres(ctx, at("postgres")); err != nil {
		return nil, err
	}
	if s.redis, err = devservers.NewRedis(ctx, at("redis")); err != nil {
		return nil, err
	}
	if s.s3, err = devservers.NewS3(ctx, at("s3"), filepath.Join(".cache", "bin")); err != nil {
		return nil, err
	}
	port, err := devservers.FreePort()
	if err != nil {
		return nil, err
	}
	s.address = fmt.Sprintf("127.0.0.1:%d", port)
	env := []string{
		"MESHGEN_DATABASE_URL=" + s.postgres.URL("meshgen"), "MESHGEN_REDIS_URL=" + s.redis.URL(), "MESHGEN_S3_ENDPOINT=" + s.s3.Endpoint(),
		"MESHGEN_S3_ACCESS_KEY=" + devservers.S3AccessKey, "MESHGEN_S3_SECRET_KEY=" + devservers.S3SecretKey,
		"MESHGEN_LISTEN=" + s.address, "MESHGEN_METRICS_LISTEN=off",
		"MESHGEN_REQUESTS_PER_SECOND=0", "MESHGEN_MAX_QUEUED=0", "MESHGEN_MAX_QUEUED_OF_TENANT=0", // what is measured, not what is allowed
		"MESHGEN_LEASE=1h", // nobody sends heartbeats
	}
	api := devservers.Program{
		Name: "api", Port: port, Path: filepath.Join(o.bin, "api"), Env: env,
		Ready: func(ctx context.Context, pid int) error { s.apiPID = pid; return s.ready(ctx) },
	}
	for _, step := range []string{"migrate", "bucket"} {
		once := api
		once.Args = []string{step}
		if err := once.Run(ctx); err != nil {
			return nil, err
		}
	}
	if s.api, err = api.Start(ctx); err != nil {
		return nil, err
	}
	return s, s.connect(ctx, o, env)
}

// connect makes this process a worker and a client of the installation.
func (s *site) connect(ctx context.Context, o options, env []string) (err error) {
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	var cfg struct {
		store store.Config
		queue queue.Config
		blob  blob.Config
		jobs  jobs.Config
	}
	if err := startup.Load(&cfg.store, &cfg.queue, &cfg.blob, &cfg.jobs); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if s.db, err = store.Open(ctx, cfg.store); err != nil {
		return err
	}
	if s.queue, err = queue.New(cfg.queue, log); err != nil {
		return err
	}
	blobs, err := blob.New(ctx, cfg.blob, log)
	if err != nil {
		return err
	}
	s.jobs = jobs.New(cfg.jobs, s.db, s.queue, blobs, log)
	for _, tenant := range tenants {
		if tenant != store.DefaultTenant {
			if _, err := s.db.CreateTenant(ctx, tenant, tenant); err != nil {
				return err
			}
		}
		if s.parts[tenant], err = s.part(ctx, tenant); err != nil {
			return err
		}
	}
	for i := range o.keys {
		key := auth.NewKey()
		n := store.NewAPIKey{TenantID: store.DefaultTenant, Name: fmt.Sprint("bench ", i), Scope: auth.Read, CreatedBy: "bench"}
		if _, err := s.db.CreateKey(ctx, n, key); err != nil {
			return err
		}
		s.keys = append(s.keys, key.Reveal())
	}
	return nil
}

// part records a geometry that is imported.
func (s *site) part(ctx context.Context, tenant string) (string, error) {
	name := id.New(id.Geometry)
	g, err := s.jobs.CreateGeometry(ctx, store.NewGeometry{
		ID: name, TenantID: tenant, Filename: "part.step", Format: engine.STEP, Size: 10, SHA256: name, ObjectKey: blob.GeometryKey(tenant, name),
	})
	if err != nil {
		return "", err
	}
	c, ok, err := s.jobs.Claim(ctx, "bench")
	if err != nil || !ok {
		return "", fmt.Errorf("claim of an import: %v, %w", ok, err)
	}
	return g.ID, s.jobs.Finish(ctx, c, store.Outcome{Model: &engine.Model{Units: "mm"}})
}

// mesh asks for a mesh that no other is the same as.
func (s *site) mesh(ctx context.Context, n int) (store.Mesh, error) {
	asked, err := spec.Spec{Size: spec.Size{Max: float64(n + 1)}}.Resolve()
	if err != nil {
		return store.Mesh{}, err
	}
	tenant := tenants[n%len(tenants)]
	c, err := s.jobs.CreateMesh(ctx, store.NewMesh{TenantID: tenant, GeometryID: s.parts[tenant], Spec: asked, Class: store.Interactive})
	return c.Mesh, err
}

func (s *site) ready(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("/readyz: %s", answer.Status)
	}
	return nil
}

func (s *site) close() {
	if s.jobs != nil {
		s.jobs.Wait()
	}
	if s.queue != nil {
		_ = s.queue.Close()
	}
	if s.db != nil {
		s.db.Close()
	}
	var stops []func() error
	if s.api != nil {
		stops = append(stops, s.api.Stop)
	}
	if s.s3 != nil {
		stops = append(stops, s.s3.Stop)
	}
	if s.redis != nil {
		stops = append(stops, s.redis.Stop)
	}
	if s.postgres != nil {
		stops = append(stops, s.postgres.Stop)
	}
	for _, stop := range stops {
		if err := stop(); err != nil {
			say("%v", err)
		}
	}
}

// resident returns how much memory the API holds, in bytes, and the most that it has held.
func (s *site) resident() (now, most int64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.apiPID)) // 0 if it has ended
	for line := range strings.Lines(string(text)) {
		var kib int64
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kib); n == 1 {
			now = kib << 10
		}
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kib); n == 1 {
			most = kib << 10
		}
	}
	return now, most
}

// processor returns the processor time that the API has used.
func (s *site) processor() time.Duration { return processorTime(s.apiPID) }

// databaseTime returns the processor time that the connections of this program have used in Postgres.
func (s *site) databaseTime(ctx context.Context) (used time.Duration, err error) {
	conn, err := pgx.Connect(ctx, s.postgres.URL("meshgen"))
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`)
	if err != nil {
		return 0, err
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	for _, pid := range pids {
		used += processorTime(pid)
	}
	return used, err
}

// ownTime returns the processor time that this program has used.
func ownTime() (time.Duration, error) {
	var used syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), err
}

// processorTime returns the processor time that a process has used, 0 if it has ended.
func processorTime(pid int) time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	var user, system int64
	_, _ = fmt.Sscan(fields[11], &user)
	_, _ = fmt.Sscan(fields[12], &system)
	return time.Duration(user+system) * 10 * time.Millisecond // in ticks of 1/100 s
}
