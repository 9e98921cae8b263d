package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"meshgen/bench/service"
	"meshgen/internal/engine"
)

const (
	// fresh is how many jobs a copy of each part is used for: then it is another file, whose import has to be made, and kept in place of another.
	fresh = 250
	// warmth is how many jobs memory may take to fill.
	warmth = 1000
)

// load is the jobs, and what was seen of them.
type load struct {
	o       options
	s       *service.Service
	orders  orders
	asked   map[string]int    // by id: how often it was told
	failed  map[string]string // by id: why
	refused []string          // the same for a reader: what was asked for, and why there is none
	reused  int
	uploads int
	looks   []look
	took    []time.Duration
}

func newLoad(o options, s *service.Service) (*load, error) {
	orders, err := newOrders(o)
	return &load{o: o, s: s, orders: orders, asked: map[string]int{}, failed: map[string]string{}}, err
}

// run has all jobs done, with a pause at each checkpoint to look at the memory.
func (l *load) run(ctx context.Context) error {
	if err := l.look(ctx, 0); err != nil {
		return err
	}
	for done := 0; done < l.o.jobs; {
		if done%fresh == 0 {
			if err := l.renew(ctx, done/fresh); err != nil {
				return err
			}
		}
		n := min(fresh, l.o.jobs-done)
		if err := l.work(ctx, n); err != nil {
			return err
		}
		done += n
		if done%l.checkpoint() == 0 || done == l.o.jobs {
			if err := l.look(ctx, done); err != nil {
				return err
			}
		}
		fmt.Fprintf(os.Stderr, "\rsoak: %d of %d ", done, l.o.jobs)
	}
	fmt.Fprintln(os.Stderr)
	return nil
}

// checkpoint is how many jobs lie between two looks at the memory: more in long runs.
func (l *load) checkpoint() int {
	if l.o.jobs < 4000 {
		return fresh
	}
	return 2 * fresh
}

// renew uploads a copy of one part, and of all at the beginning.
func (l *load) renew(ctx context.Context, number int) error {
	return l.orders.renew(number, func(p *part, content []byte) (box engine.Box, err error) {
		if p.geometry, err = l.s.Upload(ctx, p.name, content); err != nil {
			return box, err
		}
		l.uploads++
		var g struct {
			Box engine.Box `json:"bounding_box"`
		}
		err = l.s.Get(ctx, "/v1/geometries/"+p.geometry, &g)
		return g.Box, err
	})
}

// work has n orders done, one more at a time than there are engines: the next job is there when an engine is free.
func (l *load) work(ctx context.Context, n int) error {
	orders := make([]order, n)
	for i := range orders {
		var err error
		if orders[i], err = l.orders.next(); err != nil {
			return err
		}
	}
	var mu sync.Mutex
	var failed error
	var taken atomic.Int64
	var wait sync.WaitGroup
	for range l.o.engines + 1 {
		wait.Go(func() {
			for {
				i := int(taken.Add(1)) - 1
				if i >= n {
					return
				}
				w := orders[i]
				m, err := l.s.Mesh(ctx, service.Request{Geometry: w.geometry, Spec: w.spec, Batch: w.batch})
				mu.Lock()
				var ended *service.Ended
				switch {
				case errors.As(err, &ended) && ended.Status == "failed": // as some do, of their own
					l.asked[m.ID]++
					l.failed[m.ID] = string(ended.Reason)
					l.refused = append(l.refused, w.tell(ended.Reason))
				case err != nil:
					if failed == nil {
						failed = err
					}
					taken.Store(int64(n))
				default:
					l.asked[m.ID]++
					l.took = append(l.took, m.Took)
					if m.ReusedFrom != "" {
						l.reused++
					}
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return failed
}
