package mesher

import (
	"slices"
	"strings"

	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
)

// layerMark separates layers from the name in what Gmsh calls an entity: "Shapes/nut_1/nut & & 256".
const layerMark = " & "

// layersOf returns the layers that a CAD file puts an entity on, by the name that Gmsh gives the entity.
func layersOf(path string) []string {
	_, rest, found := strings.Cut(path, layerMark)
	if !found {
		return nil
	}
	var layers []string
	for part := range strings.SplitSeq(rest, "&") {
		if layer := printable(part); layer != "" && !slices.Contains(layers, layer) {
			layers = append(layers, layer)
		}
	}
	return layers
}

// labels returns the solids and faces of the file with what it says of them, under the tags that they have in the file.
// Nothing may have been cut yet.
func (j *job) labels() (solids, faces []engine.Body, err error) {
	for _, s := range j.source.solids {
		e := gmsh.DimTag{Dim: 3, Tag: s.tag}
		body := engine.Body{Tag: s.tag, Name: s.name, Color: color(e), Measure: s.volume, Faces: s.faces}
		if path, err := gmsh.EntityName(e); err == nil {
			body.Layers = layersOf(path)
		}
		solids = append(solids, body)
	}
	entities, err := gmsh.Entities(2)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range entities {
		body := engine.Body{Tag: f.Tag, Color: color(f)}
		if path, err := gmsh.EntityName(f); err == nil {
			body.Name, body.Layers = cleanName(path), layersOf(path)
		}
		faces = append(faces, body)
	}
	return solids, faces, nil
}
