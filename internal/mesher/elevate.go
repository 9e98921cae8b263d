package mesher

import (
	"meshgen/internal/curved"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

// mixed reports whether a mesh has other elements of volume than tetrahedra.
func (s *snapshot) mixed() bool {
	for _, b := range s.Of(3) {
		if b.Kind.Shape() != mesh.ATetrahedron {
			return true
		}
	}
	return false
}

// elevate raises a mesh of prisms or hexahedra to order 2. The library would curve the wall under a boundary layer and leave the
// layers as they are: they turn inside out. Here all layers bend as the wall does.
func (j *job) elevate() error {
	m, err := j.take()
	if err != nil {
		return err
	}
	geometry := curved.Geometry{Project: j.projector()}
	if j.layers != nil {
		geometry.Below = stacked(&m.Mesh)
	}
	raised := curved.Elevate(&m.Mesh, geometry)
	result := curved.Straighten(&raised.Mesh, raised.Ties)
	j.noteStraightened(&raised.Mesh, result)
	m.Mesh = raised.Mesh
	for _, e := range raised.Owners {
		m.owner = append(m.owner, gmsh.DimTag{Dim: e[0], Tag: e[1]})
	}
	return m.giveBack()
}

// projector returns the nearest place on curves and faces of the CAD that are not straight; those of an STL have no other
// shape than that of the elements.
func (j *job) projector() func(dim, entity int, p curved.Vec) (curved.Vec, bool) {
	bent := map[gmsh.DimTag]bool{}
	return func(dim, entity int, p curved.Vec) (curved.Vec, bool) {
		if j.source.triangle != nil {
			return p, false
		}
		e := gmsh.DimTag{Dim: dim, Tag: entity}
		is, known := bent[e]
		if !known {
			kind, err := gmsh.Kind(e)
			is = err == nil && kind != "Plane" && kind != "Line"
			bent[e] = is
		}
		if !is {
			return p, false
		}
		on, _, err := gmsh.ClosestPoint(e, p)
		return on, err == nil
	}
}

// stacked says over which edge each edge of the layers lies: those of prisms, and of the pyramids that end a layer.
func stacked(m *mesh.Mesh) map[curved.Edge]curved.Edge {
	below := map[curved.Edge]curved.Edge{}
	for _, b := range m.Of(3) {
		for e := range b.Len() {
			n := b.Element(e)
			switch b.Kind {
			case mesh.Prism6:
				for i := range 3 {
					k := (i + 1) % 3
					below[curved.EdgeOf(n[3+i], n[3+k])] = curved.EdgeOf(n[i], n[k])
				}
			case mesh.Pyramid5: // as layering.stack makes them
				below[curved.EdgeOf(n[1], n[2])] = curved.EdgeOf(n[0], n[3])
			}
		}
	}
	return below
}
