// Command changes measures what a change costs: the first mesh of a part, and then one thing changed at a time, against what does
// the same without the service, and against what is replaced. bench/README.md says how to read the tables.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"

	"meshgen/bench/service"
	"meshgen/bench/times"
	"meshgen/internal/devservers"
	"meshgen/internal/timerslack"
)

// options of a run.
type options struct {
	part    string // STEP file
	edge    float64
	python  string // interpreter with the packages of bench/warm/requirements.txt; "" leaves out what it measures
	engine  string
	bin     string
	rounds  int
	cold    int   // of the cold ways
	bags    int   // pairs of
	load    bool  // measure throughput and waiting, too
	engines []int // that throughput is measured with
	out     string
}

func main() {
	_ = timerslack.Widen() // as the service has it: what is compared with it is run from here
	o := options{engines: []int{1, 2, 4}}
	flag.StringVar(&o.part, "part", "", "STEP file to mesh")
	flag.Float64Var(&o.edge, "edge", 2.5, "longest edge of the first mesh, in mm")
	flag.StringVar(&o.python, "python", "", "Python with the packages of bench/warm/requirements.txt; empty leaves what it measures out: cold Python and loops around Gmsh")
	flag.StringVar(&o.bin, "bin", "bin", "folder of the built programs")
	flag.IntVar(&o.rounds, "rounds", 21, "rounds of all changes")
	flag.IntVar(&o.cold, "cold", 3, "rounds of the cold ways")
	flag.IntVar(&o.bags, "bags", pairsOfBags, "bags that each peer and Meshgen work through, for each throughput")
	flag.BoolVar(&o.load, "load", true, "measure throughput and waiting under load too")
	flag.StringVar(&o.out, "out", "", "file for the tables, beside standard output")
	flag.Parse()
	if err := o.check(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// check refuses what leaves nothing to compare.
func (o options) check() error {
	for _, n := range []struct {
		flag string
		has  int
	}{{"rounds", o.rounds}, {"bags", o.bags}} {
		if n.has < 1 {
			return fmt.Errorf("-%s has to be at least 1 (is %d)", n.flag, n.has)
		}
	}
	return nil
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
		capacity, err := measureThroughput(ctx, o, content, scratch, &r)
		if err != nil {
			return err
		}
		if err := measureWaiting(ctx, o, content, filepath.Join(scratch, "waiting"), capacity, &r); err != nil {
			return err
		}
	}
	fmt.Print(r.String())
	if o.out != "" {
		return os.WriteFile(o.out, []byte(r.String()), 0o644)
	}
	return nil
}

// measureThroughput compares throughput with that of engines that keep the same, and of Gmsh alone. It returns what one engine of Meshgen's does of
// the first's jobs in a second.
func measureThroughput(ctx context.Context, o options, content []byte, scratch string, r *report) (capacity float64, err error) {
	file, err := newPart(content, filepath.Join(scratch, "part-bags.step"), "bags")
	if err != nil {
		return 0, err
	}
	floor, err := againstTheFloor(o, file).run(ctx, o, scratch)
	if err != nil {
		return 0, err
	}
	r.againstTheFloor(o, floor)
	if o.python != "" {
		loops, err := againstLoops(o, content).run(ctx, o, scratch)
		if err != nil {
			return 0, err
		}
		r.againstLoops(o, loops)
	}
	return times.Median(floor[0].served.rates) / float64(floor[0].n), nil
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
	warm := []*way{{"service", func() (turn, error) { return serve(s) }}, {"floor", bare.turn}}
	cold := []*way{{"engine", func() (turn, error) { return coldEngine(o, scratch) }}}
	if o.python != "" {
		loop, err := startPeer(ctx, o, scratch)
		if err != nil {
			return err
		}
		defer loop.close()
		warm = append(warm, &way{"loop", loop.turn})
		cold = append(cold, &way{"python", func() (turn, error) { return coldPython(o, scratch) }})
	}
	t := table{}
	m := measurement{o: o, content: content, scratch: scratch, random: rand.New(rand.NewPCG(seed, 3))}
	if err := m.rounds(ctx, warm, 2, nil); err != nil { // connections are made, files are cached
		return err
	}
	if err := m.rounds(ctx, warm, o.rounds, &t); err != nil {
		return err
	}
	if err := m.rounds(ctx, cold, o.cold, &t); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr)
	r.header(o, s.Own())
	r.changes(o, t)
	r.shares(t)
	r.processors(t)
	return nil
}

// measurement is one of the ways, round after round.
type measurement struct {
	o       options
	content []byte
	scratch string
	random  *rand.Rand
	round   int
}

// rounds has the ways make the changes, and adds what they took to t unless that is nil. All ways make one change before any makes the next:
// what is compared was done within a second.
func (m *measurement) rounds(ctx context.Context, ways []*way, rounds int, t *table) error {
	for range rounds {
		if err := m.oneRound(ctx, ways, t); err != nil {
			return err
		}
		m.round++
		fmt.Fprintf(os.Stderr, "\rchanges: round %d ", m.round)
	}
	return nil
}

func (m *measurement) oneRound(ctx context.Context, ways []*way, t *table) error {
	changes, turns := make([][]change, len(ways)), make([]turn, len(ways))
	for i, w := range ways {
		var err error
		if changes[i], err = changesOf(m.o, m.content, m.scratch, w.key, m.round); err != nil {
			return err
		}
		if turns[i], err = w.begin(); err != nil {
			return fmt.Errorf("%s: %w", w.key, err)
		}
		if turns[i].end != nil {
			defer turns[i].end()
		}
	}
	for k := range changes[0] {
		for _, i := range order(len(ways), m.random) {
			c := &changes[i][k]
			if err := turns[i].make(ctx, c); err != nil {
				return fmt.Errorf("%s: %s: %w", ways[i].key, c.name, err)
			}
		}
	}
	if t != nil {
		for i, w := range ways {
			t.add(w.key, changes[i])
		}
	}
	return nil
}

// order returns the first n numbers in a random order, in which 0 and 1, the pair that is compared, are neighbours.
func order(n int, random *rand.Rand) []int {
	pair := random.Perm(min(n, 2))
	at := random.IntN(n - len(pair) + 1)
	var out []int
	for i := range n - len(pair) + 1 {
		if i == at {
			out = append(out, pair...)
		}
		if i < n-len(pair) {
			out = append(out, len(pair)+i)
		}
	}
	return out
}
