package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"meshgen/bench/service"
	"meshgen/bench/times"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

const (
	// pairsOfBags is how often bare loops and Meshgen are given the same bag, one right after the other.
	pairsOfBags = 11
	// bagSize is how many jobs a bag has for each engine: some seconds of work, in which a machine hardly changes its speed.
	bagSize = 8
	// bagSizeOfMany is the same of more than two engines, which two processors take longer for.
	bagSizeOfMany = 5
	// targetShare is what Meshgen is meant to do of as many bare loops.
	targetShare = 0.95
)

// side is who works through bags: bare loops or Meshgen, warm all the time.
type side struct {
	atOnce int // jobs
	do     func(s spec.Spec) error
	used   func() []service.Used // processor time, so far

	rates  []float64 // jobs a second, by bag
	costs  []time.Duration
	shares []service.Used // processor time of all bags, by process
}

// work does a bag and notes how fast, and what that cost.
func (s *side) work(bag []spec.Spec, counts bool) error {
	m, began := startMeter(s.used), time.Now()
	if err := inTurns(s.atOnce, bag, s.do); err != nil {
		return err
	}
	took := time.Since(began)
	used, err := m.stop() // what is left to do after the last result is of this bag, and its client does not wait for it
	if err != nil || !counts {
		return err
	}
	s.rates = append(s.rates, float64(len(bag))/took.Seconds())
	s.costs = append(s.costs, total(used)/time.Duration(len(bag)))
	s.shares = service.Sum(s.shares, used)
	return nil
}

// throughput is what n engines do in bare loops and in Meshgen.
type throughput struct {
	n, jobs      int // engines, jobs of either side
	bare, served *side
}

// measureThroughput compares throughput with that of bare loops. It returns what one engine of Meshgen's does in a second.
func measureThroughput(ctx context.Context, o options, content []byte, scratch string, r *report) (capacity float64, err error) {
	var all []throughput
	for _, n := range o.engines {
		t, err := compareThroughput(ctx, o, content, filepath.Join(scratch, fmt.Sprintf("throughput-%d", n)), n)
		if err != nil {
			return 0, err
		}
		if len(all) == 0 {
			capacity = times.Median(t.served.rates) / float64(n)
		}
		all = append(all, t)
	}
	r.throughput(o, all)
	return capacity, nil
}

// compareThroughput has both sides work through the same bags in turns.
func compareThroughput(ctx context.Context, o options, content []byte, scratch string, n int) (throughput, error) {
	t := throughput{n: n}
	bare, closeBare, err := bareSide(ctx, o, content, filepath.Join(scratch, "loops"), n)
	if err != nil {
		return t, err
	}
	defer closeBare()
	served, closeServed, err := servedSide(ctx, o, content, filepath.Join(scratch, "served"), n)
	if err != nil {
		return t, err
	}
	defer closeServed()
	t.bare, t.served = bare, served
	size := bagSize * n
	if n > 2 {
		size = bagSizeOfMany * n
	}
	random := rand.New(rand.NewPCG(seed, uint64(n)))
	for i := -1; i < o.bags; i++ { // in the first, which does not count, each engine reads the part
		specs, err := bag(o.edge, size, random)
		if err != nil {
			return t, err
		}
		for _, s := range t.pair(i) {
			if err := s.work(specs, i >= 0); err != nil {
				return t, err
			}
		}
		if i >= 0 {
			t.jobs += size
		}
		fmt.Fprintf(os.Stderr, "\rthroughput of %d: pair %d ", n, i+1)
	}
	fmt.Fprintln(os.Stderr)
	return t, nil
}

// pair returns who works through bag i, one after the other: bare, Meshgen, Meshgen, bare, so that a machine that slows down is as bad for one as for
// the other.
func (t throughput) pair(i int) [2]*side {
	if i%2 == 1 {
		return [2]*side{t.served, t.bare}
	}
	return [2]*side{t.bare, t.served}
}

