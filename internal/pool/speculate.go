package pool

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"meshgen/internal/engine"
)

// A speculation is work that nobody has asked for yet, in an engine that nobody needs now: to the books it is warm. Whoever needs
// the engine has it dropped, and waits no longer than dropTime:
//
//	dropped in time     the engine goes on with what it held
//	not in time         it is killed, and another takes its place; but while it reads or cuts the part that is waited for, that is
//	                    work which would have to be done all the same: it may go on for as long again as a speculation may take
//	just what is wanted whoever needs it joins: waits until it is made, as long as the engine gets a processor for it, and no longer
//	                    than its own limit. The speculation's limit counts no more then
//
// So an engine that speculates and is waited for has a timer at all times: no work goes on for ever because somebody waits for it.

const (
	// dropTime is how long an engine may take to leave a speculation. It mostly takes a millisecond or two.
	dropTime = 50 * time.Millisecond
	// joinLook is how often it is looked whether a speculation that is waited for gets on: at idle priority it need not, on a
	// machine with other work. It has to have had a processor for joinShare of the time: with less, it is soon made afresh at the
	// priority of what people wait for.
	joinLook  = 100 * time.Millisecond
	joinShare = 0.5
)

// ErrTooLong is why a speculation was ended that took longer than it may.
var ErrTooLong = errors.New("the speculation took too long")

// speculation is one in an engine. It is guarded by Pool.mu.
type speculation struct {
	req   engine.Request
	began time.Time
	limit time.Duration // how long it may take
	over  bool          // it has taken that long
	stage engine.Stage
	why   error       // why it is dropped, nil while it is not
	until time.Time   // once it is dropped: when it is ended though it does what is needed in any case
	look  *time.Timer // when it is looked at next; nil for never
}

// SpeculationStats counts speculations since Start.
type SpeculationStats struct {
	Begun   int     `json:"begun" doc:"speculations that were begun"`
	Used    int     `json:"used" doc:"meshes whose curves and faces were there already"`
	Dropped int     `json:"dropped" doc:"speculations that were given up, mostly for a request"`
	Failed  int     `json:"failed" doc:"speculations that failed, by the death of their engine too"`
	Seconds float64 `json:"seconds" doc:"wall time of all that ended"`
}

var speculations atomic.Int64

// Speculate has an engine make what req, of kind engine.Speculate, asks for: one that served the tenant last, where nobody waits and
// a place is free. It returns ErrNotIdle where there is none, ErrWanted where the engine was needed before it was done, and
// ErrTooLong after lim.Time.
func (p *Pool) Speculate(ctx context.Context, req engine.Request, lim Limits) (Outcome, error) {
	req.ID = fmt.Sprintf("speculation/%d", speculations.Add(1)) // told apart from all that went before, by which it is dropped
	req.Tenant, req.Keep = lim.Tenant, int64(p.cfg.Keep)
	req, err := absolute(req)
	if err != nil {
		return Outcome{}, err
	}
	if lim.Memory <= 0 {
		lim.Memory = int64(p.cfg.MemoryLimit)
	}
	c, s, err := p.lendToSpeculate(ctx, req, lim)
	if err != nil {
		return Outcome{}, err
	}
	defer time.AfterFunc(lim.Time, func() { p.limitSpeculation(c, s) }).Stop()

	l, line, err := c.prepare(req)
	if err != nil {
		p.endSpeculation(c, s, err)
		p.giveBackUnused(c)
		return Outcome{}, err
	}
	out := Outcome{Engine: c.hello, PID: c.pid, Served: c.jobs}
	lim.Time = 0
	err = p.serve(ctx, c, l, line, lim.beside(c.keptBytes()), func(m engine.Message) {
		if m.Type == engine.TypeStage {
			p.mu.Lock()
			defer p.mu.Unlock()
			s.stage = m.Stage.Stage
		}
	}, &out)
	if errors.Is(err, errUnheard) || l.untaken(err) { // it had died before
		err = ErrNotIdle
	}
	out.Took, out.PeakRSS = time.Since(l.began), l.peak.Load()
	return out, p.endSpeculation(c, s, outcomeOf(err, out.Result))
}

// Blames reports whether a speculation ended so for what it worked on: it would again.
func Blames(err error) bool {
	for _, innocent := range []error{nil, ErrWanted, ErrNotIdle, ErrClosed, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, innocent) {
			return false
		}
	}
	return true
}

// outcomeOf is how a speculation ended: well, dropped (ErrWanted) or with an error.
func outcomeOf(err error, r engine.Result) error {
	switch {
	case err != nil:
		return err
	case r.Dropped:
		return ErrWanted
	case r.Error != nil:
		return r.Error
	}
	return nil
}

// lendToSpeculate waits for an engine that tidies: it will be the one that nobody needs.
func (p *Pool) lendToSpeculate(ctx context.Context, req engine.Request, lim Limits) (*child, *speculation, error) {
	for {
		c, s, rested, err := p.tryToSpeculate(req, lim)
		if rested == nil {
			return c, s, err
		}
		select {
		case <-rested:
		case <-ctx.Done():
			return nil, nil, contextError(ctx)
		}
	}
}

// tryToSpeculate returns what to wait for where it lends nothing yet.
func (p *Pool) tryToSpeculate(req engine.Request, lim Limits) (*child, *speculation, <-chan struct{}, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.usable(); err != nil {
		return nil, nil, nil, err
	}
	c := p.pick(&waiter{tenant: lim.Tenant, req: req})
	if c != nil && c.tidying() {
		return nil, nil, c.rested, nil
	}
	if c == nil || c.jobs == 0 || c.state != Warm || len(p.waiters) > 0 || p.count(Busy)+p.count(Speculating) >= p.cfg.Engines {
		return nil, nil, nil, ErrNotIdle
	}
	c.state, c.since, c.ahead = Speculating, time.Now(), &speculation{req: req, began: time.Now(), limit: lim.Time}
	p.speculated.Begun++
	return c, c.ahead, nil, nil
}

