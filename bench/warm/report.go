package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"meshgen/bench/machine"
	"meshgen/bench/service"
	"meshgen/bench/times"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// stages are the times of an engine's stages, one of each for each request.
type stages map[engine.Stage][]time.Duration

func (s *stages) add(timings []engine.Timing) {
	if *s == nil {
		*s = stages{}
	}
	for _, t := range timings {
		(*s)[t.Stage] = append((*s)[t.Stage], time.Duration(t.Seconds*float64(time.Second)))
	}
}

// report is the table, in Markdown.
type report struct{ strings.Builder }

func (r *report) header(ctx context.Context, o options, t *target) {
	fmt.Fprintf(r, "# What warmth saves: %s\n\n", o.label)
	fmt.Fprintf(r, "Made by `make bench-warm`, %s. Part: `%s`.\n\n", time.Now().UTC().Format("2006-01-02 15:04 MST"), filepath.Base(o.part))
	gmsh := "unknown"
	if workers, err := t.Workers(ctx); err == nil && len(workers) > 0 {
		gmsh = workers[0].Engine.GmshVersion
	}
	fmt.Fprintf(r, "| machine | |\n|---|---|\n| processor | %s |\n| kernel | %s |\n| Go, Gmsh | %s, %s |\n", machine.Processor(), machine.Said("uname", "-r"), runtime.Version(), gmsh)
	if t.Own() {
		fmt.Fprintf(r, "| servers | %s; Redis %s; VersityGW %s; fsync on |\n", machine.Said("postgres", "--version"), version("redis-server", "--version"), version(".cache/bin/versitygw", "--version"))
	}
	fmt.Fprintf(r, "| load average before the table was made | %s |\n", machine.Load())
}

func (r *report) size(size int, s spec.Spec, ways []*way) {
	fmt.Fprintf(r, "\n## Edge length %g mm, %g elements a circle\n\n", s.Size.Max, s.Size.Curvature)
	fmt.Fprint(r, "| | | requests | median ms | p95 ms | against (d) |\n|---|---|--:|--:|--:|--:|\n")
	warm := times.Median(ways[3].took[size])
	for _, w := range ways {
		v := w.took[size]
		if len(v) == 0 {
			fmt.Fprintf(r, "| (%s) | %s | 0 | - | - | - |\n", w.key, w.what)
			continue
		}
		fmt.Fprintf(r, "| (%s) | %s | %d | %s | %s | %.2f |\n", w.key, w.what, len(v), times.Milliseconds(times.Median(v)), times.Milliseconds(times.Quantile(v, 0.95)), float64(times.Median(v))/float64(warm))
	}
}

// What the service is meant to reach; see bench/README.md.
const (
	targetMedian = 10 * time.Millisecond
	targetP95    = 25 * time.Millisecond
	targetRatio  = 50 // Python's overhead over ours
)

// overhead compares what the service adds with what the old backend added to the same work, in three ways.
func (r *report) overhead(a, d, e *way, anatomies [2][]anatomy) {
	fmt.Fprintf(r, "\n## What is not meshing\n\nWanted: a median of %s ms at most, a p95 of %s ms at most, and Python's overhead at least %d times ours.\n\n",
		times.Milliseconds(targetMedian), times.Milliseconds(targetP95), targetRatio)
	fmt.Fprint(r, "| edge | | requests | median ms | p95 ms | Python's, (a)-(e): median ms | Python's over ours |\n|---|---|--:|--:|--:|--:|--:|\n")
	for size, name := range []string{"coarse", "fine"} {
		within := make([]time.Duration, len(anatomies[size]))
		for i, anatomy := range anatomies[size] {
			within[i] = anatomy.service()
		}
		pairs := make([]time.Duration, len(d.took[size]))
		for i := range pairs {
			pairs[i] = d.took[size][i] - e.took[size][i]
		}
		python := time.Duration(0)
		if len(a.took[size]) > 0 {
			python = times.Median(a.took[size]) - times.Median(e.took[size])
		}
		row := func(what string, n int, middle time.Duration, p95 string) {
			theirs, ratio := "-", "-"
			if python > 0 {
				theirs = times.Milliseconds(python)
				if middle > 0 {
					ratio = fmt.Sprintf("%.0f", float64(python)/float64(middle))
				}
			}
			fmt.Fprintf(r, "| %s | %s | %d | %s | %s | %s | %s |\n", name, what, n, times.Milliseconds(middle), p95, theirs, ratio)
		}
		row("**within each request: (d) less its own engine**", len(within), times.Median(within), times.Milliseconds(times.Quantile(within, 0.95)))
		row("(d)-(e), difference of medians", len(pairs), times.Median(d.took[size])-times.Median(e.took[size]), "-")
		row("(d)-(e), pair by pair", len(pairs), times.Median(pairs), times.Milliseconds(times.Quantile(pairs, 0.95)))
	}
}

