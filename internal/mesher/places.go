package mesher

import (
	"regexp"
	"slices"
	"strconv"

	"meshgen/internal/diagnosis"
	"meshgen/internal/gmsh"
)

// maxPlaces bounds the entities that a diagnosis names: a person looks at a few.
const maxPlaces = 20

// places returns entities with a point on each, for a diagnosis.
func (j *job) places(entities []gmsh.DimTag) []diagnosis.Entity {
	out := make([]diagnosis.Entity, 0, min(len(entities), maxPlaces))
	for _, e := range entities[:min(len(entities), maxPlaces)] {
		place := diagnosis.Entity{Dim: e.Dim, Tag: e.Tag, Name: j.entityName(e)}
		if p, ok := pointOn(e); ok {
			place.Point = &p
		}
		out = append(out, place)
	}
	return out
}

func (j *job) entityName(e gmsh.DimTag) string {
	if e.Dim == 3 {
		for _, s := range j.source.solids {
			if s.tag == e.Tag {
				return s.name
			}
		}
	}
	name, err := gmsh.EntityName(e)
	if err != nil {
		return ""
	}
	return cleanName(name)
}

// pointOn returns a place on an entity: a point itself, the middle of a curve, a place within the trimmed part of a face,
// the centre of a solid.
func pointOn(e gmsh.DimTag) ([3]float64, bool) {
	var p [3]float64
	var err error
	switch e.Dim {
	case 0:
		p, err = gmsh.Point(e)
	case 1, 2:
		low, high, boundsErr := gmsh.ParameterBounds(e)
		if boundsErr != nil || len(low) < e.Dim || len(high) < e.Dim {
			return meshPoint(e)
		}
		p, err = gmsh.Point(e, inside(e, low, high)...)
	default:
		if p, err = gmsh.CenterOfMass(e); err != nil {
			var low, high [3]float64
			low, high, err = gmsh.BoundingBox(e)
			s := source{low: low, high: high}
			p = s.centre()
		}
	}
	return p, err == nil
}

// somePlacesOn returns some places on an entity, as pointOn does one; none where it has none.
func somePlacesOn(e gmsh.DimTag) (places [][3]float64) {
	if e.Dim == 2 {
		if low, high, err := gmsh.ParameterBounds(e); err == nil && len(low) == 2 && len(high) == 2 {
			for _, parameters := range someInside(e, low, high, places2D) {
				if p, err := gmsh.Point(e, parameters...); err == nil {
					places = append(places, p)
				}
			}
			return places
		}
	}
	if p, ok := pointOn(e); ok {
		places = append(places, p)
	}
	return places
}

// meshPoint returns a node of an entity that has no parameters, such as the surface of an STL.
func meshPoint(e gmsh.DimTag) (p [3]float64, ok bool) {
	tags, coordinates, err := gmsh.Nodes(e.Dim, e.Tag)
	if err != nil {
		return p, false
	}
	defer tags.Free()
	defer coordinates.Free()
	return p, copy(p[:], coordinates.View()) == 3
}

// inside returns parameters in the middle of a curve, or within a face: the middle of its range may lie in a hole, and is taken where
// nothing else is found.
func inside(e gmsh.DimTag, low, high []float64) []float64 {
	middle := make([]float64, e.Dim)
	for k := range middle {
		middle[k] = (low[k] + high[k]) / 2
	}
	if e.Dim == 2 {
		if places := someInside(e, low, high, 1); places != nil {
			return places[0]
		}
	}
	return middle
}

// someInside returns parameters of so many places within a face, or of as many as are found. A face that is nearly all hole, such as
// the end of a thin tube, lies between the points of a coarse grid.
func someInside(e gmsh.DimTag, low, high []float64, most int) (places [][]float64) {
	for _, steps := range []int{7, 21, 63} {
		at := func(k, i int) float64 { return low[k] + (high[k]-low[k])*(float64(i)+0.5)/float64(steps) }
		order := outwards(steps)
		for _, u := range order {
			for _, v := range order {
				place := []float64{at(0, u), at(1, v)}
				if n, err := gmsh.Inside(e, place...); err == nil && n == 1 {
					if places = append(places, place); len(places) == most {
						return places
					}
				}
			}
		}
		if places != nil {
			return places
		}
	}
	return nil
}

// outwards returns the numbers below n, which is odd, from the middle outwards.
func outwards(n int) []int {
	order := []int{n / 2}
	for d := 1; d <= n/2; d++ {
		order = append(order, n/2-d, n/2+d)
	}
	return order
}

// mentionPattern finds entities in what Gmsh says: "surface 12", "curve 3", "volume 1".
var mentionPattern = regexp.MustCompile(`(?i)\b(point|curve|edge|line|surface|face|volume|region)s?\s+#?(\d+)`)

var mentionDims = map[byte]int{'p': 0, 'c': 1, 'e': 1, 'l': 1, 's': 2, 'f': 2, 'v': 3, 'r': 3}

// mentioned returns the entities of the model that the lines name, each once, in the order of their mention. What Gmsh
// calls "edge" or "face" may be one of the mesh; only tags that exist count.
func mentioned(lines []gmsh.Line) []gmsh.DimTag {
	var out []gmsh.DimTag
	exists := map[gmsh.DimTag]bool{}
	all, err := gmsh.Entities(-1)
	if err != nil {
		return nil
	}
	for _, e := range all {
		exists[e] = true
	}
	for _, line := range lines {
		for _, m := range mentionPattern.FindAllStringSubmatch(line.Text, -1) {
			tag, err := strconv.Atoi(m[2])
			e := gmsh.DimTag{Dim: mentionDims[m[1][0]|0x20], Tag: tag}
			if err == nil && exists[e] && !slices.Contains(out, e) {
				out = append(out, e)
			}
		}
	}
	return out
}
