package lattice

import (
	"slices"

	"meshgen/internal/field"
)

// patch is what is around triangles that lie between solids that share no face there.
type patch struct {
	*division
	tets  []patchTet
	sides []patchSide
}

// patchTet is a tetrahedron that may be given to another solid, or one beside those, which stays.
type patchTet struct {
	number int32
	cell   int32
	may    []int32   // the solids that it may be given to, ascending; none where it stays
	off    []float64 // how much of it lies outside of each
	sides  []int32
}

// patchSide is a side of tetrahedra that may be given to another solid.
type patchSide struct {
	tets    [2]int32 // the second is Nobody on the surface of all
	nodes   [3]int32
	weight  float64 // what it costs while solids touch there that share no face
	wrong   bool
	allowed map[Sides]bool // what was asked already
}

// patch returns what is around some triangles: tetrahedra at the nodes of those at their nodes.
func (d *division) patch(wrong []int32) *patch {
	m, threads := d.mesh, d.All.Threads()
	near := make([]uint8, len(m.XYZ)/3)
	for _, t := range wrong {
		for _, n := range m.Tris[3*t : 3*t+3] {
			near[n] = seed
		}
	}
	for _, mark := range [2]uint8{ring, border} {
		for _, t := range m.touching(threads, near) {
			for _, n := range m.Tets[4*t : 4*t+4] {
				if near[n] == 0 {
					near[n] = mark
				}
			}
		}
	}
	p := &patch{division: d}
	at := map[[3]int32]int32{} // one more than the number of a side
	all := m.touching(threads, near)
	solids := d.solidsAt(all, near)
	for _, number := range all {
		v := m.Tets[4*number : 4*number+4]
		t := patchTet{number: number, cell: m.Cells[number]}
		if slices.ContainsFunc(v, func(n int32) bool { return near[n] == seed || near[n] == ring }) {
			for _, n := range v {
				t.may = append(t.may, solids[n]...)
			}
			t.may = append(t.may, t.cell)
			slices.Sort(t.may)
			if t.may = slices.Compact(t.may); len(t.may) == 1 {
				t.may = nil
			}
		}
		for _, s := range sidesOfTet {
			nodes := ascending(v[s[0]], v[s[1]], v[s[2]])
			i := at[nodes] - 1
			if i < 0 {
				i = int32(len(p.sides))
				at[nodes] = i + 1
				p.sides = append(p.sides, patchSide{tets: [2]int32{Nobody, Nobody}, nodes: nodes, weight: 1, allowed: map[Sides]bool{}})
			}
			side := &p.sides[i]
			if side.tets[0] == Nobody {
				side.tets[0] = int32(len(p.tets))
			} else {
				side.tets[1] = int32(len(p.tets))
			}
			t.sides = append(t.sides, i)
		}
		p.tets = append(p.tets, t)
	}
	p.weigh()
	return p
}

// solidsAt returns the solids that each node is in, or on, of those of some tetrahedra that may be given to another solid.
func (d *division) solidsAt(tets []int32, near []uint8) map[int32][]int32 {
	m := d.mesh
	out := map[int32][]int32{}
	var ask []int32
	var places [][3]float64
	for _, t := range tets {
		for _, n := range m.Tets[4*t : 4*t+4] {
			if _, known := out[n]; known || near[n] == 0 {
				continue
			}
			out[n] = nil
			for _, f := range d.facesOf(n) {
				for _, solid := range d.sides[f] {
					if solid != Nobody {
						out[n] = append(out[n], solid)
					}
				}
			}
			if out[n] == nil {
				ask, places = append(ask, n), append(places, m.At(n))
			}
		}
	}
	for solid, s := range d.solids {
		for i, in := range s.Inside(places) {
			if in != 0 {
				out[ask[i]] = append(out[ask[i]], int32(solid))
			}
		}
	}
	return out
}

// weigh finds how much of each tetrahedron lies outside of each solid that it may be given to.
func (p *patch) weigh() {
	const points = 5 // of each tetrahedron: its middle, and halfway to its nodes
	places := map[int32][][3]float64{}
	for i := range p.tets {
		t := &p.tets[i]
		if len(t.may) == 0 {
			continue
		}
		v := p.mesh.Tets[4*t.number : 4*t.number+4]
		middle := p.mesh.centre(v)
		for _, solid := range t.may {
			places[solid] = append(places[solid], middle)
			for _, n := range v {
				places[solid] = append(places[solid], along(middle, p.mesh.At(n), 0.5))
			}
		}
	}
	next := map[int32][]uint8{}
	for solid, list := range places {
		next[solid] = p.solids[solid].Inside(list)
	}
	for i := range p.tets {
		t := &p.tets[i]
		for _, solid := range t.may {
			out := 0.
			for _, in := range next[solid][:points] {
				if in == 0 {
					out += 1. / points
				}
			}
			next[solid] = next[solid][points:]
			t.off = append(t.off, out)
		}
	}
}

