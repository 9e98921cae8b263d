// Package spec is what a user may ask of a mesh: the types, their defaults and their validation. It imports
// nothing of ours.
package spec

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Strategies that can be asked for. Auto picks.
const (
	Auto     = "auto"
	Delaunay = "delaunay" // Gmsh's tetrahedral Delaunay: robust, one thread
	Frontal  = "frontal"  // Gmsh's frontal: more regular elements, slower
	HXT      = "hxt"      // parallel Delaunay: fastest on large meshes
)

// Limits of what may be asked for.
const (
	MaxOrder     = 3
	MinFineness  = 1
	MaxFineness  = 10
	MaxTimeLimit = 30 * time.Minute
	MinTimeLimit = time.Second

	DefaultFineness  = 5
	DefaultCurvature = 30 // chords of a circle; 26 lose 1 % of its area, 30 lose 0.7 %
	DefaultTimeLimit = "120s"

	maxCurvature = 1000
)

var (
	// Strategies lists what "strategy" may be.
	Strategies = []string{Auto, Delaunay, Frontal, HXT}
	// Formats lists what "formats" may hold, and what a download may ask for.
	Formats = []string{"msh", "msh2", "vtk", "stl"}
	// Units lists the length units that can be declared for a file that has none.
	Units = []string{"um", "mm", "cm", "m", "in", "ft"}
)

// Spec is a mesh specification. The zero value of a field means that its default is to be used; Resolve fills it in.
type Spec struct {
	Strategy  string   `json:"strategy,omitempty" enum:"auto,delaunay,frontal,hxt" doc:"how to mesh; auto picks"`
	Order     int      `json:"order,omitempty" minimum:"1" maximum:"3" doc:"order of the elements: 1 straight, 2 and 3 curved"`
	Size      Size     `json:"size,omitzero" doc:"element sizes, in the geometry's units"`
	TimeLimit string   `json:"time_limit,omitempty" doc:"wall time that all stages may take together, such as \"120s\" or \"5m\""`
	Formats   []string `json:"formats,omitempty" doc:"files to write: msh (Gmsh 4.1 binary), msh2 (Gmsh 2.2 binary), vtk, stl (the surface)"`
}

// Size controls the length of element edges.
type Size struct {
	Fineness  float64 `json:"fineness,omitempty" minimum:"1" maximum:"10" doc:"1 coarse to 10 fine, in relation to the size of the part; 5 is the default"`
	Max       float64 `json:"max,omitempty" doc:"longest edge wanted; overrides fineness"`
	Min       float64 `json:"min,omitempty" doc:"shortest edge wanted"`
	Curvature float64 `json:"curvature,omitempty" doc:"elements along a full circle; 0 takes the default"`
}

// FieldError is what is wrong with one field.
type FieldError struct {
	Path    string // of the field, such as size.max
	Message string
	Value   any // as sent, if any
}

// Errors is everything that is wrong with a spec.
type Errors []FieldError

func (e Errors) Error() string {
	parts := make([]string, len(e))
	for i, f := range e {
		parts[i] = f.Path + ": " + f.Message
	}
	return "invalid mesh spec: " + strings.Join(parts, "; ")
}

// Resolve returns the spec with every default filled in and its formats sorted and unique, or Errors that list every bad
// field. Resolve of a resolved spec returns it unchanged. Sizes that depend on the part stay zero: the engine derives
// them from the fineness and the diagonal.
func (s Spec) Resolve() (Spec, error) {
	var bad Errors
	refuse := func(path string, value any, format string, args ...any) {
		bad = append(bad, FieldError{Path: path, Value: value, Message: fmt.Sprintf(format, args...)})
	}

	if s.Strategy == "" {
		s.Strategy = Auto
	}
	if !slices.Contains(Strategies, s.Strategy) {
		refuse("strategy", s.Strategy, "must be one of %s", strings.Join(Strategies, ", "))
	}

	if s.Order == 0 {
		s.Order = 1
	}
	if s.Order < 1 || s.Order > MaxOrder {
		refuse("order", s.Order, "must be 1 to %d", MaxOrder)
	}

	s.Size.resolve(refuse)

	if s.TimeLimit == "" {
		s.TimeLimit = DefaultTimeLimit
	}
	if limit, err := time.ParseDuration(s.TimeLimit); err != nil {
		refuse("time_limit", s.TimeLimit, "must be a duration such as \"120s\" or \"5m\"")
	} else if limit < MinTimeLimit || limit > MaxTimeLimit {
		refuse("time_limit", s.TimeLimit, "must be %s to %s", MinTimeLimit, MaxTimeLimit)
	} else {
		s.TimeLimit = limit.String()
	}

	if len(s.Formats) == 0 {
		s.Formats = []string{"msh", "vtk"}
	}
	s.Formats = slices.Clone(s.Formats)
	for i, f := range s.Formats {
		if !slices.Contains(Formats, f) {
			refuse(fmt.Sprintf("formats[%d]", i), f, "must be one of %s", strings.Join(Formats, ", "))
		}
	}
	slices.Sort(s.Formats)
	s.Formats = slices.Compact(s.Formats)

	if bad != nil {
		return s, bad
	}
	return s, nil
}

func (z *Size) resolve(refuse func(path string, value any, format string, args ...any)) {
	if z.Fineness == 0 {
		z.Fineness = DefaultFineness
	}
	if !(z.Fineness >= MinFineness && z.Fineness <= MaxFineness) {
		refuse("size.fineness", z.Fineness, "must be %d to %d", MinFineness, MaxFineness)
	}
	length := func(path string, v float64) bool {
		if v < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
			refuse(path, v, "must be a positive length")
			return false
		}
		return v > 0
	}
	hasMax, hasMin := length("size.max", z.Max), length("size.min", z.Min)
	if hasMax && hasMin && z.Min > z.Max {
		refuse("size.min", z.Min, "must not be greater than size.max (%g)", z.Max)
	}
	if z.Curvature == 0 {
		z.Curvature = DefaultCurvature
	}
	if !(z.Curvature >= 3 && z.Curvature <= maxCurvature) {
		refuse("size.curvature", z.Curvature, "must be 3 to %d elements a circle", maxCurvature)
	}
}

// Limit returns the time limit of a resolved spec.
func (s Spec) Limit() time.Duration {
	d, err := time.ParseDuration(s.TimeLimit)
	if err != nil {
		panic("spec: Limit of a spec that is not resolved: " + err.Error())
	}
	return d
}

// MaxEdge returns the longest edge wanted in a part of the given bounding-box diagonal: size.max, or what the fineness
// stands for. Each two steps of fineness halve it; 5 is a twentieth of the diagonal.
func (z Size) MaxEdge(diagonal float64) float64 {
	if z.Max > 0 {
		return z.Max
	}
	return diagonal / (20 * math.Exp2((z.Fineness-DefaultFineness)/2))
}

// minEdgeShare is the smallest edge in relation to the largest where size.min is not given: without a bound, curvature
// sizing runs away on small features.
const minEdgeShare = 1. / 15

// MinEdge returns the shortest edge wanted in a part of the given diagonal.
func (z Size) MinEdge(diagonal float64) float64 {
	if z.Min > 0 {
		return z.Min
	}
	return z.MaxEdge(diagonal) * minEdgeShare
}
