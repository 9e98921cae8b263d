package lattice

import "slices"

// Where many solids meet along an edge, and its nodes could not all be put onto it, tetrahedra that lie on both sides of a wall are given to the solid
// that their middle is in. So opposite solids may touch by a side of a tetrahedron, which no face of the CAD lies between. What is around such a
// place is then given out again: a tetrahedron to one of the solids that a node of it is in, or on, so that those alone touch that share a face
// there, each hangs together, and as little as possible lies in another solid than it is given to. None changes its shape. Where that cannot be,
// since fewer tetrahedra are around an edge than solids meet there, some are divided first (loosen.go).

const (
	// mendSteps bounds how often a tetrahedron of a place is given to another solid, or that has to count more that is still wrong.
	mendSteps = 4000
	// unlikeSide is what a side between two solids costs, in tetrahedra given to a solid that they do not lie in: solids are to stay whole.
	unlikeSide = 0.1
	// gainful is what a change has to better at least.
	gainful = 1e-9
)

// mend gives out tetrahedra around some triangles again, and returns the sides where solids touch all the same that share no face, or some would be cut
// off from the rest of their solid, unless it is the last time.
func (d *division) mend(wrong []int32, last bool) (left [][3]int32) {
	p := d.patch(wrong)
	for _, place := range p.places() {
		before, wrong := p.cells(), p.wrongOf(place)
		if !p.solve(place) {
			left = append(left, p.wrongOf(place)...)
			continue
		}
		p.giveBack(place)
		solved := p.cells()
		switch whole := p.unite(place); {
		case whole:
		case last:
			p.restore(solved)
		default:
			p.restore(before)
			left = append(left, wrong...)
		}
	}
	for i := range p.tets {
		d.mesh.Cells[p.tets[i].number] = p.tets[i].cell
	}
	return left
}

// solve gives tetrahedra at sides that are wrong to the solid that betters most, and has those sides count more that stay wrong where nothing is
// better any more (the breakout method, Morris 1993), until none is.
func (p *patch) solve(place []int32) bool {
	for range mendSteps {
		wrong, best, tet, to := false, gainful, int32(Nobody), 0
		for _, i := range place {
			s := &p.sides[i]
			if !s.wrong {
				continue
			}
			wrong = true
			for _, t := range s.tets {
				if t == Nobody {
					continue
				}
				for k, cell := range p.tets[t].may {
					if cell == p.tets[t].cell {
						continue
					}
					if gain := p.gain(t, k); gain > best {
						best, tet, to = gain, t, k
					}
				}
			}
		}
		switch {
		case !wrong:
			return true
		case tet != Nobody:
			p.give(tet, to)
		default:
			for _, i := range place {
				if p.sides[i].wrong {
					p.sides[i].weight++
				}
			}
		}
	}
	return false
}

// giveBack gives tetrahedra of a place back to the solid that they lie in, where nothing gets wrong by that.
func (p *patch) giveBack(place []int32) {
	for _, i := range place {
		p.sides[i].weight = mendSteps
	}
	for range mendSteps {
		changed := false
		for _, i := range place {
			for _, t := range p.sides[i].tets {
				if t == Nobody {
					continue
				}
				for k, cell := range p.tets[t].may {
					if cell != p.tets[t].cell && p.gain(t, k) > gainful {
						p.give(t, k)
						changed = true
					}
				}
			}
		}
		if !changed {
			return
		}
	}
}

// uniteRounds is how often tetrahedra that are cut off from the rest of their solid are given to others.
const uniteRounds = 8

// unite gives tetrahedra of a place that are cut off from the rest of their solid to others, and reports whether each solid hangs together then.
func (p *patch) unite(place []int32) bool {
	for range uniteRounds {
		alone := p.alone(place)
		if len(alone) == 0 {
			return true
		}
		for _, t := range alone {
			tet := &p.tets[t]
			was, best := slices.Index(tet.may, tet.cell), -1
			for k := range tet.may {
				if k != was && (best < 0 || p.gain(t, k) > p.gain(t, best)) {
					best = k
				}
			}
			if best >= 0 {
				p.give(t, best)
				tet.may, tet.off = slices.Delete(tet.may, was, was+1), slices.Delete(tet.off, was, was+1)
			}
		}
		for _, i := range place {
			p.sides[i].weight = 1
		}
		if !p.solve(place) {
			return false
		}
		p.giveBack(place)
	}
	return false
}

// wrongOf returns the sides of a place that lie between solids that share no face there.
func (p *patch) wrongOf(place []int32) (out [][3]int32) {
	for _, i := range place {
		if p.sides[i].wrong {
			out = append(out, p.sides[i].nodes)
		}
	}
	return out
}

// cells returns the solid of each tetrahedron.
func (p *patch) cells() []int32 {
	out := make([]int32, len(p.tets))
	for t := range p.tets {
		out[t] = p.tets[t].cell
	}
	return out
}

func (p *patch) restore(cells []int32) {
	for t, cell := range cells {
		p.tets[t].cell = cell
	}
}

// alone returns the tetrahedra of a place that hang together by sides with none of their solid that stays.
func (p *patch) alone(place []int32) (out []int32) {
	met := make([]bool, len(p.tets))
	var queue []int32
	reach := func(t int32) {
		if !met[t] {
			met[t] = true
			queue = append(queue, t)
		}
	}
	for _, i := range place {
		for _, t := range p.sides[i].tets {
			if t != Nobody && len(p.tets[t].may) == 0 {
				reach(t)
			}
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		from := queue[0]
		for _, i := range p.tets[from].sides {
			for _, t := range p.sides[i].tets {
				if t != Nobody && p.tets[t].cell == p.tets[from].cell {
					reach(t)
				}
			}
		}
	}
	for _, i := range place {
		for _, t := range p.sides[i].tets {
			if t != Nobody && !met[t] {
				met[t] = true
				out = append(out, t)
			}
		}
	}
	return out
}