// places returns the sides of each part of the patch that has something wrong, and hangs together by tetrahedra that may be given to others.
func (p *patch) places() (out [][]int32) {
	for i := range p.sides {
		p.sides[i].wrong = p.isWrong(&p.sides[i])
	}
	met := make([]bool, len(p.tets))
	for first := range p.tets {
		if met[first] || len(p.tets[first].may) == 0 {
			continue
		}
		met[first] = true
		var place []int32
		wrong := false
		for queue := []int32{int32(first)}; len(queue) > 0; queue = queue[1:] {
			for _, s := range p.tets[queue[0]].sides {
				place, wrong = append(place, s), wrong || p.sides[s].wrong
				for _, t := range p.sides[s].tets {
					if t != Nobody && !met[t] && len(p.tets[t].may) > 0 {
						met[t] = true
						queue = append(queue, t)
					}
				}
			}
		}
		if wrong {
			slices.Sort(place)
			out = append(out, slices.Compact(place))
		}
	}
	return out
}

// isWrong reports whether a side lies between solids that share no face there.
func (p *patch) isWrong(s *patchSide) bool {
	a, b := p.tets[s.tets[0]].cell, int32(Nobody)
	if s.tets[1] != Nobody {
		b = p.tets[s.tets[1]].cell
	}
	return p.isApart(s, a, b)
}

func (p *patch) isApart(s *patchSide, a, b int32) bool {
	if a == b {
		return false
	}
	owners := sidesOf(a, b)
	ok, asked := s.allowed[owners]
	if !asked {
		ok = p.share(owners, s.nodes)
		s.allowed[owners] = ok
	}
	return !ok
}

// gain returns what it betters to give a tetrahedron to another solid, one of those that it may be given to.
func (p *patch) gain(t int32, to int) (sum float64) {
	tet := &p.tets[t]
	cell := tet.may[to]
	sum = tet.off[slices.Index(tet.may, tet.cell)] - tet.off[to]
	for _, i := range tet.sides {
		s := &p.sides[i]
		beside := s.tets[0] + s.tets[1] - t // of two it is the other one
		if s.tets[1] == Nobody {
			beside = Nobody
		} else {
			beside = p.tets[beside].cell
			if tet.cell != beside {
				sum += unlikeSide
			}
			if cell != beside {
				sum -= unlikeSide
			}
		}
		if s.wrong {
			sum += s.weight
		}
		if p.isApart(s, cell, beside) {
			sum -= s.weight
		}
	}
	return sum
}

// give gives a tetrahedron to another solid.
func (p *patch) give(t int32, to int) {
	tet := &p.tets[t]
	tet.cell = tet.may[to]
	for _, s := range tet.sides {
		p.sides[s].wrong = p.isWrong(&p.sides[s])
	}
}

// sidesOf returns the sides of what lies between two solids, or between one and nobody.
func sidesOf(a, b int32) Sides {
	if a == Nobody || b != Nobody && b < a {
		a, b = b, a
	}
	return Sides{a, b}
}

// share reports whether some solids share a face where a triangle of the mesh is: one that a node lies on, or that is no farther away than an edge.
func (d *division) share(owners Sides, nodes [3]int32) bool {
	for _, n := range nodes {
		for _, f := range d.facesOf(n) {
			if d.sides[f] == owners {
				return true
			}
		}
	}
	s := d.shared(owners)
	return s != nil && s.Nearest([][3]float64{d.mesh.centre(nodes[:])}, d.edge)[0].Triangle >= 0
}

// shared returns the faces between two solids, or those of one that are outside; nil for none.
func (d *division) shared(owners Sides) *field.Surface {
	s, made := d.walled[owners]
	if !made {
		var triangles [][3]int32
		for i, t := range d.triangles {
			if d.sides[d.face[i]] == owners && areaOf(d.vertices, t) > 0 {
				triangles = append(triangles, t)
			}
		}
		if len(triangles) > 0 {
			s, _ = field.Bare(d.vertices, triangles, d.All.Threads()) // it fails where there are none
		}
		d.walled[owners] = s
	}
	return s
}
