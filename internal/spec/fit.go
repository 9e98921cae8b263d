package spec

import "fmt"

// Part is what a geometry has that a spec can refer to.
type Part struct {
	Unit   string                  // of its lengths, "" where nobody knows
	Groups map[string]int          // dimension of each group of the file, by name
	Has    func(dim, tag int) bool // reports whether there is an entity
}

// Mixed reports whether the spec asks for other elements than tetrahedra.
func (s Spec) Mixed() bool {
	return len(s.Layers) > 0 || s.Strategy == Hex || s.Element == HexDominant
}

// Refers reports whether the spec speaks of anything that a geometry may lack.
func (s Spec) Refers() bool {
	if len(s.Groups) > 0 || len(s.Layers) > 0 || s.Units != "" {
		return true
	}
	for _, r := range s.Refine {
		if r.Group != "" || r.Near != nil || r.Entities.any() {
			return true
		}
	}
	return false
}

// Fit returns Errors that list every group, tag and unit of a resolved spec that the part does not have.
func (s Spec) Fit(p Part) error {
	var bad refusals
	tags := func(path string, dim int, list []int) {
		for i, t := range list {
			if !p.Has(dim, t) {
				bad.add(index(path, i), t, "the geometry has no such %s", nouns[dim])
			}
		}
	}
	entities := func(path string, e Entities) {
		for dim, list := range e.ByDimension() {
			tags(path+"."+fields[dim], dim, list)
		}
	}
	dims := map[string]int{}
	for name, dim := range p.Groups {
		dims[name] = dim
	}
	for i, g := range s.Groups {
		dims[g.Name] = *g.Dim
		tags(index("groups", i)+".entities", *g.Dim, g.Entities)
	}
	group := func(path, name string) (dim int, ok bool) {
		if name == "" {
			return 0, false
		}
		if dim, ok = dims[name]; !ok {
			bad.add(path, name, "there is no such group, neither in groups nor in the geometry")
		}
		return dim, ok
	}
	for i, r := range s.Refine {
		path := index("refine", i)
		group(path+".group", r.Group)
		entities(path, r.Entities)
		if r.Near != nil {
			group(path+".near.group", r.Near.Group)
			entities(path+".near", r.Near.Entities)
		}
	}
	for i, l := range s.Layers {
		for k, name := range l.Groups {
			at := fmt.Sprintf("layers[%d].groups[%d]", i, k)
			if dim, ok := group(at, name); ok && dim != 2 {
				bad.add(at, name, "is no group of faces")
			}
		}
	}
	if _, err := s.Convert(p.Unit); err != nil {
		bad = append(bad, err.(Errors)...)
	}
	if bad != nil {
		return Errors(bad)
	}
	return nil
}

// nouns name entities by their dimension.
var nouns = [4]string{"point", "edge", "face", "solid"}
