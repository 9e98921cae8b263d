package mesher

import (
	"math"

	"meshgen/internal/diagnosis"
	"meshgen/internal/gmsh"
	"meshgen/internal/surface"
)

const (
	// deflection is how far the tessellation may lie from the CAD, as a share of the diagonal, and bend the angle in radians
	// between neighbouring triangles of a curved face.
	deflection = 5e-4
	bend       = 0.2
	// tessellatedShare is how much the volume of a tessellated solid may differ from the CAD's.
	tessellatedShare = 0.02
)

// standIn takes OpenCASCADE's triangles in place of the faces, and goes on as with an STL: for CAD whose faces cannot be
// meshed. Each solid is closed for itself, so that solids that touch share no nodes.
func (j *job) standIn() error {
	if err := j.tessellateTo(bend); err != nil {
		return err
	}
	whole := &surface.Mesh{}
	cad := j.source.solids
	for _, s := range cad {
		part, err := closedTriangles(s)
		if err != nil {
			return err
		}
		where := diagnosis.Entity{Dim: 3, Tag: s.tag, Name: s.name}
		if _, d := part.Repair(); d != nil {
			return diagnosis.New(diagnosis.SurfaceMeshingFailed, "The tessellation of %s does not close.", describeSolid(s)).
				At(append([]diagnosis.Entity{where}, d.Entities...)...).WithDetail(d.Error())
		}
		if len(part.Solids) != 1 {
			return diagnosis.New(diagnosis.SurfaceMeshingFailed, "The tessellation of %s falls into %d pieces.",
				describeSolid(s), len(part.Solids)).At(where)
		}
		if off := deviation(part.SolidVolume(part.Solids[0]), s.volume); math.Abs(off) > tessellatedShare {
			return diagnosis.New(diagnosis.SurfaceMeshingFailed, "The tessellation of %s is %.2g %% off its volume.",
				describeSolid(s), 100*off).At(where)
		}
		whole.Append(part)
	}
	if err := gmsh.RemoveModel(); err != nil {
		return err
	}
	j.source.solids = nil
	if err := j.takeTriangles(whole); err != nil {
		return err
	}
	for i := range j.source.solids {
		j.source.solids[i].name, j.source.solids[i].volume = cad[i].name, cad[i].volume
	}
	j.warn(*diagnosis.New(diagnosis.Repaired,
		"The faces of the CAD could not be meshed: its tessellation was, to within %.3g. Faces have no names, and solids share no nodes.",
		deflection*j.source.diagonal()))
	return nil
}

// tessellateTo has OpenCASCADE make triangles of the faces, to be meshed in their place.
func (j *job) tessellateTo(bend float64) error {
	if err := set([]option{
		{"Mesh.StlLinearDeflection", deflection * j.source.diagonal()}, {"Mesh.StlLinearDeflectionRelative", 0},
		{"Mesh.StlAngularDeflection", bend},
	}); err != nil {
		return err
	}
	if err := gmsh.ImportSTL(); err != nil {
		return j.failed(diagnosis.SurfaceMeshingFailed, "The CAD could not be tessellated.", nil, err)
	}
	return nil
}

// closedTriangles returns the triangles around a solid. Nodes of different faces at the same place are one vertex.
func closedTriangles(s solid) (*surface.Mesh, error) {
	h, err := takeHull(s)
	if err != nil {
		return nil, err
	}
	h.weld()
	vertices, triangles := h.indexed()
	return &surface.Mesh{Vertices: vertices, Triangles: triangles}, nil
}
