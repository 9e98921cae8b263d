package mesher

import (
	"math"

	"meshgen/internal/gmsh"
	"meshgen/internal/sizing"
)

// pole is a point in which a face ends, as in the apex of a cone: nothing but the face's own seam leads there. Where the face is slim,
// there is room for no more than one node beside the first of the seam: two triangles with the same three nodes, which no tetrahedron fits.
// So a ring of nodes is asked for where the seam has its first.
type pole struct{ face, seam, point int }

// polesOf returns the poles of a face, which has some curves around it.
func polesOf(face int, curves []gmsh.DimTag) (poles []pole, err error) {
	uses, ends := map[int]int{}, map[int][]int{} // of each curve, and its ends
	for _, c := range curves {
		tag := abs(c.Tag)
		uses[tag]++
		if ends[tag] != nil {
			continue
		}
		points, err := gmsh.Boundary([]gmsh.DimTag{{Dim: 1, Tag: tag}}, false)
		if err != nil {
			return nil, err
		}
		ends[tag] = []int{}
		for _, p := range points {
			ends[tag] = append(ends[tag], abs(p.Tag))
		}
	}
	touched := map[int]int{} // how many curves end at a point
	for tag, points := range ends {
		if length, err := gmsh.Mass(gmsh.DimTag{Dim: 1, Tag: tag}); err != nil {
			return nil, err
		} else if length <= tolerance {
			continue // the pole itself, as a curve
		}
		for _, p := range points {
			touched[p]++
		}
	}
	for _, c := range curves {
		tag := abs(c.Tag)
		if uses[tag] < 2 {
			continue
		}
		uses[tag] = 0 // once
		for _, p := range ends[tag] {
			if touched[p] == 1 {
				poles = append(poles, pole{face, tag, p})
			}
		}
	}
	return poles, nil
}

// ring returns what asks for nodes around the pole, once the seam is divided; it reports false where there is room for them anyway.
func (p pole) ring() (source sizing.Source, narrow bool, err error) {
	const around = 0.75 // of the diameter: four nodes
	centre, err := gmsh.Point(gmsh.DimTag{Dim: 0, Tag: p.point})
	if err != nil {
		return source, false, err
	}
	segments, err := curveSegments(p.seam)
	if err != nil {
		return source, false, err
	}
	first, along := [3]float64{}, math.Inf(1)
	for _, s := range segments {
		for i := range 2 {
			if length := distance(s[0], s[1]); distance(s[i], centre) < 1e-6*length && length < along {
				first, along = s[1-i], length
			}
		}
	}
	if math.IsInf(along, 1) {
		return source, false, nil
	}
	across, err := p.across(first, centre, along)
	if err != nil || across == 0 || around*across >= along {
		return source, false, err
	}
	size := around * across
	return sizing.Source{Shape: sizing.Point(centre), Size: size, From: along, Slope: size / along}, true, nil
}

// across returns how far the place on the other side of the face is from one on its seam, 0 where that cannot be told.
func (p pole) across(from, centre [3]float64, along float64) (float64, error) {
	face := gmsh.DimTag{Dim: 2, Tag: p.face}
	low, high, err := gmsh.ParameterBounds(face)
	if err != nil || len(low) != 2 || len(high) != 2 {
		return 0, err
	}
	at, err := gmsh.Parameters(face, from[:])
	if err != nil || len(at) != 2 {
		return 0, err
	}
	const alike = 0.3
	best := 0.
	for k := range 2 {
		other := [2]float64{at[0], at[1]}
		half := (high[k] - low[k]) / 2
		if other[k] += half; other[k] > high[k] {
			other[k] -= 2 * half
		}
		place, err := gmsh.Point(face, other[0], other[1])
		if err != nil {
			return 0, err
		}
		if math.Abs(distance(place, centre)-along) < alike*along { // as far from the pole: it went around, not along
			best = distance(place, from)
		}
	}
	return best, nil
}
