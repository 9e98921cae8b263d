package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"meshgen/bench/service"
	"meshgen/internal/spec"
)

const (
	// checkpoint is how many jobs lie between two looks at the memory.
	checkpoint = 500
	// fresh is how many jobs a copy of each part is used for: then it is another file, whose import has to be made, and kept in place of another.
	fresh = 250
	// warmth is how many jobs memory may take to fill.
	warmth = 1000
)

// load is the jobs, and what was seen of them.
type load struct {
	o       options
	s       *service.Service
	parts   []part
	random  *rand.Rand
	asked   map[string]int    // by id: how often it was told
	failed  map[string]string // by id: why
	refused []string          // the same for a reader: what was asked for, and why there is none
	reused  int
	uploads int
	looks   []look
	took    []time.Duration
	last    *spec.Spec // of the order before
}

// part is a file, and the geometry that its latest copy is.
type part struct {
	name     string
	content  []byte
	geometry string
	diagonal float64
}

// order is one mesh to be asked for.
type order struct {
	name     string // of the part
	geometry string
	spec     spec.Spec
	batch    bool
}

// tell says what was asked for, in words that ask for it again, and why it was not made.
func (w order) tell(reason json.RawMessage) string {
	asked, _ := json.Marshal(w.spec) // it was sent like this
	return fmt.Sprintf("%s %s: %s", w.name, asked, reason)
}

func newLoad(o options, s *service.Service) (*load, error) {
	l := &load{o: o, s: s, random: rand.New(rand.NewPCG(o.seed, 0)), asked: map[string]int{}, failed: map[string]string{}}
	for _, path := range o.parts {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		l.parts = append(l.parts, part{name: filepath.Base(path), content: content})
	}
	return l, nil
}

// run has all jobs done, with a pause at each checkpoint to look at the memory.
func (l *load) run(ctx context.Context) error {
	if err := l.look(ctx, 0); err != nil {
		return err
	}
	for done := 0; done < l.o.jobs; {
		if done%fresh == 0 {
			if err := l.renew(ctx, done/fresh); err != nil {
				return err
			}
		}
		n := min(fresh, checkpoint, l.o.jobs-done)
		if err := l.work(ctx, n); err != nil {
			return err
		}
		done += n
		if done%checkpoint == 0 || done == l.o.jobs {
			if err := l.look(ctx, done); err != nil {
				return err
			}
		}
		fmt.Fprintf(os.Stderr, "\rsoak: %d of %d ", done, l.o.jobs)
	}
	fmt.Fprintln(os.Stderr)
	return nil
}

// renew uploads a copy of one part, and of all at the beginning.
func (l *load) renew(ctx context.Context, number int) error {
	for i := range l.parts {
		p := &l.parts[i]
		if number > 0 && i != number%len(l.parts) {
			continue
		}
		content := bytes.Replace(p.content, []byte("ISO-10303-21;"), fmt.Appendf(nil, "ISO-10303-21;\n/* %d */", number), 1)
		var err error
		if p.geometry, err = l.s.Upload(ctx, p.name, content); err != nil {
			return err
		}
		l.uploads++
		var g struct {
			Box struct{ Min, Max [3]float64 } `json:"bounding_box"`
		}
		if err := l.s.Get(ctx, "/v1/geometries/"+p.geometry, &g); err != nil {
			return err
		}
		p.diagonal = diagonal(g.Box.Min, g.Box.Max)
	}
	return nil
}

// next makes up an order: all sorts of small meshes, and now and then the same as before.
func (l *load) next() (order, error) {
	r, p := l.random, &l.parts[l.random.IntN(len(l.parts))]
	if l.last != nil && r.IntN(20) == 0 {
		return order{name: p.name, geometry: p.geometry, spec: *l.last}, nil
	}
	s := spec.Spec{
		Strategy: []string{spec.Auto, spec.Delaunay, spec.Frontal, spec.HXT}[r.IntN(4)], Order: []int{1, 1, 1, 2}[r.IntN(4)],
		Size:    spec.Size{Max: p.diagonal * (0.08 + 0.08*r.Float64()), Curvature: float64(4 + r.IntN(5))},
		Formats: [][]string{{"msh"}, {"msh", "vtk"}, {"msh", "inp"}, {"msh", "stl", "vtu"}}[r.IntN(4)],
	}
	if r.IntN(4) == 0 {
		s.Refine = []spec.Refinement{{Entities: spec.Entities{Faces: []int{1}}, Size: s.Size.Max / 2}}
	}
	resolved, err := s.Resolve()
	if err != nil {
		return order{}, err
	}
	l.last = &resolved
	return order{name: p.name, geometry: p.geometry, spec: resolved, batch: r.IntN(3) == 0}, nil
}

// work has n orders done, one more at a time than there are engines: the next job is there when an engine is free.
func (l *load) work(ctx context.Context, n int) error {
	orders := make([]order, n)
	for i := range orders {
		var err error
		if orders[i], err = l.next(); err != nil {
			return err
		}
	}
	var mu sync.Mutex
	var failed error
	var taken atomic.Int64
	var wait sync.WaitGroup
	for range l.o.engines + 1 {
		wait.Go(func() {
			for {
				i := int(taken.Add(1)) - 1
				if i >= n {
					return
				}
				w := orders[i]
				m, err := l.s.Mesh(ctx, service.Request{Geometry: w.geometry, Spec: w.spec, Batch: w.batch})
				mu.Lock()
				var ended *service.Ended
				switch {
				case errors.As(err, &ended) && ended.Status == "failed": // as some do, of their own
					l.asked[m.ID]++
					l.failed[m.ID] = string(ended.Reason)
					l.refused = append(l.refused, w.tell(ended.Reason))
				case err != nil:
					if failed == nil {
						failed = err
					}
					taken.Store(int64(n))
				default:
					l.asked[m.ID]++
					l.took = append(l.took, m.Took)
					if m.ReusedFrom != "" {
						l.reused++
					}
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return failed
}
