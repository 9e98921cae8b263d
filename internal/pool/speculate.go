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
//	                    work which would have to be done all the same
//	just what is wanted whoever needs it joins: waits until it is made, as long as the engine gets a processor for it

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
	stage engine.Stage
	why   error // why it is dropped, nil while it is not
	look  *time.Timer
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
	c, s, err := p.lendToSpeculate(req, lim)
	if err != nil {
		return Outcome{}, err
	}
	limit := time.AfterFunc(lim.Time, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.dropSpeculation(c, s, ErrTooLong)
	})
	defer limit.Stop()

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

func (p *Pool) lendToSpeculate(req engine.Request, lim Limits) (*child, *speculation, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.usable(); err != nil {
		return nil, nil, err
	}
	c := p.pick(&waiter{tenant: lim.Tenant, req: req})
	if c == nil || c.jobs == 0 || c.state != Warm || len(p.waiters) > 0 || p.count(Busy)+p.count(Speculating) >= p.cfg.Engines {
		return nil, nil, ErrNotIdle
	}
	c.state, c.since, c.ahead = Speculating, time.Now(), &speculation{req: req, began: time.Now()}
	p.speculated.Begun++
	return c, c.ahead, nil
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
	s.why = why
	go c.tellToDrop(s.req.ID)
	p.watch(c, s, dropTime, func() bool {
		if w := c.promised; w != nil && s.readsFor(w.req) {
			p.watchProgress(c, s)
			return false
		}
		return p.takeBack(c)
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

// promise has a waiter wait for an engine that speculates: until what it needs is made, or else until the engine has left off.
// p.mu is held.
func (p *Pool) promise(c *child, w *waiter) {
	s := c.ahead
	c.promised = w
	switch {
	case !s.req.SameSurface(w.req):
		p.dropSpeculation(c, s, ErrWanted)
	case s.look == nil && s.why == nil:
		p.watchProgress(c, s)
	}
}

// watchProgress takes an engine back whose speculation is waited for and does not get on. p.mu is held.
func (p *Pool) watchProgress(c *child, s *speculation) {
	before, begun := p.used(c.pid), time.Now()
	p.watch(c, s, joinLook, func() bool {
		got := float64(p.used(c.pid)-before) / float64(time.Since(begun))
		switch {
		case c.promised == nil: // whoever waited has gone
			s.look = nil
			return false
		case got >= joinShare:
			p.watchProgress(c, s)
			return false
		case s.why == nil:
			s.look = nil
			p.dropSpeculation(c, s, ErrWanted)
			return false
		}
		return p.takeBack(c)
	})
}

// watch has something done to a speculation after a time, unless it is over by then. The pool is balanced after it where it says so.
func (p *Pool) watch(c *child, s *speculation, after time.Duration, do func() bool) {
	if s.look != nil {
		s.look.Stop()
	}
	s.look = time.AfterFunc(after, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if c.ahead == s && c.state == Speculating && !p.closed && do() {
			p.balance()
		}
	})
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
