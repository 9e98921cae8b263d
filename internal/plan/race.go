package plan

import (
	"context"
	"slices"
	"time"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
)

// Where an engine is idle, a second rung runs ahead of its turn, beside the one whose turn it is: the one that would follow
// if that failed as the last did, or, where nothing has failed but it takes long, one of another strategy, or what would follow if
// its time ran out. There are three ends to it:
//
//   - its turn comes, since those before it failed: what it has come to is there, or nearly. The result is that of a climb
//     without races.
//   - it has a result before its turn comes, and that is what was asked for, by another strategy only: the first result
//     counts. A spec that names the strategy makes the same mesh.
//   - it has a result that departs from what was asked for (coarser, mended, tessellated). That waits: it counts when its
//     turn comes, or when nothing else has come to anything.

// retryRace is how long a race waits for an engine to become idle.
const retryRace = time.Second

// race begins a rung ahead of its turn, if one may be begun. It returns when to look again, zero for not before something has
// ended.
func (c *climber) race(ctx context.Context) (look time.Duration) {
	if c.terms.RaceAfter <= 0 || c.running != 1 || c.inHand() != nil {
		return 0
	}
	if pause := time.Until(c.notBefore); pause > 0 {
		return pause
	}
	lead := c.of[c.at]
	if lead.over { // the last has failed, and one ahead of it still runs
		return 0
	}
	if rung, ok := c.unbegun(c.failed); ok {
		c.begin(ctx, rung, lead.Name)
		return 0
	}
	if alone := time.Since(lead.began); alone < c.terms.RaceAfter {
		return c.terms.RaceAfter - alone
	}
	rung, ok := c.other(lead)
	if !ok {
		rung, ok = c.unbegun(diagnosis.TimeLimit)
	}
	if ok {
		c.begin(ctx, rung, lead.Name)
	}
	return 0
}

// unbegun returns the rung to try next if the present one failed with the code, but for those that have been tried ahead.
func (c *climber) unbegun(code diagnosis.Code) (rung int, ok bool) {
	for rung, ok = Next(c.rungs, c.at, code); ok && c.of[rung] != nil; {
		rung, ok = Next(c.rungs, rung, code)
	}
	return rung, ok
}

// other returns a rung that does what was asked for by another strategy.
func (c *climber) other(lead *attempt) (rung int, ok bool) {
	for i, r := range c.rungs {
		if i > c.at && c.of[i] == nil && r.asAsked() && r.Spec.Strategy != lead.Spec.Strategy {
			return i, true
		}
	}
	return 0, false
}

// asAsked reports whether a mesh of the rung is what the spec asks for, with nothing tuned.
func (r Rung) asAsked() bool {
	t := r.Tuning
	t.Rung = ""
	return t == engine.Tuning{}
}

// ahead returns an attempt that has won before its turn.
func (c *climber) ahead() *attempt {
	for _, a := range c.of {
		if a != nil && a.succeeded() && a.asAsked() {
			c.raced = true
			return a
		}
	}
	return nil
}

// mayStillWin reports whether a rung runs that could do where the last one whose turn came has failed.
func (c *climber) mayStillWin() bool {
	return c.running > 0 && c.inHand() == nil && time.Until(c.deadline) > 0 &&
		slices.ContainsFunc(c.rungs, func(r Rung) bool { return slices.Contains(r.After, c.failed) })
}

// instead returns an attempt that succeeded ahead of its turn in place of the one with which the climb has failed.
func (c *climber) instead(failed *attempt) *attempt {
	if a := c.inHand(); a != nil {
		c.raced = true
		return a
	}
	if failed.Tuning.LastResort { // what the others met says more of the part
		for rung := failed.rung - 1; rung >= 0; rung-- {
			if a := c.of[rung]; a != nil && a.over && a.result.Error != nil {
				return a
			}
		}
	}
	return failed
}

// inHand returns an attempt that has succeeded and waits for its turn.
func (c *climber) inHand() *attempt {
	for _, a := range c.of {
		if a != nil && a.succeeded() {
			return a
		}
	}
	return nil
}

// report returns the result of an attempt with all that was tried.
func (c *climber) report(done *attempt) engine.Result {
	result := done.result
	var tried []diagnosis.Attempt
	for _, a := range c.all {
		if a != done {
			tried = append(tried, c.describe(a))
			if a.succeeded() && a.stopped == "" {
				tried[len(tried)-1].Error = "left aside: " + done.Name + " did it"
			}
		}
	}
	switch {
	case result.Error != nil:
		result.Error.Tried = nil
		for _, a := range c.all {
			result.Error.Tried = append(result.Error.Tried, c.describe(a))
		}
	case result.Mesh != nil && slices.ContainsFunc(c.all, func(a *attempt) bool { return a.Beside != "" }):
		own := c.describe(done)
		result.Mesh.Tried = append(tried, own)
		if c.raced {
			result.Mesh.Raced = &engine.Race{Winner: own.Strategy, Rungs: append([]string{own.Strategy}, own.Beside...)}
			if done.asAsked() {
				result.Mesh.Raced.Spec = &done.Spec
			}
		}
	}
	return result
}

// describe returns an attempt as the report shows it.
func (c *climber) describe(a *attempt) diagnosis.Attempt {
	out := diagnosis.Attempt{Strategy: a.Name, Error: a.stopped, Seconds: engine.Seconds(a.ended.Sub(a.began))}
	if a.stopped == "" && a.result.Error != nil {
		out.Error = a.result.Error.Error()
	}
	for _, b := range c.all {
		if b != a && b.began.Before(a.ended) && (!b.over || a.began.Before(b.ended)) && !slices.Contains(out.Beside, b.Name) {
			out.Beside = append(out.Beside, b.Name)
		}
	}
	return out
}
