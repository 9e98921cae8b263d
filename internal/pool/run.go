package pool

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"meshgen/internal/engine"
)

// Limits bound one request.
type Limits struct {
	Time   time.Duration // wall time once an engine is lent; 0 for none
	Memory int64         // resident bytes of the engine and its children; 0 for Config.MemoryLimit
	// Tenant is whose request it is: an engine that served another tenant never serves this one.
	Tenant string
	// Idle has the request take an engine only where nobody can miss it, and give it up to whoever does: Run returns ErrNotIdle
	// at once where there is none, and ErrWanted when it is taken back.
	Idle bool
}

// Outcome is what Run knows of a request. Beside an error it still says what is known of the engine.
type Outcome struct {
	Result engine.Result
	Engine engine.Ready  // what the engine said of itself
	PID    int           // of the engine
	Served int           // requests that the engine was given before this one
	Warm   bool          // the engine was ready before the request came
	Waited time.Duration // from the call of Run until an engine was lent
	Took   time.Duration // from then until the result, or the engine's end
	// PeakRSS is the most resident memory that was seen; it is looked at every 100 ms, so it is 0 for a short request.
	PeakRSS int64
	// Printed are the last lines that the engine printed on standard output and error.
	Printed []engine.LogLine
}

// Run lends an engine to the request, waiting for one if all are busy, and returns its result. Stage, Log and Artifact
// messages are passed to on (which may be nil) in their order, from the calling goroutine; so is what the engine prints,
// as Log messages of level "stdout" and "stderr". The engine sees the source, and makes its files, in a folder of its own; when
// an artifact is told, it is in the request's Dir, and Path says where.
//
// A result that holds an error is not an error of Run. When ctx ends, the engine is killed and Run returns an error that
// wraps ctx's; likewise ErrTimeLimit, ErrMemoryLimit, ErrProtocol and *Died. Run returns, and the place in the pool is
// free again, when the engine is dead and reaped. After a result the engine may still tidy: it is lent again when it has (tidy.go). on must not block
// beyond the end of ctx.
func (p *Pool) Run(ctx context.Context, req engine.Request, lim Limits, on func(engine.Message)) (Outcome, error) {
	called := time.Now()
	if on == nil {
		on = func(engine.Message) {}
	}
	req.Tenant, req.Keep = lim.Tenant, int64(p.cfg.Keep)
	req, err := absolute(req)
	if err != nil {
		return Outcome{}, err
	}
	if lim.Memory <= 0 {
		lim.Memory = int64(p.cfg.MemoryLimit)
	}
	// An engine that had died in its idleness, which nobody knew, or is killed before it begins, has done nothing with the request:
	// the next one gets it.
	const engines = 10
	for try := 1; ; try++ {
		c, err := p.borrow(ctx, lim, req)
		if err != nil {
			return Outcome{Waited: time.Since(called)}, err
		}
		l, line, err := c.prepare(req)
		if err != nil && c.isReaped() && try < engines {
			continue // its desk went with it; the pool has let go of it, or is about to
		}
		if err != nil {
			p.giveBackUnused(c)
			return Outcome{Waited: time.Since(called)}, err
		}
		out := Outcome{
			Engine: c.hello, PID: c.pid, Served: c.jobs - 1,
			Warm: c.readyAt.Before(called), Waited: l.began.Sub(called),
		}
		err = p.serve(ctx, c, l, line, lim.beside(c.keptBytes()), on, &out)
		if (errors.Is(err, errUnheard) || l.untaken(err)) && try < engines {
			continue
		}
		out.Took, out.PeakRSS = time.Since(l.began), l.peak.Load()
		return out, err
	}
}

// beside returns the limits of a request in an engine that holds what others left: that is not the request's memory.
func (l Limits) beside(kept int64) Limits {
	l.Memory += kept
	return l
}

// absolute returns the request with absolute paths: an engine runs in a folder of its own.
func absolute(req engine.Request) (engine.Request, error) {
	if req.ID == "" {
		return req, errors.New("engine request without an id")
	}
	for _, path := range []*string{&req.Dir, &req.Source.Path} {
		if *path == "" {
			continue
		}
		abs, err := filepath.Abs(*path)
		if err != nil {
			return req, fmt.Errorf("engine request %s: %w", req.ID, err)
		}
		*path = abs
	}
	return req, nil
}

// prepare lays the request on the engine's desk, and returns the line that the engine is to read.
func (c *child) prepare(req engine.Request) (*lease, []byte, error) {
	laid, err := c.desk.lay(req, c.jobs)
	if err != nil {
		return nil, nil, fmt.Errorf("engine request %s: %w", req.ID, err)
	}
	line, err := encode(laid)
	return newLease(laid, req.Dir), line, err
}

// encode returns the request as a line.
func encode(req engine.Request) ([]byte, error) {
	line, err := engine.Encode(req)
	if err == nil && len(line) > engine.MaxLine {
		err = fmt.Errorf("%d bytes are more than a line may have", len(line))
	}
	if err != nil {
		return nil, fmt.Errorf("engine request %s: %w", req.ID, err)
	}
	return line, nil
}

