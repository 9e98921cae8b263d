package mesher

import (
	"slices"

	"meshgen/internal/mesh"
)

// partFaces gives faces that several solids have a copy for each further one: the meshes of their lattices share no nodes.
func (j *job) partFaces() {
	highest := 0
	for e := range j.catalogue.file {
		if e.Dim == 2 {
			highest = max(highest, e.Tag)
		}
	}
	taken := map[int]bool{}
	for i := range j.source.solids {
		s := &j.source.solids[i]
		for _, f := range s.faces {
			if !taken[f] {
				taken[f] = true
				continue
			}
			if s.copies == nil {
				s.copies = map[int]int{}
			}
			highest++
			s.copies[f] = highest
		}
	}
}

// latticeSnapshot puts the meshes of all solids together, as if they came from the library.
func (j *job) latticeSnapshot(hulls []*latticeHull) (*snapshot, error) {
	s := &snapshot{
		Mesh: mesh.Mesh{XYZ: make([]float64, 3)}, faces: map[int]faceMesh{}, ours: true,
		sicn: map[*mesh.Block][]float64{}, ratio: map[*mesh.Block][]float64{},
	}
	for _, h := range hulls {
		first := uint64(len(s.XYZ) / 3)
		s.XYZ = append(s.XYZ, h.mesh.XYZ...)
		at := map[int32]int{}
		for _, f := range h.solid.faces {
			at[int32(f)] = len(s.Blocks)
			s.Blocks = append(s.Blocks, mesh.Block{Dim: 2, Entity: f, Kind: mesh.Triangle3})
		}
		for i, f := range h.faces {
			b := &s.Blocks[at[f]]
			for _, n := range h.mesh.Tris[3*i : 3*i+3] {
				b.Nodes = append(b.Nodes, first+uint64(n))
			}
		}
		tets := make([]uint64, len(h.mesh.Tets))
		for i, n := range h.mesh.Tets {
			tets[i] = first + uint64(n)
		}
		s.Blocks = append(s.Blocks, mesh.Block{Dim: 3, Entity: h.solid.tag, Kind: mesh.Tet4, Nodes: tets})
		h.mesh = nil
	}
	s.Blocks = slices.DeleteFunc(s.Blocks, func(b mesh.Block) bool { return len(b.Nodes) == 0 })
	s.Sort()
	number := uint64(0)
	for i := range s.Blocks {
		b := &s.Blocks[i]
		b.Tags = make([]uint64, b.Len())
		for e := range b.Tags {
			number++
			b.Tags[e] = number
		}
	}
	groups, err := j.groups()
	if err != nil {
		return nil, err
	}
	s.Groups = j.withCopies(groups)
	s.Sort()
	for i := range j.source.solids {
		if err := s.view(&j.source.solids[i]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// withCopies adds to each group of faces the copies that other solids have of them, and leaves out the entities of which the
// mesh has no elements.
func (j *job) withCopies(groups []mesh.Group) []mesh.Group {
	for i := range groups {
		g := &groups[i]
		if g.Dim != 2 {
			continue
		}
		for _, f := range slices.Clone(g.Entities) {
			for k := range j.source.solids {
				if tag, ok := j.source.solids[k].copies[f]; ok {
					g.Entities = append(g.Entities, tag)
				}
			}
		}
	}
	return slices.DeleteFunc(groups, func(g mesh.Group) bool { return g.Dim < 2 })
}
