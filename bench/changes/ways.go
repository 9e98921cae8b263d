package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"meshgen/bench/machine"
	"meshgen/bench/service"
	"meshgen/internal/engine"
	"meshgen/internal/pool"
)

type ctx = context.Context

// serve has the service make the changes.
func serve(s *service.Service) (turn, error) {
	geometry := ""
	return turn{make: func(ctx ctx, c *change) (err error) {
		if geometry == "" { // not before it is its turn: an idle worker would mesh the part in advance, beside what is measured meanwhile
			if geometry, err = s.Upload(ctx, "part.step", c.content); err != nil {
				return err
			}
		}
		spent := startMeter(s.ProcessorTime)
		m, err := s.Mesh(ctx, service.Request{Geometry: geometry, Spec: c.spec})
		if err != nil {
			return err
		}
		if c.used, err = spent.stop(); err != nil {
			return err
		}
		if (m.ReusedFrom != "") != (c.nothing || c.exports) {
			return fmt.Errorf("reused from %q", m.ReusedFrom)
		}
		c.took, c.timings = m.Took, m.Timings
		return nil
	}}, nil
}

// bare is the floor: warm engines that keep the same things, do the same work, and have no service around them. They are done when they have put
// away what they keep.
type bare struct {
	pool    *pool.Pool
	scratch string
}

func openBare(ctx ctx, o options, scratch string, engines int) (*bare, error) {
	p, err := pool.New(pool.Config{
		Path: o.engine, Engines: engines, Jobs: 1 << 30, MaxRSS: 8 << 30, Keep: 512 << 20,
		StartTimeout: 30 * time.Second, GiveUp: 30 * time.Second, Scratch: scratch,
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return &bare{pool: p, scratch: scratch}, p.Start(ctx)
}

func (b *bare) close() { _ = b.pool.Close(context.Background()) }

func (b *bare) ask(ctx ctx, req engine.Request) (*engine.Result, error) {
	if err := os.MkdirAll(req.Dir, 0o700); err != nil {
		return nil, err
	}
	out, err := b.pool.Run(ctx, req, pool.Limits{}, nil)
	if err != nil {
		return nil, err
	}
	if out.Result.Error != nil {
		return nil, out.Result.Error
	}
	return &out.Result, nil
}

// used is the processor time of the engines, with those that have ended, and of nothing else that this program has started: a service stands
// beside them. What has ended is of any kind, but while engines work this program ends nothing else.
func (b *bare) used() []service.Used {
	for {
		ended := machine.Collected()
		engines := ended
		for _, e := range b.pool.Stats().Engines {
			own, started := machine.ProcessorTime(e.PID)
			engines += own + started
		}
		if machine.Collected() == ended { // else one has ended meanwhile, and counts twice or not at all
			return []service.Used{{Name: "engines", Time: engines}}
		}
	}
}

func (b *bare) turn() (turn, error) {
	dir, err := os.MkdirTemp("", "meshgen-bench-")
	if err != nil {
		return turn{}, err
	}
	var part engine.Source
	var read *engine.Result
	last, number := "", 0
	return turn{end: func() { _ = os.RemoveAll(dir) }, make: func(ctx ctx, c *change) (err error) {
		if read == nil {
			part = c.source()
			if read, err = b.ask(ctx, engine.Request{ID: "import", Kind: engine.Import, Source: part, Dir: filepath.Join(dir, "import"), Threads: 1}); err != nil {
				return err
			}
		}
		number++
		req := engine.Request{ID: "mesh", Kind: engine.Mesh, Source: part, Dir: filepath.Join(dir, fmt.Sprint(number)), Spec: c.spec, Threads: 1, Known: read.Model}
		switch {
		case c.nothing:
			return nil
		case c.exports:
			req = engine.Request{ID: "export", Kind: engine.Export, Source: engine.Source{Path: last, Format: engine.MSH}, Dir: req.Dir, Formats: []string{furtherFormat}, Threads: 1}
		default:
			last = filepath.Join(req.Dir, "mesh.msh")
		}
		spent, began := startMeter(b.used), time.Now()
		result, err := b.ask(ctx, req)
		if err != nil {
			return err
		}
		c.answered, c.timings = time.Since(began), result.Timings
		if err := b.pool.Settle(ctx); err != nil {
			return err
		}
		c.took = time.Since(began)
		c.used, err = spent.stop()
		return err
	}}, nil
}

// coldEngine is an engine process for each request.
func coldEngine(o options, scratch string) (turn, error) {
	return turn{make: func(ctx ctx, c *change) error {
		dir, err := os.MkdirTemp("", "meshgen-bench-")
		if err != nil {
			return err
		}
		began := time.Now()
		b, err := openBare(ctx, o, filepath.Join(scratch, "cold"), 1)
		if err != nil {
			return err
		}
		_, err = b.ask(ctx, engine.Request{ID: "mesh", Kind: engine.Mesh, Source: c.source(), Dir: dir, Spec: c.spec, Threads: 1})
		c.took = time.Since(began)
		b.close()
		return errors.Join(err, os.RemoveAll(dir))
	}}, nil
}

// coldPython is a Python process for each request, with the imports of the backend that is replaced.
func coldPython(o options, scratch string) (turn, error) {
	return turn{make: func(ctx ctx, c *change) error {
		dir, err := os.MkdirTemp(scratch, "python-")
		if err != nil {
			return err
		}
		began := time.Now()
		out, err := exec.CommandContext(ctx, o.python, "bench/changes/peer.py", string(asked(c.part, c.spec, dir))).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		c.took = time.Since(began)
		return os.RemoveAll(dir)
	}}, nil
}
