package main

import (
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"meshgen/bench/times"
	"meshgen/internal/store"
)

// scenario is a run to be simulated.
type scenario struct {
	files    []time.Duration
	arrivals []time.Duration
	seed     uint64
	engines  int
	start    int     // workers at the beginning
	scaler   *scaler // nil: they stay
}

// result is what a run comes to.
type result struct {
	waits      []time.Duration
	busy       float64       // share of the engines' time
	workerTime time.Duration // of all workers, from their start
	jobs       int
	course     []moment
}

func (r result) wait(q float64) time.Duration {
	return times.Quantile(r.waits, q).Round(time.Millisecond)
}

// moment is how things stand.
type moment struct {
	at              time.Duration
	queued, workers int
}

// worker is one that runs, or is about to.
type worker struct {
	name    string
	from    time.Duration
	ready   bool
	leaving bool // ends its jobs, and takes no more
	free    int
}

// event is something that happens: a job ends, or a worker is ready.
type event struct {
	at     time.Duration
	claim  *store.Claim
	worker *worker
}

type events []event

func (e events) Len() int           { return len(e) }
func (e events) Less(i, j int) bool { return e[i].at < e[j].at }
func (e events) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(event)) }
func (e *events) Pop() any          { old := *e; last := old[len(old)-1]; *e = old[:len(old)-1]; return last }

type simulation struct {
	scenario
	*book
	random  *rand.Rand
	now     time.Duration
	events  events
	workers []*worker
	named   int
	queued  int
	asked   map[string]time.Duration
	worked  time.Duration
	result  result
}

// tick is how often the scaler looks.
const tick = 5 * time.Second

func simulate(ctx context.Context, server postgres, sc scenario) (result, error) {
	b, err := openBook(ctx, server)
	if err != nil {
		return result{}, err
	}
	defer b.close(ctx)
	s := &simulation{scenario: sc, book: b, random: rand.New(rand.NewPCG(sc.seed, 3)), asked: map[string]time.Duration{}}
	for range sc.start {
		s.hire(0)
	}
	nextTick := tick
	for i := 0; i < len(sc.arrivals) || s.queued > 0 || s.busy(); {
		at, what := nextTick, "tick"
		if sc.scaler == nil {
			at = 1 << 62
		}
		if len(s.events) > 0 && s.events[0].at <= at {
			at, what = s.events[0].at, "event"
		}
		if i < len(sc.arrivals) && sc.arrivals[i] <= at {
			at, what = sc.arrivals[i], "arrival"
		}
		if err := s.set(ctx, at); err != nil {
			return result{}, err
		}
		s.now = at
		switch what {
		case "arrival":
			err = s.arrive(ctx)
			if i++; i%2000 == 0 && err == nil {
				err = b.tidy(ctx)
			}
		case "event":
			err = s.happen(ctx, heap.Pop(&s.events).(event))
		case "tick":
			nextTick += tick
			s.scale()
		}
		if err == nil {
			err = s.fill(ctx)
		}
		if err != nil {
			return result{}, err
		}
	}
	for _, w := range s.workers {
		s.result.workerTime += s.now - w.from
	}
	s.result.jobs = len(sc.arrivals)
	s.result.busy = s.worked.Seconds() / s.result.workerTime.Seconds() / float64(sc.engines)
	return s.result, nil
}

func (s *simulation) busy() bool {
	for _, e := range s.events {
		if e.claim != nil {
			return true
		}
	}
	return false
}

// hire has a worker begin, which is ready after a while.
func (s *simulation) hire(after time.Duration) {
	s.named++
	w := &worker{name: fmt.Sprint("worker", s.named), from: s.now, free: s.engines, ready: after == 0}
	s.workers = append(s.workers, w)
	if !w.ready {
		heap.Push(&s.events, event{at: s.now + after, worker: w})
	}
}

func (s *simulation) arrive(ctx context.Context) error {
	id, err := s.ask(ctx, s.random.IntN(owners))
	s.asked[id] = s.now
	s.queued++
	return err
}

func (s *simulation) happen(ctx context.Context, e event) error {
	if e.claim == nil {
		e.worker.ready = true
		return nil
	}
	e.worker.free++
	s.dismiss()
	return s.finish(ctx, *e.claim)
}

// dismiss takes from the list who has left.
func (s *simulation) dismiss() {
	kept := s.workers[:0]
	for _, w := range s.workers {
		if w.leaving && (w.free == s.engines || !w.ready) {
			s.result.workerTime += s.now - w.from
			continue
		}
		kept = append(kept, w)
	}
	s.workers = kept
}

// fill has idle engines claim.
func (s *simulation) fill(ctx context.Context) error {
	for _, w := range s.workers {
		for w.ready && !w.leaving && w.free > 0 && s.queued > 0 {
			c, err := s.claim(ctx, w.name)
			if err != nil {
				return err
			}
			s.queued--
			w.free--
			s.result.waits = append(s.result.waits, s.now-s.asked[*c.MeshID])
			took := s.files[s.random.IntN(len(s.files))]
			s.worked += took
			heap.Push(&s.events, event{at: s.now + took, claim: &c, worker: w})
		}
	}
	return nil
}
