// Package pool keeps mesh engines warm.
//
// An engine is a child process that has loaded Gmsh. Run lends an engine to a request and takes it back, or kills it: an
// engine is never asked to stop. Spares stand ready, so that a replacement is free.
//
//	          ┌───────── pool ─────────┐
//	Run ────▶ │ busy    busy           │  at most Config.Engines at once
//	          │ warm    warm (fresh)   │  Config.Spares more, which nobody has used
//	          │ starting …             │  replacements, in the background
//	          └────────────────────────┘
//
// There are always Engines + Spares processes, those that start or die included, and at most Engines of them were ever
// used. So a fresh one stands ready when an engine dies, has served its time, or served another tenant.
//
//	                speculating
//	                     ▲
//	                     ▼
//	starting ──ready──▶ warm ◀──────▶ busy
//	    │                │              │
//	    └────────────────┴── killed ────┴──▶ dying ──reaped──▶ (replaced)
//
// An engine lives no longer than this process, however that ends: the kernel kills it when the thread that started it
// ends, and its whole process group when the lifeline closes. An idle pool uses no CPU: the one timer it may have is that which
// retires an engine whose last request is Config.Idle ago.
package pool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"meshgen/internal/engine"
)

// Pool is a number of engines under supervision.
type Pool struct {
	cfg     Config
	log     *slog.Logger
	spawner *spawner
	scratch *scratch
	oom     *oomCounter

	mu       sync.Mutex
	children map[*child]struct{} // all that are not gone
	waiters  []*waiter           // requests without an engine, in the order of their calls
	hello    engine.Ready        // of the engine that became ready last
	first    chan error          // told how the first start went

	// What a row of failed starts does: starts wait (retry), and in the end requests fail (drought).
	startError error       // of the latest start; nil once one succeeds
	strikes    int         // failures in a row
	struck     time.Time   // when the latest was
	retry      *time.Timer // set while starts wait
	drought    *time.Timer // set while no engine is alive and starts fail
	exhausted  bool        // the drought has lasted Config.GiveUp

	gpu       bool // engines that start are those for a GPU
	gpuLost   int  // how often it was lost
	gpuLostAt time.Time
	gpuAtOnce time.Duration // losses so near to each other are one
	gpuRest   time.Duration // how long engines do without it the next time
	gpuTimer  *time.Timer   // set while they do

	retireTimer *time.Timer // set while an engine that somebody used is idle

	serial        int // of the next child
	ready         int // counters for Stats
	startFailures int
	crashes       int
	recycled      map[Cause]int
	speculated    SpeculationStats
	used          func(pid int) time.Duration // processor time of a process
	leave         time.Duration               // how long an engine may take to leave a speculation
	rest          time.Duration               // how long it may tidy

	closed  bool
	working sync.WaitGroup // starts and supervisors
	empty   chan struct{}  // closed when, after Close, all is gone
	clear   sync.Once
}

// New checks the configuration. It starts nothing.
func New(cfg Config, log *slog.Logger) (*Pool, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &Pool{
		cfg: cfg, log: log,
		children: map[*child]struct{}{}, recycled: map[Cause]int{}, empty: make(chan struct{}), used: cpuTime, leave: dropTime, rest: restTime,
		gpuAtOnce: atOnce, gpuRest: firstRest,
	}
	for _, cause := range Causes {
		p.recycled[cause] = 0
	}
	return p, nil
}

// Start starts the engines and returns when the first of them is ready or has died, whichever comes first; the others
// warm in the background. The error holds the last words of the engine; nothing is left running then. ctx bounds Start
// alone: the pool lives until Close. Start may be called once.
func (p *Pool) Start(ctx context.Context) error {
	if err := p.chooseDevice(ctx); err != nil {
		return err
	}
	first, err := p.begin()
	if err != nil {
		return err
	}
	select {
	case err = <-first:
	case <-ctx.Done():
		err = contextError(ctx)
	}
	if err != nil {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
		defer cancel()
		if err := p.Close(closing); err != nil {
			p.log.Warn("engine pool did not close", "error", err)
		}
		return fmt.Errorf("start engine %s: %w", p.cfg.Path, err)
	}
	return nil
}

// closeTime is how long a Start that failed waits for its processes to vanish. Death takes milliseconds, unless a process
// is stuck in the kernel.
const closeTime = 5 * time.Second

