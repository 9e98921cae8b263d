package mesher

import (
	"cmp"
	"fmt"
	"slices"

	"meshgen/internal/gmsh"
)

// Who reads a mesh takes the way in which the triangles of a boundary are wound for its normal: out of the solid. Gmsh winds them as
// the face lies in the solid that it first saw it in, and after a cut it may have seen it in the other.

// turnOutwards turns the elements of those faces around that point into the one solid that they bound, in the library, and reports
// whether there were any. A face between two solids points out of one or the other.
func (j *job) turnOutwards(s *snapshot) (bool, error) {
	inward := s.inward()
	if len(inward) == 0 {
		return false, nil
	}
	j.track.say(gmsh.Info, fmt.Sprintf("Turned %s around that pointed into the solid", count(len(inward), "face")))
	return true, gmsh.Reverse(inward...)
}

// inward returns the faces of one solid alone that point into it. Gmsh winds all elements of a face alike, so that one of each tells.
func (s *snapshot) inward() []gmsh.DimTag {
	bounds := map[int]int{} // how many solids each face does
	for i := range s.solids {
		for _, tag := range s.solids[i].faces {
			bounds[tag]++
		}
	}
	samples := &shell{isNode: make([]uint64, len(s.XYZ)/192+1)}
	for tag, solids := range bounds {
		if face := s.faces[tag]; solids == 1 && countElements(face) > 0 {
			samples.add(tag, face[0].Element(0)[:face[0].Kind.Corners()])
		}
	}
	samples.hits, samples.side = make([]uint8, len(samples.face)), make([]int8, len(samples.face))
	samples.link()
	for i := range s.solids {
		for _, b := range s.solids[i].blocks {
			shape := b.Kind.Shape()
			for e := range b.Len() {
				element := b.Element(e)[:shape.Corners()]
				near := 0
				for _, node := range element {
					if samples.has(node) {
						near++
					}
				}
				if near < 3 {
					continue
				}
				for _, side := range shape.Faces() {
					if index, same := samples.find(element, side); index >= 0 {
						samples.hits[index]++
						if !same {
							samples.side[index] = -1
						}
					}
				}
			}
		}
	}
	var inward []gmsh.DimTag
	for i, tag := range samples.face {
		if samples.hits[i] == 1 && samples.side[i] < 0 { // two hits where it lies within the solid
			inward = append(inward, gmsh.DimTag{Dim: 2, Tag: tag})
		}
	}
	slices.SortFunc(inward, func(a, b gmsh.DimTag) int { return cmp.Compare(a.Tag, b.Tag) })
	return inward
}
