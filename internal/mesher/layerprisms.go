package mesher

import (
	"fmt"
	"maps"
	"slices"

	"meshgen/internal/gmsh"
	"meshgen/internal/layers"
	"meshgen/internal/mesh"
)

// insertLayers puts the prisms between the walls and the tetrahedra.
func (j *job) insertLayers() error {
	l := j.layers
	if l == nil {
		return nil
	}
	m, err := j.take()
	if err != nil {
		return err
	}
	at, err := l.find(m)
	if err != nil {
		return err
	}
	// nodes of each column, from the wall to the top: the top is the node that was moved
	stacks := map[uint64][]uint64{}
	for _, before := range slices.Sorted(maps.Keys(at)) { // the numbers of new nodes follow
		node, c := at[before], l.columns[before]
		stack := make([]uint64, len(c.places))
		stack[0] = m.addNode(c.places[0], m.owner[node])
		for i := 1; i < len(stack)-1; i++ {
			stack[i] = m.addNode(c.places[i], c.on)
		}
		stack[len(stack)-1] = node
		m.owner[node] = c.on
		stacks[node] = stack
	}
	now := func(before uint64) uint64 {
		if node, moved := at[before]; moved {
			return node
		}
		return before
	}
	if err := j.restoreWalls(m, stacks); err != nil {
		return err
	}
	for _, w := range l.walls {
		l.stack(m, w, [3]uint64{now(w.nodes[0]), now(w.nodes[1]), now(w.nodes[2])}, stacks)
	}
	for _, s := range l.sides {
		addSide(m, s.face, now(s.a), now(s.b), stacks)
	}
	if err := m.giveBack(); err != nil {
		return err
	}
	return j.judgeLayers(m, stacks, now)
}

// find returns the present number of each node that was moved: Gmsh may have numbered them anew since, but has not moved
// them. It fails where one is not where it was put.
func (l *layering) find(m *owned) (map[uint64]uint64, error) {
	out := make(map[uint64]uint64, len(l.columns))
	var lost map[layers.Vec]uint64
	for before, c := range l.columns {
		top := c.places[len(c.places)-1]
		if before < uint64(len(m.owner)) && m.At(before) == top {
			out[before] = before
			continue
		}
		if lost == nil {
			lost = map[layers.Vec]uint64{}
			for node := 1; node < len(m.owner); node++ {
				lost[m.At(uint64(node))] = uint64(node)
			}
		}
		node, ok := lost[top]
		if !ok {
			return nil, fmt.Errorf("node %d of the top of the layers is gone", before)
		}
		out[before] = node
	}
	return out, nil
}

// restoreWalls puts the elements of walls, and of the curves and points around them, back to where they were.
func (j *job) restoreWalls(m *owned, stacks map[uint64][]uint64) error {
	wallOf, err := j.walls()
	if err != nil {
		return err
	}
	type rest struct {
		curve int
		node  uint64
	}
	var rests []rest
	for i := range m.Blocks {
		b := &m.Blocks[i]
		onWall := b.Dim == 0
		switch b.Dim {
		case 1:
			up, _, err := gmsh.Adjacencies(gmsh.DimTag{Dim: 1, Tag: b.Entity})
			if err != nil {
				return err
			}
			for _, f := range up {
				_, wall := wallOf[f]
				onWall = onWall || wall
			}
		case 2:
			_, onWall = wallOf[b.Entity]
		}
		for k, node := range b.Nodes {
			stack := stacks[node]
			switch {
			case stack == nil:
			case onWall:
				b.Nodes[k] = stack[0]
			case b.Dim == 1 && !slices.Contains(rests, rest{b.Entity, node}):
				rests = append(rests, rest{b.Entity, node})
			}
		}
	}
	// a curve that leaves the wall begins with the sides of the layers
	for _, r := range rests {
		lines := m.block(1, r.curve, mesh.Line2)
		stack := stacks[r.node]
		for i := range len(stack) - 1 {
			lines.Nodes = append(lines.Nodes, stack[i], stack[i+1])
		}
	}
	return nil
}

// stack adds the elements between a triangle of a wall and its top: prisms, or where one or two of its nodes have no layers
// pyramids or tetrahedra that end there.
func (l *layering) stack(m *owned, w wallTriangle, n [3]uint64, stacks map[uint64][]uint64) {
	// seen from within the solid, so that the layers grow in the direction of the normal
	n[1], n[2] = n[2], n[1]
	moved := 0
	for _, node := range n {
		if stacks[node] != nil {
			moved++
		}
	}
	for range 2 { // bring the odd one to the front
		odd := stacks[n[0]] == nil
		if moved == 2 && !odd || moved == 1 && odd {
			n = [3]uint64{n[1], n[2], n[0]}
		}
	}
	a, b, c := stacks[n[0]], stacks[n[1]], stacks[n[2]]
	add := func(kind mesh.Kind, nodes ...uint64) {
		block := m.block(3, w.solid, kind)
		block.Nodes = append(block.Nodes, nodes...)
	}
	switch moved {
	case 3:
		for i := range len(a) - 1 {
			add(mesh.Prism6, a[i], b[i], c[i], a[i+1], b[i+1], c[i+1])
		}
	case 2:
		for i := range len(b) - 1 {
			add(mesh.Pyramid5, b[i], b[i+1], c[i+1], c[i], n[0])
		}
	case 1:
		for i := range len(a) - 1 {
			add(mesh.Tet4, a[i], n[1], n[2], a[i+1])
		}
	}
}

// addSide adds the sides of layers to the face that they lie in, between two nodes in the direction of its triangles.
func addSide(m *owned, face int, a, b uint64, stacks map[uint64][]uint64) {
	from, to := stacks[a], stacks[b]
	triangle := func(x, y, z uint64) {
		block := m.block(2, face, mesh.Triangle3)
		block.Nodes = append(block.Nodes, x, y, z)
	}
	switch {
	case from != nil && to != nil:
		block := m.block(2, face, mesh.Quad4)
		for i := range len(from) - 1 {
			block.Nodes = append(block.Nodes, from[i], to[i], to[i+1], from[i+1])
		}
	case from != nil:
		for i := range len(from) - 1 {
			triangle(from[i], b, from[i+1])
		}
	case to != nil:
		for i := range len(to) - 1 {
			triangle(a, to[i], to[i+1])
		}
	}
}
