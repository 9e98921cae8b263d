package export

import (
	"fmt"
	"slices"

	"meshgen/internal/mesh"
)

// writeINP writes an input file of Abaqus, which CalculiX reads too: the mesh alone. Each group of solids is an element set;
// each group of faces is a node set, a surface, and one element set for each number of a face that the surface is made of
// (_NAME_S1, …), as Abaqus/CAE writes them; groups of edges and points are node sets. Where a face lies between two solids, the surface
// is that of the first.
func writeINP(o *out, m *mesh.Mesh) error {
	volumes := m.Of(3)
	number, _ := kept(m, volumes, abaqusCells)
	o.text("*HEADING\nmesh\n*NODE\n")
	for node, n := range number {
		if n == 0 {
			continue
		}
		o.int(int(n))
		for k := range 3 {
			o.text(", ")
			o.float(m.XYZ[3*node+k])
		}
		o.byte('\n')
	}
	firstElement := map[*mesh.Block]int{}
	element := 0
	for _, b := range volumes {
		c, n := abaqusCells[b.Kind], b.Kind.Nodes()
		o.text("*ELEMENT, TYPE=", c.name, "\n")
		firstElement[b] = element + 1
		for e := b.Nodes; len(e) > 0; e = e[n:] {
			element++
			o.int(element)
			for i, k := range c.nodes {
				o.byte(',')
				if i == 15 { // a line holds 16 numbers
					o.byte('\n')
				}
				o.int(int(number[e[k]]))
			}
			o.byte('\n')
		}
	}
	elementSets, nodeSets, surfaces := inpNames.names(), inpNames.names(), inpNames.names()
	solids := groups(m, 3, elementSets)
	for _, p := range divide(m, 3, true, inpNames.names()) {
		if p.group == nil {
			p.name = elementSets.take(p.name)
			solids = append(solids, p)
		}
	}
	for _, p := range solids {
		o.text("*ELSET, ELSET=", p.name, ", GENERATE\n")
		for i := 0; i < len(p.blocks); i++ {
			from := firstElement[p.blocks[i]]
			to := from + p.blocks[i].Len()
			for i+1 < len(p.blocks) && firstElement[p.blocks[i+1]] == to {
				i++
				to += p.blocks[i].Len()
			}
			o.text(fmt.Sprintf("%d, %d, 1\n", from, to-1))
		}
	}
	if faces := groups(m, 2, surfaces); len(faces) > 0 {
		t := newTopology(m, volumes)
		for _, p := range faces {
			o.nodeSet(nodeSets.take(groupName(p.group)), p.blocks, number)
			o.surface(t, p)
		}
	}
	for _, dim := range []int{1, 0} {
		for _, p := range groups(m, dim, nodeSets) {
			o.nodeSet(p.name, p.blocks, number)
		}
	}
	return nil
}

func (o *out) nodeSet(name string, blocks []*mesh.Block, number []int32) {
	o.text("*NSET, NSET=", name, "\n")
	i := 0
	nodesOf(blocks, number, func(n int) { i = o.item(i, n) })
	o.byte('\n')
}

// item writes the next number of a list, 16 in a line.
func (o *out) item(i, v int) int {
	switch {
	case i == 0:
	case i%16 == 0:
		o.text(",\n")
	default:
		o.text(", ")
	}
	o.int(v)
	return i + 1
}

// surface writes the faces of volumes that the elements of a group lie on.
func (o *out) surface(t *topology, p part) {
	var sides [7][]int // elements by the number of their face
	for i, b := range t.faces {
		if !slices.Contains(p.blocks, b) {
			continue
		}
		for e := t.elements[i]; e < t.elements[i+1]; e++ {
			if half := t.side[e]; half >= 0 {
				cell, face := t.owner(half)
				shape := t.blocks[t.block(half)].Kind.Shape()
				s := abaqusFaces[shape][face]
				sides[s] = append(sides[s], cell+1)
			}
		}
	}
	for s, elements := range sides {
		if len(elements) == 0 {
			continue
		}
		o.text(fmt.Sprintf("*ELSET, ELSET=_%s_S%d\n", p.name, s))
		i := 0
		for _, e := range elements {
			i = o.item(i, e)
		}
		o.byte('\n')
	}
	o.text("*SURFACE, TYPE=ELEMENT, NAME=", p.name, "\n")
	for s, elements := range sides {
		if len(elements) > 0 {
			o.text(fmt.Sprintf("_%s_S%d, S%d\n", p.name, s, s))
		}
	}
}
