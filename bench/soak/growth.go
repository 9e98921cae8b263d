package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"meshgen/internal/pool"
)

const (
	// allowed is by how much engines may grow, each from what it took when it was warm.
	allowed = 0.05
	// wantedEvery is for how many jobs an engine may be replaced because it was wanted while it speculated.
	wantedEvery = 500
	// reported is after what time the service knows of what happened to its engines: its workers report every five seconds.
	reported = 6 * time.Second
)

// look is the memory at a checkpoint, in bytes, while nothing is under way.
type look struct {
	jobs     int
	at       time.Time
	engines  map[int]aged // by process, of those that have worked and live
	worker   memory
	replaced map[string]int // engines so far, by cause
}

// aged is an engine at a checkpoint.
type aged struct {
	memory
	jobs int // that it was given
}

func (k look) sum() (m memory) {
	for _, of := range k.engines {
		m = m.plus(of.memory)
	}
	return m
}

func (l *load) look(ctx context.Context, jobs int) error {
	k := look{jobs: jobs, at: time.Now(), engines: map[int]aged{}, replaced: map[string]int{}}
	if jobs == l.o.jobs { // the last: what died a moment ago is to be told of
		select {
		case <-time.After(reported):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	workers, err := l.s.Workers(ctx)
	if err != nil {
		return err
	}
	for _, w := range workers {
		k.worker = k.worker.plus(memoryOf(w.PID))
		for cause, n := range w.Pool.Recycled {
			k.replaced[cause] += n
		}
		for _, e := range w.Pool.Engines {
			m := memoryOf(e.PID)
			if e.Jobs > 0 && e.State != string(pool.Dying) && m != (memory{}) {
				k.engines[e.PID] = aged{m, e.Jobs}
			}
		}
	}
	l.looks = append(l.looks, k)
	return nil
}

// warmAfter is how many jobs an engine has to have done before its memory is not to grow: its part of a thousand, or of a quarter of a
// shorter run.
func warmAfter(jobs, engines int) int { return min(warmth, jobs/4) / engines }

// growth is what engines took when they were warm and when they were last looked at. Each is compared with itself: one that was replaced
// counts until then, and what replaced it once it is warm.
type growth struct {
	before, after memory
	engines       int // that were compared
	jobs          int // that they did in between
	longest       int // of one of them
}

func (l *load) growth() growth { return grown(l.looks, warmAfter(l.o.jobs, l.o.engines)) }

func grown(looks []look, warm int) (g growth) {
	first, last := map[int]aged{}, map[int]aged{}
	for _, k := range looks {
		for pid, e := range k.engines {
			if e.jobs < warm {
				continue
			}
			if _, seen := first[pid]; !seen {
				first[pid] = e
			}
			last[pid] = e
		}
	}
	for pid, from := range first {
		to := last[pid]
		if to.jobs == from.jobs { // seen once: it says nothing
			continue
		}
		g.engines++
		g.before, g.after = g.before.plus(from.memory), g.after.plus(to.memory)
		g.jobs, g.longest = g.jobs+to.jobs-from.jobs, max(g.longest, to.jobs-from.jobs)
	}
	return g
}

func (g growth) share() float64 { return share(g.after.all()-g.before.all(), g.before.all()) }

// judge returns why a run does not show that engines keep their size: they grew, or none was watched for long. Half of the jobs have to lie
// between two looks at the same engine, and half of an engine's between two looks at one.
func (g growth) judge(jobs, engines int) error {
	var bad []error
	if g.share() >= allowed {
		bad = append(bad, fmt.Errorf("engines grew by %.1f %%", 100*g.share()))
	}
	if 2*g.jobs < jobs || 2*g.longest*engines < jobs {
		bad = append(bad, fmt.Errorf("engines were watched for %d of %d jobs only, and one of them for %d at most: too few to say whether they grow", g.jobs, jobs, g.longest))
	}
	return errors.Join(bad...)
}

// share returns what part of something is, 0 where there is nothing.
func share(part, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}
