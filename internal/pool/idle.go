package pool

import "time"

// borrowIdle lends an engine that nobody can miss: nobody waits, no tenant's own engine has to make room for it, and a fresh
// one still stands ready for whoever comes next.
func (p *Pool) borrowIdle(w *waiter) (*child, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.usable(); err != nil {
		return nil, err
	}
	c := p.pick(w)
	if c != nil && c.state == Speculating {
		p.dropSpeculation(c, c.ahead, ErrWanted)
		c = nil
	}
	if c == nil || c.tidying() || len(p.waiters) > 0 || p.count(Busy) >= p.cfg.Engines {
		return nil, ErrNotIdle
	}
	used, fresh := 0, 0
	for o := range p.children {
		_, doomed := o.doomed()
		switch {
		case o == c, o.jobs > 0 && o.state != Dying:
			used++
		case o.state == Warm && !doomed:
			fresh++
		}
	}
	if used > p.cfg.Engines || fresh == 0 {
		return nil, ErrNotIdle
	}
	c.lend(w.tenant, true)
	p.balance()
	return c, nil
}

// recall takes back the engine that was lent on sufferance last, and reports whether there is one. It counts as free at once:
// those who wait are given another, while it dies.
func (p *Pool) recall() bool {
	var last *child
	for c := range p.children {
		if c.state == Busy && c.idle && !c.tidying() && (last == nil || c.since.After(last.since)) {
			last = c
		}
	}
	if last == nil {
		return false
	}
	return p.takeBack(last)
}

// takeBack kills an engine that somebody has on sufferance. p.mu is held.
func (p *Pool) takeBack(c *child) bool {
	if c.state != Speculating && !(c.state == Busy && c.idle) {
		return false
	}
	c.state, c.since = Dying, time.Now()
	p.recycled[CauseWanted]++
	c.kill(CauseWanted, ErrWanted)
	return true
}