// borrow returns an engine that is busy with the caller's request from now on.
func (p *Pool) borrow(ctx context.Context, lim Limits, req engine.Request) (*child, error) {
	if ctx.Err() != nil {
		return nil, contextError(ctx)
	}
	w := &waiter{tenant: lim.Tenant, req: req, offer: make(chan offer, 1)}
	if lim.Time > 0 {
		w.until = time.Now().Add(lim.Time)
	}
	if lim.Idle {
		return p.borrowIdle(w)
	}
	if err := p.enqueue(w); err != nil {
		return nil, err
	}
	select {
	case o := <-w.offer:
		return o.child, o.err
	case <-ctx.Done():
		p.withdraw(w)
		return nil, contextError(ctx)
	}
}

// usable returns why no request can be taken, if none can. p.mu is held.
func (p *Pool) usable() error {
	switch {
	case p.closed:
		return ErrClosed
	case p.first == nil:
		return errors.New("engine pool is not started")
	case p.exhausted:
		return p.unavailable()
	}
	return nil
}

func (p *Pool) enqueue(w *waiter) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.usable(); err != nil {
		return err
	}
	p.waiters = append(p.waiters, w)
	p.balance()
	return nil
}

// withdraw takes a waiter back, and the engine that it was offered in the same moment.
func (p *Pool) withdraw(w *waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.waiters, w); i >= 0 {
		p.waiters = slices.Delete(p.waiters, i, i+1)
		p.balance() // what was promised to it is free for others
		return
	}
	if c := (<-w.offer).child; c != nil {
		p.unlend(c)
	}
}

// giveBackUnused returns an engine that was not given its request.
func (p *Pool) giveBackUnused(c *child) {
	if err := c.desk.clear(); err != nil {
		p.log.Warn("the folder of an engine was not emptied", "path", c.desk.path, "error", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unlend(c)
}

// unlend takes an engine back that saw nothing of its request. p.mu is held.
func (p *Pool) unlend(c *child) {
	switch c.state {
	case Busy:
		c.jobs--
	case Speculating:
	default:
		return
	}
	c.state, c.since = Warm, time.Now()
	p.balance()
}

// errUnheard says that an engine could not be given the request.
var errUnheard = fmt.Errorf("%w: engines do not read requests", ErrProtocol)

// serve gives the request to the engine and follows it to its end.
func (p *Pool) serve(ctx context.Context, c *child, l *lease, line []byte, lim Limits, on func(engine.Message), out *Outcome) error {
	returned := false
	defer func() {
		if !returned { // on panicked
			c.kill(CauseKilled, errors.New("the consumer of the engine's messages panicked"))
			c.drop(l)
		}
	}()
	c.take(l)
	defer l.guard(ctx, c, lim.Time, lim.Memory)()
	if err := c.submit(line); err != nil {
		c.drop(l)
		returned = true
		<-c.gone
		return c.end(l, true)
	}

	finished := l.follow(c, on, out)
	c.drop(l)
	returned = true
	if !finished {
		<-c.gone // until then it is not known what it left unread
		return c.end(l, c.unread >= len(line))
	}
	if out.Result.Speculated {
		p.countUsedSpeculation()
	}
	if out.Result.Tidies && !out.Result.Tainted {
		p.letTidy(c, out.Result.Kept)
		return nil
	}
	p.giveBack(c, out.Result.Rest)
	return nil
}

// end returns how a request ended with its engine, which may not have heard of it.
func (c *child) end(l *lease, unheard bool) error {
	// In this order: who kills the engine for the request has said so before. It may have been dead by then, of something else.
	_, killed := c.doomed()
	switch v := l.verdict.Load(); {
	case v != nil:
		return v.err
	case unheard && !killed:
		return errUnheard
	}
	return c.epitaph
}

// atomicWrite is what an empty pipe always takes without waiting.
const atomicWrite = 4096

// submit writes the request. A short one costs one system call; for a long one the engine has to read while we write.
func (c *child) submit(line []byte) error {
	if len(line) > atomicWrite {
		go func() {
			if _, err := c.requests.Write(line); err != nil {
				c.expectEnd("it does not read requests")
			}
		}()
		return nil
	}
	if _, err := c.requests.Write(line); err != nil {
		c.expectEnd("it does not read requests")
		return errUnheard
	}
	return nil
}

// follow passes the engine's messages on until its result, or until the engine is gone without one.
func (l *lease) follow(c *child, on func(engine.Message), out *Outcome) (finished bool) {
	take := func(m engine.Message) bool {
		if m.Type == engine.TypeResult {
			out.Result = *m.Result
			return true
		}
		if m.Type == engine.TypeLog && (m.Log[0].Level == "stdout" || m.Log[0].Level == "stderr") { // such lines are ours, one by one
			out.Printed = append(out.Printed, m.Log[0])
			if len(out.Printed) > printedLines {
				out.Printed = slices.Delete(out.Printed, 0, 1)
			}
		}
		on(m)
		return false
	}
	for {
		select {
		case m := <-l.messages:
			if take(m) {
				return true
			}
		case <-c.gone: // everything that it said is in the channel
			for {
				select {
				case m := <-l.messages:
					if take(m) {
						return true
					}
				default:
					return false
				}
			}
		}
	}
}
