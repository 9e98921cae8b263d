package pool

import (
	"context"
	"errors"
	"fmt"
	"time"

	"meshgen/internal/engine"
)

// An engine answers a mesh before it has put away what it keeps and given back the memory of the rest: nobody who waits for the mesh waits for
// that. To the books it is busy until it has; who needs it meanwhile, above all for the part that it holds, is promised it.

// restTime is how long an engine may tidy. It takes some milliseconds, and seconds for gigabytes; one that does not end is replaced.
const restTime = 30 * time.Second

var errRestless = errors.New("the engine did not come to rest after its result")

// letTidy notes that an engine tidies and will keep these parts, and takes it back when it has tidied.
func (p *Pool) letTidy(c *child, kept []engine.Kept) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, here := p.children[c]; !here || p.closed {
		return // died after its result
	}
	rested := make(chan struct{})
	c.kept, c.rested = kept, rested
	// Its supervisor is at work while it is in the books, so that Close cannot have seen the end of all work.
	p.working.Go(func() {
		defer close(rested)
		p.awaitRest(c)
	})
}

func (p *Pool) awaitRest(c *child) {
	late := time.NewTimer(p.rest)
	defer late.Stop()
	for {
		select {
		case r := <-c.rests:
			p.giveBack(c, r)
			return
		case <-c.gone: // it is out of the books
			return
		case <-late.C:
			c.kill(CauseKilled, fmt.Errorf("%w within %s", errRestless, p.rest))
		}
	}
}

// tidying reports whether an engine has answered and is not at rest yet. p.mu is held.
func (c *child) tidying() bool { return c.state == Busy && c.rested != nil }

func (p *Pool) countUsedSpeculation() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.speculated.Used++
}

// giveBack returns an engine after its result, or recycles it.
func (p *Pool) giveBack(c *child, r engine.Rest) {
	size := max(r.RSS, rss(c.pid))
	cleared := c.desk.clear()
	if cleared != nil {
		p.log.Error("the folder of an engine was not emptied", "path", c.desk.path, "error", cleared)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, here := p.children[c]; !here || p.closed {
		return // died after its result
	}
	c.kept, c.rested = r.Kept, nil
	if r.Why != "" {
		p.log.Error("engine failed after its result", "pid", c.pid, "error", r.Why)
	}
	cause, doomed := c.doomed()
	switch {
	case c.state == Dying: // taken back in the moment of its result
	case doomed:
		p.recycle(c, cause)
	case r.LostGPU:
		p.lostGPU(errors.New("an engine lost it in a request"))
		p.recycle(c, CauseTainted)
	case r.Tainted, cleared != nil:
		p.recycle(c, CauseTainted)
	case size > int64(p.cfg.MaxRSS):
		p.recycle(c, CauseRSS)
	case c.jobs >= p.cfg.Jobs:
		p.recycle(c, CauseJobs)
	default:
		c.state, c.since = Warm, time.Now()
	}
	p.balance()
}

// Settle waits until no engine tidies any more.
func (p *Pool) Settle(ctx context.Context) error {
	for {
		rested := p.tidiesNow()
		if rested == nil {
			return nil
		}
		select {
		case <-rested:
		case <-ctx.Done():
			return contextError(ctx)
		}
	}
}

// tidiesNow returns what is closed when one of those that tidy has, nil where none does.
func (p *Pool) tidiesNow() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.children {
		if c.tidying() {
			return c.rested
		}
	}
	return nil
}
