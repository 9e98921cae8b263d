package mesher

import (
	"maps"
	"math"
	"slices"

	"meshgen/internal/gmsh"
)

// A first mesh of faces that turns out to be far too fine costs as much as all that follows. So where the curves have many nodes, sizes are
// looked at in some places of each face before, which is enough to tell how many triangles it will have.
const (
	// manyNodes is how many nodes on curves make it worth to look.
	manyNodes = 4000
	// lookedAt is at how many places along each parameter of a face its size is looked at first. Where it will have notable many triangles it
	// is looked at more closely, until that changes their number by no more than settled, or up to mostPlaces.
	lookedAt, mostPlaces = 3, 31
	notable, settled     = 500, 0.25
	// mostLooks bounds the places of all faces together: each costs some 0.1 ms.
	mostLooks = 20_000
	// trianglesOfArea is how many triangles of size h there are on an area of h².
	trianglesOfArea = 4 / 1.7320508
)

// expectedTriangles returns about how many triangles the faces will have, once the curves are divided; 0 where it is not worth to look.
func (j *job) expectedTriangles() (int, error) {
	tags, places, err := gmsh.Nodes(-1, -1)
	nodes := tags.Len()
	tags.Free()
	places.Free()
	if err != nil || nodes < manyNodes {
		return 0, err
	}
	return j.estimateTriangles()
}

// estimateTriangles returns about how many triangles all faces but strips will have.
func (j *job) estimateTriangles() (int, error) {
	sum, looks := 0., 0
	for _, face := range slices.Sorted(maps.Keys(j.chords.areas)) {
		if err := j.goesOn(); err != nil {
			return 0, err
		}
		if j.isStrip(face) {
			continue
		}
		n, err := j.expectedOf(face, &looks)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return int(sum), nil
}

// expectedOf returns about how many triangles a face will have. Sizes grow from short edges, so that one of few places may say far too much
// for all that is around it, or nothing.
func (j *job) expectedOf(face int, looks *int) (float64, error) {
	before := 0.
	for across := lookedAt; ; across = 2*across + 1 {
		density, err := j.density(face, across)
		*looks += across * across
		n := trianglesOfArea * density * j.chords.areas[face]
		if err != nil || n < notable || math.Abs(n-before) < settled*n || across >= mostPlaces || *looks > mostLooks {
			return n, err
		}
		before = n
	}
}

// density returns the mean of 1/h² over the area of a face where edges are to be as long as h, seen at some places; 0 where none is in
// the face. The place with the shortest edges counts as the one after it: a single one may lie just beside a tiny edge.
func (j *job) density(face, across int) (float64, error) {
	f := gmsh.DimTag{Dim: 2, Tag: face}
	low, high, err := gmsh.ParameterBounds(f)
	if err != nil || len(low) != 2 || len(high) != 2 {
		return 0, err
	}
	var at []float64
	for a := range across {
		for b := range across {
			u := low[0] + (float64(a)+0.5)/float64(across)*(high[0]-low[0])
			v := low[1] + (float64(b)+0.5)/float64(across)*(high[1]-low[1])
			if inside, err := gmsh.Inside(f, u, v); err != nil {
				return 0, err
			} else if inside == 1 {
				at = append(at, u, v)
			}
		}
	}
	if len(at) == 0 {
		return 0, nil
	}
	curvatures, err := gmsh.Curvatures(face, at)
	if err != nil || len(curvatures) != len(at)/2 {
		return 0, err
	}
	sum, area := 0., 0.
	densest, second, ofDensest := 0., 0., 0.
	for i, c := range curvatures {
		u, v := at[2*i], at[2*i+1]
		place, err := gmsh.Point(f, u, v)
		if err != nil {
			return 0, err
		}
		stands, err := areaOfParameters(f, place, u, v, low, high)
		if err != nil {
			return 0, err
		}
		asked := math.Inf(1)
		if c > 0 {
			asked = 2 * math.Pi / (c * j.chordsOfCircle())
		}
		h := j.sizes.at(2, face, place, asked)
		sum += stands / (h * h)
		area += stands
		if d := 1 / (h * h); d > densest {
			densest, second, ofDensest = d, densest, stands
		} else {
			second = max(second, d)
		}
	}
	if area == 0 {
		return 0, nil
	}
	if len(curvatures) > 1 {
		sum -= ofDensest * (densest - second)
	}
	return sum / area, nil
}

// areaOfParameters returns how much of a face's area the parameters at a place stand for, in relation to other places: little near a pole.
func areaOfParameters(face gmsh.DimTag, place [3]float64, u, v float64, low, high []float64) (float64, error) {
	const step = 1e-4 // of the range
	alongU, err := gmsh.Point(face, u+step*(high[0]-low[0]), v)
	if err != nil {
		return 0, err
	}
	alongV, err := gmsh.Point(face, u, v+step*(high[1]-low[1]))
	if err != nil {
		return 0, err
	}
	n := doubleArea(place, alongU, alongV)
	return math.Sqrt(n[0]*n[0] + n[1]*n[1] + n[2]*n[2]), nil
}
