package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"meshgen/bench/service"
	"meshgen/internal/spec"
)

const (
	// pairsOfBags is how often a peer and Meshgen are given the same bag, one right after the other.
	pairsOfBags = 11
	// bagSize is how many jobs a bag has for each engine: some seconds of work, in which a machine hardly changes its speed.
	bagSize = 8
	// bagSizeOfMany is the same of more than two engines, which two processors take longer for.
	bagSizeOfMany = 5
	// targetShare is what Meshgen is meant to do of its peer.
	targetShare = 0.95
)

// job is one of a bag.
type job struct {
	part *part
	spec spec.Spec
}

// side is who works through bags, warm all the time.
type side struct {
	atOnce int // jobs
	do     func(j job) (kept bool, err error)
	used   func() []service.Used // processor time, so far

	rates  []float64 // jobs a second, by bag
	costs  []time.Duration
	shares []service.Used // processor time of all bags, by process
	kept   int            // jobs that an earlier result answered
}

// work does a bag and notes how fast, and what that cost.
func (s *side) work(bag []job, counts bool) error {
	m, began := startMeter(s.used), time.Now()
	kept, err := inTurns(s.atOnce, bag, s.do)
	if err != nil {
		return err
	}
	took := time.Since(began)
	used, err := m.stop() // what is left to do after the last result is of this bag, and its client does not wait for it
	if err != nil || !counts {
		return err
	}
	s.kept += kept
	s.rates = append(s.rates, float64(len(bag))/took.Seconds())
	s.costs = append(s.costs, total(used)/time.Duration(len(bag)))
	s.shares = service.Sum(s.shares, used)
	return nil
}

// throughput is what n of a peer and n engines of Meshgen do.
type throughput struct {
	n, jobs      int // engines, jobs of either side
	peer, served *side
}

// contest is a peer that Meshgen is compared with, and the bags that both get.
type contest struct {
	name string
	peer func(ctx context.Context, scratch string, n int) (*side, func(), error)
	bags func(scratch string, n int) func() ([]job, error) // one after the other
}

// againstTheFloor is with engines that keep the same, of a part that all have read.
func againstTheFloor(o options, file *part) contest {
	return contest{
		name: "floor",
		peer: func(ctx context.Context, scratch string, n int) (*side, func(), error) {
			return floorSide(ctx, o, file, scratch, n)
		},
		bags: func(_ string, n int) func() ([]job, error) {
			size := bagSize * n
			if n > 2 {
				size = bagSizeOfMany * n
			}
			random := rand.New(rand.NewPCG(seed, uint64(n)))
			return func() ([]job, error) { return bagOf(file, o.edge, size, random) }
		},
	}
}

// againstLoops is with loops around Gmsh, of work that is mixed as people's is.
func againstLoops(o options, content []byte) contest {
	return contest{
		name: "loops",
		peer: func(ctx context.Context, scratch string, n int) (*side, func(), error) {
			return loopsSide(ctx, o, scratch, n)
		},
		bags: func(scratch string, n int) func() ([]job, error) { return mixedBags(content, o.edge, scratch, n) },
	}
}

// run compares for each number of engines.
func (c contest) run(ctx context.Context, o options, scratch string) ([]throughput, error) {
	var all []throughput
	for _, n := range o.engines {
		t, err := c.compare(ctx, o, filepath.Join(scratch, fmt.Sprintf("%s-%d", c.name, n)), n)
		if err != nil {
			return nil, fmt.Errorf("throughput of %d against %s: %w", n, c.name, err)
		}
		all = append(all, t)
	}
	return all, nil
}

// compare has both sides work through the same bags in turns.
func (c contest) compare(ctx context.Context, o options, scratch string, n int) (throughput, error) {
	t := throughput{n: n}
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		return t, err
	}
	peer, closePeer, err := c.peer(ctx, filepath.Join(scratch, "peer"), n)
	if err != nil {
		return t, err
	}
	defer closePeer()
	served, closeServed, err := servedSide(ctx, o, filepath.Join(scratch, "served"), n)
	if err != nil {
		return t, err
	}
	defer closeServed()
	t.peer, t.served = peer, served
	next := c.bags(scratch, n)
	for i := -1; i < o.bags; i++ { // the first, in which all get warm, does not count
		bag, err := next()
		if err != nil {
			return t, err
		}
		for _, s := range t.pair(i) {
			if err := s.work(bag, i >= 0); err != nil {
				return t, err
			}
		}
		if i >= 0 {
			t.jobs += len(bag)
		}
		fmt.Fprintf(os.Stderr, "\rthroughput of %d against %s: pair %d ", n, c.name, i+1)
	}
	fmt.Fprintln(os.Stderr)
	return t, nil
}

// pair returns who works through bag i, one after the other: the peer, Meshgen, Meshgen, the peer, so that a machine that slows down is as bad for one as for
// the other.
func (t throughput) pair(i int) [2]*side {
	if i%2 == 1 {
		return [2]*side{t.served, t.peer}
	}
	return [2]*side{t.peer, t.served}
}

// inTurns has n goroutines work through a bag. It returns how many of its jobs an earlier result answered.
func inTurns(n int, bag []job, do func(j job) (kept bool, err error)) (kept int, err error) {
	var next, answered atomic.Int64
	var failed atomic.Pointer[error]
	var wait sync.WaitGroup
	for range n {
		wait.Go(func() {
			for failed.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(bag) {
					return
				}
				kept, err := do(bag[i])
				if err != nil {
					failed.Store(&err)
				}
				if kept {
					answered.Add(1)
				}
			}
		})
	}
	wait.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return int(answered.Load()), nil
}

// shares returns what Meshgen did of its peer in each pair, by the time that a bag took and by the processor time of its jobs.
func (t throughput) shares() (wall, processor []float64) {
	for i := range t.served.rates {
		wall = append(wall, t.served.rates[i]/t.peer.rates[i])
		processor = append(processor, float64(t.peer.costs[i])/float64(t.served.costs[i]))
	}
	return wall, processor
}
