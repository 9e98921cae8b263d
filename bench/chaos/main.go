// Command chaos gives an installation of real processes thousands of jobs, while it kills, pauses and flushes those processes
// at random, and then looks whether every job ended exactly once, with the truth.
//
// The faults come from a seed, and so do the jobs; when they meet is for the machine to say. See bench/README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"meshgen/internal/devservers"
)

type options struct {
	jobs    int
	workers int
	clients int
	seed    uint64
	limit   time.Duration
	bin     string
	out     string
	keep    bool
	mutants int
	cad     string
}

func main() {
	var o options
	flag.IntVar(&o.jobs, "jobs", 10000, "how many jobs")
	flag.IntVar(&o.workers, "workers", 2, "worker processes, of one engine each")
	flag.IntVar(&o.clients, "clients", 12, "how many ask at once")
	flag.Uint64Var(&o.seed, "seed", 1, "of jobs and faults")
	flag.DurationVar(&o.limit, "limit", time.Hour, "when no further job is begun")
	flag.StringVar(&o.bin, "bin", "bin", "folder of api, worker and engine-faults")
	flag.StringVar(&o.out, "out", "bench/results/chaos.md", "file for the table; - for none")
	flag.BoolVar(&o.keep, "keep", false, "keep the folder of the installation, with its logs")
	flag.IntVar(&o.mutants, "mutants", 0, "instead of chaos: send so many damaged files")
	flag.StringVar(&o.cad, "cad", "../shared/testdata", "folder whose folders hold the files to damage")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	good, err := run(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(2)
	}
	if !good {
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (good bool, err error) {
	dir, err := devservers.TempDir("meshgen-chaos-")
	if err != nil {
		return false, err
	}
	if o.keep {
		fmt.Println("logs are in", filepath.Join(dir, "logs"))
	} else {
		defer os.RemoveAll(dir)
	}
	began := time.Now()
	s, err := open(ctx, o, dir)
	if err != nil {
		return false, err
	}
	defer s.close()
	if o.mutants > 0 {
		return mutants(ctx, s, o)
	}
	parts, err := s.upload(ctx)
	if err != nil {
		return false, err
	}
	say("%d jobs by %d clients, %d workers, seed %d", o.jobs, o.clients, o.workers, o.seed)

	storm := newStorm(s, o.seed)
	stopStorm := storm.begin(ctx)
	load := newLoad(s, o, parts)
	load.run(ctx)
	counts := stopStorm()
	if err := s.calm(ctx); err != nil {
		return false, fmt.Errorf("the processes do not come back: %w", err)
	}
	say("the storm is over after %d faults; waiting for what is left", counts.total())
	load.settle(ctx)
	v := load.verdict()
	if err := s.inspect(ctx, &v); err != nil {
		return false, err
	}
	r := report{options: o, took: time.Since(began), faults: counts, verdict: v, recoveries: storm.recoveries()}
	fmt.Print(r.String())
	if o.out != "-" && ctx.Err() == nil {
		if err := os.WriteFile(o.out, []byte(r.String()), 0o644); err != nil {
			return false, err
		}
	}
	return v.good(), ctx.Err()
}

func say(format string, args ...any) {
	fmt.Printf("%s "+format+"\n", append([]any{time.Now().Format("15:04:05")}, args...)...)
}