func (p *Pool) begin() (<-chan error, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	if p.first != nil {
		return nil, errors.New("engine pool was started before")
	}
	var err error
	if p.scratch, err = newScratch(p.cfg.Scratch, p.log); err != nil {
		return nil, err
	}
	p.spawner, p.oom, p.first = newSpawner(), newOOMCounter(), make(chan error, 1)
	p.balance()
	return p.first, nil
}

// launch starts one engine and waits until it is ready, or it is not.
func (p *Pool) launch(c *child) {
	if err := c.spawn(p.cfg, p.spawner); err != nil {
		c.epitaph = err
		p.letGo(c)
		return
	}
	p.working.Go(func() { c.supervise(p.oom, p.letGo) })

	late := time.NewTimer(p.cfg.StartTimeout)
	defer late.Stop()
	select {
	case <-c.ready:
		p.welcome(c)
	case <-c.gone:
	case <-late.C:
		c.kill("", fmt.Errorf("%w (%s)", ErrStartTimeout, p.cfg.StartTimeout))
	}
}

// welcome takes a ready engine into the pool.
func (p *Pool) welcome(c *child) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, here := p.children[c]; !here || c.state != Starting {
		return // it died at once
	}
	now := time.Now()
	p.log.Info("engine ready", "pid", c.pid, "seconds", engine.Seconds(now.Sub(c.started)),
		"gmsh", c.hello.GmshVersion, "engine", c.hello.EngineVersion, "rss", c.hello.RSS,
		"landlock", c.hello.Walls.Landlock, "seccomp", c.hello.Walls.Seccomp, "device", c.hello.Device)
	if c.hello.NoDevice != "" {
		p.log.Warn("engine does without the GPU", "pid", c.pid, "error", c.hello.NoDevice)
		p.lostGPU(errors.New(c.hello.NoDevice))
	}
	c.state, c.since, c.readyAt = Warm, now, now
	p.hello, p.startError, p.exhausted = c.hello, nil, false
	p.ready++
	p.tellFirst(nil)
	p.balance()
}

// letGo removes an engine that is gone from the books, and replaces it.
func (p *Pool) letGo(c *child) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.children, c)
	if p.closed {
		p.tellFirst(ErrClosed)
		return
	}
	switch c.state {
	case Starting:
		if p.leavesGPU(c) {
			break
		}
		p.log.Error("engine did not start", "pid", c.pid, "error", c.epitaph)
		p.startFailures++
		p.tellFirst(c.epitaph)
		p.backOff(c.epitaph)
	case Warm, Speculating, Busy:
		cause, killed := c.doomed()
		if !killed {
			cause = CauseCrash
			p.crashes++
		}
		p.recycled[cause]++
		p.log.Warn("engine lost", "pid", c.pid, "state", c.state, "jobs", c.jobs, "cause", cause, "error", c.epitaph)
		if c.jobs == 0 { // it came to die: starting another at once would be a loop
			p.backOff(c.epitaph)
		}
	case Dying: // counted when it was recycled
	}
	p.balance()
}

func (p *Pool) tellFirst(err error) {
	select {
	case p.first <- err:
	default:
	}
}

// Ready returns what the engines say of themselves (versions, build options), and an error while none of them is alive.
func (p *Pool) Ready() (engine.Ready, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return p.hello, ErrClosed
	}
	if !p.alive() {
		return p.hello, p.unavailable()
	}
	return p.hello, nil
}

// Close kills every engine, makes waiting and running requests return ErrClosed, and returns when all is gone, or ctx
// ends. It may be called more than once.
func (p *Pool) Close(ctx context.Context) error {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		p.stopTimers()
		p.refuseWaiters(ErrClosed)
		for c := range p.children {
			c.kill("", ErrClosed)
		}
	}
	p.mu.Unlock()

	p.clear.Do(func() {
		go func() {
			p.working.Wait()
			if p.spawner != nil {
				p.spawner.stop()
				if err := p.scratch.remove(); err != nil {
					p.log.Warn("cannot remove the scratch folder of the engines", "path", p.scratch.path, "error", err)
				}
			}
			close(p.empty)
		}()
	})
	select {
	case <-p.empty:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("engines are not all gone: %w", contextError(ctx))
	}
}

// startOne begins to start one engine. p.mu is held.
func (p *Pool) startOne() {
	p.serial++
	c := newChild(filepath.Join(p.scratch.path, "engine-"+strconv.Itoa(p.serial)), p.log)
	c.gpu = p.gpu
	p.children[c] = struct{}{}
	p.working.Go(func() { p.launch(c) })
}
