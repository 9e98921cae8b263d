package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// orders makes up what is asked for: always the same from the same seed.
type orders struct {
	parts  []part
	random *rand.Rand
	last   *spec.Spec // of the order before
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

func newOrders(o options) (orders, error) {
	a := orders{random: rand.New(rand.NewPCG(o.seed, 0))}
	for _, path := range o.parts {
		content, err := os.ReadFile(path)
		if err != nil {
			return a, err
		}
		a.parts = append(a.parts, part{name: filepath.Base(path), content: content})
	}
	return a, nil
}

// renew has a copy of one part imported, and of all at the beginning.
func (a *orders) renew(number int, take func(p *part, content []byte) (engine.Box, error)) error {
	for i := range a.parts {
		p := &a.parts[i]
		if number > 0 && i != number%len(a.parts) {
			continue
		}
		box, err := take(p, bytes.Replace(p.content, []byte("ISO-10303-21;"), fmt.Appendf(nil, "ISO-10303-21;\n/* %d */", number), 1))
		if err != nil {
			return err
		}
		p.diagonal = diagonal(box)
	}
	return nil
}

func diagonal(b engine.Box) float64 {
	return math.Hypot(math.Hypot(b.Max[0]-b.Min[0], b.Max[1]-b.Min[1]), b.Max[2]-b.Min[2])
}

// next makes up an order: all sorts of small meshes, and now and then the same as before.
func (a *orders) next() (order, error) {
	r, p := a.random, &a.parts[a.random.IntN(len(a.parts))]
	if a.last != nil && r.IntN(20) == 0 {
		return order{name: p.name, geometry: p.geometry, spec: *a.last}, nil
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
	a.last = &resolved
	return order{name: p.name, geometry: p.geometry, spec: resolved, batch: r.IntN(3) == 0}, nil
}
