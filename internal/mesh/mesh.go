// Package mesh is a finite element mesh in memory: nodes, elements by entity and kind, and named groups of entities. It is
// what is measured (quality), written in the formats of solvers (export) and read back from our own files (ReadMSH); it
// knows no Gmsh.
//
//	XYZ     x y z of each node, at three times its number; nodes are numbered from 1 without gaps, 0 is not used
//	Blocks  the elements of one kind in one entity: nodes of an element lie side by side, corners first
//	Groups  physical groups: a name for entities of one dimension
//
// Kinds, their numbers and the order of the nodes within an element are Gmsh's (reference manual, "Node ordering"). A straight
// element of positive volume has its nodes as drawn there; elements of faces may point to either side.
package mesh

import "slices"

// Mesh is a mesh. Its arrays may lie in memory that its maker has to free: they are to be read only, and while it lives.
type Mesh struct {
	XYZ    []float64
	Blocks []Block // by dimension, entity and kind
	Groups []Group // by dimension and tag
}

// Block is the elements of one kind in one entity.
type Block struct {
	Dim, Entity int
	Kind        Kind
	Tags        []uint64 // number of each element, unique in the mesh
	Nodes       []uint64 // Kind.Nodes() of them for each element
}

// Group is a physical group: what solvers address a part of a mesh by. An entity may be in several.
type Group struct {
	Dim, Tag int
	Name     string
	Entities []int
}

// Key names a block within a mesh.
type Key struct {
	Dim, Entity int
	Kind        Kind
}

// Key returns the block's name.
func (b *Block) Key() Key { return Key{b.Dim, b.Entity, b.Kind} }

// Len returns the number of elements.
func (b *Block) Len() int { return len(b.Nodes) / b.Kind.Nodes() }

// Element returns the nodes of element i.
func (b *Block) Element(i int) []uint64 {
	n := b.Kind.Nodes()
	return b.Nodes[i*n : (i+1)*n]
}

// Nodes returns the number of nodes.
func (m *Mesh) Nodes() int { return max(len(m.XYZ)/3-1, 0) }

// At returns the place of a node.
func (m *Mesh) At(node uint64) [3]float64 {
	return [3]float64{m.XYZ[3*node], m.XYZ[3*node+1], m.XYZ[3*node+2]}
}

// Of returns the blocks of a dimension.
func (m *Mesh) Of(dim int) []*Block {
	var out []*Block
	for i := range m.Blocks {
		if m.Blocks[i].Dim == dim {
			out = append(out, &m.Blocks[i])
		}
	}
	return out
}

// In returns the blocks of an entity.
func (m *Mesh) In(dim, entity int) []*Block {
	var out []*Block
	for i := range m.Blocks {
		if b := &m.Blocks[i]; b.Dim == dim && b.Entity == entity {
			out = append(out, b)
		}
	}
	return out
}

// Order returns the highest order of the elements, 0 where there are none.
func (m *Mesh) Order() int {
	order := 0
	for i := range m.Blocks {
		order = max(order, m.Blocks[i].Kind.Order())
	}
	return order
}

// Counts returns the number of elements of each block that has any.
func (m *Mesh) Counts() map[Key]int {
	counts := map[Key]int{}
	for i := range m.Blocks {
		if n := m.Blocks[i].Len(); n > 0 {
			counts[m.Blocks[i].Key()] += n
		}
	}
	return counts
}

// Shapes returns the number of elements by shape: "point", "line", "triangle", "tetrahedron", ….
func (m *Mesh) Shapes() map[string]int {
	counts := map[string]int{}
	for i := range m.Blocks {
		if n := m.Blocks[i].Len(); n > 0 {
			counts[m.Blocks[i].Kind.Shape().String()] += n
		}
	}
	return counts
}

// GroupsOf returns the groups that an entity is in.
func (m *Mesh) GroupsOf(dim, entity int) []*Group {
	var out []*Group
	for i := range m.Groups {
		if g := &m.Groups[i]; g.Dim == dim && slices.Contains(g.Entities, entity) {
			out = append(out, g)
		}
	}
	return out
}

// Sort puts blocks and groups into their order.
func (m *Mesh) Sort() {
	slices.SortFunc(m.Blocks, func(a, b Block) int {
		return slices.Compare([]int{a.Dim, a.Entity, int(a.Kind)}, []int{b.Dim, b.Entity, int(b.Kind)})
	})
	slices.SortFunc(m.Groups, func(a, b Group) int {
		return slices.Compare([]int{a.Dim, a.Tag}, []int{b.Dim, b.Tag})
	})
}
