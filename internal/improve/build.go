package improve

import "fmt"

// triangulate finds the neighbours of tetrahedra and which of their faces are surface.
func triangulate(mesh *Mesh) (*triangulation, error) {
	count := len(mesh.XYZ) / 3
	room := count + count/16 + 16 // new nodes are few
	m := &triangulation{
		x: make([]vec, count, room), dim: append(make([]int8, 0, room), mesh.Dim...), at: make([]int32, count, room),
		tets: make([]tet, len(mesh.Tets), len(mesh.Tets)+len(mesh.Tets)/16+16), curves: map[[2]int32]bool{},
	}
	for i := range m.x {
		m.x[i], m.at[i] = vec{mesh.XYZ[3*i], mesh.XYZ[3*i+1], mesh.XYZ[3*i+2]}, none
	}
	for _, l := range mesh.Lines {
		m.curves[[2]int32{min(l[0], l[1]), max(l[0], l[1])}] = true
	}
	faces := newFaceLists(count, 2*len(mesh.Tets)+len(mesh.Triangles))
	for i, v := range mesh.Tets {
		t := &m.tets[i]
		*t = lone(v, mesh.Solids[i], m.gamma(v))
		for k := range 4 {
			m.at[v[k]] = int32(i)
			f := facing[k]
			other, known := faces.find(sorted(v[f[0]], v[f[1]], v[f[2]]), side{t: int32(i), i: int8(k)})
			if !known {
				continue
			}
			if m.tets[other.t].n[other.i] != none {
				return nil, fmt.Errorf("three tetrahedra share the face of nodes %d, %d, %d", v[f[0]], v[f[1]], v[f[2]])
			}
			t.n[k], m.tets[other.t].n[other.i] = other.t, int32(i)
		}
	}
	for i, v := range mesh.Triangles {
		s, known := faces.find(sorted(v[0], v[1], v[2]), side{t: none})
		if !known || s.t == none {
			continue // of a face that bounds no tetrahedron
		}
		t := &m.tets[s.t]
		t.s[s.i] = int32(i)
		if n := t.n[s.i]; n != none {
			m.tets[n].s[m.back(n, s.t)] = int32(i)
		}
	}
	m.orient()
	m.fix()
	m.findPlanes(mesh)
	return m, nil
}

// orient puts the corners of flat tetrahedra in the order that those behind their faces tell. A mesher may have taken it from the sign of
// the volume, which is rounding there; and where a node of one that is turned over moves, the others come to overlap.
func (m *triangulation) orient() {
	told := make([]bool, len(m.tets))
	var flat []int32
	for i := range m.tets {
		if told[i] = m.tets[i].q > 0; !told[i] {
			flat = append(flat, int32(i))
		}
	}
	for again := true; again; { // one that lies between flat ones waits for these
		again = false
		for _, id := range flat {
			t := &m.tets[id]
			for i, n := range t.n {
				if told[id] || n == none || !told[n] {
					continue
				}
				if sameNormal(m.face(id, i), m.face(n, m.back(n, id))) {
					t.v[0], t.n[0], t.s[0], t.v[1], t.n[1], t.s[1] = t.v[1], t.n[1], t.s[1], t.v[0], t.n[0], t.s[0]
					t.q = m.gamma(t.v) // where it was not flat, but wholly turned over
				}
				told[id], again = true, true
			}
		}
	}
}

// sameNormal reports whether two triangles of the same corners have the same normal, and not the opposite one.
func sameNormal(a, b [3]int32) bool {
	return a == b || a == [3]int32{b[1], b[2], b[0]} || a == [3]int32{b[2], b[0], b[1]}
}

// fix makes sure that no node of a face that stays is taken for a free one: other elements may lie behind it.
func (m *triangulation) fix() {
	for i := range m.tets {
		t := &m.tets[i]
		for k, n := range t.n {
			if n != none && t.s[k] == none && m.tets[n].solid == t.solid {
				continue
			}
			for _, c := range facing[k] {
				m.dim[t.v[c]] = min(m.dim[t.v[c]], 2)
			}
		}
	}
}

// write puts nodes and tetrahedra back into the mesh.
func (m *triangulation) write(mesh *Mesh) {
	mesh.XYZ = mesh.XYZ[:0]
	for _, p := range m.x {
		mesh.XYZ = append(mesh.XYZ, p.x, p.y, p.z)
	}
	mesh.Slid = nil
	for node := range m.plane {
		if m.slid[int32(node)] {
			mesh.Slid = append(mesh.Slid, int32(node))
		}
	}
	for i := len(mesh.Dim); i < len(m.x); i++ {
		mesh.Dim = append(mesh.Dim, 3)
	}
	mesh.Tets, mesh.Solids = mesh.Tets[:0], mesh.Solids[:0]
	for i := range m.tets {
		if t := &m.tets[i]; t.v[0] != none {
			mesh.Tets, mesh.Solids = append(mesh.Tets, t.v), append(mesh.Solids, t.solid)
		}
	}
}

// smallest returns the smallest gamma of all.
func (m *triangulation) smallest() float64 {
	low := 1.
	for i := range m.tets {
		if t := &m.tets[i]; t.v[0] != none {
			low = min(low, t.q)
		}
	}
	return low
}

// faceLists holds the first side of each face of a mesh, in a list for each smallest node.
type faceLists struct {
	first []int32
	faces []listedFace
}

type listedFace struct {
	b, c int32 // the other nodes, in order
	next int32
	side side
}

func newFaceLists(nodes, faces int) *faceLists {
	l := &faceLists{first: make([]int32, nodes), faces: make([]listedFace, 0, faces)}
	for i := range l.first {
		l.first[i] = none
	}
	return l
}

// find returns the side noted for a face; where there is none, it notes s.
func (l *faceLists) find(key [3]int32, s side) (side, bool) {
	for i := l.first[key[0]]; i != none; i = l.faces[i].next {
		if f := &l.faces[i]; f.b == key[1] && f.c == key[2] {
			return f.side, true
		}
	}
	l.faces = append(l.faces, listedFace{key[1], key[2], l.first[key[0]], s})
	l.first[key[0]] = int32(len(l.faces) - 1)
	return side{}, false
}
