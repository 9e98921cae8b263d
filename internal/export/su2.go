package export

import (
	"fmt"
	"slices"

	"meshgen/internal/mesh"
)

// defaultName is where faces of the surface go that are in no group.
const defaultName = "default"

// writeSU2 writes SU2's native format: volumes, and a marker for each group of faces on the outside; faces between two
// solids are not part of the boundary and are left out. Source: SU2 documentation, "Mesh file".
func writeSU2(o *out, m *mesh.Mesh) error {
	volumes := m.Of(3)
	t := newTopology(m, volumes)
	number, nodes := kept(m, volumes, straightCells)
	o.text("NDIME= 3\n", fmt.Sprintf("NELEM= %d\n", t.cellCount()))
	index := 0
	line := func(id int, nodes []uint64) {
		o.int(id)
		for _, n := range nodes {
			o.byte(' ')
			o.int(int(number[n] - 1))
		}
	}
	for _, b := range volumes {
		n := b.Kind.Nodes()
		for e := b.Nodes; len(e) > 0; e = e[n:] {
			line(straightCells[b.Kind].id, e[:n])
			o.byte(' ')
			o.int(index)
			o.byte('\n')
			index++
		}
	}
	o.text(fmt.Sprintf("NPOIN= %d\n", nodes))
	for node, n := range number {
		if n == 0 {
			continue
		}
		for k := range 3 {
			o.float(m.XYZ[3*node+k])
			o.byte(' ')
		}
		o.int(int(n - 1))
		o.byte('\n')
	}
	outside, _ := t.surface(su2Names, defaultName)
	o.text(fmt.Sprintf("NMARK= %d\n", len(outside)))
	for _, p := range outside {
		o.text("MARKER_TAG= ", p.name, fmt.Sprintf("\nMARKER_ELEMS= %d\n", len(p.halves)))
		for _, half := range p.halves {
			var buffer [4]uint64
			corners := t.corners(buffer[:0], half)
			line(map[int]int{3: 5, 4: 9}[len(corners)], corners)
			o.byte('\n')
		}
	}
	return nil
}

// patch is a named piece of the faces of volumes.
type patch struct {
	name   string
	group  *mesh.Group
	halves []int32 // of the lower cell where there are two
}

// surface divides the outside of the volumes, and returns what lies between two cells and is in a group beside it. Each face is
// in the first group of its entity; what is in none comes last, under the other name.
func (t *topology) surface(r rule, otherwise string) (outside, inside []patch) {
	taken := r.names(otherwise)
	parts := divide(t.m, 2, false, taken)
	at := map[int]int{} // index of the part of each entity
	for i, p := range parts {
		outside = append(outside, patch{name: p.name, group: p.group})
		inside = append(inside, patch{group: p.group})
		for _, entity := range p.entities {
			at[entity] = i
		}
	}
	rest := patch{name: otherwise}
	part := make([]int32, last(t.elements))
	for i, b := range t.faces {
		of, known := at[b.Entity]
		if !known {
			of = none
		}
		for e := t.elements[i]; e < t.elements[i+1]; e++ {
			part[e] = int32(of)
		}
	}
	for half, mate := range t.mate {
		of := int32(none)
		if e := t.skin[half]; e >= 0 {
			of = part[e]
		}
		switch {
		case mate < 0 && of < 0:
			rest.halves = append(rest.halves, int32(half))
		case mate < 0:
			outside[of].halves = append(outside[of].halves, int32(half))
		case of >= 0 && int32(half) < mate:
			inside[of].halves = append(inside[of].halves, int32(half))
		}
	}
	// A group may be on the outside and between solids too; zones of a solver have one name each.
	for i := range inside {
		if inside[i].name = outside[i].name; len(outside[i].halves) > 0 && len(inside[i].halves) > 0 {
			inside[i].name = taken.take(outside[i].name + "_interior")
		}
	}
	outside = append(outside, rest)
	empty := func(p patch) bool { return len(p.halves) == 0 }
	return slices.DeleteFunc(outside, empty), slices.DeleteFunc(inside, empty)
}
