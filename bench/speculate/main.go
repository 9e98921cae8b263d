// Command speculate measures what curves and faces that are meshed before anybody asks save, and what they cost a request that comes
// in between: two services on this machine, one that speculates and one that does not, asked in turns.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"meshgen/bench/machine"
	"meshgen/bench/service"
	"meshgen/bench/times"
	"meshgen/internal/devservers"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

type options struct {
	bin, out string
	rounds   int
	wait     time.Duration
	files    []string
}

func main() {
	var o options
	flag.StringVar(&o.bin, "bin", "bin", "folder of the built programs")
	flag.IntVar(&o.rounds, "rounds", 15, "uploads of each file for each case and service")
	flag.DurationVar(&o.wait, "wait", 50*time.Millisecond, "from the end of an import to the request that comes in between")
	flag.StringVar(&o.out, "out", "", "file for the table, beside standard output")
	flag.Parse()
	o.files = flag.Args()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// moment is when a mesh is asked for, and by what spec.
type moment struct {
	name string
	idle bool // after the speculation, or else in the middle
	spec func(engine.Box) spec.Spec
}

var moments = []moment{
	{"`{}`, once the worker is idle", true, func(engine.Box) spec.Spec { return spec.Spec{} }},
	{"`{}`, in the middle", false, func(engine.Box) spec.Spec { return spec.Spec{} }},
	{"another size, in the middle", false, func(b engine.Box) spec.Spec {
		return spec.Spec{Size: spec.Size{Max: (b.Max[0] - b.Min[0]) / 10}}
	}},
}

// side is a service and what was measured of it.
type side struct {
	name  string
	s     *service.Service
	took  map[string][]time.Duration // by file and moment
	used  map[string][]time.Duration // processor time of the worker and its engines meanwhile
	found map[string]int             // meshes that found curves and faces
}

func run(ctx context.Context, o options) error {
	program, err := filepath.Abs(filepath.Join(o.bin, "engine"))
	if err != nil {
		return err
	}
	var sides []*side
	for name, limit := range map[string]string{"on": "10m", "off": "0"} {
		scratch, err := devservers.TempDir("meshgen-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(scratch)
		s, err := service.Open(ctx, service.Options{Bin: o.bin, Engine: program, Scratch: scratch, Env: []string{"MESHGEN_SPECULATE=" + limit}})
		if err != nil {
			return err
		}
		defer s.Close()
		sides = append(sides, &side{name: name, s: s, took: map[string][]time.Duration{}, used: map[string][]time.Duration{}, found: map[string]int{}})
	}
	if sides[0].name != "on" { // maps have no order
		sides[0], sides[1] = sides[1], sides[0]
	}
	for round := range o.rounds {
		for _, file := range o.files {
			for _, m := range moments {
				for i := range sides { // who is first takes turns
					if err := sides[(i+round)%2].measure(ctx, o, file, m, round); err != nil {
						return fmt.Errorf("%s, %s: %w", filepath.Base(file), m.name, err)
					}
				}
			}
		}
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, o.rounds)
	}
	workers, err := sides[0].s.Workers(ctx)
	if err != nil {
		return err
	}
	table := report(o, sides, workers[0].Pool.Speculations)
	fmt.Print(table)
	if o.out != "" {
		return os.WriteFile(o.out, []byte(table), 0o644)
	}
	return nil
}

// measure uploads a file as nobody has seen it, and asks for a mesh at a moment.
func (s *side) measure(ctx context.Context, o options, path string, m moment, round int) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, rest, ok := strings.Cut(string(content), ";")
	if !ok {
		return fmt.Errorf("this is no STEP file")
	}
	content = fmt.Appendf(nil, "%s;\n/* %s, %s, %d */%s", head, m.name, s.name, round, rest)
	before, err := s.s.Workers(ctx)
	if err != nil {
		return err
	}
	id, err := s.s.Upload(ctx, filepath.Base(path), content)
	if err != nil {
		return err
	}
	var geometry struct {
		Box engine.Box `json:"bounding_box"`
	}
	if err := s.s.Get(ctx, "/v1/geometries/"+id, &geometry); err != nil {
		return err
	}
	pause := time.After(o.wait)
	if m.idle && s.name == "on" {
		if err := s.speculated(ctx, before[0].Pool.Speculations.Begun); err != nil {
			return err
		}
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-pause:
	}
	used := processorTime(before[0].PID)
	mesh, err := s.s.Mesh(ctx, service.Request{Geometry: id, Spec: m.spec(geometry.Box), Anew: true})
	if err != nil {
		return err
	}
	key := path + m.name
	s.took[key] = append(s.took[key], mesh.Took)
	s.used[key] = append(s.used[key], processorTime(before[0].PID)-used)
	if !slices.ContainsFunc(mesh.Timings, func(t engine.Timing) bool { return t.Stage == engine.Stage2D }) {
		s.found[key]++
	}
	return nil
}

// speculated waits until the worker says that it has speculated on a further part. It says so every five seconds.
func (s *side) speculated(ctx context.Context, begun int) error {
	for {
		workers, err := s.s.Workers(ctx)
		if err != nil {
			return err
		}
		at := false
		for _, e := range workers[0].Pool.Engines {
			at = at || e.State == "speculating"
		}
		if workers[0].Pool.Speculations.Begun > begun && !at {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func report(o options, sides []*side, counted service.Speculations) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# What is there before anybody asks\n\nMade by `make bench-speculate`, %s: %d uploads for each row and side, in turns, each of a file that nobody has seen, on one engine of one thread; "+
		"in the middle is %s after the import. %s, Go %s, load average %s.\n\n", time.Now().UTC().Format("2006-01-02 15:04 MST"), o.rounds, o.wait, machine.Processor(), runtime.Version(), machine.Load())
	b.WriteString("From the POST to the success seen, with the processor time of the worker and its engines meanwhile, ms:\n\n" +
		"| file | what is asked for | on: median | p95 | processor | off: median | p95 | processor | curves and faces were there |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, file := range o.files {
		for _, m := range moments {
			fmt.Fprintf(&b, "| `%s` | %s |", filepath.Base(file), m.name)
			for _, s := range sides {
				v := s.took[file+m.name]
				fmt.Fprintf(&b, " %s | %s | %s |", times.Milliseconds(times.Median(v)), times.Milliseconds(times.Quantile(v, 0.95)),
					times.Milliseconds(times.Median(s.used[file+m.name])))
			}
			fmt.Fprintf(&b, " %d of %d |\n", sides[0].found[file+m.name], o.rounds)
		}
	}
	fmt.Fprintf(&b, "\nSpeculations: %d begun, %d used, %d dropped, %d failed.\n", counted.Begun, counted.Used, counted.Dropped, counted.Failed)
	return b.String()
}

// processorTime returns what a worker and its engines have used.
func processorTime(pid int) time.Duration {
	own, engines := machine.ProcessorTime(pid)
	return own + engines
}
