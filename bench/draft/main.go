// Command draft measures how long a draft takes: from the POST until its success is seen, with every file stored. The geometry is hot: an
// engine holds its triangles and the field of a lattice.
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"time"

	"meshgen/bench/machine"
	"meshgen/bench/service"
	"meshgen/bench/times"
	"meshgen/internal/devservers"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// aim is what the median is meant to reach.
const aim = 80 * time.Millisecond

type options struct {
	bin, part, out            string
	elements, rounds, threads int
}

func main() {
	var o options
	flag.StringVar(&o.bin, "bin", "bin", "folder of the built programs")
	flag.StringVar(&o.part, "part", "", "file to mesh; empty for a torus of 51 200 triangles")
	flag.IntVar(&o.elements, "elements", 400_000, "tetrahedra to ask for")
	flag.IntVar(&o.rounds, "rounds", 30, "drafts")
	flag.IntVar(&o.threads, "threads", runtime.NumCPU(), "of an engine")
	flag.StringVar(&o.out, "out", "", "file for the table, beside standard output")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	name, content := "torus.stl", torus(320, 80)
	if o.part != "" {
		var err error
		if content, err = os.ReadFile(o.part); err != nil {
			return err
		}
		name = filepath.Base(o.part)
	}
	scratch, err := devservers.TempDir("meshgen-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	program, err := filepath.Abs(filepath.Join(o.bin, "engine"))
	if err != nil {
		return err
	}
	s, err := service.Open(ctx, service.Options{Bin: o.bin, Engine: program, Scratch: scratch, Env: []string{fmt.Sprintf("MESHGEN_THREADS=%d", o.threads)}})
	if err != nil {
		return err
	}
	defer s.Close()
	geometry, err := s.Upload(ctx, name, content)
	if err != nil {
		return err
	}
	var took []time.Duration
	var before []service.Used
	stages := map[engine.Stage][]time.Duration{}
	const warm = 3 // that do not count: the field is made, files are cached
	for i := range warm + o.rounds {
		if i == warm {
			before = s.ProcessorTime()
		}
		m, err := s.Mesh(ctx, service.Request{Geometry: geometry, Anew: true, Spec: spec.Spec{Draft: true, Size: spec.Size{TargetElements: o.elements}}})
		if err != nil {
			return err
		}
		if i < warm {
			continue
		}
		took = append(took, m.Took)
		for _, t := range m.Timings {
			stages[t.Stage] = append(stages[t.Stage], time.Duration(t.Seconds*float64(time.Second)))
		}
	}
	table := report(o, name, took, stages) + processors(before, s.ProcessorTime(), o.rounds)
	fmt.Print(table)
	if o.out != "" {
		return os.WriteFile(o.out, []byte(table), 0o644)
	}
	return nil
}

func report(o options, name string, took []time.Duration, stages map[engine.Stage][]time.Duration) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# How long a draft takes\n\nMade by `make bench-draft`, %s: %d drafts of about %d tetrahedra of `%s`, %d threads an engine. %s, Go %s, load average %s.\n\n",
		time.Now().UTC().Format("2006-01-02 15:04 MST"), len(took), o.elements, name, o.threads, machine.Processor(), runtime.Version(), machine.Load())
	b.WriteString("| | median ms | p95 ms |\n|---|--:|--:|\n")
	row := func(what string, v []time.Duration) {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", what, times.Milliseconds(times.Median(v)), times.Milliseconds(times.Quantile(v, 0.95)))
	}
	for _, stage := range append(engine.Stages, engine.StageEngine) {
		if v := stages[stage]; v != nil {
			row(string(stage), v)
		}
	}
	row("**from the POST to the success seen**", took)
	verdict := "reached"
	if times.Median(took) > aim {
		verdict = "**missed**"
	}
	fmt.Fprintf(&b, "\nAimed at: %d ms in the median, %s.\n", aim.Milliseconds(), verdict)
	return b.String()
}

// processors says which processes a draft kept busy: on few processors what one uses, another waits for.
func processors(before, after []service.Used, drafts int) string {
	var b bytes.Buffer
	b.WriteString("\nProcessor time of a draft, with what each process does while it waits:\n\n| | ms |\n|---|--:|\n")
	for i, a := range after {
		fmt.Fprintf(&b, "| %s | %s |\n", a.Name, times.Milliseconds((a.Time-before[i].Time)/time.Duration(drafts)))
	}
	return b.String()
}

// torus is a binary STL of 2·around·across triangles.
func torus(around, across int) []byte {
	at := func(i, j int) [3]float64 {
		u, v := 2*math.Pi*float64(i%around)/float64(around), 2*math.Pi*float64(j%across)/float64(across)
		r := 30 + 10*math.Cos(v)
		return [3]float64{r * math.Cos(u), r * math.Sin(u), 10 * math.Sin(v)}
	}
	out := make([]byte, 80, 84+100*around*across)
	out = binary.LittleEndian.AppendUint32(out, uint32(2*around*across))
	for i := range around {
		for j := range across {
			a, b, c, d := at(i, j), at(i+1, j), at(i+1, j+1), at(i, j+1)
			for _, t := range [][3][3]float64{{a, b, c}, {a, c, d}} {
				out = append(out, make([]byte, 12)...)
				for _, p := range t {
					for _, x := range p {
						out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(x)))
					}
				}
				out = append(out, 0, 0)
			}
		}
	}
	return out
}