// anatomy shows where the time of the warm requests went.
func (r *report) anatomy(all []anatomy) {
	fmt.Fprintf(r, "\nWhere the %d warm requests spent their time, by the service's own account:\n\n| | median ms | p95 ms |\n|---|--:|--:|\n", len(all))
	for _, part := range []struct {
		name string
		of   func(anatomy) time.Duration
	}{
		{"stages of the engine", func(a anatomy) time.Duration { return a.stages }},
		{"the engine beside its stages, as in (e)", func(a anatomy) time.Duration { return a.beside }},
		{"fetch of the source", func(a anatomy) time.Duration { return a.fetch }},
		{"uploads that were not overlapped", func(a anatomy) time.Duration { return a.upload }},
		{"all else: request, queue, claim, finish, events", func(a anatomy) time.Duration { return a.rest }},
		{"the service: fetch, uploads and all else", anatomy.service},
	} {
		v := make([]time.Duration, len(all))
		for i, a := range all {
			v[i] = part.of(a)
		}
		fmt.Fprintf(r, "| %s | %s | %s |\n", part.name, times.Milliseconds(times.Median(v)), times.Milliseconds(times.Quantile(v, 0.95)))
	}
}

// stages shows what the service's work beside an engine costs that engine, on processors that both share.
func (r *report) stages(served, bare [2]stages, tidied [2][]time.Duration) {
	fmt.Fprint(r, "\nThe engine's stages beside the service's own work, as in (d), and alone, as in (e); medians in ms:\n\n")
	fmt.Fprint(r, "| stage | coarse, (d) | (e) | fine, (d) | (e) |\n|---|--:|--:|--:|--:|\n")
	for _, stage := range slices.Sorted(maps.Keys(bare[0])) {
		fmt.Fprintf(r, "| %s |", stage)
		for size := range bare {
			fmt.Fprintf(r, " %s | %s |", times.Milliseconds(times.Median(served[size][stage])), times.Milliseconds(times.Median(bare[size][stage])))
		}
		fmt.Fprintln(r)
	}
	fmt.Fprintf(r, "| put away what is kept, after the answer | - | %s | - | %s |\n", times.Milliseconds(times.Median(tidied[0])), times.Milliseconds(times.Median(tidied[1])))
}

// processors shows which processes the warm requests kept busy.
func (r *report) processors(before, after []service.Used, requests int) {
	if len(before) == 0 {
		return
	}
	fmt.Fprint(r, "\nProcessor time of a warm request, the mean of both sizes, with what each process does while it waits:\n\n| | ms |\n|---|--:|\n")
	for i, a := range after {
		fmt.Fprintf(r, "| %s | %s |\n", a.Name, times.Milliseconds((a.Time-before[i].Time)/time.Duration(requests)))
	}
}

func (r *report) idle(used time.Duration) {
	fmt.Fprintf(r, "\nA warm engine that nothing is asked of used %s of processor time in %s.\n", used, idleTime)
}

// version picks the version out of what a program says of itself.
func version(name string, args ...string) string {
	for _, word := range strings.Fields(strings.NewReplacer("v=", "", ":", "").Replace(machine.Said(name, args...))) {
		if strings.Count(word, ".") >= 2 {
			return word
		}
	}
	return "?"
}
