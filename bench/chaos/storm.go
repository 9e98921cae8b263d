package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"meshgen/internal/devservers"
)

// storm makes faults, mostly one at a time, some two at once.
type storm struct {
	s      *site
	random *rand.Rand
	faults []fault

	mu     sync.Mutex
	counts tally
	back   map[string][]time.Duration // from the end of a fault until a mesh was made again, by fault
}

// weather knows which faults are under way.
type weather struct {
	mu       sync.Mutex
	faults   tally
	watchers map[*[]string]struct{}
}

func newWeather() *weather { return &weather{faults: tally{}, watchers: map[*[]string]struct{}{}} }

func (w *weather) begins(fault string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults[fault]++
	for seen := range w.watchers {
		*seen = append(*seen, fault)
	}
}

func (w *weather) ends(fault string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults[fault]--
}

// watch returns a function that ends it, and tells which faults were under way meanwhile.
func (w *weather) watch() (end func() (faults []string)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := &[]string{}
	for fault, n := range w.faults {
		if n > 0 {
			*seen = append(*seen, fault)
		}
	}
	w.watchers[seen] = struct{}{}
	return func() []string {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.watchers, seen)
		slices.Sort(*seen)
		return slices.Compact(*seen)
	}
}

// tally counts by name.
type tally map[string]int

func (t tally) total() (n int) {
	for _, c := range t {
		n += c
	}
	return n
}

// fault is something that goes wrong with a process, and ends.
type fault struct {
	name string
	on   func(*site, *rand.Rand) *devservers.Process
	do   func(ctx context.Context, p *devservers.Process, pick *rand.Rand) error
}

func newStorm(s *site, seed uint64) *storm {
	return &storm{s: s, random: rand.New(rand.NewPCG(seed, 1)), faults: faults(), counts: tally{}, back: map[string][]time.Duration{}}
}

func faults() []fault {
	worker := func(s *site, pick *rand.Rand) *devservers.Process { return s.workers[pick.IntN(len(s.workers))] }
	api := func(s *site, _ *rand.Rand) *devservers.Process { return s.api }
	postgres := func(s *site, _ *rand.Rand) *devservers.Process { return &s.postgres.Process }
	redis := func(s *site, _ *rand.Rand) *devservers.Process { return &s.redis.Process }
	s3 := func(s *site, _ *rand.Rand) *devservers.Process { return &s.s3.Process }
	kill := func(ctx context.Context, p *devservers.Process, pick *rand.Rand) error {
		if err := p.Kill(); err != nil {
			return err
		}
		rest(ctx, pick, 0, time.Second)
		return revive(ctx, p)
	}
	stop := func(ctx context.Context, p *devservers.Process, pick *rand.Rand) error {
		if err := p.Stop(); err != nil {
			return err
		}
		rest(ctx, pick, 0, time.Second)
		return revive(ctx, p)
	}
	pause := func(ctx context.Context, p *devservers.Process, pick *rand.Rand) error {
		if err := p.Pause(); err != nil {
			return err
		}
		rest(ctx, pick, 200*time.Millisecond, 3*time.Second)
		return p.Resume()
	}
	return []fault{
		{"worker killed", worker, kill},
		{"worker stopped (SIGTERM)", worker, stop},
		{"worker paused", worker, pause},
		{"engine killed", worker, killEngine},
		{"engine killed", worker, killEngine}, // twice as often
		{"API killed", api, kill},
		{"API stopped (SIGTERM)", api, stop},
		{"PostgreSQL crashed", postgres, kill},
		{"PostgreSQL paused", postgres, pause},
		{"Redis killed", redis, kill},
		{"Redis paused", redis, pause},
		{"Redis emptied", redis, nil},
		{"S3 killed", s3, kill},
		{"S3 paused", s3, pause},
	}
}

// begin makes faults until the returned function is called, which waits for their ends.
func (st *storm) begin(ctx context.Context) (end func() tally) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		for ctx.Err() == nil {
			rest(ctx, st.random, 300*time.Millisecond, 2500*time.Millisecond)
			if ctx.Err() != nil {
				return
			}
			var together sync.WaitGroup
			first := st.random.IntN(len(st.faults))
			chosen := []int{first}
			if st.random.IntN(4) == 0 {
				chosen = append(chosen, st.random.IntN(len(st.faults)))
			}
			var processes []*devservers.Process
			for _, i := range chosen {
				f, pick := st.faults[i], rand.New(rand.NewPCG(st.random.Uint64(), 2))
				p := f.on(st.s, pick)
				if slices.Contains(processes, p) {
					continue
				}
				processes = append(processes, p)
				together.Go(func() { st.strike(context.WithoutCancel(ctx), f, p, pick) })
			}
			together.Wait()
		}
	})
	return func() tally {
		cancel()
		running.Wait()
		return st.counts
	}
}

func (st *storm) strike(ctx context.Context, f fault, p *devservers.Process, pick *rand.Rand) {
	st.s.weather.begins(f.name)
	defer st.s.weather.ends(f.name)
	var err error
	if f.do == nil {
		err = st.s.redis.Flush(ctx)
	} else {
		err = f.do(ctx, p, pick)
	}
	name := f.name
	if err != nil {
		say("%s: %v", name, err) // the next fault, or calm, tries again
	}
	ended := time.Now()
	st.mu.Lock()
	st.counts[name]++
	st.mu.Unlock()
	st.watch(name, ended)
}

// watch notes how long it takes after a fault until the next mesh is done.
func (st *storm) watch(name string, ended time.Time) {
	done := st.s.made.next()
	go func() {
		select {
		case at := <-done:
			st.mu.Lock()
			st.back[name] = append(st.back[name], at.Sub(ended))
			st.mu.Unlock()
		case <-time.After(patience):
		}
	}()
}

// recovery is how long the first mesh took after a kind of fault.
type recovery struct {
	fault         string
	median, worst time.Duration
}

func (st *storm) recoveries() (all []recovery) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(st.back)) {
		times := slices.Sorted(slices.Values(st.back[name]))
		all = append(all, recovery{name, times[len(times)/2], times[len(times)-1]})
	}
	return all
}

// rest waits for a random time.
func rest(ctx context.Context, pick *rand.Rand, least, most time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(least + time.Duration(pick.Int64N(int64(most-least)))):
	}
}

// killEngine ends one of a worker's engines, as the kernel does when memory runs out.
func killEngine(_ context.Context, p *devservers.Process, pick *rand.Rand) error {
	engines := childrenOf(p.PID())
	if len(engines) == 0 {
		return nil
	}
	return syscall.Kill(engines[pick.IntN(len(engines))], syscall.SIGKILL)
}

// childrenOf returns the processes that another has started.
func childrenOf(pid int) (children []int) {
	if pid == 0 {
		return nil
	}
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, path := range lists {
		text, _ := os.ReadFile(path) // a thread that has ended has none
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				children = append(children, child)
			}
		}
	}
	slices.Sort(children)
	return children
}

// hasEngines reports an error unless the worker has started an engine.
func hasEngines(pid int, engine string) error {
	for _, child := range childrenOf(pid) {
		if path, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", child)); err == nil && path == engine {
			return nil
		}
	}
	return fmt.Errorf("worker %d has no engine", pid)
}
