package export

import (
	"fmt"

	"meshgen/internal/mesh"
)

// writeMSH2 writes Gmsh's format 2.2, binary, with all elements. Each has two tags: its first physical group, 0 where it
// is in none, and its entity. Source: Gmsh reference manual, "MSH file format version 2".
func writeMSH2(o *out, m *mesh.Mesh) error {
	o.text("$MeshFormat\n2.2 1 8\n")
	o.little32(1)
	o.text("\n$EndMeshFormat\n")
	if len(m.Groups) > 0 {
		o.text(fmt.Sprintf("$PhysicalNames\n%d\n", len(m.Groups)))
		taken := [4]*names{anyName.names(), anyName.names(), anyName.names(), anyName.names()}
		for i := range m.Groups {
			g := &m.Groups[i]
			o.text(fmt.Sprintf("%d %d \"%s\"\n", g.Dim, g.Tag, taken[g.Dim].take(groupName(g))))
		}
		o.text("$EndPhysicalNames\n")
	}
	o.text(fmt.Sprintf("$Nodes\n%d\n", m.Nodes()))
	for node := 1; node <= m.Nodes(); node++ {
		o.little32(uint32(node))
		for k := range 3 {
			o.little64(m.XYZ[3*node+k])
		}
	}
	count := 0
	for i := range m.Blocks {
		count += m.Blocks[i].Len()
	}
	o.text(fmt.Sprintf("\n$EndNodes\n$Elements\n%d\n", count))
	of := firstGroups(m)
	element := uint32(0)
	for i := range m.Blocks {
		b := &m.Blocks[i]
		if b.Len() == 0 {
			continue
		}
		for _, v := range []int{int(b.Kind), b.Len(), 2} {
			o.little32(uint32(v))
		}
		group, entity := uint32(of[b.Dim][b.Entity]), uint32(b.Entity)
		n := b.Kind.Nodes()
		for e := b.Nodes; len(e) > 0; e = e[n:] {
			element++
			o.little32(element)
			o.little32(group)
			o.little32(entity)
			for _, v := range e[:n] {
				o.little32(uint32(v))
			}
		}
	}
	o.text("\n$EndElements\n")
	return nil
}
