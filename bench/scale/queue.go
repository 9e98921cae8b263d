package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"meshgen/internal/engine"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/store"
)

// inParallel calls f n times from so many goroutines.
func inParallel(ctx context.Context, goroutines, n int, f func(ctx context.Context, i int) error) error {
	working, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for range goroutines {
		working.Go(func() error {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := f(ctx, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return working.Wait()
}

// underWay is how many jobs run at once while claims are measured, as on so many engines.
const underWay = 500

// claims measures how fast jobs are given out while the queue is long: a portion is claimed, and then ended, which is not counted.
func (s *site) claims(ctx context.Context, o options, r *report) error {
	say("queueing %d jobs", o.jobs)
	began := time.Now()
	if err := inParallel(ctx, 4*o.claimers, o.jobs, func(ctx context.Context, i int) error {
		_, err := s.mesh(ctx, i)
		return err
	}); err != nil {
		return err
	}
	queued := time.Since(began)
	say("claiming")
	var claiming, database, own time.Duration // and the processor time of it, in Postgres and here
	var waits []time.Duration
	for done := 0; done < o.jobs; {
		portion := min(underWay, o.jobs-done)
		claimed, each := make([]store.Claim, portion), make([]time.Duration, portion)
		databaseBefore, err := s.databaseTime(ctx)
		if err != nil {
			return err
		}
		ownBefore, err := ownTime()
		if err != nil {
			return err
		}
		began := time.Now()
		if err := inParallel(ctx, o.claimers, portion, func(ctx context.Context, i int) error {
			start := time.Now()
			c, ok, err := s.jobs.Claim(ctx, fmt.Sprint("bench", i%o.claimers))
			if err == nil && !ok {
				err = errors.New("a job is not given out")
			}
			claimed[i], each[i] = c, time.Since(start)
			return err
		}); err != nil {
			return err
		}
		claiming += time.Since(began)
		ownAfter, err := ownTime()
		if err != nil {
			return err
		}
		databaseAfter, err := s.databaseTime(ctx)
		if err != nil {
			return err
		}
		database, own = database+databaseAfter-databaseBefore, own+ownAfter-ownBefore
		waits = append(waits, each...)
		if err := inParallel(ctx, 4*o.claimers, portion, func(ctx context.Context, i int) error {
			return s.jobs.Finish(ctx, claimed[i], made())
		}); err != nil {
			return err
		}
		done += portion
	}
	r.claims(o, perSecond(o.jobs, queued), perSecond(o.jobs, claiming), waits)
	r.line("… processor time, in Postgres and in the worker", "%.2f and %.2f ms", database.Seconds()*1e3/float64(o.jobs), own.Seconds()*1e3/float64(o.jobs))
	return nil
}

func made() store.Outcome {
	return store.Outcome{Report: &engine.MeshReport{}, Timings: []engine.Timing{{Stage: engine.Stage3D, Seconds: 1}}}
}

// lives measures whole lives: a mesh is asked for, a bell rings, a worker that waits for it claims, tells that it runs, and finishes.
func (s *site) lives(ctx context.Context, o options, r *report) error {
	say("leading %d jobs through their lives", o.jobs)
	working, ctx := errgroup.WithContext(ctx)
	over, stop := context.WithCancel(ctx)
	defer stop()
	var ended atomic.Int64
	for i := range o.claimers {
		working.Go(func() error {
			name := fmt.Sprint("bench", i)
			listener := s.queue.Listen(name)
			defer listener.Close()
			for over.Err() == nil {
				c, ok, err := s.jobs.Claim(ctx, name)
				switch {
				case err != nil:
					return err
				case !ok:
					if _, err := listener.Next(over); err != nil && !errors.Is(err, queue.ErrTick) && over.Err() == nil {
						return err
					}
					continue
				}
				s.jobs.Announce(ctx, c.TenantID, []string{c.Subject()}, jobs.StatusEvent(store.Running, c.Attempt, nil))
				if err := s.jobs.Finish(ctx, c, made()); err != nil {
					return err
				}
				if ended.Add(1) == int64(o.jobs) {
					stop()
				}
			}
			return nil
		})
	}
	began := time.Now()
	working.Go(func() error {
		return inParallel(ctx, 2*o.claimers, o.jobs, func(ctx context.Context, i int) error {
			_, err := s.mesh(ctx, o.jobs+i)
			return err
		})
	})
	if err := working.Wait(); err != nil {
		return err
	}
	r.line("whole lives (asked for, rung for, claimed, announced, finished)", "%.0f jobs/s", perSecond(o.jobs, time.Since(began)))
	return nil
}

// events measures how many events Redis takes, each by itself, and in fives as a worker's wait for each other.
func (s *site) events(ctx context.Context, o options, r *report) error {
	say("publishing events")
	for _, bunch := range []int{1, 5} {
		calls := 2 * o.jobs / bunch
		began := time.Now()
		if err := inParallel(ctx, 16, calls, func(ctx context.Context, i int) error {
			events := make([]queue.NewEvent, bunch)
			for k := range events {
				events[k] = queue.NewEvent{Type: jobs.EventProgress, Data: jobs.StageData{Stage: engine.Stage3D, Progress: 0.5}}
			}
			_, err := s.queue.Publish(ctx, fmt.Sprint("msh_bench", i%200), store.DefaultTenant, events...)
			return err
		}); err != nil {
			return err
		}
		r.line(fmt.Sprintf("events published, %d a call", bunch), "%.0f/s", perSecond(calls*bunch, time.Since(began)))
	}
	return nil
}

func perSecond(n int, d time.Duration) float64 { return float64(n) / d.Seconds() }
