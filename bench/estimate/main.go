// Command estimate meshes every file of a folder at several finenesses, and sets the number of elements against the estimate
// of internal/estimate: the tables of bench/results/estimate.md, by which its constants are fitted.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"meshgen/internal/cadfile"
	"meshgen/internal/engine"
	"meshgen/internal/pool"
	"meshgen/internal/spec"
)

type options struct {
	engine, out, measured string
	files                 []string
	finenesses            []float64
	limit                 time.Duration
	largest               int
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench-estimate:", err)
		os.Exit(1)
	}
}

func run() error {
	var o options
	finenesses := "1,3,5,7,9"
	flag.StringVar(&o.engine, "engine", "bin/engine", "the engine")
	flag.StringVar(&o.out, "out", "bench/results/estimate.md", "file for the tables, - for standard output")
	flag.StringVar(&o.measured, "measured", "", "file that keeps what was measured: what is in it is not meshed again")
	flag.StringVar(&finenesses, "fineness", finenesses, "finenesses to mesh at")
	flag.DurationVar(&o.limit, "limit", time.Minute, "time limit of each mesh")
	flag.IntVar(&o.largest, "largest", 150_000, "a part is meshed no finer once it has more elements than this")
	flag.Parse()
	o.files = flag.Args()
	for word := range strings.SplitSeq(finenesses, ",") {
		f, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return err
		}
		o.finenesses = append(o.finenesses, f)
	}
	samples, err := o.measure()
	if err != nil {
		return err
	}
	text := report(samples)
	if o.out == "-" {
		_, err := fmt.Print(text)
		return err
	}
	return os.WriteFile(o.out, []byte(text), 0o644)
}

// sample is a part and what its meshes came to.
type sample struct {
	Name   string        `json:"name"`
	Model  *engine.Model `json:"model"`
	Meshes []made        `json:"meshes"`
	Error  string        `json:"error,omitempty"` // of the import
}

// made is a mesh.
type made struct {
	Fineness   float64 `json:"fineness"`
	Curvature  float64 `json:"curvature,omitempty"`
	Tetrahedra int     `json:"tetrahedra"`
	Triangles  int     `json:"triangles"`
	Nodes      int     `json:"nodes"`
	Seconds    float64 `json:"seconds"`
	Error      string  `json:"error,omitempty"`
}

// measure meshes all files, or takes what was measured before.
func (o options) measure() ([]sample, error) {
	known, err := o.read()
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "bench-estimate-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	var engines *pool.Pool
	var samples []sample
	for _, path := range o.files {
		name := filepath.Base(path)
		if i := slices.IndexFunc(known, func(s sample) bool { return s.Name == name }); i >= 0 {
			samples = append(samples, known[i])
			continue
		}
		if engines == nil {
			if engines, err = o.open(scratch); err != nil {
				return nil, err
			}
			defer engines.Close(context.Background())
		}
		s, err := o.take(engines, scratch, path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		samples = append(samples, s)
		if err := o.keep(s); err != nil {
			return nil, err
		}
	}
	return samples, nil
}

func (o options) read() (known []sample, err error) {
	if o.measured == "" {
		return nil, nil
	}
	f, err := os.Open(o.measured)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var s sample
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return nil, err
		}
		known = append(known, s)
	}
	return known, lines.Err()
}

func (o options) keep(s sample) error {
	if o.measured == "" {
		return nil
	}
	f, err := os.OpenFile(o.measured, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	line, err := json.Marshal(s)
	if err == nil {
		_, err = f.Write(append(line, '\n'))
	}
	return errors.Join(err, f.Close())
}

func (o options) open(scratch string) (*pool.Pool, error) {
	cfg, err := pool.Load()
	if err != nil {
		return nil, err
	}
	cfg.Path, cfg.Engines, cfg.Spares, cfg.Scratch = o.engine, 1, 0, filepath.Join(scratch, "engines")
	if cfg.Path, err = filepath.Abs(o.engine); err != nil {
		return nil, err
	}
	p, err := pool.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return p, p.Start(context.Background())
}

// take imports and meshes a file.
func (o options) take(engines *pool.Pool, scratch, path string) (sample, error) {
	s := sample{Name: filepath.Base(path)}
	data, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	format, wrong := cadfile.Sniff(data[:min(len(data), cadfile.SniffLen)], int64(len(data)), s.Name)
	if wrong != nil {
		return s, wrong
	}
	source := engine.Source{Path: filepath.Join(scratch, "source."+string(format)), Format: format}
	if err := os.WriteFile(source.Path, data, 0o600); err != nil {
		return s, err
	}
	do := func(req engine.Request) (engine.Result, float64) {
		dir, err := os.MkdirTemp(scratch, "out-")
		if err != nil {
			return engine.Result{}, 0
		}
		defer os.RemoveAll(dir)
		req.ID, req.Source, req.Dir, req.Threads = s.Name, source, dir, 1
		began := time.Now()
		out, err := engines.Run(context.Background(), req, pool.Limits{Time: o.limit}, func(engine.Message) {})
		if err != nil {
			out.Result.Error = pool.Diagnose(err)
		}
		return out.Result, time.Since(began).Seconds()
	}
	result, _ := do(engine.Request{Kind: engine.Import})
	if result.Error != nil {
		s.Error = string(result.Error.Code)
		return s, nil
	}
	s.Model = result.Model
	for _, curvature := range []float64{0, 30} {
		for _, fineness := range o.finenesses {
			if curvature > 0 && fineness > 5 {
				continue
			}
			asked, err := spec.Spec{Size: spec.Size{Fineness: fineness, Curvature: curvature}, TimeLimit: o.limit.String(), Formats: []string{"msh"}}.Resolve()
			if err != nil {
				return s, err
			}
			result, seconds := do(engine.Request{Kind: engine.Mesh, Spec: asked})
			m := made{Fineness: fineness, Curvature: curvature, Seconds: seconds}
			if result.Error != nil {
				m.Error = string(result.Error.Code)
			} else {
				m.Tetrahedra, m.Triangles, m.Nodes = result.Mesh.Elements["tetrahedron"], result.Mesh.Elements["triangle"], result.Mesh.Nodes
			}
			fmt.Fprintf(os.Stderr, "%s, fineness %g, curvature %g: %d tetrahedra, %.1f s %s\n", s.Name, fineness, curvature, m.Tetrahedra, seconds, m.Error)
			s.Meshes = append(s.Meshes, m)
			if m.Tetrahedra > o.largest || m.Error == "time_limit" {
				break
			}
		}
	}
	return s, nil
}
