package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"meshgen/internal/engine"
	"meshgen/internal/pool"
	"meshgen/internal/spec"
)

var quiet = slog.New(slog.DiscardHandler)

// coldPython is (a).
func coldPython(ctx context.Context, o options, s spec.Spec, scratch string) (time.Duration, error) {
	dir, err := os.MkdirTemp(scratch, "python-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	began := time.Now()
	out, err := exec.CommandContext(ctx, o.python, "bench/warm/cold.py", o.part, fmt.Sprint(s.Size.Max), fmt.Sprint(s.Size.Curvature), dir).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, out)
	}
	return time.Since(began), nil
}

func poolConfig(o options, scratch string) pool.Config {
	return pool.Config{
		Path: o.engine, Engines: 1, Jobs: 1 << 30, MaxRSS: 8 << 30, Keep: 512 << 20, StartTimeout: 30 * time.Second, GiveUp: 30 * time.Second, Scratch: scratch,
	}
}

// coldEngine is (b): from the start of the process to its result.
func coldEngine(ctx context.Context, o options, s spec.Spec, scratch string) (time.Duration, error) {
	p, err := pool.New(poolConfig(o, scratch), quiet)
	if err != nil {
		return 0, err
	}
	defer p.Close(ctx)
	dir, err := os.MkdirTemp("", "meshgen-bench-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	began := time.Now()
	if err := p.Start(ctx); err != nil {
		return 0, err
	}
	_, err = ask(ctx, p, request(o, s, dir, nil))
	return time.Since(began), err
}

// bare is (e): an engine that stays, with what the service would tell it, and nothing of the service.
type bare struct {
	o      options
	pool   *pool.Pool
	known  *engine.Model
	stages [2]stages          // of the requests so far, by size
	tidied [2][]time.Duration // after they were answered
}

func openBare(ctx context.Context, o options, scratch string) (*bare, error) {
	p, err := pool.New(poolConfig(o, scratch), quiet)
	if err != nil {
		return nil, err
	}
	if err := p.Start(ctx); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "meshgen-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out, err := p.Run(ctx, engine.Request{ID: "import", Kind: engine.Import, Source: source(o), Dir: dir, Threads: 1}, pool.Limits{}, nil)
	if err != nil {
		return nil, err
	}
	if out.Result.Error != nil {
		return nil, out.Result.Error
	}
	return &bare{o: o, pool: p, known: out.Result.Model}, nil
}

func (b *bare) close() { _ = b.pool.Close(context.Background()) }

func (b *bare) request(ctx context.Context, size int, s spec.Spec) (time.Duration, error) {
	dir, err := os.MkdirTemp("", "meshgen-bench-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	req := request(b.o, s, dir, b.known)
	began := time.Now()
	timings, err := ask(ctx, b.pool, req)
	answered := time.Since(began)
	if err == nil {
		err = b.pool.Settle(ctx)
	}
	b.tidied[size] = append(b.tidied[size], time.Since(began)-answered)
	b.stages[size].add(timings)
	return time.Since(began), err
}

// idleTime is for how long the engine's use of the processor is watched.
const idleTime = 10 * time.Second

// idle returns the processor time that the warm engine uses while nothing is asked of it.
func (b *bare) idle(ctx context.Context) (time.Duration, error) {
	before, err := b.processorTime()
	if err != nil {
		return 0, err
	}
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(idleTime):
	}
	after, err := b.processorTime()
	return after - before, err
}

// ticksPerSecond of /proc/PID/stat: USER_HZ, 100 on every Linux that Go knows.
const ticksPerSecond = 100

func (b *bare) processorTime() (time.Duration, error) {
	pid := b.pool.Stats().Engines[0].PID
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the name may hold spaces
	fields := strings.Fields(rest)
	var ticks int64
	for _, i := range []int{11, 12} { // utime, stime
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}

func source(o options) engine.Source {
	path, err := filepath.Abs(o.part)
	if err != nil {
		panic(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		panic(err) // it has been uploaded
	}
	// By its hash the engine knows the part again and keeps it, as it does for the service.
	return engine.Source{Path: path, Format: engine.STEP, SHA256: fmt.Sprintf("%x", sha256.Sum256(content))}
}

func request(o options, s spec.Spec, dir string, known *engine.Model) engine.Request {
	return engine.Request{ID: "mesh", Kind: engine.Mesh, Source: source(o), Dir: dir, Spec: s, Threads: 1, Known: known}
}

func ask(ctx context.Context, p *pool.Pool, req engine.Request) ([]engine.Timing, error) {
	out, err := p.Run(ctx, req, pool.Limits{}, nil)
	if err != nil {
		return nil, err
	}
	if out.Result.Error != nil {
		return nil, out.Result.Error
	}
	return out.Result.Timings, nil
}
