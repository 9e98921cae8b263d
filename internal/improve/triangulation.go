package improve

// none stands for no neighbour, no triangle, no tetrahedron.
const none = -1

// tet is a tetrahedron; its face i lies opposite its corner i.
type tet struct {
	v     [4]int32 // corners, in positive order; the first is none where the place is free
	n     [4]int32 // the tetrahedron behind each face, or none
	s     [4]int32 // the triangle of surface at each face, or none: such a face stays
	solid int32
	turn  uint32  // counts what happened to this place, so that the queue knows what it has missed
	q     float64 // gamma
}

// facing lists the corners of each face in the order in which the tetrahedron lies on the side of their normal.
var facing = [4][3]int{{1, 3, 2}, {0, 2, 3}, {0, 3, 1}, {0, 1, 2}}

// lone is a tetrahedron without neighbours.
func lone(v [4]int32, solid int32, q float64) tet {
	return tet{v: v, n: [4]int32{none, none, none, none}, s: [4]int32{none, none, none, none}, solid: solid, q: q}
}

// corner returns which corner of t the node is.
func (t *tet) corner(node int32) int {
	for i, v := range t.v {
		if v == node {
			return i
		}
	}
	return none
}

// edges lists the corners of each edge.
var edges = [6][2]int{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}}

// triangulation is tetrahedra that know their neighbours.
type triangulation struct {
	x      []vec
	dim    []int8  // of the entity that the node lies on
	at     []int32 // a tetrahedron at each node, or none
	tets   []tet
	free   []int32 // places of tets
	curves map[[2]int32]bool
	planes []plane
	plane  []int32 // the plane that each node may slide in, or none; new nodes have none
	slid   map[int32]bool

	seen   []uint32 // the last set that each tetrahedron was marked in
	epoch  uint32   // the present set
	table  faceTable
	gammas int // computed, about

	// room for the work on one tetrahedron, kept to be used again
	ring   ring
	chords chords
	set    []int32 // tetrahedra that are moved or replaced
	made   []int32 // tetrahedra that are new
	births []birth
	faces  [][3]int32 // around set
	behind []int32    // what lies behind them
	nodes  []int32
	cavity []int32
	slopes []vec
	values []float64
}

// mark begins a new set of tetrahedra.
func (m *triangulation) mark() {
	m.epoch++
	for len(m.seen) < len(m.tets) {
		m.seen = append(m.seen, 0)
	}
}

func (m *triangulation) marked(t int32) bool { return m.seen[t] == m.epoch }

// put marks t, and reports whether it was not marked before.
func (m *triangulation) put(t int32) bool {
	if m.seen[t] == m.epoch {
		return false
	}
	m.seen[t] = m.epoch
	return true
}

func (m *triangulation) gamma(v [4]int32) float64 {
	return gamma(&m.x[v[0]], &m.x[v[1]], &m.x[v[2]], &m.x[v[3]])
}

// face returns the corners of a face, the tetrahedron on the side of their normal.
func (m *triangulation) face(t int32, i int) [3]int32 {
	v, f := &m.tets[t].v, &facing[i]
	return [3]int32{v[f[0]], v[f[1]], v[f[2]]}
}

// ball appends the tetrahedra at a node, all that can be reached through faces at it.
func (m *triangulation) ball(node int32, out []int32) []int32 {
	first := m.at[node]
	if first == none {
		return out
	}
	m.mark()
	m.put(first)
	from := len(out)
	out = append(out, first)
	for ; from < len(out); from++ {
		t := &m.tets[out[from]]
		for i, n := range t.n {
			if n != none && t.v[i] != node && m.put(n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// worst returns the smallest gamma of some tetrahedra.
func (m *triangulation) worst(tets []int32) float64 {
	w := 1.
	for _, t := range tets {
		w = min(w, m.tets[t].q)
	}
	return w
}
