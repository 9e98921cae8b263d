package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"meshgen/bench/machine"
	"meshgen/bench/service"
	"meshgen/internal/engine"
)

// floorSide are n warm engines that keep what Meshgen's do, of this one part, with no service around them.
func floorSide(ctx context.Context, o options, file *part, scratch string, n int) (*side, func(), error) {
	b, err := openBare(ctx, o, scratch, n)
	if err != nil {
		return nil, nil, err
	}
	read, err := b.ask(ctx, engine.Request{ID: "import", Kind: engine.Import, Source: file.source(), Dir: filepath.Join(scratch, "import"), Threads: 1})
	if err != nil {
		b.close()
		return nil, nil, err
	}
	var number atomic.Int64
	return &side{atOnce: n, used: b.used, do: func(j job) (bool, error) {
		dir := filepath.Join(scratch, fmt.Sprint(number.Add(1)))
		_, err := b.ask(ctx, engine.Request{ID: "mesh", Kind: engine.Mesh, Source: j.part.source(), Dir: dir, Spec: j.spec, Threads: 1, Known: read.Model})
		return false, errors.Join(err, os.RemoveAll(dir))
	}}, b.close, nil
}

// loopsSide are n warm loops around Gmsh, which keep nothing: each job is done from the file on.
func loopsSide(ctx context.Context, o options, scratch string, n int) (*side, func(), error) {
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		return nil, nil, err
	}
	var all []*peer
	end := func() {
		for _, p := range all {
			p.close()
		}
	}
	idle := make(chan *peer, n)
	for range n {
		p, err := startPeer(ctx, o, scratch)
		if err != nil {
			end()
			return nil, nil, err
		}
		all = append(all, p)
		idle <- p
	}
	used := func() []service.Used {
		sum := service.Used{Name: "loops"}
		for _, p := range all {
			own, started := machine.ProcessorTime(p.cmd.Process.Pid)
			sum.Time += own + started
		}
		return []service.Used{sum}
	}
	return &side{atOnce: n, used: used, do: func(j job) (bool, error) {
		p := <-idle
		defer func() { idle <- p }()
		_, err := p.ask(j.part, j.spec)
		return false, err
	}}, end, nil
}

// servedSide is Meshgen with n engines. The first job of a part uploads it, and is told when it is imported; others of it that come meanwhile wait for that.
func servedSide(ctx context.Context, o options, scratch string, n int) (*side, func(), error) {
	s, err := service.Open(ctx, service.Options{Bin: o.bin, Engine: o.engine, Scratch: scratch, Engines: n})
	if err != nil {
		return nil, nil, err
	}
	var geometries sync.Map // of functions that return the id, by part
	geometry := func(p *part) (string, error) {
		upload, _ := geometries.LoadOrStore(p, sync.OnceValues(func() (string, error) { return s.Upload(ctx, "part.step", p.content) }))
		return upload.(func() (string, error))()
	}
	// One more than there are engines: the next job is there when an engine is free, as in any queue that is not empty.
	return &side{atOnce: n + 1, used: s.ProcessorTime, do: func(j job) (bool, error) {
		id, err := geometry(j.part)
		if err != nil {
			return false, err
		}
		m, err := s.Mesh(ctx, service.Request{Geometry: id, Spec: j.spec})
		return m.ReusedFrom != "", err
	}}, s.Close, nil
}
