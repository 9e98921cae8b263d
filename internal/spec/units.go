package spec

import "slices"

// Units lists the length units that can be declared: for a file that has none, and for the lengths of a spec.
var Units = []string{"um", "mm", "cm", "m", "in", "ft"}

// millimetres is the length of each unit.
var millimetres = map[string]float64{"um": 1e-3, "mm": 1, "cm": 10, "m": 1000, "in": 25.4, "ft": 304.8}

// Convert returns a resolved spec with every length in the unit of a geometry, and without a unit of its own. It is an error
// to ask for a unit where that of the geometry is not known.
func (s Spec) Convert(unit string) (Spec, error) {
	if s.Units == "" {
		return s, nil
	}
	to, known := millimetres[unit]
	if !known {
		return s, Errors{{Path: "units", Value: s.Units,
			Message: "cannot be converted: the file declares no unit and none was given when it was uploaded"}}
	}
	factor := millimetres[s.Units] / to
	s.Units = ""
	if factor == 1 {
		return s, nil
	}
	scaled := func(p []float64) []float64 {
		out := make([]float64, len(p))
		for k, x := range p {
			out[k] = x * factor
		}
		return out
	}
	s.Size.Max *= factor
	s.Size.Min *= factor
	s.Refine = slices.Clone(s.Refine)
	for i := range s.Refine {
		r := &s.Refine[i]
		r.Size *= factor
		if r.Box != nil {
			r.Box = [][]float64{scaled(r.Box[0]), scaled(r.Box[1])}
		}
		if r.Sphere != nil {
			r.Sphere = &Sphere{Center: scaled(r.Sphere.Center), Radius: r.Sphere.Radius * factor}
		}
		if r.Near != nil {
			n := *r.Near
			n.From *= factor
			n.To *= factor
			r.Near = &n
		}
	}
	s.Layers = slices.Clone(s.Layers)
	for i := range s.Layers {
		s.Layers[i].FirstHeight *= factor
	}
	return s, nil
}
