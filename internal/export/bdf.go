package export

import (
	"fmt"
	"strconv"

	"meshgen/internal/mesh"
)

// writeBDF writes bulk data of Nastran: the mesh alone. Solids have a PSOLID for each group, faces that are in groups are
// shells whose PSHELL names no material: they carry no stiffness and no mass, and are there to be addressed. Groups of edges
// and points are sets of grid points (SET1). Names are in comments of the kind that preprocessors read ($HMNAME) before
// the property or set.
func writeBDF(o *out, m *mesh.Mesh) error {
	volumes := m.Of(3)
	number, _ := kept(m, volumes, nastranCells)
	taken := bdfNames.names()
	solids := divide(m, 3, true, taken)
	shells := divide(m, 2, false, taken)

	o.text("$ Materials are numbered as the properties that use them, and are for you to define.\nSOL 101\nCEND\nBEGIN BULK\n")
	property := map[*mesh.Block]int{}
	for i, p := range append(append([]part(nil), solids...), shells...) {
		for _, b := range p.blocks {
			property[b] = i + 1
		}
		o.text(fmt.Sprintf("$HMNAME PROP %14d\"%s\"\n", i+1, p.name))
		if i < len(solids) {
			o.text(fmt.Sprintf("PSOLID  %-8d%-8d\n", i+1, i+1))
		} else {
			o.text(fmt.Sprintf("PSHELL  %-8d\n", i+1))
		}
	}
	set := 0
	for _, dim := range []int{1, 0} {
		for _, p := range groups(m, dim, taken) {
			set++
			o.text(fmt.Sprintf("$HMSET %10d 1 \"%s\"\nSET1    %-8d", set, p.name, set))
			i := 1 // a line holds 8 fields
			nodesOf(p.blocks, number, func(n int) {
				if i == 8 {
					o.text("\n        ")
					i = 0
				}
				o.left(n, 8)
				i++
			})
			o.byte('\n')
		}
	}
	for node, n := range number {
		if n == 0 {
			continue
		}
		// a large field has 16 columns, in two lines
		o.text("GRID*   ")
		o.left(int(n), 32)
		o.real16(m.XYZ[3*node])
		o.real16(m.XYZ[3*node+1])
		o.text("\n*       ")
		o.real16(m.XYZ[3*node+2])
		o.byte('\n')
	}
	element := 0
	write := func(parts []part) {
		for _, p := range parts {
			for _, b := range p.blocks {
				c, n := nastranCells[b.Kind], b.Kind.Nodes()
				head := fmt.Sprintf("%-8s", c.name)
				for e := b.Nodes; len(e) > 0; e = e[n:] {
					element++
					o.text(head)
					o.left(element, 8)
					o.left(property[b], 8)
					field := 2
					for _, k := range c.nodes {
						if field == 8 {
							o.text("\n        ")
							field = 0
						}
						o.left(int(number[e[k]]), 8)
						field++
					}
					o.byte('\n')
				}
			}
		}
	}
	write(solids)
	write(shells)
	o.text("ENDDATA\n")
	return nil
}

// real16 writes a number in 16 columns with as many digits as fit: Nastran's exponent has no letter, -1.23456789012-10.
func (o *out) real16(v float64) {
	var buffer [40]byte
	text := strconv.AppendFloat(buffer[:0], v, 'g', -1, 64)
	fits := len(text) <= 16
	for _, c := range text {
		fits = fits && c != 'e'
	}
	if !fits {
		for digits := 12; ; digits-- {
			text = strconv.AppendFloat(buffer[:0], v, 'e', digits, 64)
			if text = dropLetter(text); len(text) <= 16 {
				break
			}
		}
	}
	from := len(o.b)
	o.b = append(o.b, text...)
	point := false
	for _, c := range text {
		point = point || c == '.'
	}
	if !point {
		o.b = append(o.b, '.') // a number without one is an integer
	}
	o.pad(from, 16)
}

// dropLetter turns 1.5e-07 into 1.5-7.
func dropLetter(text []byte) []byte {
	for i, c := range text {
		if c != 'e' {
			continue
		}
		out := append(text[:i], text[i+1]) // the sign
		rest := text[i+2:]
		for len(rest) > 1 && rest[0] == '0' {
			rest = rest[1:]
		}
		return append(out, rest...)
	}
	return text
}
