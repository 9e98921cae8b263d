package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"meshgen/bench/service"
	"meshgen/bench/times"
	"meshgen/internal/spec"
)

const (
	// seed is of the bags, the arrivals and who comes first.
	seed = 1
	// arrivals is how many interactive jobs come at each load.
	arrivals = 80
)

// bag returns mixed specs that no result answers: sizes, strategies and orders, in a random order.
func bag(edge float64, n int, r *rand.Rand) ([]spec.Spec, error) {
	out := make([]spec.Spec, n)
	for i := range out {
		s := spec.Spec{Strategy: []string{spec.Delaunay, spec.Delaunay, spec.HXT}[r.IntN(3)], Order: []int{1, 1, 1, 2}[r.IntN(4)],
			Size: spec.Size{Max: edge * (0.8 + 0.8*r.Float64()), Curvature: 12}, Formats: []string{"msh", "vtk"}}
		var err error
		if out[i], err = s.Resolve(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// bagOf returns such a bag of one part.
func bagOf(file *part, edge float64, n int, r *rand.Rand) ([]job, error) {
	specs, err := bag(edge, n, r)
	out := make([]job, len(specs))
	for i := range specs {
		out[i] = job{part: file, spec: specs[i]}
	}
	return out, err
}

// measureWaiting has interactive jobs come at random times, at shares of what one engine can do, and beside batch work.
func measureWaiting(ctx context.Context, o options, content []byte, scratch string, capacity float64, r *report) error {
	s, err := service.Open(ctx, service.Options{Bin: o.bin, Engine: o.engine, Scratch: scratch})
	if err != nil {
		return err
	}
	defer s.Close()
	geometry, err := s.Upload(ctx, "part.step", content)
	if err != nil {
		return err
	}
	fmt.Fprintf(r, "\n## Waiting\n\nOne engine, which does %.1f such jobs a second. Jobs come at random times (Poisson, seed %d), whether earlier ones are done or not.\n\n"+
		"| load | jobs | median ms | p95 ms | p95 against idle |\n|---|--:|--:|--:|--:|\n", capacity, seed)
	random := rand.New(rand.NewPCG(seed, 99))
	ask := func(batch bool, scale float64) (time.Duration, error) {
		specs, err := bag(o.edge*scale, 1, random)
		if err != nil {
			return 0, err
		}
		m, err := s.Mesh(ctx, service.Request{Geometry: geometry, Spec: specs[0], Batch: batch})
		return m.Took, err
	}
	var idle []time.Duration
	for range arrivals / 2 {
		took, err := ask(false, 1)
		if err != nil {
			return err
		}
		idle = append(idle, took)
	}
	base := times.Quantile(idle, 0.95)
	row := func(what string, v []time.Duration) {
		fmt.Fprintf(r, "| %s | %d | %s | %s | %.1f |\n", what, len(v), times.Milliseconds(times.Median(v)), times.Milliseconds(times.Quantile(v, 0.95)), float64(times.Quantile(v, 0.95))/float64(base))
	}
	row("idle, one at a time", idle)
	for _, share := range []float64{0.5, 0.8, 0.95} {
		v, err := openLoop(ctx, s, geometry, o.edge, arrivals, share*capacity, false, random)
		if err != nil {
			return err
		}
		row(fmt.Sprintf("interactive at %.0f %% of capacity", 100*share), v)
	}
	// Batch work keeps coming at 80 %, and one person asks now and then.
	batches := make(chan error, 1)
	go func() {
		_, err := openLoop(ctx, s, geometry, o.edge, arrivals, 0.8*capacity, true, rand.New(rand.NewPCG(seed, 7)))
		batches <- err
	}()
	var beside []time.Duration
	for done := false; !done; {
		select {
		case err := <-batches:
			if err != nil {
				return err
			}
			done = true
		case <-time.After(time.Duration(random.ExpFloat64() * 10 / capacity * float64(time.Second))):
			took, err := ask(false, 1)
			if err != nil {
				return err
			}
			beside = append(beside, took)
		}
	}
	row("a person now and then, beside batch work at 80 %", beside)
	return nil
}

// openLoop sends jobs at a rate, whether earlier ones are done or not, and returns how long each took.
func openLoop(ctx context.Context, s *service.Service, geometry string, edge float64, n int, rate float64, batch bool, r *rand.Rand) ([]time.Duration, error) {
	specs, err := bag(edge, n, r)
	if err != nil {
		return nil, err
	}
	took, errs := make([]time.Duration, n), make([]error, n)
	var wait sync.WaitGroup
	at := time.Now()
	for i := range specs {
		at = at.Add(time.Duration(r.ExpFloat64() / rate * float64(time.Second)))
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Until(at)):
		}
		wait.Go(func() {
			m, err := s.Mesh(ctx, service.Request{Geometry: geometry, Spec: specs[i], Batch: batch})
			took[i], errs[i] = m.Took, err
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return took, nil
}
