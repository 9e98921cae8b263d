// Command changes measures what a change costs: the first mesh of a part, and then one thing changed at a time, against what does
// the same without the service, and against what is replaced. bench/README.md says how to read the tables.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"meshgen/bench/service"
	"meshgen/internal/devservers"
	"meshgen/internal/timerslack"
)

// options of a run.
type options struct {
	part   string // STEP file
	edge   float64
	python string // interpreter with the packages of bench/warm/requirements.txt; "" leaves (a) and (c) out
	engine string
	bin    string
	rounds int
	cold   int // of (a) and (b)
	load   bool
	out    string
}

func main() {
	_ = timerslack.Widen() // as the service has it: what is compared with it is run from here
	var o options
	flag.StringVar(&o.part, "part", "", "STEP file to mesh")
	flag.Float64Var(&o.edge, "edge", 2.5, "longest edge of the first mesh, in mm")
	flag.StringVar(&o.python, "python", "", "Python with the packages of bench/warm/requirements.txt; empty leaves (a) and (c) out")
	flag.StringVar(&o.bin, "bin", "bin", "folder of the built programs")
	flag.IntVar(&o.rounds, "rounds", 20, "rounds of all changes")
	flag.IntVar(&o.cold, "cold", 3, "rounds of the cold ways")
	flag.BoolVar(&o.load, "load", true, "measure throughput and waiting under load too")
	flag.StringVar(&o.out, "out", "", "file for the tables, beside standard output")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	var err error
	if o.engine, err = filepath.Abs(filepath.Join(o.bin, "engine")); err != nil {
		return err
	}
	content, err := os.ReadFile(o.part)
	if err != nil {
		return err
	}
	scratch, err := devservers.TempDir("meshgen-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	var r report
	if err := measureChanges(ctx, o, content, scratch, &r); err != nil {
		return err
	}
	if o.load {
		if err := measureLoad(ctx, o, content, scratch, &r); err != nil {
			return err
		}
	}
	fmt.Print(r.String())
	if o.out != "" {
		return os.WriteFile(o.out, []byte(r.String()), 0o644)
	}
	return nil
}

// measureChanges has each way make the same changes, in turns.
func measureChanges(ctx context.Context, o options, content []byte, scratch string, r *report) error {
	s, err := service.Open(ctx, service.Options{Bin: o.bin, Engine: o.engine, Scratch: filepath.Join(scratch, "service")})
	if err != nil {
		return err
	}
	defer s.Close()
	bare, err := openBare(ctx, o, filepath.Join(scratch, "bare"), 1)
	if err != nil {
		return err
	}
	defer bare.close()
	ways := []*way{
		{key: "service", do: func(ctx context.Context, c []change) error { return serve(ctx, s, c) }},
		{key: "floor", do: bare.changes},
	}
	var loop *peer
	if o.python != "" {
		if loop, err = startPeer(ctx, o, scratch); err != nil {
			return err
		}
		defer loop.close()
		ways = append(ways, &way{key: "loop", do: loop.changes})
	}
	cold := []*way{{key: "engine", do: func(ctx context.Context, c []change) error { return coldEngine(ctx, o, scratch, c) }}}
	if o.python != "" {
		cold = append(cold, &way{key: "python", do: func(ctx context.Context, c []change) error { return coldPython(ctx, o, scratch, c) }})
	}
	table := table{}
	round := 0
	measure := func(ways []*way, rounds int, counts bool) error {
		for range rounds {
			for i := range ways {
				w := ways[(i+round)%len(ways)] // nobody is always first
				changes, err := changesOf(o, content, scratch, w.key, round)
				if err != nil {
					return err
				}
				if err := w.do(ctx, changes); err != nil {
					return fmt.Errorf("%s: %w", w.key, err)
				}
				if counts {
					table.add(w.key, changes)
				}
			}
			round++
			fmt.Fprintf(os.Stderr, "\rchanges: round %d ", round)
		}
		return nil
	}
	if err := measure(ways, 2, false); err != nil { // connections are made, files are cached
		return err
	}
	if err := measure(ways, o.rounds, true); err != nil {
		return err
	}
	if err := measure(cold, o.cold, true); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr)
	r.header(o, s.Own())
	r.changes(o, table)
	r.shares(table)
	return nil
}
