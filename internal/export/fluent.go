package export

import (
	"fmt"

	"meshgen/internal/mesh"
)

// The numbers that Fluent gives to kinds of zones and elements. Source: Ansys Fluent, "Mesh file format".
const (
	fluentInterior = 2
	fluentWall     = 3
	fluentMixed    = 0
)

var (
	fluentCells = map[mesh.Shape]int{mesh.ATetrahedron: 2, mesh.AHexahedron: 4, mesh.APyramid: 5, mesh.APrism: 6}
	// interiorName is the zone of faces between cells that no group names.
	interiorName = "interior"
)

// writeFluent writes Fluent's mesh format as text: a zone of cells for each group of solids, a zone of walls for each
// group of faces outside, an interior zone for each between two solids, and one for all other faces between cells. The
// user gives zones their kind in the solver.
func writeFluent(o *out, m *mesh.Mesh) error {
	taken := zoneNames.names(interiorName, defaultName)
	solids := divide(m, 3, true, taken)
	var volumes []*mesh.Block // cells of a zone are numbered in a row
	for _, p := range solids {
		volumes = append(volumes, p.blocks...)
	}
	t := newTopology(m, volumes)
	number, nodes := kept(m, volumes, straightCells)
	outside, inside := t.surface(zoneNames, defaultName)
	rest := patch{name: interiorName}
	named := make([]bool, len(t.mate))
	for _, p := range inside {
		for _, half := range p.halves {
			named[half] = true
		}
	}
	faces := 0
	for half, mate := range t.mate {
		if mate < 0 || int32(half) < mate {
			faces++
		}
		if int32(half) < mate && !named[half] {
			rest.halves = append(rest.halves, int32(half))
		}
	}

	o.text("(0 \"Meshgen\")\n(2 3)\n", fmt.Sprintf("(10 (0 1 %x 0 3))\n(12 (0 1 %x 0 0))\n(13 (0 1 %x 0 0))\n", nodes, t.cellCount(), faces))
	zone := 1
	o.text(fmt.Sprintf("(10 (%x 1 %x 1 3)(\n", zone, nodes))
	for node, n := range number {
		if n == 0 {
			continue
		}
		o.float(m.XYZ[3*node])
		for k := 1; k < 3; k++ {
			o.byte(' ')
			o.float(m.XYZ[3*node+k])
		}
		o.byte('\n')
	}
	o.text("))\n")
	var titles []string
	cell := 0
	for _, p := range solids {
		zone++
		cell += o.cellZone(zone, cell+1, p.blocks)
		titles = append(titles, fmt.Sprintf("(45 (%d fluid %s)())\n", zone, p.name)) // in decimal, unlike all else
	}
	face := 0
	for i, patches := range [][]patch{{rest}, inside, outside} {
		kind, word := fluentInterior, "interior"
		if i == 2 {
			kind, word = fluentWall, "wall"
		}
		for _, p := range patches {
			if len(p.halves) == 0 {
				continue
			}
			zone++
			o.text(fmt.Sprintf("(13 (%x %x %x %x 0)(\n", zone, face+1, face+len(p.halves), kind))
			face += len(p.halves)
			for _, half := range p.halves {
				o.fluentFace(t, half, number)
			}
			o.text("))\n")
			titles = append(titles, fmt.Sprintf("(45 (%d %s %s)())\n", zone, word, p.name))
		}
	}
	o.text(titles...)
	return nil
}

// cellZone writes the kinds of the cells of a zone and returns their number.
func (o *out) cellZone(zone, from int, blocks []*mesh.Block) (n int) {
	kind := fluentCells[blocks[0].Kind.Shape()]
	for _, b := range blocks {
		n += b.Len()
		if fluentCells[b.Kind.Shape()] != kind {
			kind = fluentMixed
		}
	}
	o.text(fmt.Sprintf("(12 (%x %x %x 1 %d)", zone, from, from+n-1, kind))
	if kind == fluentMixed {
		o.text("(\n")
		i := 0
		for _, b := range blocks {
			for range b.Len() {
				o.int(fluentCells[b.Kind.Shape()])
				if i++; i%32 == 0 || i == n {
					o.byte('\n')
				} else {
					o.byte(' ')
				}
			}
		}
		o.byte(')')
	}
	o.text(")\n")
	return n
}

// fluentFace writes a face: its nodes so that it points into the first cell named, then the cells; 0 is outside.
func (o *out) fluentFace(t *topology, half int32, number []int32) {
	var buffer [4]uint64
	corners := t.corners(buffer[:0], half)
	o.hex(len(corners))
	for i := len(corners) - 1; i >= 0; i-- {
		o.byte(' ')
		o.hex(int(number[corners[i]]))
	}
	cell, _ := t.owner(half)
	o.byte(' ')
	o.hex(cell + 1)
	o.byte(' ')
	if mate := t.mate[half]; mate >= 0 {
		cell, _ = t.owner(mate)
		o.hex(cell + 1)
	} else {
		o.byte('0')
	}
	o.byte('\n')
}
