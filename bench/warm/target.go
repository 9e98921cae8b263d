package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"meshgen/bench/service"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// target is the service that is measured.
type target struct {
	*service.Service
	geometry string

	anatomies [2][]anatomy // of the requests so far, by size
	stages    [2]stages    // of their engine
}

func openTarget(ctx context.Context, o options, scratch string) (*target, error) {
	s, err := service.Open(ctx, service.Options{Base: o.base, Restart: o.restart, Bin: o.bin, Engine: o.engine, Scratch: scratch})
	if err != nil {
		return nil, err
	}
	return &target{Service: s}, nil
}

// upload sends the part and waits until it is imported.
func (t *target) upload(ctx context.Context, part string) error {
	content, err := os.ReadFile(part)
	if err != nil {
		return err
	}
	t.geometry, err = t.Upload(ctx, filepath.Base(part), content)
	return err
}

// request asks for a mesh, whatever results there are, and returns the time until its success is seen.
func (t *target) request(ctx context.Context, size int, s spec.Spec) (time.Duration, error) {
	m, err := t.Mesh(ctx, service.Request{Geometry: t.geometry, Spec: s, Anew: true})
	if err != nil {
		return 0, err
	}
	t.note(size, m)
	return m.Took, nil
}

// anatomy is where the time of one request went.
type anatomy struct {
	stages time.Duration // of the engine
	beside time.Duration // what the engine did beside them: with them, its wall time in this request
	fetch  time.Duration // of the source, from the worker's disk
	upload time.Duration // after the engine's result: what was not overlapped
	rest   time.Duration // request, queue, claim, finish, events
}

// service is what the request took beyond its own engine's wall time.
func (a anatomy) service() time.Duration { return a.fetch + a.upload + a.rest }

// note keeps where the time of a finished request went, by the service's own account.
func (t *target) note(size int, m service.Mesh) {
	t.stages[size].add(m.Timings)
	a := anatomy{rest: m.Took}
	for _, timing := range m.Timings {
		d := time.Duration(timing.Seconds * float64(time.Second))
		a.rest -= d
		switch timing.Stage {
		case engine.StageFetch:
			a.fetch += d
		case engine.StageUpload:
			a.upload += d
		case engine.StageEngine:
			a.beside += d
		default:
			a.stages += d
		}
	}
	t.anatomies[size] = append(t.anatomies[size], a)
}
