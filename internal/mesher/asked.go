package mesher

import "meshgen/internal/gmsh"

// asked returns how long edges were asked to be at a place: the longest that the spec allows, or less where a refinement or
// growth asks for it. Sizes that follow from curvature are not in it, so that edges may be shorter than asked.
func (j *job) asked() (func(dim, tag int, place [3]float64) float64, error) {
	z := j.sizes
	if z == nil {
		var err error
		if z, err = j.plainSizes(); err != nil {
			return nil, err
		}
	}
	return func(dim, tag int, place [3]float64) float64 {
		size := z.grown.At(place, z.longest)
		if on, ok := z.on[gmsh.DimTag{Dim: dim, Tag: tag}]; ok {
			size = min(size, on)
		}
		return z.refined.At(place, size)
	}, nil
}
