package plan

import (
	"context"
	"errors"
	"slices"
	"time"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
)

// Try is a rung that is about to be run.
type Try struct {
	Rung
	Number int                 // how many were begun before it
	Limit  time.Duration       // of the time that all rungs share, what this one may take
	Tried  []diagnosis.Attempt // what failed before it, in order
	// Beside names the rung that the ladder has come to, where this one is begun ahead of its turn.
	Beside string
}

// Terms are what a climb has to keep to.
type Terms struct {
	Limit time.Duration // for all rungs together
	// RaceAfter is how long a rung runs alone before another is begun beside it, if there is an engine for it; where rungs
	// have failed before it, that is done at once. Zero is never. See race.go.
	RaceAfter time.Duration
}

// What Run answers where a rung that is ahead of its turn has no engine. Neither is a failure of the rung.
var (
	ErrNoEngine = errors.New("no engine to race in")
	ErrTaken    = errors.New("its engine was wanted for other work")
)

// Run runs one rung until its context ends. A failure of the work is in its result, however the engine ended, while an error
// ends the climb (the job was canceled, a disk is full). That a rung keeps to its part of the time is for Run to see to. It
// is called from several goroutines.
type Run func(context.Context, Try) (engine.Result, error)

// Climb tries rung after rung until one succeeds, none that is left can help or the time is over. It returns the result that
// this came to and the number of the try that it is of; one that failed says what was tried. Other tries may have succeeded too, if
// rungs raced. None runs any more when Climb returns.
func Climb(ctx context.Context, rungs []Rung, terms Terms, run Run) (engine.Result, int, error) {
	c := &climber{
		rungs: rungs, terms: terms, run: run, deadline: time.Now().Add(terms.Limit),
		of: make([]*attempt, len(rungs)), ended: make(chan *attempt),
	}
	for {
		if done := c.advance(ctx); done != nil {
			c.stopAll("stopped: " + done.Name + " was first")
			return c.report(done), done.Number, nil
		}
		if err := c.wait(c.race(ctx)); err != nil {
			c.stopAll("")
			return engine.Result{}, 0, err
		}
	}
}

// climber is a ladder on which somebody stands. What it comes to is what one rung after the other would come to, each tried when its turn
// is; those that run ahead of their turn save the time, and may do more only where race.go says so.
type climber struct {
	rungs    []Rung
	terms    Terms
	run      Run
	deadline time.Time

	at        int            // the rung whose turn it is
	failed    diagnosis.Code // how the one before it ended
	of        []*attempt     // the attempt at each rung, nil before
	all       []*attempt     // in the order in which they were begun
	begun     int
	running   int
	ended     chan *attempt
	notBefore time.Time // of the next race
	raced     bool      // the result is not what the rungs come to one after the other
}

// attempt is one run of a rung.
type attempt struct {
	Try
	rung         int
	began, ended time.Time
	over         bool
	stop         context.CancelFunc
	stopped      string // why it was ended before it had a result
	result       engine.Result
	err          error
}

func (a *attempt) succeeded() bool { return a.over && a.result.Error == nil }

// advance goes on to the rung whose turn it is, and begins it. It returns the attempt with which the climb is over, if it is.
func (c *climber) advance(ctx context.Context) *attempt {
	for {
		a := c.of[c.at]
		if a == nil {
			a = c.begin(ctx, c.at, "")
		}
		if !a.over {
			return c.ahead()
		}
		if a.succeeded() {
			return a
		}
		c.failed = a.result.Error.Code
		next, ok := Next(c.rungs, c.at, c.failed)
		if !ok || time.Until(c.deadline) <= 0 {
			if c.mayStillWin() {
				return c.ahead()
			}
			return c.instead(a)
		}
		c.at = next
	}
}

// begin starts a rung.
func (c *climber) begin(ctx context.Context, rung int, beside string) *attempt {
	left := max(time.Until(c.deadline), time.Millisecond) // no limit at all would be none
	if c.begun == 0 {
		left = c.terms.Limit
	}
	a := &attempt{rung: rung, began: time.Now(), Try: Try{Rung: c.rungs[rung], Number: c.begun, Limit: left, Tried: c.failures(), Beside: beside}}
	if mayFollow(c.rungs, rung) {
		a.Limit = time.Duration(a.Share * float64(left))
	}
	c.begun++
	c.running++
	c.of[rung], c.all = a, append(c.all, a)
	ctx, a.stop = context.WithCancel(ctx)
	go func() {
		a.result, a.err = c.run(ctx, a.Try)
		a.ended = time.Now()
		c.ended <- a
	}()
	return a
}

// wait returns when an attempt has ended, or the time has come to look whether two may race.
func (c *climber) wait(look time.Duration) error {
	var timer <-chan time.Time
	if look > 0 {
		timer = time.After(look)
	}
	select {
	case <-timer:
		return nil
	case a := <-c.ended:
		c.finish(a)
		switch {
		case errors.Is(a.err, ErrNoEngine):
			c.forget(a, retryRace)
			c.all = slices.DeleteFunc(c.all, func(b *attempt) bool { return b == a })
			return nil
		case errors.Is(a.err, ErrTaken):
			a.stopped = "stopped: " + ErrTaken.Error()
			c.forget(a, c.terms.RaceAfter)
			return nil
		}
		return a.err
	}
}

func (c *climber) finish(a *attempt) {
	a.over = true
	a.stop()
	c.running--
}

// forget has a rung that had no engine be begun again, when its turn comes or when there is time for another race.
func (c *climber) forget(a *attempt, pause time.Duration) {
	c.of[a.rung] = nil
	c.notBefore = time.Now().Add(pause)
}

// stopAll ends what still runs.
func (c *climber) stopAll(why string) {
	for _, a := range c.all {
		if !a.over {
			a.stopped = why
			a.stop()
		}
	}
	for c.running > 0 {
		c.finish(<-c.ended)
	}
}

// failures are what has failed by now.
func (c *climber) failures() (out []diagnosis.Attempt) {
	for _, a := range c.all {
		if a.over && a.stopped == "" && a.result.Error != nil {
			out = append(out, c.describe(a))
		}
	}
	return out
}

// mayFollow reports whether another rung could be tried if this one took too long: only then is time kept for it.
func mayFollow(rungs []Rung, at int) bool {
	_, ok := Next(rungs, at, diagnosis.TimeLimit)
	return ok
}
