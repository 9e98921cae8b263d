package improve

// birth is a tetrahedron to be made.
type birth struct {
	v     [4]int32
	solid int32
	q     float64
}

// replace puts new tetrahedra in the place of old ones, which have to fill the same space. What is new is appended to out.
func (m *triangulation) replace(old []int32, births []birth, out []int32) []int32 {
	m.mark()
	for _, t := range old {
		m.put(t)
	}
	m.table.reset(4 * (len(old) + len(births)))
	for _, o := range old {
		t := &m.tets[o]
		for i, n := range t.n {
			if n != none && m.marked(n) {
				continue
			}
			s := side{t: n, surface: t.s[i]}
			if n != none {
				s.i = int8(m.back(n, o))
			}
			f := facing[i]
			m.table.take(sorted(t.v[f[0]], t.v[f[1]], t.v[f[2]]), s)
		}
	}
	from := len(out)
	for i, b := range births {
		var id int32
		switch {
		case i < len(old):
			id = old[i]
		case len(m.free) > 0:
			id = m.free[len(m.free)-1]
			m.free = m.free[:len(m.free)-1]
		default:
			id = int32(len(m.tets))
			m.tets = append(m.tets, tet{})
		}
		turn := m.tets[id].turn + 1
		m.tets[id] = lone(b.v, b.solid, b.q)
		m.tets[id].turn = turn
		out = append(out, id)
	}
	for i := len(births); i < len(old); i++ {
		t := &m.tets[old[i]]
		t.v[0] = none
		t.turn++
		m.free = append(m.free, old[i])
	}
	for _, id := range out[from:] {
		t := &m.tets[id]
		for _, v := range t.v {
			m.at[v] = id
		}
		for i := range 4 {
			f := facing[i]
			other, ok := m.table.take(sorted(t.v[f[0]], t.v[f[1]], t.v[f[2]]), side{t: id, i: int8(i), surface: none})
			if !ok {
				continue
			}
			t.n[i], t.s[i] = other.t, other.surface
			if other.t != none {
				m.tets[other.t].n[other.i] = id
			}
		}
	}
	return out
}

// back returns which face of n the tetrahedron t lies behind.
func (m *triangulation) back(n, t int32) int {
	for i, k := range m.tets[n].n {
		if k == t {
			return i
		}
	}
	return none
}

// faceTable finds the two sides of faces, each known by its corners.
type faceTable struct {
	keys  [][3]int32
	sides []side
	stamp []uint32
	now   uint32
}

// side is a face of a tetrahedron, or where t is none a triangle of surface alone.
type side struct {
	t, surface int32
	i          int8
}

func (f *faceTable) reset(faces int) {
	size := max(len(f.keys), 64)
	for size < 2*faces {
		size *= 2
	}
	if size > len(f.keys) {
		f.keys, f.sides, f.stamp, f.now = make([][3]int32, size), make([]side, size), make([]uint32, size), 0
	}
	f.now++
}

func sorted(a, b, c int32) [3]int32 {
	if a > b {
		a, b = b, a
	}
	if b > c {
		b, c = c, b
	}
	if a > b {
		a, b = b, a
	}
	return [3]int32{a, b, c}
}

// take looks a face up: where it is known, its side is returned and forgotten; else s is noted.
func (f *faceTable) take(key [3]int32, s side) (side, bool) {
	mask := uint32(len(f.keys) - 1)
	h := (uint32(key[0])*0x9E3779B1 ^ uint32(key[1])*0x85EBCA77 ^ uint32(key[2])*0xC2B2AE3D)
	h ^= h >> 15
	for i := h & mask; ; i = (i + 1) & mask {
		if f.stamp[i] != f.now {
			f.stamp[i], f.keys[i], f.sides[i] = f.now, key, s
			return side{}, false
		}
		if f.keys[i] == key {
			if f.sides[i].i == none {
				f.sides[i] = s
				return side{}, false
			}
			found := f.sides[i]
			f.sides[i].i = none
			return found, true
		}
	}
}