// bareSide are n warm engines with no service around them.
func bareSide(ctx context.Context, o options, content []byte, scratch string, n int) (*side, func(), error) {
	b, err := openBare(ctx, o, scratch, n)
	if err != nil {
		return nil, nil, err
	}
	path := filepath.Join(scratch, "part.step")
	part := stepFile(&change{content: content, path: path})
	err = os.WriteFile(path, content, 0o644)
	var read *engine.Result
	if err == nil {
		read, err = b.ask(ctx, engine.Request{ID: "import", Kind: engine.Import, Source: part, Dir: filepath.Join(scratch, "import"), Threads: 1})
	}
	if err != nil {
		b.close()
		return nil, nil, err
	}
	var number atomic.Int64
	return &side{atOnce: n, used: b.used, do: func(s spec.Spec) error {
		dir := filepath.Join(scratch, fmt.Sprint(number.Add(1)))
		_, err := b.ask(ctx, engine.Request{ID: "mesh", Kind: engine.Mesh, Source: part, Dir: dir, Spec: s, Threads: 1, Known: read.Model})
		return errors.Join(err, os.RemoveAll(dir))
	}}, b.close, nil
}

// servedSide is Meshgen with n engines.
func servedSide(ctx context.Context, o options, content []byte, scratch string, n int) (*side, func(), error) {
	s, err := service.Open(ctx, service.Options{Bin: o.bin, Engine: o.engine, Scratch: scratch, Engines: n})
	if err != nil {
		return nil, nil, err
	}
	geometry, err := s.Upload(ctx, "part.step", content)
	if err != nil {
		s.Close()
		return nil, nil, err
	}
	// One more than there are engines: the next job is there when an engine is free, as in any queue that is not empty.
	return &side{atOnce: n + 1, used: s.ProcessorTime, do: func(sp spec.Spec) error {
		_, err := s.Mesh(ctx, service.Request{Geometry: geometry, Spec: sp})
		return err
	}}, s.Close, nil
}

// inTurns has n goroutines work through specs.
func inTurns(n int, specs []spec.Spec, do func(s spec.Spec) error) error {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wait sync.WaitGroup
	for range n {
		wait.Go(func() {
			for failed.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(specs) {
					return
				}
				if err := do(specs[i]); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	wait.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// shares returns what Meshgen did of bare loops in each pair, by the time that a bag took and by the processor time of its jobs.
func (t throughput) shares() (wall, processor []float64) {
	for i := range t.served.rates {
		wall = append(wall, t.served.rates[i]/t.bare.rates[i])
		processor = append(processor, float64(t.bare.costs[i])/float64(t.served.costs[i]))
	}
	return wall, processor
}

func (r *report) throughput(o options, all []throughput) {
	fmt.Fprintf(r, "\n## Throughput\n\nBags of mixed jobs of one part (sizes, Delaunay and HXT, orders 1 and 2), seed %d, as many jobs at a time as there are engines, and of Meshgen one more. Bare loops and Meshgen get the same bag, one right "+
		"after the other, %d times: loops, Meshgen, Meshgen, loops and so on. Medians over the bags; of shares over the pairs, with their quartiles. Wanted: %.0f %%.\n\n", seed, o.bags, 100*targetShare)
	fmt.Fprint(r, "| engines | jobs | N bare loops, jobs/s | Meshgen, jobs/s | **share** | by processor time | reached |\n|--:|--:|--:|--:|--:|--:|---|\n")
	for _, t := range all {
		wall, processor := t.shares()
		fmt.Fprintf(r, "| %d | %d | %.2f | %.2f | **%s** | %s | %s |\n", t.n, t.jobs, times.Median(t.bare.rates), times.Median(t.served.rates),
			percent(wall), percent(processor), answer(times.Median(wall) >= targetShare))
	}
	fmt.Fprint(r, "\n*By processor time* is what a job costs in all processes of a bare loop, of what it costs in all of Meshgen's; who asks counts on either side, and so does what is done after the last result of a bag, before the other side begins. Busy processors can do "+
		"no more than that, and other work on the machine hardly changes it. What it is made of, in ms a job:\n\n")
	for i, t := range all {
		if i == 0 {
			r.processHead("| engines | loops: engines | who asks ", t.served.shares)
		}
		fmt.Fprintf(r, "| %d |", t.n)
		for _, s := range []*side{t.bare, t.served} {
			for _, u := range s.shares {
				fmt.Fprintf(r, " %s |", times.Milliseconds(u.Time/time.Duration(t.jobs)))
			}
		}
		r.WriteByte('\n')
	}
}

// percent writes the median of shares with their quartiles.
func percent(v []float64) string {
	return fmt.Sprintf("%.0f %% (%.0f to %.0f)", 100*times.Median(v), 100*times.Quantile(v, 0.25), 100*times.Quantile(v, 0.75))
}