// endSpeculation counts a speculation, and returns how it ended to whoever began it.
func (p *Pool) endSpeculation(c *child, s *speculation, err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.look != nil {
		s.look.Stop()
	}
	p.speculated.Seconds += time.Since(s.began).Seconds()
	if err != nil && s.why != nil { // whatever it met on its way out
		err = s.why
	}
	switch {
	case err == nil:
	case Blames(err) && !errors.Is(err, ErrTooLong):
		p.speculated.Failed++
	default:
		p.speculated.Dropped++
	}
	return err
}

// dropSpeculation has an engine leave what it speculates on, and ends the engine if it does not. p.mu is held.
func (p *Pool) dropSpeculation(c *child, s *speculation, why error) {
	if c.ahead != s || c.state != Speculating || s.why != nil {
		return
	}
	s.why, s.until = why, time.Now().Add(s.limit)
	go c.tellToDrop(s.req.ID)
	p.watchLeaving(c, s)
}

// limitSpeculation ends a speculation that has taken as long as it may. Whoever waits for just what it makes has it go on.
func (p *Pool) limitSpeculation(c *child, s *speculation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.over = true
	if w := c.promised; w == nil || !s.joinedBy(w) {
		p.dropSpeculation(c, s, ErrTooLong)
	}
}

// watchLeaving ends an engine that does not leave a speculation which was dropped. p.mu is held.
func (p *Pool) watchLeaving(c *child, s *speculation) {
	p.watch(c, s, p.leave, func() bool {
		w := c.promised
		if w == nil || !s.readsFor(w.req) {
			return p.takeBack(c)
		}
		if time.Now().After(s.until) {
			s.why = ErrTooLong
			return p.takeBack(c)
		}
		p.watchProgress(c, s)
		return false
	})
}

// tellToDrop writes to an engine that may not read just then.
func (c *child) tellToDrop(id string) {
	line, err := encode(engine.Request{ID: id, Kind: engine.Drop})
	if err == nil {
		_, _ = c.requests.Write(line) // where it cannot be told it is killed
	}
}

// readsFor reports whether what the speculation is at would have to be done for the request in any case.
func (s *speculation) readsFor(req engine.Request) bool {
	return (s.stage == engine.StageImport || s.stage == engine.StageHeal) && s.req.SamePart(req)
}

// joinedBy reports whether a waiter that was promised the engine waits for what the speculation makes.
func (s *speculation) joinedBy(w *waiter) bool { return s.why == nil && s.req.SameSurface(w.req) }

// patience is how long a waiter waits for what it has joined: until its own limit, or else twice the speculation's.
func (s *speculation) patience(w *waiter) time.Time {
	if w.until.IsZero() {
		return s.began.Add(2 * s.limit)
	}
	return w.until
}

// promise has a waiter wait for an engine that speculates: until what it needs is made, or else until the engine has left off.
// p.mu is held.
func (p *Pool) promise(c *child, w *waiter) {
	s := c.ahead
	c.promised, w.from = w, c
	if !s.req.SameSurface(w.req) {
		p.dropSpeculation(c, s, ErrWanted)
	}
	if s.look == nil {
		p.watchProgress(c, s)
	}
}

// watchProgress drops a speculation that is waited for and does not get on, or has been waited for too long. Where it was dropped
// already its engine is taken back, or else it is looked whether that has left. p.mu is held.
func (p *Pool) watchProgress(c *child, s *speculation) {
	before, begun := p.used(c.pid), time.Now()
	p.watch(c, s, joinLook, func() bool {
		getsOn := float64(p.used(c.pid)-before)/float64(time.Since(begun)) >= joinShare
		w := c.promised
		switch {
		case s.why != nil && w != nil && !getsOn:
			return p.takeBack(c)
		case s.why != nil:
			p.watchLeaving(c, s)
		case w == nil && s.over:
			p.dropSpeculation(c, s, ErrTooLong)
		case w != nil && time.Now().After(s.patience(w)):
			why := ErrWanted // a request that may take less than a speculation says nothing of the part
			if s.over {
				why = ErrTooLong
			}
			p.dropSpeculation(c, s, why)
		case w == nil: // whoever waited has gone
		case !getsOn:
			p.dropSpeculation(c, s, ErrWanted)
		default:
			p.watchProgress(c, s)
		}
		return false
	})
}

// watch has something done to a speculation after a time, unless it is over by then. The pool is balanced after it where it says so.
func (p *Pool) watch(c *child, s *speculation, after time.Duration, do func() bool) {
	if s.look != nil {
		s.look.Stop()
	}
	var look *time.Timer
	look = time.AfterFunc(after, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if s.look != look { // another took its place in this moment
			return
		}
		s.look = nil
		if c.ahead == s && c.state == Speculating && !p.closed && do() {
			p.balance()
		}
	})
	s.look = look
}

// dropSurplus ends speculations where as many requests run as may: they have the processors. p.mu is held.
func (p *Pool) dropSurplus() {
	if p.count(Busy) < p.cfg.Engines {
		return
	}
	for c := range p.children {
		if c.state == Speculating && c.promised == nil {
			p.dropSpeculation(c, c.ahead, ErrWanted)
		}
	}
}
