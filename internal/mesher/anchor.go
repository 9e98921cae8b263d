package mesher

import "meshgen/internal/gmsh"

// A face that is closed, such as that of an ellipsoid, is bounded by its own seam. Gmsh triangulates its boundary in the plane
// of the face's parameters and puts nodes in after that: where the seam runs along the sharpest places, every triangle reaches
// from seam to seam, none has room for a node, and as both sides of the seam are the same nodes no triangle is left. One point
// opposite the seam ends that.

// anchor puts a point on each of some faces that is closed, in the middle of its parameters.
func anchor(faces []int) error {
	points := map[int]int{}
	for _, face := range faces {
		e := gmsh.DimTag{Dim: 2, Tag: face}
		curves, err := gmsh.Boundary([]gmsh.DimTag{e}, false)
		if err != nil {
			return err
		}
		if seam, err := seamLength(curves); err != nil {
			return err
		} else if seam == 0 {
			continue
		}
		middle, err := middleOf(e)
		if err != nil {
			return err
		} else if middle == nil {
			continue
		}
		place, err := gmsh.Point(e, middle...)
		if err != nil {
			return err
		}
		if points[face], err = gmsh.AddPoint(place); err != nil {
			return err
		}
	}
	if len(points) == 0 {
		return nil
	}
	if err := gmsh.OCCSynchronize(); err != nil {
		return err
	}
	for _, face := range faces {
		if point, ok := points[face]; ok {
			if err := gmsh.EmbedPoint(point, face); err != nil {
				return err
			}
		}
	}
	return nil
}

// shares are where the middle of a face is looked for between the bounds of its parameters, in order.
var shares = []float64{1. / 2, 3. / 8, 5. / 8, 1. / 4, 3. / 4}

// middleOf returns the parameters of a place near the middle of a face and within it, nil where none is found.
func middleOf(face gmsh.DimTag) ([]float64, error) {
	low, high, err := gmsh.ParameterBounds(face)
	if err != nil || len(low) != 2 || len(high) != 2 {
		return nil, err
	}
	for _, a := range shares {
		for _, b := range shares {
			at := []float64{low[0] + a*(high[0]-low[0]), low[1] + b*(high[1]-low[1])}
			if inside, err := gmsh.Inside(face, at...); err != nil {
				return nil, err
			} else if inside == 1 {
				return at, nil
			}
		}
	}
	return nil, nil
}
