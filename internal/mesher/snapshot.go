package mesher

import (
	"fmt"
	"slices"

	"meshgen/internal/gmsh"
)

// snapshot is the mesh as Gmsh holds it, copied out once: what is measured, counted and compared with the file later.
type snapshot struct {
	order  int
	nodes  int
	xyz    []float64 // of each node, at three times its number
	solids []solidMesh
	faces  map[int]faceMesh
	counts map[block]int

	arrays []interface{ Free() }
}

// block is the elements of one type in one entity. Elements of points and curves are counted together: tag is 0.
type block struct{ dim, tag, kind int }

// solidMesh is the tetrahedra of a solid.
type solidMesh struct {
	*solid
	tags  []uint64
	nodes []uint64 // stride of them a tetrahedron, the corners first
	step  int
}

// faceMesh is the triangles of a face.
type faceMesh struct {
	kind  int
	nodes []uint64
	step  int
}

// Gmsh's types of elements for each order from 1.
var (
	triangles  = []int{gmsh.Triangle3, gmsh.Triangle6, gmsh.Triangle10}
	tetrahedra = []int{gmsh.Tet4, gmsh.Tet10, gmsh.Tet20}
	corners    = map[int]int{ // nodes of an element
		gmsh.Triangle3: 3, gmsh.Triangle6: 6, gmsh.Triangle10: 10, gmsh.Tet4: 4, gmsh.Tet10: 10, gmsh.Tet20: 20,
	}
)

func (j *job) snapshot() (s *snapshot, err error) {
	s = &snapshot{faces: map[int]faceMesh{}, counts: map[block]int{}}
	defer func() {
		if err != nil {
			s.free()
		}
	}()
	if err := s.takeNodes(); err != nil {
		return s, err
	}
	for i := range j.source.solids {
		solid := &j.source.solids[i]
		if err := s.takeSolid(solid); err != nil {
			return s, err
		}
		for _, tag := range solid.faces {
			if err := s.takeFace(tag); err != nil {
				return s, err
			}
		}
	}
	return s, s.countRest()
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
	s.nodes = tags.Len()
	if s.nodes == 0 {
		return fmt.Errorf("the mesh has no nodes")
	}
	// Nodes were renumbered just now, so that the table has no gaps.
	s.xyz = make([]float64, 3*(slices.Max(tags.View())+1))
	for i, tag := range tags.View() {
		copy(s.xyz[3*tag:3*tag+3], coordinates.View()[3*i:3*i+3])
	}
	return nil
}

// elements returns the elements of one type in an entity, in memory that lives as long as the snapshot.
func (s *snapshot) elements(kind, tag int) (tags, nodes []uint64, err error) {
	t, n, err := gmsh.Elements(kind, tag)
	s.arrays = append(s.arrays, t, n)
	return t.View(), n.View(), err
}

func (s *snapshot) takeSolid(solid *solid) error {
	mesh := solidMesh{solid: solid}
	types, err := gmsh.ElementTypes(3, solid.tag)
	if err != nil {
		return err
	}
	for _, kind := range types {
		order := slices.Index(tetrahedra, kind)
		if order < 0 || len(types) > 1 {
			return fmt.Errorf("solid %d has elements of the types %v", solid.tag, types)
		}
		s.order = order + 1
		mesh.step = corners[kind]
		if mesh.tags, mesh.nodes, err = s.elements(kind, solid.tag); err != nil {
			return err
		}
		s.counts[block{3, solid.tag, kind}] = len(mesh.tags)
	}
	s.solids = append(s.solids, mesh)
	return nil
}

func (s *snapshot) takeFace(tag int) error {
	if _, done := s.faces[tag]; done {
		return nil
	}
	types, err := gmsh.ElementTypes(2, tag)
	if err != nil {
		return err
	}
	mesh := faceMesh{}
	for _, kind := range types {
		if !slices.Contains(triangles, kind) || len(types) > 1 {
			return fmt.Errorf("face %d has elements of the types %v", tag, types)
		}
		mesh.kind, mesh.step = kind, corners[kind]
		var elements []uint64
		if elements, mesh.nodes, err = s.elements(kind, tag); err != nil {
			return err
		}
		s.counts[block{2, tag, kind}] = len(elements)
	}
	s.faces[tag] = mesh
	return nil
}

// countRest counts the elements of curves and points, which are in the files too.
func (s *snapshot) countRest() error {
	for dim := range 2 {
		types, err := gmsh.ElementTypes(dim, -1)
		if err != nil {
			return err
		}
		for _, kind := range types {
			tags, nodes, err := gmsh.Elements(kind, -1)
			s.counts[block{dim, 0, kind}] = tags.Len()
			tags.Free()
			nodes.Free()
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// kinds are the names of elements by dimension: every element here is a simplex.
var kinds = []string{"point", "line", "triangle", "tetrahedron"}

// elementCounts returns the number of elements by kind.
func (s *snapshot) elementCounts() map[string]int {
	counts := map[string]int{}
	for b, n := range s.counts {
		if n > 0 {
			counts[kinds[b.dim]] += n
		}
	}
	return counts
}

// centroid returns the middle of some nodes.
func (s *snapshot) centroid(nodes []uint64) (p [3]float64) {
	for _, n := range nodes {
		for k := range 3 {
			p[k] += s.xyz[3*n+uint64(k)] / float64(len(nodes))
		}
	}
	return p
}
