package mesher

import (
	"fmt"
	"slices"

	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
)

// describe reads the file and says what is in it.
func (j *job) describe() error {
	if err := j.bringAsIs(); err != nil {
		return err
	}
	read := j.heard() // what a description hears besides is nothing to a mesh
	s := &j.source
	j.model = &engine.Model{
		Format:        j.req.Source.Format,
		Units:         j.units(),
		DeclaredUnits: s.declared,
		Box:           engine.Box{Min: s.low, Max: s.high},
	}
	if s.triangle != nil || s.raw != nil {
		j.describeTriangles()
		j.showPart()
		if j.part != nil {
			return nil
		}
		return j.notePart(read)
	}
	var err error
	j.model.Solids, j.model.Faces = j.catalogue.solids, slices.Clone(j.catalogue.faces)
	for i := range j.model.Faces {
		f := &j.model.Faces[i]
		if f.Measure, err = gmsh.Mass(gmsh.DimTag{Dim: 2, Tag: f.Tag}); err != nil {
			return err
		}
		if f.Shape, f.Radius, err = bendOf(f.Tag, s.diagonal()); err != nil {
			return err
		}
	}
	j.model.Groups = j.catalogue.groups
	if j.model.Curves, j.model.CurveTags, err = tagRanges(1); err != nil {
		return err
	}
	if j.model.Points, j.model.PointTags, err = tagRanges(0); err != nil {
		return err
	}
	if err := j.noteImported(read); err != nil {
		return err
	}
	j.showPart()
	return nil
}

// noteImported has the part kept for the mesh that is likely to be asked for. Solids that touch would have to be cut then, for
// which OpenCASCADE looks at boxes that the picture of the part changes: such a part is read again.
func (j *job) noteImported(read heard) error {
	if j.part != nil {
		return nil
	}
	if touching, err := j.touching(nil); err != nil || len(touching) > 0 {
		return err
	}
	return j.notePart(read)
}

// tagRanges returns the number of the entities of a dimension, and their tags as ranges.
func tagRanges(dim int) (n int, ranges [][2]int, err error) {
	entities, err := gmsh.Entities(dim)
	if err != nil {
		return 0, nil, err
	}
	tags := make([]int, len(entities))
	for i, e := range entities {
		tags[i] = e.Tag
	}
	slices.Sort(tags)
	for _, t := range tags {
		if last := len(ranges) - 1; last >= 0 && ranges[last][1] == t-1 {
			ranges[last][1] = t
		} else {
			ranges = append(ranges, [2]int{t, t})
		}
	}
	return len(entities), ranges, nil
}

func (j *job) describeTriangles() {
	if j.source.raw != nil {
		j.describeRaw()
		return
	}
	mesh := j.source.triangle
	j.model.Triangles = len(mesh.Triangles)
	for _, s := range j.source.solids {
		j.model.Solids = append(j.model.Solids, engine.Body{Tag: s.tag, Measure: s.volume, Faces: s.faces})
	}
	for i, f := range mesh.Faces {
		j.model.Faces = append(j.model.Faces, engine.Body{Tag: i + 1, Measure: f.Area, Place: &f.Place})
	}
	if j.model.Curves = len(mesh.Curves); j.model.Curves > 0 {
		j.model.CurveTags = [][2]int{{1, j.model.Curves}}
	}
	if j.model.Points = len(mesh.Corners); j.model.Points > 0 {
		j.model.PointTags = [][2]int{{1, j.model.Points}}
	}
}

// color returns the colour of an entity in the file, as #rrggbb, or nothing.
func color(e gmsh.DimTag) string {
	r, g, b, a, err := gmsh.Color(e)
	if err != nil || a == 0 {
		return ""
	}
	return fmt.Sprintf("#%02x%02x%02x", r, g, b)
}
