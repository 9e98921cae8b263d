// Command cad meshes every file of a folder with bare Gmsh, in the configurations that people try one after the other, and
// with Meshgen and the spec {}; it holds all meshes against the same verdict, and writes the tables of bench/results/cad.md.
//
// Each mesh is a process of its own with one thread and the same time limit, start and reading included. The file that it
// wrote is read back here, and nothing else counts: every solid of the CAD has elements, its volume is right to 1 %, no
// element is inverted or flat.
package main

import (
	"flag"
	"fmt"
	"meshgen/bench/machine"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

type options struct {
	python, meshgen, peer, folder, out string
	only                               string
	limit                              time.Duration
	quick, match                       bool
	jobs                               int
	processor                          int // that all of a file runs on
	scratch                            string
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench-cad:", err)
		os.Exit(1)
	}
}

func run() error {
	o := options{peer: "bench/cad/peer.py"}
	flag.StringVar(&o.python, "python", "python3", "Python with gmsh")
	flag.StringVar(&o.meshgen, "meshgen", "bin/meshgen", "the command line, with its engine beside it")
	flag.StringVar(&o.folder, "cad", "../shared/testdata/cad", "folder of CAD files")
	flag.StringVar(&o.out, "out", "bench/results/cad.md", "file for the tables, - for standard output")
	flag.StringVar(&o.only, "only", "", "only files whose name contains this")
	flag.DurationVar(&o.limit, "limit", 30*time.Second, "time limit of each mesh")
	flag.BoolVar(&o.quick, "quick", false, "bare Gmsh's default and Meshgen only, 10 s each")
	flag.BoolVar(&o.match, "match", true, "also mesh with bare Gmsh at as many nodes as ours: many tries on large parts")
	flag.IntVar(&o.jobs, "jobs", 1, "files at once; all that is made of one runs on one processor, one mesh after the other")
	flag.Parse()
	if o.quick {
		o.limit = min(o.limit, 10*time.Second)
	}
	files, err := cadFiles(o.folder, o.only)
	if err != nil {
		return err
	}
	if o.scratch, err = os.MkdirTemp("", "bench-cad-"); err != nil {
		return err
	}
	defer os.RemoveAll(o.scratch)

	r := &report{options: o, before: machine.Load(), parts: make([]part, len(files))}
	var work errgroup.Group
	o.jobs = max(o.jobs, 1)
	work.SetLimit(o.jobs)
	processors := machine.NewProcessors(o.jobs)
	for i, path := range files {
		work.Go(func() (err error) {
			fmt.Fprintf(os.Stderr, "%d of %d: %s\n", i+1, len(files), filepath.Base(path))
			o := o
			o.processor = <-processors
			defer func() { processors <- o.processor }()
			o.scratch = filepath.Join(o.scratch, fmt.Sprint(i))
			if err := os.Mkdir(o.scratch, 0o700); err != nil {
				return err
			}
			if r.parts[i], err = o.measure(path); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return err
	}
	if o.out == "-" {
		_, err := fmt.Print(r.text())
		return err
	}
	return os.WriteFile(o.out, []byte(r.text()), 0o644)
}

// extensions are those of the CAD that Meshgen reads.
var extensions = []string{".step", ".stp", ".iges", ".igs", ".brep"}

func cadFiles(folder, only string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if slices.Contains(extensions, strings.ToLower(filepath.Ext(e.Name()))) && strings.Contains(e.Name(), only) {
			files = append(files, filepath.Join(folder, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no CAD in %s", folder)
	}
	return files, nil
}

// part is one file and what became of it.
type part struct {
	name    string
	volumes []float64 // of the CAD's solids
	bare    []trial   // by configuration
	ours    trial
	match   *trial // bare Gmsh with as many nodes as ours
}

// configurations are those of peer.py, in the order in which they are tried.
var configurations = []string{"default", "curvature", "finer", "meshadapt", "hxt"}

func (o options) measure(path string) (part, error) {
	p := part{name: filepath.Base(path)}
	known, err := o.facts(path)
	if err != nil {
		return p, err
	}
	p.volumes = known.Volumes
	wanted := configurations
	if o.quick {
		wanted = wanted[:1]
	}
	for _, c := range wanted {
		p.bare = append(p.bare, o.peerMesh(path, c, known))
	}
	p.ours = o.oursMesh(path, known)
	if p.ours.why == "" && !o.quick && o.match {
		t := o.peerMatch(path, p.ours.nodes, known)
		p.match = &t
	}
	return p, nil
}
