package mesher

import (
	"fmt"
	"slices"

	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

// snapshot is the mesh as Gmsh holds it, copied out once: what is measured, counted and compared with the file later.
type snapshot struct {
	mesh.Mesh
	solids []solidMesh
	faces  map[int]faceMesh

	arrays []interface{ Free() }
}

// solidMesh is the tetrahedra of a solid.
type solidMesh struct {
	*solid
	tags  []uint64
	nodes []uint64 // stride of them a tetrahedron, the corners first
	step  int
}

// faceMesh is the triangles of a face.
type faceMesh struct {
	nodes []uint64
	step  int
}

func (j *job) snapshot() (s *snapshot, err error) {
	s = &snapshot{faces: map[int]faceMesh{}}
	defer func() {
		if err != nil {
			s.free()
		}
	}()
	if err := s.takeNodes(); err != nil {
		return s, err
	}
	if err := s.takeElements(); err != nil {
		return s, err
	}
	for i := range j.source.solids {
		solid := &j.source.solids[i]
		if err := s.view(solid); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s *snapshot) free() {
	for _, a := range s.arrays {
		a.Free()
	}
	s.arrays = nil
}

func (s *snapshot) takeNodes() error {
	tags, coordinates, err := gmsh.Nodes(-1, -1)
	defer tags.Free()
	defer coordinates.Free()
	if err != nil {
		return err
	}
	if tags.Len() == 0 {
		return fmt.Errorf("the mesh has no nodes")
	}
	// Nodes were renumbered just now, so that the table has no gaps.
	if highest := slices.Max(tags.View()); highest != uint64(tags.Len()) {
		return fmt.Errorf("%d nodes are numbered up to %d", tags.Len(), highest)
	}
	s.XYZ = make([]float64, 3*(tags.Len()+1))
	for i, tag := range tags.View() {
		copy(s.XYZ[3*tag:3*tag+3], coordinates.View()[3*i:3*i+3])
	}
	return nil
}

// takeElements copies the elements of every entity, in memory that lives as long as the snapshot.
func (s *snapshot) takeElements() error {
	entities, err := gmsh.Entities(-1)
	if err != nil {
		return err
	}
	for _, e := range entities {
		types, err := gmsh.ElementTypes(e.Dim, e.Tag)
		if err != nil {
			return err
		}
		for _, kind := range types {
			tags, nodes, err := gmsh.Elements(kind, e.Tag)
			s.arrays = append(s.arrays, tags, nodes)
			if err != nil {
				return err
			}
			if !mesh.Kind(kind).Known() {
				return fmt.Errorf("entity %d of dimension %d has elements of type %d", e.Tag, e.Dim, kind)
			}
			s.Blocks = append(s.Blocks, mesh.Block{
				Dim: e.Dim, Entity: e.Tag, Kind: mesh.Kind(kind), Tags: tags.View(), Nodes: nodes.View(),
			})
		}
	}
	s.Sort()
	return nil
}

// view finds the tetrahedra of a solid and the triangles of its faces.
func (s *snapshot) view(solid *solid) error {
	tetrahedra, err := s.only(3, solid.tag, mesh.ATetrahedron)
	if err != nil {
		return err
	}
	view := solidMesh{solid: solid}
	if tetrahedra != nil {
		view.tags, view.nodes, view.step = tetrahedra.Tags, tetrahedra.Nodes, tetrahedra.Kind.Nodes()
	}
	s.solids = append(s.solids, view)
	for _, tag := range solid.faces {
		triangles, err := s.only(2, tag, mesh.ATriangle)
		if err != nil {
			return err
		}
		face := faceMesh{}
		if triangles != nil {
			face.nodes, face.step = triangles.Nodes, triangles.Kind.Nodes()
		}
		s.faces[tag] = face
	}
	return nil
}

// only returns the elements of an entity, nil where it has none; all have to be of one kind and of the shape.
func (s *snapshot) only(dim, entity int, shape mesh.Shape) (*mesh.Block, error) {
	blocks := s.In(dim, entity)
	if len(blocks) == 0 {
		return nil, nil
	}
	if len(blocks) > 1 || blocks[0].Kind.Shape() != shape {
		return nil, fmt.Errorf("entity %d of dimension %d has elements of %d kinds, the first %s", entity, dim, len(blocks), blocks[0].Kind)
	}
	return blocks[0], nil
}

// centroid returns the middle of some nodes.
func (s *snapshot) centroid(nodes []uint64) (p [3]float64) {
	for _, n := range nodes {
		for k := range 3 {
			p[k] += s.XYZ[3*n+uint64(k)] / float64(len(nodes))
		}
	}
	return p
}
