// Command warm measures what warmth saves: the same part at two sizes, alternating between five ways of meshing it, in
// one run on one machine. bench/README.md says how to read the table.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"meshgen/internal/devservers"
	"meshgen/internal/spec"
	"meshgen/internal/timerslack"
)

// options of a run.
type options struct {
	part    string // STEP file
	edge    float64
	base    string // URL of a running service; "" starts one
	restart string // shell command that restarts the worker of base
	python  string // interpreter with the packages of requirements.txt; "" leaves (a) out
	engine  string
	bin     string
	rounds  int // of (d) and (e), for each size
	cold    int // of (a), (b) and (c), for each size
	out     string
	label   string
}

func main() {
	_ = timerslack.Widen() // as the service has it: what is compared with it is run from here
	var o options
	flag.StringVar(&o.part, "part", "", "STEP file to mesh")
	flag.Float64Var(&o.edge, "edge", 6.5, "edge length of the coarser size, in mm; the finer is half of it")
	flag.StringVar(&o.base, "base-url", os.Getenv("BASE_URL"), "service to measure; empty starts one on loopback")
	flag.StringVar(&o.restart, "restart", os.Getenv("RESTART_WORKER"), "command that restarts that service's worker; empty leaves (c) out")
	flag.StringVar(&o.python, "python", "", "Python with the packages of requirements.txt; empty leaves (a) out")
	flag.StringVar(&o.bin, "bin", "bin", "folder of the built programs")
	flag.IntVar(&o.rounds, "rounds", 40, "warm requests for each size")
	flag.IntVar(&o.cold, "cold", 8, "cold requests for each size")
	flag.StringVar(&o.out, "out", "", "file for the table, beside standard output")
	flag.StringVar(&o.label, "label", "make run's stack on loopback", "what was measured, for the table")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// way is one of the five, with what it took for each request, by size.
type way struct {
	key, what string
	took      [2][]time.Duration
	do        func(ctx context.Context, size int) (time.Duration, error)
}

func run(ctx context.Context, o options) error {
	var err error
	if o.engine, err = filepath.Abs(filepath.Join(o.bin, "engine")); err != nil {
		return err
	}
	specs, err := specsOf(o.edge)
	if err != nil {
		return err
	}
	scratch, err := devservers.TempDir("meshgen-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)

	target, err := openTarget(ctx, o, scratch)
	if err != nil {
		return err
	}
	defer target.Close()
	if err := target.upload(ctx, o.part); err != nil {
		return err
	}
	bare, err := openBare(ctx, o, filepath.Join(scratch, "bare"))
	if err != nil {
		return err
	}
	defer bare.close()

	a := &way{key: "a", what: "cold Python process a request (gmsh, numpy, scipy, pyvista)", do: func(ctx context.Context, size int) (time.Duration, error) {
		return coldPython(ctx, o, specs[size], scratch)
	}}
	b := &way{key: "b", what: "cold engine process a request", do: func(ctx context.Context, size int) (time.Duration, error) {
		return coldEngine(ctx, o, specs[size], filepath.Join(scratch, "cold"))
	}}
	c := &way{key: "c", what: "first request after the worker started", do: func(ctx context.Context, size int) (time.Duration, error) {
		if err := target.RestartWorker(ctx); err != nil {
			return 0, err
		}
		return target.request(ctx, size, specs[size])
	}}
	d := &way{key: "d", what: "second request", do: func(ctx context.Context, size int) (time.Duration, error) {
		return target.request(ctx, size, specs[size])
	}}
	e := &way{key: "e", what: "bare warm work in an engine, no service", do: func(ctx context.Context, size int) (time.Duration, error) {
		return bare.request(ctx, size, specs[size])
	}}

	// Two requests of each warm way that do not count: connections are made, files are cached.
	for size := range specs {
		for _, w := range []*way{d, e} {
			if _, err := w.do(ctx, size); err != nil {
				return fmt.Errorf("(%s): %w", w.key, err)
			}
		}
	}
	measure := func(ways []*way, rounds int) error {
		for round := range rounds {
			for size := range specs {
				for i := range ways {
					w := ways[(i+round)%len(ways)] // nobody is always first
					took, err := w.do(ctx, size)
					if err != nil {
						return fmt.Errorf("(%s): %w", w.key, err)
					}
					w.took[size] = append(w.took[size], took)
				}
			}
			fmt.Fprintf(os.Stderr, "\r%d of %d rounds ", round+1, rounds)
		}
		fmt.Fprintln(os.Stderr)
		return nil
	}
	target.anatomies, target.stages, bare.stages, bare.tidied = [2][]anatomy{}, [2]stages{}, [2]stages{}, [2][]time.Duration{}
	before := target.ProcessorTime()
	if err := measure([]*way{d, e}, o.rounds); err != nil {
		return err
	}
	after := target.ProcessorTime()
	anatomies, beside := target.anatomies, target.stages
	cold := []*way{b}
	if o.python != "" {
		cold = append(cold, a)
	}
	if target.CanRestart() {
		cold = append(cold, c)
	}
	if err := measure(cold, o.cold); err != nil {
		return err
	}
	idle, err := bare.idle(ctx)
	if err != nil {
		return err
	}

	var table report
	table.header(ctx, o, target)
	for size, s := range specs {
		table.size(size, s, []*way{a, b, c, d, e})
	}
	table.overhead(a, d, e, anatomies)
	table.anatomy(slices.Concat(anatomies[0], anatomies[1]))
	table.stages(beside, bare.stages, bare.tidied)
	table.processors(before, after, o.rounds*len(specs))
	table.idle(idle)
	fmt.Print(table.String())
	if o.out != "" {
		return os.WriteFile(o.out, []byte(table.String()), 0o644)
	}
	return nil
}

// specsOf returns the two specs. Six elements a circle keep the work small, so that the service's share shows.
func specsOf(edge float64) ([2]spec.Spec, error) {
	var out [2]spec.Spec
	for i, e := range []float64{edge, edge / 2} {
		s, err := spec.Spec{Strategy: spec.Delaunay, Size: spec.Size{Max: e, Curvature: 6}}.Resolve()
		if err != nil {
			return out, err
		}
		out[i] = s
	}
	return out, nil
}
