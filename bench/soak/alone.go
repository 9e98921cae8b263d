package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"meshgen/internal/engine"
	"meshgen/internal/pool"
	"meshgen/internal/spec"
)

// alone has one engine do the orders, with no service around it, and tells what its memory is of. Where all of it grows by some
// megabytes, this says whose they are.
func alone(ctx context.Context, o options, path, scratch string) error {
	p, err := pool.New(pool.Config{
		Path: path, Engines: 1, Jobs: 1 << 30, MaxRSS: 8 << 30, Keep: keep, StartTimeout: 30 * time.Second, GiveUp: 30 * time.Second,
		Scratch: filepath.Join(scratch, "engines"),
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if err := p.Start(ctx); err != nil {
		return err
	}
	defer p.Close(context.Background())
	a, err := newOrders(o)
	if err != nil {
		return err
	}
	e := &engineAlone{pool: p, scratch: scratch, ahead: o.ahead, parts: map[string]engine.Request{}}
	fmt.Printf("| after jobs | all | %s | threads |\n|--:|--:%s|--:|\n", strings.Join(kinds, " | "), strings.Repeat("|--:", len(kinds)))
	for done := 0; ; {
		if done%fresh == 0 {
			if err := a.renew(done/fresh, func(p *part, content []byte) (engine.Box, error) { return e.take(ctx, p, content) }); err != nil {
				return err
			}
		}
		if done%o.every == 0 || done == o.jobs {
			if err := e.tell(done); err != nil {
				return err
			}
		}
		if done == o.jobs {
			return nil
		}
		w, err := a.next()
		if err != nil {
			return err
		}
		if err := e.mesh(ctx, w, done); err != nil {
			return err
		}
		done++
	}
}

// engineAlone is one that has no service around it.
type engineAlone struct {
	pool    *pool.Pool
	scratch string
	parts   map[string]engine.Request // by geometry: what names the part
	ahead   bool
	pid     int
}

// take has the engine import a copy of a part, and mesh its curves and faces ahead, as after an upload.
func (e *engineAlone) take(ctx context.Context, p *part, content []byte) (box engine.Box, err error) {
	sum := fmt.Sprintf("%x", sha256.Sum256(content))
	path := filepath.Join(e.scratch, sum+".step")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return box, err
	}
	req := engine.Request{Source: engine.Source{Path: path, Format: engine.STEP, SHA256: sum}, Threads: 1}
	read := req
	read.Kind = engine.Import
	result, err := e.ask(ctx, read, "import-"+sum)
	if err != nil {
		return box, err
	}
	req.Known, p.geometry = result.Model, sum
	e.parts[sum] = req
	if !e.ahead {
		return result.Model.Box, nil
	}
	req.Kind, req.Dir = engine.Speculate, e.scratch
	if req.Spec, err = (spec.Spec{}).Resolve(); err != nil {
		return box, err
	}
	if _, err = e.pool.Speculate(ctx, req, pool.Limits{Time: time.Minute, Tenant: "a"}); errors.Is(err, pool.ErrTooLong) {
		err = nil // it has idle priority, and the machine has other work
	}
	return result.Model.Box, err
}

func (e *engineAlone) mesh(ctx context.Context, w order, number int) error {
	req := e.parts[w.geometry]
	req.Kind, req.Spec = engine.Mesh, w.spec
	_, err := e.ask(ctx, req, fmt.Sprint(number))
	return err
}

// ask returns the result, also where that holds an error: some orders cannot be had.
func (e *engineAlone) ask(ctx context.Context, req engine.Request, name string) (*engine.Result, error) {
	req.ID, req.Dir = name, filepath.Join(e.scratch, name)
	if err := os.Mkdir(req.Dir, 0o700); err != nil {
		return nil, err
	}
	defer os.RemoveAll(req.Dir)
	out, err := e.pool.Run(ctx, req, pool.Limits{Tenant: "a"}, nil)
	if err == nil && e.pid != 0 && out.PID != e.pid {
		err = errors.New("another engine took over")
	}
	e.pid = out.PID
	if err == nil {
		err = e.pool.Settle(ctx)
	}
	return &out.Result, err
}

func (e *engineAlone) tell(jobs int) error {
	found, err := byKind(e.pid)
	if err != nil {
		return err
	}
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", e.pid))
	if err != nil {
		return err
	}
	fmt.Printf("| %d | %.1f ", jobs, mebibytes(memoryOf(e.pid).all()))
	for _, kind := range kinds {
		fmt.Printf("| %.1f ", mebibytes(found[kind]))
	}
	fmt.Printf("| %d |\n", len(threads))
	return nil
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }
