package curved

import (
	"math"
	"slices"

	"meshgen/internal/mesh"
)

const (
	// Least is the ratio below which elements are straightened: not only inverted ones, but those that are close to it.
	Least = 0.01
	// goal is the ratio that an element is straightened to, if the straight one is twice as good.
	goal = 0.05
	// within is how much a curve within the volume counts beside one of the boundary, which somebody drew.
	within = 0.01
	// maxVisits is how often an element is straightened in part before it is straightened for good.
	maxVisits = 6
	// bisections is in how many steps it is found how much curve an element bears.
	bisections = 6
)

// Move is a node that was moved.
type Move struct {
	Node uint64
	From Vec
}

// Straightened is what Straighten did.
type Straightened struct {
	Elements int    // that had to be straightened
	Moved    []Move // by node
}

// Straighten moves the nodes of edges, faces and volumes towards their places in the straight elements, as little as needed,
// until no element of volume has a ratio below Least, or a quarter of its straight form's where that is less: those of hexahedra
// can be small. It takes nodes within the volume first, and of the boundary the one edge that does it. Edges that are tied are straightened together; a tie lists
// one node of each.
func Straighten(m *mesh.Mesh, ties [][]uint64) *Straightened {
	s := newStraightener(m, ties)
	var queue []ref
	for b, block := range s.blocks {
		for e, ratio := range Ratios(m, block) {
			if ratio < Least {
				queue = append(queue, ref{int32(b), int32(e)})
			}
		}
	}
	if len(queue) == 0 {
		return &Straightened{}
	}
	s.meet()
	visits := map[ref]int{}
	queued := map[ref]bool{}
	for _, r := range queue {
		queued[r] = true
	}
	for len(queue) > 0 {
		r := queue[0]
		queue = queue[1:]
		delete(queued, r)
		if s.valid(r) {
			continue
		}
		visits[r]++
		for _, node := range s.straighten(r, visits[r] > maxVisits) {
			for _, near := range s.at(node) {
				if !queued[near] && !s.valid(near) && visits[near] <= maxVisits+1 {
					queued[near] = true
					queue = append(queue, near)
				}
			}
		}
	}
	out := &Straightened{Elements: len(visits)}
	for node, from := range s.from {
		if m.At(node) != from {
			out.Moved = append(out.Moved, Move{node, from})
		}
	}
	slices.SortFunc(out.Moved, func(a, b Move) int { return int(a.Node) - int(b.Node) })
	return out
}

// ref is an element by its block and place.
type ref struct{ block, element int32 }

type straightener struct {
	m        *mesh.Mesh
	blocks   []*mesh.Block // of volume
	judges   []*judge      // of each
	boundary map[uint64]bool
	tie      map[uint64]uint64 // of nodes that are tied, the one that stands for all
	tied     map[uint64][]uint64
	first    []int32 // of each node, where the elements at it begin in around; of those that are no corners
	around   []ref
	factor   map[uint64]float64
	from     map[uint64]Vec // where nodes were
	offset   map[uint64]Vec // from the straight element, at first
	trial    map[uint64]float64
	disp     []Vec
}

func newStraightener(m *mesh.Mesh, ties [][]uint64) *straightener {
	s := &straightener{m: m, boundary: map[uint64]bool{}, tie: map[uint64]uint64{}, tied: map[uint64][]uint64{},
		factor: map[uint64]float64{}, from: map[uint64]Vec{}, offset: map[uint64]Vec{}, trial: map[uint64]float64{}, disp: make([]Vec, 27)}
	for _, b := range m.Of(3) {
		if b.Kind.Order() > 1 {
			s.blocks = append(s.blocks, b)
			s.judges = append(s.judges, newJudge(b.Kind))
		}
	}
	for _, tie := range ties {
		for _, node := range tie {
			s.tie[node] = tie[0]
		}
		s.tied[tie[0]] = tie
	}
	return s
}

// meet finds out which elements meet at which nodes.
func (s *straightener) meet() {
	each := func(do func(node uint64, r ref)) {
		for b, block := range s.blocks {
			corners := block.Kind.Corners()
			for e := range block.Len() {
				for _, node := range block.Element(e)[corners:] {
					do(node, ref{int32(b), int32(e)})
				}
			}
		}
	}
	s.first = make([]int32, s.m.Nodes()+2)
	each(func(node uint64, _ ref) { s.first[node+1]++ })
	for i := 1; i < len(s.first); i++ {
		s.first[i] += s.first[i-1]
	}
	s.around = make([]ref, s.first[len(s.first)-1])
	next := slices.Clone(s.first)
	each(func(node uint64, r ref) {
		s.around[next[node]] = r
		next[node]++
	})
	for _, b := range s.m.Of(2) {
		for _, node := range b.Nodes {
			s.boundary[node] = true
		}
	}
}

// at returns the elements at a node that is no corner.
func (s *straightener) at(node uint64) []ref { return s.around[s.first[node]:s.first[node+1]] }

func (s *straightener) element(r ref) ([]uint64, *judge) {
	return s.blocks[r.block].Element(int(r.element)), s.judges[r.block]
}

// valid reports whether an element is good enough as it is.
func (s *straightener) valid(r ref) bool {
	nodes, j := s.element(r)
	for i, node := range nodes {
		j.at[i] = s.m.At(node)
	}
	ratio := j.ratio()
	return ratio >= Least || ratio > 0 && ratio >= j.plain()/4
}

// feature is an edge, a face or the inside of an element: what is straightened as one.
type feature struct {
	node uint64  // that stands for it
	size float64 // how far it bends, more of the boundary than within
}

// features returns those of an element that bend, and learns of its nodes.
func (s *straightener) features(r ref) (out []feature) {
	nodes, j := s.element(r)
	for i, node := range nodes {
		j.at[i] = s.m.At(node)
		if i < len(j.e.corners[0]) {
			continue
		}
		if _, known := s.from[node]; !known {
			at := j.e.straightAt(j.at, i)
			s.from[node], s.offset[node] = j.at[i], minus(j.at[i], at)
		}
	}
	look := func(list []int) {
		if len(list) == 0 {
			return
		}
		f := feature{node: s.name(nodes, list)}
		for _, i := range list {
			size := s.scale(f.node) * norm(s.bend(nodes, j.e, i))
			if !s.onBoundary(f) && !s.boundary[nodes[i]] {
				size *= within
			}
			f.size = math.Max(f.size, size)
		}
		if f.size > 0 && !slices.ContainsFunc(out, func(o feature) bool { return o.node == f.node }) {
			out = append(out, f)
		}
	}
	for _, list := range j.e.edges {
		look(list)
	}
	for _, list := range j.e.faces {
		look(list)
	}
	look(j.e.inner)
	return out
}

// name returns the node that stands for a feature, given its nodes within an element.
func (s *straightener) name(nodes []uint64, list []int) uint64 {
	name := nodes[list[0]]
	for _, i := range list[1:] {
		name = min(name, nodes[i])
	}
	if tie, ok := s.tie[name]; ok {
		return tie
	}
	return name
}

// scale is how much of its bend a feature still has, or has in a trial.
func (s *straightener) scale(name uint64) float64 {
	factor := 1.
	if f, ok := s.factor[name]; ok {
		factor = f
	}
	if f, ok := s.trial[name]; ok {
		factor *= f
	}
	return factor
}

// bend is how far a node was from where those around it would have had it.
func (s *straightener) bend(nodes []uint64, e *element, i int) Vec {
	d := s.offset[nodes[i]]
	for _, w := range e.follows[i] {
		for k := range d {
			d[k] -= w.by * s.offset[nodes[w.node]][k]
		}
	}
	return d
}

// place puts the nodes of an element where they belong in a trial, or with what is decided.
func (s *straightener) place(r ref) (nodes []uint64, j *judge) {
	nodes, j = s.element(r)
	put := func(list []int) {
		if len(list) == 0 {
			return
		}
		by := s.scale(s.name(nodes, list))
		for _, i := range list {
			d := s.bend(nodes, j.e, i)
			for k := range d {
				d[k] *= by
			}
			for _, w := range j.e.follows[i] {
				for k := range d {
					d[k] += w.by * s.disp[w.node][k]
				}
			}
			s.disp[i] = d
			from, offset := s.from[nodes[i]], s.offset[nodes[i]]
			for k := range d {
				j.at[i][k] = from[k] - offset[k] + d[k]
			}
		}
	}
	for c := range j.e.corners[0] {
		j.at[c] = s.m.At(nodes[c])
	}
	for _, list := range j.e.edges {
		put(list)
	}
	for _, list := range j.e.faces {
		put(list)
	}
	put(j.e.inner)
	return nodes, j
}

// straighten makes one element valid, and returns nodes of what was straightened. All of it is, if for good.
func (s *straightener) straighten(r ref, forGood bool) (changed []uint64) {
	features := s.features(r)
	nodes, j := s.element(r)
	for c := range j.e.corners[0] {
		j.at[c] = s.m.At(nodes[c])
	}
	target := math.Min(goal, j.plain()/2)
	if forGood {
		s.decide(features, 0)
		return s.apply(features)
	}
	var inner []feature
	for _, f := range features {
		if !s.onBoundary(f) {
			inner = append(inner, f)
		}
	}
	choices := [][]feature{features}
	if len(inner) > 0 {
		choices = append(choices, inner)
	}
	for _, f := range features {
		choices = append(choices, []feature{f})
	}
	best, cost, by := features, math.Inf(1), 0.
	for _, choice := range choices {
		factor, ok := s.bears(r, choice, target)
		if !ok {
			continue
		}
		sum := 0.
		for _, f := range choice {
			sum += (1 - factor) * f.size
		}
		if sum < cost {
			best, cost, by = choice, sum, factor
		}
	}
	s.decide(best, by)
	return s.apply(best)
}

func (s *straightener) onBoundary(f feature) bool {
	if s.boundary[f.node] {
		return true
	}
	return slices.ContainsFunc(s.tied[f.node], func(node uint64) bool { return s.boundary[node] })
}

// bears returns how much of their present bend some features of an element may keep, and whether straightening these alone does it
// at all.
func (s *straightener) bears(r ref, features []feature, target float64) (factor float64, ok bool) {
	try := func(by float64) bool {
		for _, f := range features {
			s.trial[f.node] = by
		}
		_, j := s.place(r)
		clear(s.trial)
		if j.e.offsets(j.at, j.off) {
			return j.e.jacobian.ratio(j.at, target) >= target
		}
		return j.plain() >= target
	}
	if !try(0) {
		return 0, false
	}
	low, high := 0., 1.
	for range bisections {
		if mid := (low + high) / 2; try(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	return low, true
}

func (s *straightener) decide(features []feature, by float64) {
	for _, f := range features {
		s.factor[f.node] = by * s.scale(f.node)
	}
}

// apply moves the nodes of all elements that features belong to.
func (s *straightener) apply(features []feature) (changed []uint64) {
	for _, f := range features {
		all := s.tied[f.node]
		if all == nil {
			all = []uint64{f.node}
		}
		changed = append(changed, all...)
		for _, node := range all {
			for _, near := range s.at(node) {
				s.features(near) // to know where its nodes were
				nodes, j := s.place(near)
				for i := len(j.e.corners[0]); i < len(nodes); i++ {
					copy(s.m.XYZ[3*nodes[i]:3*nodes[i]+3], j.at[i][:])
				}
			}
		}
	}
	return changed
}

func norm(v Vec) float64 { return math.Sqrt(v[0]*v[0] + v[1]*v[1] + v[2]*v[2]) }
