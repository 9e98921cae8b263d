// Command soak runs thousands of mixed jobs through the whole service, and looks whether memory grows or anything is lost.
// bench/README.md says how to read the table.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"meshgen/bench/service"
	"meshgen/internal/devservers"
)

// options of a run.
type options struct {
	bin     string
	jobs    int
	engines int
	seed    uint64
	out     string
	alone   bool
	every   int
	ahead   bool
	parts   []string
}

// keep is how much of parts engines keep: so little that it is full from the beginning.
const keep = 1 << 20

func main() {
	var o options
	flag.StringVar(&o.bin, "bin", "bin", "folder of the built programs")
	flag.IntVar(&o.jobs, "jobs", 10_000, "meshes to ask for")
	flag.IntVar(&o.engines, "engines", 2, "of the worker")
	flag.Uint64Var(&o.seed, "seed", 1, "of what is asked")
	flag.StringVar(&o.out, "out", "", "file for the table, beside standard output")
	flag.BoolVar(&o.alone, "alone", false, "have one engine do them, with no service, and tell what its memory is of")
	flag.IntVar(&o.every, "every", 2*fresh, "with -alone: jobs between two looks at the memory")
	flag.BoolVar(&o.ahead, "ahead", true, "with -alone: mesh curves and faces of each file before it is asked for, as a worker with nothing to do does")
	flag.Parse()
	o.parts = flag.Args()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if len(o.parts) == 0 || o.jobs < 1 || o.every < 1 {
		return errors.New("usage: soak [-jobs N] [-alone [-every N]] PART...")
	}
	scratch, err := devservers.TempDir("meshgen-soak-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	engine, err := filepath.Abs(filepath.Join(o.bin, "engine"))
	if err != nil {
		return err
	}
	if o.alone {
		return alone(ctx, o, engine, scratch)
	}
	s, err := service.Open(ctx, service.Options{
		Bin: o.bin, Engine: engine, Scratch: scratch, Engines: o.engines,
		// The same engines for all jobs, which is what would show a leak.
		Env: []string{"MESHGEN_ENGINE_JOBS=1000000000", fmt.Sprintf("MESHGEN_ENGINE_KEEP=%d", keep)},
	})
	if err != nil {
		return err
	}
	defer s.Close()
	l, err := newLoad(o, s)
	if err != nil {
		return err
	}
	if err := l.run(ctx); err != nil {
		return err
	}
	found, err := l.audit(ctx)
	if err != nil {
		return err
	}
	text := l.table(found)
	fmt.Print(text)
	if o.out != "" {
		if err := os.WriteFile(o.out, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return l.verdict(found)
}
