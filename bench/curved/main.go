// Command curved compares what makes curved elements valid: Gmsh's optimisers of high order, and our straightening.
//
//	curved [-limit 60s] FILE…
//
// Each file is meshed coarsely (a tenth of the diagonal, few edges around a circle) and raised to order 2, which turns elements inside out where a
// face bends sharply. Each way gets the same mesh, in a process of its own. What comes out is judged alike: by the proven bound of the Jacobian,
// and by how far the middles of the edges on the boundary are from the CAD.
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
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"meshgen/bench/machine"
	"meshgen/internal/curved"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

// ways are the names of Gmsh's optimisers, none, and ours.
var ways = []string{nothing, "HighOrder", "HighOrderElastic", "HighOrderFastCurving", ours}

const (
	nothing = "none"
	ours    = "straighten"

	invalid = 0.  // of the smallest by the largest determinant in an element
	poor    = 0.1 // quality.md: "look at it below"
)

// outcome is what a child printed.
type outcome struct {
	Error     string
	Elements  int
	Invalid   int
	Poor      int // valid ones
	Least     float64
	Deviation float64 // of the boundary from the CAD, the largest as a share of the diagonal
	Seconds   float64 // of the processor, for the way alone
}

func main() {
	if len(os.Args) == 5 && os.Args[1] == "child" {
		child(os.Args[2], os.Args[3], os.Args[4])
		return
	}
	limit := flag.Duration("limit", time.Minute, "wall time of a run")
	flag.Parse()
	fmt.Printf("# Curved elements that are made valid\n\nMade by `make bench-curved`, %s, Gmsh %s, %s; load average before %s; see bench/README.md.\n\n",
		time.Now().UTC().Format("2006-01-02 15:04 MST"), gmsh.Version, machine.Processor(), machine.Load())
	fmt.Println("| part, edges around a circle | way | elements | invalid | poor | smallest ratio | boundary off by, of the diagonal | seconds |")
	fmt.Println("|---|---|--:|--:|--:|--:|--:|--:|")
	for _, file := range flag.Args() {
		for _, chords := range []int{5, 8} {
			if o := run(*limit, file, chords, nothing); o.Error == "" && o.Invalid == 0 {
				continue // nothing to mend
			}
			for _, way := range ways {
				row := fmt.Sprintf("| %s, %d | %s |", filepath.Base(file), chords, way)
				if o := run(*limit, file, chords, way); o.Error != "" {
					fmt.Printf("%s %s |\n", row, o.Error)
				} else {
					fmt.Printf("%s %d | %d | %d | %.3g | %.1e | %.2f |\n", row, o.Elements, o.Invalid, o.Poor, o.Least, o.Deviation, o.Seconds)
				}
			}
		}
	}
}

// run starts a child and returns what it wrote.
func run(limit time.Duration, file string, chords int, way string) (o outcome) {
	self, err := os.Executable()
	if err != nil {
		return outcome{Error: err.Error()}
	}
	cmd := exec.Command(self, "child", file, strconv.Itoa(chords), way)
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "GOMAXPROCS=1")
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
	var out bytes.Buffer
	_, _ = out.ReadFrom(report)
	err = cmd.Wait()
	if !timer.Stop() {
		return outcome{Error: "out of time"}
	}
	if json.Unmarshal(out.Bytes(), &o) != nil {
		return outcome{Error: fmt.Sprintf("ended early: %v", err)}
	}
	return o
}

func child(file, chords, way string) {
	runtime.LockOSThread()
	o, err := try(file, chords, way)
	if err != nil {
		o.Error = err.Error()
	}
	if err := json.NewEncoder(os.NewFile(3, "answer")).Encode(o); err != nil {
		os.Exit(1)
	}
}

func try(file, chords, way string) (o outcome, err error) {
	around, err := strconv.ParseFloat(chords, 64)
	if err != nil {
		return o, err
	}
	if err := gmsh.Initialize(); err != nil {
		return o, err
	}
	defer gmsh.Finalize()
	if err := gmsh.AddModel("part"); err != nil {
		return o, err
	}
	format := map[string]string{".stp": "step", ".step": "step", ".igs": "iges", ".iges": "iges", ".brep": "brep"}[filepath.Ext(file)]
	if _, err := gmsh.ImportShapes(file, format, true); err != nil {
		return o, err
	}
	if err := gmsh.OCCSynchronize(); err != nil {
		return o, err
	}
	low, high, err := gmsh.BoundingBox(gmsh.DimTag{Dim: -1, Tag: -1})
	if err != nil {
		return o, err
	}
	diagonal := distance(low, high)
	for name, value := range map[string]float64{
		"General.Terminal": 0, "General.NumThreads": 1, "Mesh.MeshSizeMin": diagonal / 150, "Mesh.MeshSizeMax": diagonal / 10,
		"Mesh.MeshSizeFromPoints": 0, "Mesh.MeshSizeFromCurvature": around, "Mesh.Binary": 1,
	} {
		if err := gmsh.SetNumber(name, value); err != nil {
			return o, err
		}
	}
	if err := gmsh.Generate(3); err != nil {
		return o, err
	}
	if err := gmsh.SetOrder(2); err != nil {
		return o, err
	}
	began := processor()
	if way != nothing && way != ours {
		if err := gmsh.Optimize(way); err != nil {
			return o, err
		}
		o.Seconds = processor() - began
	}
	m, err := written()
	if err != nil {
		return o, err
	}
	if way == ours {
		began = processor()
		curved.Straighten(m, nil)
		o.Seconds = processor() - began
	}
	o.judge(m, diagonal)
	return o, nil
}

// written returns the mesh that the library holds, through a file.
func written() (*mesh.Mesh, error) {
	dir, err := os.MkdirTemp("", "curved-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "curved.msh")
	if err := gmsh.RenumberNodes(); err != nil {
		return nil, err
	}
	if err := gmsh.Write(path); err != nil {
		return nil, err
	}
	return mesh.ReadMSH(path)
}

func (o *outcome) judge(m *mesh.Mesh, diagonal float64) {
	o.Least = math.Inf(1)
	for i := range m.Blocks {
		b := &m.Blocks[i]
		switch b.Dim {
		case 3:
			for _, r := range curved.Ratios(m, b) {
				o.Elements++
				o.Least = min(o.Least, r)
				if r <= invalid {
					o.Invalid++
				} else if r < poor {
					o.Poor++
				}
			}
		case 1, 2:
			for e := range b.Len() {
				for _, node := range b.Element(e)[b.Kind.Corners():] {
					at := m.At(node)
					if on, _, err := gmsh.ClosestPoint(gmsh.DimTag{Dim: b.Dim, Tag: b.Entity}, at); err == nil {
						o.Deviation = max(o.Deviation, distance(on, at)/diagonal)
					}
				}
			}
		}
	}
}

// processor returns the seconds that this process has computed.
func processor() float64 {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return float64(usage.Utime.Nano()) / 1e9
}

func distance(a, b [3]float64) float64 {
	return math.Hypot(math.Hypot(b[0]-a[0], b[1]-a[1]), b[2]-a[2])
}
