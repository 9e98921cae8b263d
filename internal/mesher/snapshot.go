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
	ours   bool // not in the library
	// of curved elements, whose quality is not that of their corners: the smallest SICN, and the smallest by the largest
	// determinant of the Jacobian
	sicn, ratio map[*mesh.Block][]float64
	// of a lattice, which of the tetrahedra of a block are congruent, none of which has a corner on the surface: a bit for each
	congruent map[*mesh.Block][]uint64

	arrays []interface{ Free() }
}

// solidMesh is the elements of a solid, by kind.
type solidMesh struct {
	*solid
	blocks []*mesh.Block
}

// elements returns how many there are.
func (m *solidMesh) elements() int { return countElements(m.blocks) }

// faceMesh is the elements of a face: triangles, then quadrangles.
type faceMesh []*mesh.Block

func countElements(blocks []*mesh.Block) (n int) {
	for _, b := range blocks {
		n += b.Len()
	}
	return n
}

func (j *job) snapshot() (s *snapshot, err error) {
	s = &snapshot{faces: map[int]faceMesh{}, sicn: map[*mesh.Block][]float64{}, ratio: map[*mesh.Block][]float64{}}
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
	if s.Groups, err = physicalGroups(); err != nil {
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

// view finds the elements of a solid and of its faces.
func (s *snapshot) view(solid *solid) error {
	view := solidMesh{solid: solid, blocks: s.In(3, solid.tag)}
	for _, b := range view.blocks {
		if b.Kind.Dim() != 3 {
			return fmt.Errorf("solid %d has elements of kind %s", solid.tag, b.Kind)
		}
	}
	s.solids = append(s.solids, view)
	for _, tag := range solid.faces {
		if _, known := s.faces[tag]; known {
			continue
		}
		face := faceMesh(s.In(2, tag))
		for _, b := range face {
			if b.Kind.Dim() != 2 {
				return fmt.Errorf("face %d has elements of kind %s", tag, b.Kind)
			}
		}
		s.faces[tag] = face
	}
	return nil
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
