// Command simulate tells how many workers a load needs, and what the settings of KEDA do to waiting and cost. Jobs are queued, claimed and
// finished by the real statements of internal/store on a real PostgreSQL, whose clock is the simulation's; only the work is not done:
// a job takes as long as a file of bench/results/cad.md took. See bench/README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"meshgen/internal/devservers"
)

type options struct {
	times   string
	out     string
	plots   string
	engines int
	jobs    int
	seed    uint64
}

func main() {
	var o options
	flag.StringVar(&o.times, "times", "bench/results/cad.md", "table of measured times")
	flag.StringVar(&o.out, "out", "bench/results/simulate.md", "file for the tables")
	flag.StringVar(&o.plots, "plots", "docs/images", "folder for the plots")
	flag.IntVar(&o.engines, "engines", 2, "engines of a worker")
	flag.IntVar(&o.jobs, "jobs", 4000, "jobs of a run, at most")
	flag.Uint64Var(&o.seed, "seed", 1, "of arrivals and of which file each is")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "simulate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	files, err := measured(o.times)
	if err != nil {
		return err
	}
	dir, err := devservers.TempDir("meshgen-simulate-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	server, err := startPostgres(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()

	r := &report{}
	r.header(o, files)
	fixed, err := fixedFleets(ctx, o, server, files)
	if err != nil {
		return err
	}
	r.fleets(fixed)
	pressed, err := pressedFleets(ctx, o, server, files)
	if err != nil {
		return err
	}
	scaled, err := scaledFleets(ctx, o, server, files)
	if err != nil {
		return err
	}
	r.scaling(scaled)
	for name, plot := range map[string]string{"waiting-by-load.svg": plotFleets(pressed), "waiting-by-scaling.svg": plotScaling(scaled)} {
		if err := os.WriteFile(filepath.Join(o.plots, name), []byte(plot), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(o.out, []byte(r.String()), 0o644)
}

// fleet is a run with a number of workers that stays.
type fleet struct {
	perHour float64
	workers int
	result
}

// fixedFleets runs three loads with fleets that would be busy for a given share of the time.
func fixedFleets(ctx context.Context, o options, server postgres, files []time.Duration) (out []fleet, err error) {
	for _, perHour := range []float64{10, 1_000, 100_000} {
		last := 0
		for _, share := range []float64{0.99, 0.95, 0.85, 0.7, 0.5} {
			n := max(last+1, int(math.Ceil(perHour*mean(files).Hours()/share/float64(o.engines))))
			last = n
			jobs := int(min(float64(o.jobs), perHour*100))
			res, err := simulate(ctx, server, scenario{
				files: files, arrivals: steady(perHour, jobs, o.seed), seed: o.seed, engines: o.engines, start: n,
			})
			if err != nil {
				return nil, err
			}
			say("%.0f jobs/h, %d workers: waiting p95 %s", perHour, n, res.wait(0.95))
			out = append(out, fleet{perHour, n, res})
			if res.wait(0.99) == 0 {
				break
			}
		}
	}
	return out, nil
}

// pressedFleets runs fleets of three sizes at shares of what they can do.
func pressedFleets(ctx context.Context, o options, server postgres, files []time.Duration) (out []fleet, err error) {
	for _, n := range []int{1, 4, 32} {
		for _, share := range []float64{0.3, 0.5, 0.7, 0.8, 0.9, 0.95} {
			perHour := share * float64(n*o.engines) / mean(files).Hours()
			res, err := simulate(ctx, server, scenario{
				files: files, arrivals: steady(perHour, o.jobs/2, o.seed), seed: o.seed, engines: o.engines, start: n,
			})
			if err != nil {
				return nil, err
			}
			say("%d workers at %.0f %%: waiting p95 %s", n, 100*share, res.wait(0.95))
			out = append(out, fleet{perHour, n, res})
		}
	}
	return out, nil
}

// scaled is a run in which KEDA decides how many workers there are.
type scaled struct {
	name string
	scaler
	result
}

func scaledFleets(ctx context.Context, o options, server postgres, files []time.Duration) (out []scaled, err error) {
	chart := scaler{jobsPerWorker: 4, min: 1, max: 10, cooldown: 5 * time.Minute, starts: 20 * time.Second}
	with := func(name string, change func(*scaler)) scaled {
		s := chart
		change(&s)
		return scaled{name: name, scaler: s}
	}
	for _, s := range []scaled{
		with("the chart's defaults", func(*scaler) {}),
		with("1 job a worker", func(s *scaler) { s.jobsPerWorker = 1 }),
		with("2 jobs a worker", func(s *scaler) { s.jobsPerWorker = 2 }),
		with("10 jobs a worker", func(s *scaler) { s.jobsPerWorker = 10 }),
		with("cooldown 1 min", func(s *scaler) { s.cooldown = time.Minute }),
		with("cooldown 15 min", func(s *scaler) { s.cooldown = 15 * time.Minute }),
		with("nodes have to start, 2 min", func(s *scaler) { s.starts = 2 * time.Minute }),
		with("2 min, and two workers always", func(s *scaler) { s.starts, s.min = 2*time.Minute, 2 }),
		with("10 workers always", func(s *scaler) { s.min = 10 }),
	} {
		s.result, err = simulate(ctx, server, scenario{
			files: files, arrivals: day(4_000, time.Hour, 150, o.seed), seed: o.seed, engines: o.engines, start: s.min, scaler: &s.scaler,
		})
		if err != nil {
			return nil, err
		}
		say("%s: waiting p95 %s, %.1f worker hours", s.name, s.wait(0.95), s.workerTime.Hours())
		out = append(out, s)
	}
	return out, nil
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "simulate: "+format+"\n", args...) }
