package mesher

import (
	"math"

	"meshgen/internal/gmsh"
)

// shapes are our words for what Gmsh calls surfaces; all others are free.
var shapes = map[string]string{"Plane": "plane", "Cylinder": "cylinder", "Cone": "cone", "Sphere": "sphere", "Torus": "torus"}

const (
	// bendSamples is at how many places along each of its two parameters a face is asked how much it bends.
	bendSamples = 5
	// flat is the curvature, by the part's diagonal, below which a face counts as flat.
	flat = 1e-3
)

// bendOf returns what a face lies on, and the radius of its curvature: of the smaller radius at each place that of the mean
// square of the curvatures, since the triangles that a place needs go with that. It is 0 where the face is flat.
func bendOf(face int, diagonal float64) (shape string, radius float64, err error) {
	e := gmsh.DimTag{Dim: 2, Tag: face}
	kind, err := gmsh.Kind(e)
	if err != nil {
		return "", 0, err
	}
	if shape = shapes[kind]; shape == "" {
		shape = "free"
	}
	samples := bendSamples
	switch shape {
	case "plane":
		return shape, 0, nil
	case "cylinder", "sphere": // the same everywhere
		samples = 1
	}
	low, high, err := gmsh.ParameterBounds(e)
	if err != nil || len(low) != 2 || len(high) != 2 {
		return shape, 0, err
	}
	var places []float64
	for i := range samples {
		for k := range samples {
			places = append(places, low[0]+(float64(i)+0.5)/float64(samples)*(high[0]-low[0]),
				low[1]+(float64(k)+0.5)/float64(samples)*(high[1]-low[1]))
		}
	}
	curvatures, err := gmsh.Curvatures(face, places)
	if err != nil {
		return shape, 0, err
	}
	sum, n := 0., 0.
	for _, c := range curvatures {
		if !math.IsNaN(c) && !math.IsInf(c, 0) { // at an apex
			sum, n = sum+c*c, n+1
		}
	}
	if n == 0 || math.Sqrt(sum/n)*diagonal < flat {
		return shape, 0, nil
	}
	return shape, 1 / math.Sqrt(sum/n), nil
}
