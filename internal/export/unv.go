package export

import (
	"meshgen/internal/mesh"
)

// writeUNV writes an I-deas universal file: volumes, the faces that are in groups as thin shells, and a permanent group for
// each group; those of edges and points hold nodes. Datasets 164 (units), 2411 (nodes), 2412 (elements), 2467 (groups).
// Source: SDRC universal file datasets, as published by the University of Cincinnati.
func writeUNV(o *out, m *mesh.Mesh) error {
	const nodeCode, elementCode = 7, 8
	volumes := m.Of(3)
	number, _ := kept(m, volumes, unvCells)
	var shells []*mesh.Block
	for _, p := range divide(m, 2, false, unvNames.names()) {
		shells = append(shells, p.blocks...)
	}

	// Lengths are as they are: the unit factors are 1.
	o.text("    -1\n   164\n         1SI: Meter (newton)         2\n",
		"    1.0000000000000000D+00    1.0000000000000000D+00    1.0000000000000000D+00\n    2.7314999999999998D+02\n    -1\n")
	o.text("    -1\n  2411\n")
	for node, n := range number {
		if n == 0 {
			continue
		}
		o.right(int(n), 10)
		o.text("         1         1        11\n")
		for k := range 3 {
			o.double(m.XYZ[3*node+k], 16, 25)
		}
		o.byte('\n')
	}
	o.text("    -1\n    -1\n  2412\n")
	firstElement := map[*mesh.Block]int{}
	element := 0
	for _, b := range append(append([]*mesh.Block(nil), volumes...), shells...) {
		firstElement[b] = element + 1
		c, n := unvCells[b.Kind], b.Kind.Nodes()
		for e := b.Nodes; len(e) > 0; e = e[n:] {
			element++
			for _, v := range []int{element, c.id, b.Entity, 1, 7, len(c.nodes)} {
				o.right(v, 10)
			}
			for i, k := range c.nodes {
				if i%8 == 0 {
					o.byte('\n')
				}
				o.right(int(number[e[k]]), 10)
			}
			o.byte('\n')
		}
	}
	o.text("    -1\n")

	var all []part
	taken := unvNames.names()
	for _, dim := range []int{3, 2, 1, 0} {
		all = append(all, groups(m, dim, taken)...)
	}
	if len(all) == 0 {
		return nil
	}
	o.text("    -1\n  2467\n")
	for i, p := range all {
		code, entries := elementCode, []int{}
		if p.group.Dim < 2 {
			code = nodeCode
			nodesOf(p.blocks, number, func(n int) { entries = append(entries, n) })
		} else {
			for _, b := range p.blocks {
				for k := range b.Len() {
					entries = append(entries, firstElement[b]+k)
				}
			}
		}
		for _, v := range []int{i + 1, 0, 0, 0, 0, 0, 0, len(entries)} {
			o.right(v, 10)
		}
		o.text("\n", p.name, "\n")
		for k, v := range entries {
			for _, v := range []int{code, v, 0, 0} {
				o.right(v, 10)
			}
			if k%2 == 1 || k == len(entries)-1 {
				o.byte('\n')
			}
		}
	}
	o.text("    -1\n")
	return nil
}
