package spec

import "math"

// Limits of sizes.
const (
	MinFineness  = 1
	MaxFineness  = 10
	MinCurvature = 3
	MaxCurvature = 1000
	MinGrowth    = 1.05
	MaxGrowth    = 3
	MinTarget    = 100
	MaxTarget    = 1_000_000_000
	MaxWall      = 20

	DefaultFineness = 5

	usualChords = 30 // of a circle; 26 lose 1 % of its area, 30 lose 0.7 %
)

// Size controls the length of element edges.
type Size struct {
	Fineness       float64 `json:"fineness,omitempty" minimum:"1" maximum:"10" doc:"1 coarse to 10 fine, in relation to the size of the part; 5 is the default"`
	Max            float64 `json:"max,omitempty" exclusiveMinimum:"0" doc:"longest edge wanted; overrides fineness"`
	Min            float64 `json:"min,omitempty" exclusiveMinimum:"0" doc:"shortest edge wanted; refinements may not be finer"`
	Curvature      float64 `json:"curvature,omitempty" minimum:"3" maximum:"1000" doc:"elements along a full circle; absent, at most 30, fewer where the arc does not matter and more where the volume needs them"`
	Growth         float64 `json:"growth,omitempty" minimum:"1.05" maximum:"3" doc:"how much longer than its neighbour an element may be, everywhere; absent, 1.3 away from edges and faces"`
	TargetElements int     `json:"target_elements,omitempty" minimum:"100" maximum:"1000000000" doc:"number of elements in the volume, those of layers included, met within 20 %: all sizes but those of refinements are scaled together, within max and min"`
	WallElements   int     `json:"wall_elements,omitempty" minimum:"1" maximum:"20" doc:"elements across each wall, at least: where two faces lie opposite each other, edges are no longer than this part of their distance"`
}

func (z *Size) resolve(bad *refusals) {
	if z.Fineness == 0 {
		z.Fineness = DefaultFineness
	}
	if !(z.Fineness >= MinFineness && z.Fineness <= MaxFineness) {
		bad.add("size.fineness", z.Fineness, "must be %d to %d", MinFineness, MaxFineness)
	}
	hasMax, hasMin := bad.length("size.max", z.Max, false), bad.length("size.min", z.Min, false)
	if hasMax && hasMin && z.Min > z.Max {
		bad.add("size.min", z.Min, "must not be greater than size.max (%g)", z.Max)
	}
	if z.Curvature != 0 && !(z.Curvature >= MinCurvature && z.Curvature <= MaxCurvature) {
		bad.add("size.curvature", z.Curvature, "must be %d to %d elements a circle", MinCurvature, MaxCurvature)
	}
	if z.Growth != 0 && !(z.Growth >= MinGrowth && z.Growth <= MaxGrowth) {
		bad.add("size.growth", z.Growth, "must be %g to %d", MinGrowth, MaxGrowth)
	}
	if z.TargetElements != 0 && (z.TargetElements < MinTarget || z.TargetElements > MaxTarget) {
		bad.add("size.target_elements", z.TargetElements, "must be %d to %d", MinTarget, MaxTarget)
	}
	if z.WallElements < 0 || z.WallElements > MaxWall {
		bad.add("size.wall_elements", z.WallElements, "must be 1 to %d", MaxWall)
	}
}

// Chords returns how many edges are to go around a full circle: size.curvature, or where it is not given the number that the
// default rule starts from. The two are not the same: what is given holds on every curve.
func (z Size) Chords() float64 {
	if z.Curvature > 0 {
		return z.Curvature
	}
	return usualChords
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
