package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"meshgen/bench/service"
	"meshgen/internal/spec"
)

// work has a day of work in short: people who ask for meshes one after the other, a batch that comes at once, a file that is none,
// and an engine that dies.
func work(ctx context.Context, s *service.Service, during time.Duration, files []string) error {
	var parts []string
	for _, file := range files {
		content, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			return err
		}
		id, err := s.Upload(ctx, filepath.Base(file), content)
		if err != nil {
			return err
		}
		parts = append(parts, id)
	}
	var ended *service.Ended
	if _, err := s.Upload(ctx, "none.step", []byte("ISO-10303-21;\nHEADER;\n")); err != nil && !errors.As(err, &ended) {
		return err
	}

	at := func(share float64) <-chan time.Time { return time.After(time.Duration(share * float64(during))) }
	over, end := context.WithTimeout(ctx, during)
	defer end()
	working, ctx := errgroup.WithContext(ctx)
	mesh := func(r service.Request) error {
		if _, err := s.Mesh(ctx, r); err != nil && !errors.As(err, &ended) {
			return err
		}
		return nil
	}
	for person := range 3 {
		working.Go(func() error {
			for n := 0; over.Err() == nil; n++ {
				size := 4 + float64((7*n+3*person)%10)/2
				if err := mesh(service.Request{Geometry: parts[0], Spec: spec.Spec{Size: spec.Size{Max: size}}, Anew: n%4 != 0}); err != nil {
					return err
				}
				select {
				case <-over.Done():
				case <-time.After(time.Duration(1+person) * time.Second):
				}
			}
			return nil
		})
	}
	for n := range 40 {
		working.Go(func() error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-at(0.35):
			}
			part := parts[1+n%(len(parts)-1)]
			return mesh(service.Request{Geometry: part, Spec: spec.Spec{Size: spec.Size{Fineness: float64(n%3 + 3)}}, Batch: true, Anew: true})
		})
	}
	working.Go(func() error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-at(0.55):
		}
		return killEngine(ctx, s)
	})
	return working.Wait()
}

// killEngine kills one of the engines, as a defect in a mesher would.
func killEngine(ctx context.Context, s *service.Service) error {
	workers, err := s.Workers(ctx)
	if err != nil {
		return err
	}
	for _, w := range workers {
		for _, e := range w.Pool.Engines {
			if e.PID != 0 {
				return syscall.Kill(e.PID, syscall.SIGSEGV)
			}
		}
	}
	return fmt.Errorf("no engine of %d workers is there to kill", len(workers))
}
