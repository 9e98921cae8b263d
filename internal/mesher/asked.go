package mesher

import (
	"meshgen/internal/gmsh"
	"meshgen/internal/quality"
)

// asked returns how long edges were asked to be in an entity: the longest that the spec allows, or less where a refinement or
// growth asks for it. Sizes that follow from curvature are not in it, so that edges may be shorter than asked.
func (j *job) asked() (func(dim, tag int) quality.Size, error) {
	z := j.sizes
	if z == nil {
		var err error
		if z, err = j.plainSizes(); err != nil {
			return nil, err
		}
	}
	return func(dim, tag int) quality.Size {
		on, ok := z.on[gmsh.DimTag{Dim: dim, Tag: tag}]
		if !ok {
			on = z.longest
		}
		if z.grown.Empty() && z.refined.Empty() {
			return quality.Size{Same: min(z.longest, on)}
		}
		return quality.Size{At: func(place quality.Point) float64 {
			return z.refined.At(place, min(z.grown.At(place, z.longest), on))
		}}
	}, nil
}
