package pool

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"meshgen/internal/engine"
)

// waiter is a request that has no engine yet.
type waiter struct {
	tenant string
	req    engine.Request
	until  time.Time  // when it has waited as long as it may run; zero for no limit
	offer  chan offer // of one; gets exactly one, unless the waiter withdraws
	from   *child     // that it was promised last, when that has left its speculation
}

type offer struct {
	child *child
	err   error
}

// balance does all that the state of the pool asks for: engines to those who wait, room for tenants, new processes. It is
// called, with p.mu held, after every change.
func (p *Pool) balance() {
	if p.closed {
		return
	}
	unmet := p.serveWaiters()
	p.dropSurplus()
	p.makeRoom(unmet)
	p.startMissing()
	p.retire()
	p.watchDrought()
}

// serveWaiters lends engines in the order of the calls, and takes back for them what is lent on sufferance. A request whose tenant has to wait for a fresh engine does not
// hold up others. It returns how many requests could run but have no engine.
func (p *Pool) serveWaiters() (unmet int) {
	for c := range p.children {
		c.promised = nil
	}
	free := p.cfg.Engines - p.count(Busy) + p.countTidying()
	p.waiters = slices.DeleteFunc(p.waiters, func(w *waiter) bool {
		if free <= 0 && !p.recall() {
			return false
		}
		free = max(free, 1)
		c := p.pick(w)
		if c == nil {
			unmet++
			return false
		}
		free--
		if c.tidying() {
			c.promised = w
			return false
		}
		if c.state == Speculating {
			p.promise(c, w)
			return false
		}
		c.lend(w.tenant, false)
		w.offer <- offer{child: c}
		return true
	})
	return min(unmet, free)
}

// lend marks an engine as one that serves a request of the tenant.
func (c *child) lend(tenant string, idle bool) {
	c.jobs, c.tenant, c.idle, c.state, c.since = c.jobs+1, tenant, idle, Busy, time.Now()
}

// pick returns an engine that may serve the waiter, warm, tidying or speculating and promised to nobody: one that holds the part, or else the one
// that served the tenant last, whose caches are hot, or one that nobody has used. What tidies or speculates is left to it while there is room, and
// one that was told to leave its speculation may not heed it: it is for whom it was told so, and else the last choice.
func (p *Pool) pick(w *waiter) *child {
	var best *child
	room := p.countUsed() < p.cfg.Engines
	leaves := func(c *child) bool { return c.state == Speculating && c.ahead.why != nil && c != w.from }
	holds := func(c *child) bool {
		return c.holds(w.req.Source) || c.state == Speculating && c.ahead.req.SamePart(w.req)
	}
	better := func(c *child) bool {
		if best == nil {
			return true
		}
		if l := leaves(c); l != leaves(best) {
			return !l
		}
		if h := holds(c); h != holds(best) {
			return h
		}
		if warm := c.state == Warm; room && warm != (best.state == Warm) {
			return warm
		}
		if (c.jobs > 0) != (best.jobs > 0) {
			return c.jobs > 0
		}
		if c.jobs > 0 {
			return c.since.After(best.since)
		}
		return c.readyAt.Before(best.readyAt)
	}
	for c := range p.children {
		if c.state != Warm && c.state != Speculating && !c.tidying() || c.promised != nil || (c.jobs > 0 && c.tenant != w.tenant) {
			continue
		}
		if _, doomed := c.doomed(); !doomed && better(c) {
			best = c
		}
	}
	return best
}

// holds reports whether the engine keeps the part of a source.
func (c *child) holds(s engine.Source) bool {
	return slices.ContainsFunc(c.kept, func(k engine.Kept) bool { return k.Of(s) })
}

// keptBytes is what the parts that it keeps take.
func (c *child) keptBytes() (n int64) {
	for _, k := range c.kept {
		n += k.Bytes
	}
	return n
}

