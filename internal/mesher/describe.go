package mesher

import (
	"fmt"

	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
)

// describe reads the file and says what is in it.
func (j *job) describe() error {
	if err := j.read(); err != nil {
		return err
	}
	s := &j.source
	j.model = &engine.Model{
		Format:        j.req.Source.Format,
		Units:         j.units(),
		DeclaredUnits: s.declared,
		Box:           engine.Box{Min: s.low, Max: s.high},
	}
	if s.triangle != nil {
		j.describeTriangles()
		return nil
	}
	for _, solid := range s.solids {
		j.model.Solids = append(j.model.Solids, engine.Body{
			Tag: solid.tag, Name: solid.name, Color: color(gmsh.DimTag{Dim: 3, Tag: solid.tag}),
			Measure: solid.volume, Faces: solid.faces,
		})
	}
	faces, err := gmsh.Entities(2)
	if err != nil {
		return err
	}
	for _, f := range faces {
		area, err := gmsh.Mass(f)
		if err != nil {
			return err
		}
		j.model.Faces = append(j.model.Faces, engine.Body{
			Tag: f.Tag, Name: j.entityName(f), Color: color(f), Measure: area,
		})
	}
	for dim, count := range map[int]*int{1: &j.model.Curves, 0: &j.model.Points} {
		entities, err := gmsh.Entities(dim)
		if err != nil {
			return err
		}
		*count = len(entities)
	}
	return nil
}

func (j *job) describeTriangles() {
	mesh := j.source.triangle
	j.model.Triangles = len(mesh.Triangles)
	for _, s := range j.source.solids {
		j.model.Solids = append(j.model.Solids, engine.Body{Tag: s.tag, Measure: s.volume, Faces: s.faces})
	}
	for i, shell := range mesh.Shells {
		j.model.Faces = append(j.model.Faces, engine.Body{Tag: i + 1, Measure: shell.Area})
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
