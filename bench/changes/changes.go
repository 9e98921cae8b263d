package main

import (
	"fmt"
	"path/filepath"
	"time"

	"meshgen/bench/service"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// change is one request of a round, and what it took.
type change struct {
	*part
	name    string
	spec    spec.Spec
	exports bool // nothing but formats is new
	nothing bool // nothing at all is new
	took    time.Duration
	// Of the service and the floor.
	timings []engine.Timing
	used    []service.Used // processor time, by process
	// answered is when the floor's engine has answered; what it keeps, it puts away then.
	answered time.Duration
}

// furtherFormat is asked for when all else is there.
const furtherFormat = "inp"

// way is one way to have the changes made.
type way struct {
	key   string
	begin func() (turn, error)
}

// turn makes the changes of one round, one after the other.
type turn struct {
	make func(ctx ctx, c *change) error // the first gets the part ready before it looks at the clock
	end  func()                         // may be nil
}

// changesOf returns the requests of a round. The part is another file each time, and sizes differ in the fourth digit, so that
// nobody has the result of an earlier round.
func changesOf(o options, content []byte, scratch, who string, round int) ([]change, error) {
	file, err := newPart(content, filepath.Join(scratch, fmt.Sprintf("part-%s.step", who)), fmt.Sprintf("%s %d", who, round))
	if err != nil {
		return nil, err
	}
	edge := o.edge * (1 + 1e-4*float64(round))
	s := spec.Spec{Strategy: spec.Delaunay, Size: spec.Size{Max: edge, Curvature: 12}, Formats: []string{"msh", "vtk"}}
	var out []change
	for _, step := range []struct {
		name string
		do   func(c *change)
	}{
		{"first request after the upload", func(*change) {}},
		{"another size", func(*change) { s.Size.Max = edge * 0.8 }},
		{"the same again", func(c *change) { c.nothing = true }},
		{"only the volume: HXT in place of Delaunay", func(*change) { s.Strategy = spec.HXT }},
		{"one local refinement", func(*change) {
			s.Strategy, s.Refine = spec.Delaunay, []spec.Refinement{{Entities: spec.Entities{Faces: []int{1}}, Size: edge / 2}}
		}},
		{"the refinement's size", func(*change) {
			s.Refine = []spec.Refinement{{Entities: spec.Entities{Faces: []int{1}}, Size: edge / 2.5}}
		}},
		{"order 2", func(*change) { s.Order = 2 }},
		{"one more format", func(c *change) { s.Formats, c.exports = []string{"msh", "vtk", furtherFormat}, true }},
	} {
		c := change{part: file, name: step.name}
		step.do(&c)
		if c.spec, err = s.Resolve(); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}
