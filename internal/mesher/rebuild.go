package mesher

import (
	"meshgen/internal/gmsh"
	"meshgen/internal/mesh"
)

// owned is a mesh of which is known on which entity each node lies.
type owned struct {
	mesh.Mesh
	owner []gmsh.DimTag // of each node, by its number
}

// take copies the mesh as Gmsh holds it, to be changed and given back.
func (j *job) take() (*owned, error) {
	s := &snapshot{faces: map[int]faceMesh{}}
	defer s.free()
	if err := s.takeNodes(); err != nil {
		return nil, err
	}
	if err := s.takeElements(); err != nil {
		return nil, err
	}
	m := &owned{Mesh: mesh.Mesh{XYZ: s.XYZ}, owner: make([]gmsh.DimTag, s.Nodes()+1)}
	for _, b := range s.Blocks {
		b.Tags = nil
		b.Nodes = append([]uint64(nil), b.Nodes...)
		m.Blocks = append(m.Blocks, b)
	}
	entities, err := gmsh.Entities(-1)
	if err != nil {
		return nil, err
	}
	for _, e := range entities {
		tags, coordinates, err := gmsh.Nodes(e.Dim, e.Tag)
		for _, tag := range tags.View() {
			m.owner[tag] = e
		}
		tags.Free()
		coordinates.Free()
		if err != nil {
			return nil, err
		}
	}
	return m, nil
}

// addNode adds a node on an entity and returns its number.
func (m *owned) addNode(p [3]float64, on gmsh.DimTag) uint64 {
	m.XYZ = append(m.XYZ, p[:]...)
	m.owner = append(m.owner, on)
	return uint64(len(m.owner) - 1)
}

// block returns the block of an entity and kind, an empty one where there was none. It is valid until the next call.
func (m *owned) block(dim, entity int, kind mesh.Kind) *mesh.Block {
	for i := range m.Blocks {
		if b := &m.Blocks[i]; b.Dim == dim && b.Entity == entity && b.Kind == kind {
			return b
		}
	}
	m.Blocks = append(m.Blocks, mesh.Block{Dim: dim, Entity: entity, Kind: kind})
	return &m.Blocks[len(m.Blocks)-1]
}

// giveInside adds the nodes from a number on, and the elements of volume, to the mesh of the surface that Gmsh holds. Nodes and
// elements are numbered anew.
func (m *owned) giveInside(first int) error {
	for _, b := range m.Blocks {
		if b.Dim != 3 {
			continue
		}
		on := gmsh.DimTag{Dim: 3, Tag: b.Entity}
		var tags []uint64
		var coordinates []float64
		for node := first; node < len(m.owner); node++ {
			if m.owner[node] == on {
				tags = append(tags, uint64(node))
				coordinates = append(coordinates, m.XYZ[3*node:3*node+3]...)
				m.owner[node] = gmsh.DimTag{} // it is there for the other kinds of elements
			}
		}
		if err := gmsh.AddNodes(3, b.Entity, tags, coordinates); err != nil {
			return err
		}
		if err := gmsh.AddElements(b.Entity, int(b.Kind), b.Nodes); err != nil {
			return err
		}
	}
	return renumber()
}

// giveBack makes m the mesh that Gmsh holds. Nodes and elements are numbered anew.
func (m *owned) giveBack() error {
	if err := gmsh.ClearMesh(); err != nil {
		return err
	}
	tags := map[gmsh.DimTag][]uint64{}
	var order []gmsh.DimTag
	for node := 1; node < len(m.owner); node++ {
		e := m.owner[node]
		if tags[e] == nil {
			order = append(order, e)
		}
		tags[e] = append(tags[e], uint64(node))
	}
	for _, e := range order {
		coordinates := make([]float64, 0, 3*len(tags[e]))
		for _, node := range tags[e] {
			coordinates = append(coordinates, m.XYZ[3*node:3*node+3]...)
		}
		if err := gmsh.AddNodes(e.Dim, e.Tag, tags[e], coordinates); err != nil {
			return err
		}
	}
	m.Sort()
	for _, b := range m.Blocks {
		if err := gmsh.AddElements(b.Entity, int(b.Kind), b.Nodes); err != nil {
			return err
		}
	}
	return renumber()
}
