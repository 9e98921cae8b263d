package pool

import "time"

// retire replaces engines that somebody used and that nobody has asked for anything for Config.Idle: the memory goes back to the
// machine, and nobody's parts lie in it for ever. One at a time, so that the others stay warm meanwhile. p.mu is held.
func (p *Pool) retire() {
	if p.retireTimer != nil {
		p.retireTimer.Stop()
		p.retireTimer = nil
	}
	if p.cfg.Idle <= 0 || p.missing() > 0 || p.count(Starting)+p.count(Dying) > 0 { // called again when that is over
		return
	}
	var oldest *child
	for c := range p.children {
		if c.jobs > 0 && c.state == Warm && c.promised == nil && (oldest == nil || c.since.Before(oldest.since)) {
			oldest = c
		}
	}
	if oldest == nil {
		return
	}
	left := p.cfg.Idle - time.Since(oldest.since)
	if left <= 0 {
		p.recycle(oldest, CauseIdle)
		return
	}
	p.retireTimer = time.AfterFunc(left, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.balance()
	})
}
