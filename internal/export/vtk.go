package export

import (
	"fmt"
	"strings"

	"meshgen/internal/mesh"
)

// writeVTK writes VTK's legacy format, binary, with all elements: cell arrays say the entity of each and its first group,
// and the field data hold an array [tag, dim] for each group, under its name.
func writeVTK(o *out, m *mesh.Mesh) error {
	cells, entries := 0, 0
	for i := range m.Blocks {
		b := &m.Blocks[i]
		cells += b.Len()
		entries += b.Len() * (1 + len(vtkCells[b.Kind].nodes))
	}
	number, nodes := kept(m, all(m), vtkCells)
	o.text("# vtk DataFile Version 3.0\nmesh\nBINARY\nDATASET UNSTRUCTURED_GRID\n")
	if len(m.Groups) > 0 {
		o.text(fmt.Sprintf("FIELD FieldData %d\n", len(m.Groups)))
		taken := anyName.names()
		for i := range m.Groups {
			g := &m.Groups[i]
			o.text(escaped(taken.take(groupName(g))), " 2 1 int\n")
			o.big32(uint32(g.Tag))
			o.big32(uint32(g.Dim))
			o.byte('\n')
		}
	}
	o.text(fmt.Sprintf("POINTS %d double\n", nodes))
	for node, n := range number {
		if n != 0 {
			for k := range 3 {
				o.big64(m.XYZ[3*node+k])
			}
		}
	}
	o.text(fmt.Sprintf("\nCELLS %d %d\n", cells, entries))
	for i := range m.Blocks {
		b := &m.Blocks[i]
		n, order := b.Kind.Nodes(), vtkCells[b.Kind].nodes
		for e := b.Nodes; len(e) > 0; e = e[n:] {
			o.big32(uint32(len(order)))
			for _, k := range order {
				o.big32(uint32(number[e[k]] - 1))
			}
		}
	}
	repeat := func(value func(b *mesh.Block) int) {
		for i := range m.Blocks {
			b := &m.Blocks[i]
			v := uint32(value(b))
			for range b.Len() {
				o.big32(v)
			}
		}
	}
	o.text(fmt.Sprintf("\nCELL_TYPES %d\n", cells))
	repeat(func(b *mesh.Block) int { return vtkCells[b.Kind].id })
	o.text(fmt.Sprintf("\nCELL_DATA %d\nSCALARS %s int 1\nLOOKUP_TABLE default\n", cells, entityArray))
	repeat(func(b *mesh.Block) int { return b.Entity })
	o.text(fmt.Sprintf("\nSCALARS %s int 1\nLOOKUP_TABLE default\n", groupArray))
	of := firstGroups(m)
	repeat(func(b *mesh.Block) int { return of[b.Dim][b.Entity] })
	o.text("\n")
	return nil
}

// The cell arrays of VTK files: tags are unique within a dimension.
const (
	entityArray = "CellEntityIds"
	groupArray  = "CellGroupIds"
)

// firstGroups returns, by dimension, the tag of the first group of each entity.
func firstGroups(m *mesh.Mesh) (of [4]map[int]int) {
	for dim := range of {
		of[dim] = first(m, dim)
	}
	return of
}

func all(m *mesh.Mesh) []*mesh.Block {
	out := make([]*mesh.Block, len(m.Blocks))
	for i := range m.Blocks {
		out[i] = &m.Blocks[i]
	}
	return out
}

// escaped writes a name as VTK does in legacy files, where words end at a space: other than printable ASCII as %xx.
func escaped(name string) string {
	var out strings.Builder
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c > '~' || c == '"' || c == '%' {
			fmt.Fprintf(&out, "%%%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}
