// Command quality holds the tetrahedra of the default specification against those of bare Gmsh: its Delaunay with its default
// optimiser, the same sizes, and a size factor such that both have the same number of nodes, to 5 %.
//
//	quality [-limit 60s] [-jobs 1] FILE…
//
// prints a table of the smallest and the 1st percentile of gamma, and of the processor time of 1D, 2D, 3D and optimisation.
// Each run is a process of its own, on one thread; both ways mesh the same conformal solids, and neither counts import and
// healing.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"meshgen/bench/machine"
	"meshgen/internal/gmsh"
)

// outcome is what a run printed.
type outcome struct {
	Error   string  `json:"error,omitempty"`
	Nodes   int     `json:"nodes"`
	Tets    int     `json:"tets"`
	Min     float64 `json:"min"` // of gamma
	First   float64 `json:"first"`
	Mean    float64 `json:"mean"`
	Seconds float64 `json:"seconds"` // of the processor
}

func main() {
	if len(os.Args) > 1 && (os.Args[1] == "bare" || os.Args[1] == "ours") {
		child(os.Args[1:])
		return
	}
	limit := flag.Duration("limit", time.Minute, "wall time of a run")
	jobs := flag.Int("jobs", 1, "files at once; all runs of one are on one processor, one after the other")
	flag.Parse()
	if flag.NArg() == 0 || *jobs < 1 {
		fmt.Fprintln(os.Stderr, "usage: quality [-limit 60s] [-jobs 1] FILE…")
		os.Exit(2)
	}
	fmt.Printf("# The tetrahedra against bare Gmsh's\n\nMade by `make bench-quality`, %s, Gmsh %s, %s, %d files at once; load average before %s; see bench/README.md.\n\n",
		time.Now().UTC().Format("2006-01-02 15:04 MST"), gmsh.Version, machine.Processor(), *jobs, machine.Load())
	fmt.Println("| file | nodes, bare | ours | smallest gamma, bare | ours | 1st percentile, bare | ours | mean, bare | ours | seconds, bare | ours | ratio | better |")
	fmt.Println("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|")
	processors := machine.NewProcessors(*jobs)
	var pairs []chan pair
	for _, file := range flag.Args() {
		result := make(chan pair, 1)
		pairs = append(pairs, result)
		go func() {
			processor := <-processors
			defer func() { processors <- processor }()
			result <- compare(processor, *limit, file)
		}()
	}
	better, within, compared := 0, 0, 0
	var ratios []float64
	for i, file := range flag.Args() {
		p := <-pairs[i]
		ours, bare := p.ours, p.bare
		if ours.Error != "" {
			fmt.Printf("| %s | ours: %s |\n", filepath.Base(file), ours.Error)
			continue
		}
		if bare.Error != "" {
			fmt.Printf("| %s | bare: %s; ours %d nodes, %.4f, %.3f |\n", filepath.Base(file), bare.Error, ours.Nodes, ours.Min, ours.First)
			continue
		}
		compared++
		ratio := ours.Seconds / bare.Seconds
		ratios = append(ratios, ratio)
		wins := ours.Min > bare.Min && ours.First > bare.First
		if wins {
			better++
			if ratio <= allowed {
				within++
			}
		}
		fmt.Printf("| %s | %d | %d | %.3g | %.3g | %.3f | %.3f | %.3f | %.3f | %.2f | %.2f | %.2f | %s |\n", filepath.Base(file),
			bare.Nodes, ours.Nodes, bare.Min, ours.Min, bare.First, ours.First, bare.Mean, ours.Mean, bare.Seconds, ours.Seconds, ratio,
			map[bool]string{true: "yes", false: "no"}[wins])
	}
	if compared == 0 {
		return
	}
	slices.Sort(ratios)
	over := 0
	for _, r := range ratios {
		if r > allowed {
			over++
		}
	}
	share := func(n int) float64 { return 100 * float64(n) / float64(compared) }
	fmt.Printf("\nBetter in both: %d of %d (%.0f %%). Time, ours/bare: median %.2f, largest %.2f; above %g on %d.\n",
		better, compared, share(better), ratios[len(ratios)/2], ratios[len(ratios)-1], allowed, over)
	fmt.Printf("Better in both within %g times the time: %d of %d (%.0f %%).\n", allowed, within, compared, share(within))
}

// allowed is how much more processor time than bare Gmsh ours may take.
const allowed = 1.5

// tolerated is how far the numbers of nodes may be apart.
const tolerated = 0.05

// pair is a file meshed both ways.
type pair struct{ ours, bare outcome }

// compare meshes a file both ways on one processor.
func compare(processor int, limit time.Duration, file string) (p pair) {
	if p.ours = run(processor, limit, "ours", file); p.ours.Error == "" {
		p.bare = matched(processor, limit, file, p.ours.Nodes)
	}
	return p
}

// matched runs bare Gmsh with the size factor that gives about that many nodes, and returns the run that came nearest.
func matched(processor int, limit time.Duration, file string, nodes int) outcome {
	factor := 1.
	var best outcome
	distance := math.Inf(1)
	for range 8 {
		o := run(processor, limit, "bare", file, strconv.FormatFloat(factor, 'g', -1, 64))
		if o.Error != "" {
			if distance < math.Inf(1) {
				break
			}
			return o
		}
		quotient := float64(o.Nodes) / float64(nodes)
		if d := math.Abs(math.Log(quotient)); d < distance {
			best, distance = o, d
		}
		if math.Abs(quotient-1) <= tolerated {
			break
		}
		factor *= math.Pow(quotient, 0.5) // nodes grow with the inverse square to cube of the size, and in steps
	}
	if distance > math.Log(1+tolerated) {
		best.Error = fmt.Sprintf("no size factor gives %d nodes, the nearest %d", nodes, best.Nodes)
	}
	return best
}

// run starts a child and returns what it printed.
func run(processor int, limit time.Duration, args ...string) outcome {
	self, err := os.Executable()
	if err != nil {
		return outcome{Error: err.Error()}
	}
	name, args := machine.On(processor, self, args...)
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "GOMAXPROCS=1")
	var out bytes.Buffer
	report, answer, err := os.Pipe() // the library prints on its standard output
	if err != nil {
		return outcome{Error: err.Error()}
	}
	defer report.Close()
	cmd.ExtraFiles = []*os.File{answer}
	if err := cmd.Start(); err != nil {
		return outcome{Error: err.Error()}
	}
	answer.Close()
	timer := time.AfterFunc(limit, func() { _ = cmd.Process.Kill() })
	_, _ = out.ReadFrom(report)
	err = cmd.Wait()
	if !timer.Stop() {
		return outcome{Error: "out of time"}
	}
	var o outcome
	if decodeErr := json.Unmarshal(out.Bytes(), &o); decodeErr != nil {
		return outcome{Error: fmt.Sprintf("ended early: %v", err)}
	}
	return o
}