// makeRoom recycles engines that served a tenant, so that fresh ones can take their places: as many as were used beyond
// Engines, or as requests wait for a fresh one that does not even start.
func (p *Pool) makeRoom(unmet int) {
	used := p.countUsed()
	var idle []*child
	for c := range p.children {
		if c.jobs > 0 && c.promised == nil && (c.state == Warm || c.state == Speculating) {
			idle = append(idle, c)
		}
	}
	coming := p.count(Starting) + p.count(Dying) + p.missing()
	surplus := max(used-p.cfg.Engines, unmet-coming)
	slices.SortFunc(idle, func(a, b *child) int { return a.since.Compare(b.since) })
	for _, c := range idle[:max(0, min(surplus, len(idle)))] {
		if !p.takeBack(c) {
			p.recycle(c, CauseTenant)
		}
	}
}

// recycle kills an engine that serves nobody. Its replacement starts when it is reaped.
func (p *Pool) recycle(c *child, cause Cause) {
	c.state, c.since = Dying, time.Now()
	p.recycled[cause]++
	p.log.Info("engine recycled", "pid", c.pid, "cause", cause, "jobs", c.jobs)
	c.kill(cause, fmt.Errorf("engine recycled: %s", cause))
}

// startMissing starts what is missing, but not all at once: engines that start take CPU from those that work.
func (p *Pool) startMissing() {
	if p.retry != nil {
		return
	}
	atOnce := max(1, runtime.NumCPU()/2)
	if p.ready == 0 || p.startError != nil {
		atOnce = 1 // see first whether one starts at all
	}
	for p.missing() > 0 && p.count(Starting) < atOnce {
		p.startOne()
	}
}

func (p *Pool) missing() int { return p.cfg.Engines + p.cfg.Spares - len(p.children) }

func (p *Pool) count(s State) (n int) {
	for c := range p.children {
		if c.state == s {
			n++
		}
	}
	return n
}

func (p *Pool) countTidying() (n int) {
	for c := range p.children {
		if c.tidying() {
			n++
		}
	}
	return n
}

// countUsed returns how many engines have served somebody, and live.
func (p *Pool) countUsed() (n int) {
	for c := range p.children {
		if c.jobs > 0 && c.state != Dying {
			n++
		}
	}
	return n
}

func (p *Pool) alive() bool { return p.count(Warm)+p.count(Speculating)+p.count(Busy) > 0 }

const (
	// firstDelay is how long a start waits after a failed one; each further failure doubles it, up to maxDelay.
	firstDelay = 200 * time.Millisecond
	maxDelay   = 5 * time.Second
	// forgetAfter is how long after a failure the delays begin anew.
	forgetAfter = time.Minute
)

// backOff makes the next start wait.
func (p *Pool) backOff(reason error) {
	now := time.Now()
	if now.Sub(p.struck) > forgetAfter {
		p.strikes = 0
	}
	p.startError, p.struck = reason, now
	delay := min(maxDelay, firstDelay<<min(p.strikes, 10))
	p.strikes++
	if p.retry != nil {
		return
	}
	delay = delay*3/4 + rand.N(delay/2) // workers that were started together do not stay in step
	p.retry = time.AfterFunc(delay, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.retry = nil
		p.balance()
	})
}

// watchDrought makes requests fail, instead of waiting for ever, when no engine is alive and none can be started.
func (p *Pool) watchDrought() {
	dry := p.startError != nil && !p.alive()
	switch {
	case !dry && p.drought != nil:
		p.drought.Stop()
		p.drought = nil
	case dry && p.drought == nil:
		p.drought = time.AfterFunc(p.cfg.GiveUp, p.giveUp)
	}
	if !dry {
		p.exhausted = false
	}
}

func (p *Pool) giveUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drought == nil || p.closed {
		return
	}
	p.exhausted = true
	p.refuseWaiters(p.unavailable())
}

func (p *Pool) unavailable() error {
	if p.startError == nil {
		return ErrUnavailable
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, p.startError)
}

func (p *Pool) refuseWaiters(err error) {
	for _, w := range p.waiters {
		w.offer <- offer{err: err}
	}
	p.waiters = nil
}

func (p *Pool) stopTimers() {
	if p.gpuTimer != nil {
		p.gpuTimer.Stop()
	}
	for _, t := range []*time.Timer{p.retry, p.drought, p.retireTimer} {
		if t != nil {
			t.Stop()
		}
	}
}
