package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"meshgen/bench/service"
	"meshgen/internal/engine"
	"meshgen/internal/pool"
)

type ctx = context.Context

// serve has the service make the changes.
func serve(ctx ctx, s *service.Service, changes []change) error {
	geometry, err := s.Upload(ctx, "part.step", changes[0].content)
	if err != nil {
		return err
	}
	for i := range changes {
		m, err := s.Mesh(ctx, service.Request{Geometry: geometry, Spec: changes[i].spec})
		if err != nil {
			return err
		}
		if (m.ReusedFrom != "") != (changes[i].nothing || changes[i].exports) {
			return fmt.Errorf("%s: reused from %q", changes[i].name, m.ReusedFrom)
		}
		changes[i].took, changes[i].timings = m.Took, m.Timings
	}
	return nil
}

// bare is the floor: warm engines that keep the same things, do the same work, and have no service around them.
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

func stepFile(c *change) engine.Source {
	return engine.Source{Path: c.path, Format: engine.STEP, SHA256: fmt.Sprintf("%x", sha256.Sum256(c.content))}
}

func (b *bare) changes(ctx ctx, changes []change) error {
	dir, err := os.MkdirTemp("", "meshgen-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	part := stepFile(&changes[0])
	read, err := b.ask(ctx, engine.Request{ID: "import", Kind: engine.Import, Source: part, Dir: filepath.Join(dir, "import"), Threads: 1})
	if err != nil {
		return err
	}
	last := ""
	for i := range changes {
		c := &changes[i]
		req := engine.Request{ID: "mesh", Kind: engine.Mesh, Source: part, Dir: filepath.Join(dir, fmt.Sprint(i)), Spec: c.spec, Threads: 1, Known: read.Model}
		switch {
		case c.nothing:
			continue
		case c.exports:
			req = engine.Request{ID: "export", Kind: engine.Export, Source: engine.Source{Path: last, Format: engine.MSH}, Dir: req.Dir, Formats: []string{furtherFormat}, Threads: 1}
		default:
			last = filepath.Join(req.Dir, "mesh.msh")
		}
		began := time.Now()
		result, err := b.ask(ctx, req)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		c.took, c.timings = time.Since(began), result.Timings
	}
	return nil
}

// coldEngine is an engine process for each request.
func coldEngine(ctx ctx, o options, scratch string, changes []change) error {
	for i := range changes {
		c := &changes[i]
		dir, err := os.MkdirTemp("", "meshgen-bench-")
		if err != nil {
			return err
		}
		began := time.Now()
		b, err := openBare(ctx, o, filepath.Join(scratch, "cold"), 1)
		if err != nil {
			return err
		}
		_, err = b.ask(ctx, engine.Request{ID: "mesh", Kind: engine.Mesh, Source: stepFile(c), Dir: dir, Spec: c.spec, Threads: 1})
		c.took = time.Since(began)
		b.close()
		if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

// asked is a request in the words of peer.py.
func asked(c *change, dir string) []byte {
	q := map[string]any{
		"part": c.path, "edge": c.spec.Size.Max, "circle": c.spec.Size.Curvature, "algorithm": map[string]int{"hxt": 10}[c.spec.Strategy],
		"order": c.spec.Order, "formats": c.spec.Formats, "folder": dir,
	}
	if len(c.spec.Refine) > 0 {
		q["refined"], q["size"] = c.spec.Refine[0].Faces, c.spec.Refine[0].Size
	}
	text, err := json.Marshal(q)
	if err != nil {
		panic(err) // numbers and strings
	}
	return text
}

// coldPython is a Python process for each request, with the imports of the backend that is replaced.
func coldPython(ctx ctx, o options, scratch string, changes []change) error {
	for i := range changes {
		c := &changes[i]
		dir, err := os.MkdirTemp(scratch, "python-")
		if err != nil {
			return err
		}
		began := time.Now()
		out, err := exec.CommandContext(ctx, o.python, "bench/changes/peer.py", string(asked(c, dir))).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w: %s", c.name, err, out)
		}
		c.took = time.Since(began)
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}

// peer is a warm loop around Gmsh in one process that keeps nothing.
type peer struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	scratch string
}

func startPeer(ctx ctx, o options, scratch string) (*peer, error) {
	p := &peer{cmd: exec.CommandContext(ctx, o.python, "bench/changes/peer.py"), scratch: scratch}
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.out = in, bufio.NewReader(out)
	return p, p.cmd.Start()
}

func (p *peer) close() {
	_ = p.in.Close()
	_ = p.cmd.Wait()
}

func (p *peer) ask(c *change) error {
	dir, err := os.MkdirTemp(p.scratch, "loop-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	began := time.Now()
	if _, err := p.in.Write(append(asked(c, dir), '\n')); err != nil {
		return err
	}
	for line := ""; line != "done\n"; { // the library says this and that before it is told to be quiet
		if line, err = p.out.ReadString('\n'); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	c.took = time.Since(began)
	return nil
}

func (p *peer) changes(_ ctx, changes []change) error {
	for i := range changes {
		if err := p.ask(&changes[i]); err != nil {
			return err
		}
	}
	return nil
}
