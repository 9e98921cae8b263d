package mesher

import (
	"maps"
	"math"
	"slices"

	"meshgen/internal/gmsh"
)

// unrolled is a closed face in the plane of its parameters, where a node of its seam has two places, or four where it closes both ways.
type unrolled struct {
	*faceNodes
	low, high []float64
	closes    [2]bool    // its low and high end are one
	ends      [2][2]bool // all of its low or high end is one point
	at        map[uint64][2]float64
	near      []int   // triangles at the edges that are to be cut
	sign      float64 // of the areas of its triangles there
}

func unroll(k *faceNodes, edges [][2]uint64) (*unrolled, error) {
	p := &unrolled{faceNodes: k, at: map[uint64][2]float64{}}
	face := gmsh.DimTag{Dim: 2, Tag: k.face}
	var err error
	if p.low, p.high, err = gmsh.ParameterBounds(face); err != nil {
		return nil, err
	}
	if err := p.findEnds(face); err != nil {
		return nil, err
	}
	for i, n := range k.tags {
		p.at[n] = [2]float64(k.parameters[2*i : 2*i+2])
	}
	p.sign = p.turn()
	tags, places, err := gmsh.FaceNodes(k.face)
	defer tags.Free()
	defer places.Free()
	if err != nil {
		return nil, err
	}
	for i, n := range tags.View() {
		if _, inner := p.at[n]; inner {
			continue
		}
		at, err := gmsh.Parameters(face, places.View()[3*i:3*i+3])
		if err != nil {
			return nil, err
		}
		p.at[n] = [2]float64(at)
	}
	p.collect(edges)
	return p, nil
}

// collect notes the triangles that have a node of some edges.
func (p *unrolled) collect(edges [][2]uint64) {
	of := map[uint64]bool{}
	for _, e := range edges {
		of[e[0]], of[e[1]] = true, true
	}
	p.near = p.near[:0]
	for t := 0; t < len(p.corners); t += 3 {
		if n := p.corners[t : t+3]; of[n[0]] || of[n[1]] || of[n[2]] {
			p.near = append(p.near, t)
		}
	}
}

// openLoops finds the edges that lead from a node of the seam around the face to that node itself, which the library leaves out with the
// triangles there. It puts a node on each, and the triangles back, and returns how many there were.
func (p *unrolled) openLoops(next uint64) (n int, err error) {
	seen := map[[2]uint64]bool{}
	spokes := map[uint64][]uint64{} // by the node of a loop, what the triangles left out lead to
	for _, t := range p.near {
		for i := range 3 {
			a, b := p.corners[t+i], p.corners[t+(i+1)%3]
			e := edgeKey(a, b)
			if seen[e] {
				continue
			}
			seen[e] = true
			list := p.around(e)
			if len(list) != 2 || len(list[0].ways) == 0 || len(list[1].ways) == 0 {
				continue
			}
			if slices.ContainsFunc(list[0].ways, func(w wayOf) bool {
				return slices.ContainsFunc(list[1].ways, func(v wayOf) bool { return p.same(v, w) })
			}) {
				continue
			}
			for k := range 2 {
				if places, free := p.placesOf(e[k]); len(places) == 2 && free < 0 {
					if others, free := p.placesOf(e[1-k]); len(others) == 1 && free < 0 {
						spokes[e[k]] = append(spokes[e[k]], e[1-k])
					}
				}
			}
		}
	}
	for _, node := range slices.Sorted(maps.Keys(spokes)) {
		places, _ := p.placesOf(node)
		middle := [2]float64{(places[0][0] + places[1][0]) / 2, (places[0][1] + places[1][1]) / 2}
		if err := p.add(next, middle); err != nil {
			return n, err
		}
		for _, to := range spokes[node] {
			for k := range 2 { // its half at either end
				half := [3]uint64{node, next, to}
				if p.sign*areaOf(places[k], middle, p.at[to]) < 0 {
					half[0], half[1] = half[1], half[0]
				}
				p.corners = append(p.corners, half[:]...)
			}
		}
		next++
		n++
	}
	return n, nil
}

// findEnds looks where the face closes, and where it comes to a point.
func (p *unrolled) findEnds(face gmsh.DimTag) error {
	const alike = 1e-6 // of how far the places are from each other
	for d := range 2 {
		var of [2][3][3]float64 // places along both ends
		for end, value := range []float64{p.low[d], p.high[d]} {
			for i := range of[end] {
				var at [2]float64
				at[d], at[1-d] = value, p.low[1-d]+(float64(i)+0.5)/3*(p.high[1-d]-p.low[1-d])
				var err error
				if of[end][i], err = gmsh.Point(face, at[:]...); err != nil {
					return err
				}
			}
		}
		size := max(distance(of[0][0], of[1][2]), distance(of[0][0], of[0][2]), distance(of[1][0], of[1][2]))
		p.closes[d] = true
		for i := range of[0] {
			p.closes[d] = p.closes[d] && distance(of[0][i], of[1][i]) < alike*size
		}
		for end := range of {
			p.ends[d][end] = distance(of[end][0], of[end][1]) < alike*size && distance(of[end][1], of[end][2]) < alike*size
		}
	}
	return nil
}

// turn returns the sign of the areas of most triangles within the face.
func (p *unrolled) turn() float64 {
	sum := 0.
	for t := 0; t < len(p.corners); t += 3 {
		a, isA := p.at[p.corners[t]]
		b, isB := p.at[p.corners[t+1]]
		c, isC := p.at[p.corners[t+2]]
		if isA && isB && isC {
			sum += math.Copysign(1, areaOf(a, b, c))
		}
	}
	return sum
}

// atEnd returns which end of a parameter a value is at: 0 the low one, 1 the high one, -1 neither.
func (p *unrolled) atEnd(value float64, d int) int {
	switch share := (value - p.low[d]) / (p.high[d] - p.low[d]); {
	case share < isoparametric:
		return 0
	case share > 1-isoparametric:
		return 1
	}
	return -1
}

// placesOf returns the places that a node may have, and whether it is in a point that has any value of the other parameter than d.
func (p *unrolled) placesOf(node uint64) (places [][2]float64, free int) {
	at := p.at[node]
	places, free = [][2]float64{at}, -1
	for d := range 2 {
		end := p.atEnd(at[d], d)
		if end < 0 {
			continue
		}
		if p.ends[d][end] {
			free = 1 - d
		}
		if p.closes[d] {
			for _, q := range slices.Clone(places) {
				q[d] = p.low[d] + p.high[d] - q[d]
				places = append(places, q)
			}
		}
	}
	return places, free
}

// laid is a triangle in the plane: the places of its corners, and how far it reaches.
type laid struct {
	at    [3][2]float64
	reach float64
}

// lay returns all ways in which a triangle may lie in the plane. None reaches all around the face.
func (p *unrolled) lay(t int) (ways []laid) {
	var of [3][][2]float64
	var free [3]int
	for i := range 3 {
		of[i], free[i] = p.placesOf(p.corners[t+i])
	}
	for _, a := range of[0] {
		for _, b := range of[1] {
			for _, c := range of[2] {
				q := laid{at: [3][2]float64{a, b, c}}
				for i, d := range free {
					if d >= 0 {
						q.at[i][d] = (q.at[(i+1)%3][d] + q.at[(i+2)%3][d]) / 2
					}
				}
				whole := false
				for d := range 2 {
					reach := (max(q.at[0][d], q.at[1][d], q.at[2][d]) - min(q.at[0][d], q.at[1][d], q.at[2][d])) / (p.high[d] - p.low[d])
					whole = whole || p.closes[d] && reach > 1-isoparametric
					q.reach += reach
				}
				if !whole && p.sign*areaOf(q.at[0], q.at[1], q.at[2]) > 0 {
					ways = append(ways, q)
				}
			}
		}
	}
	return ways
}

// atEdge is a triangle that has an edge, and the ways in which the edge may lie as a side of it: from its first node to its second.
type atEdge struct {
	triangle int
	forward  bool // it passes the edge from its first node to its second
	ways     []wayOf
}

type wayOf struct {
	from, to [2]float64
	reach    float64
}

// around returns the triangles that have an edge.
func (p *unrolled) around(e [2]uint64) (list []atEdge) {
	for _, t := range p.near {
		n := p.corners[t : t+3]
		for i := range 3 {
			if edgeKey(n[i], n[(i+1)%3]) != e {
				continue
			}
			a := atEdge{triangle: t, forward: n[i] == e[0]}
			for _, q := range p.lay(t) {
				w := wayOf{q.at[i], q.at[(i+1)%3], q.reach}
				if !a.forward {
					w.from, w.to = w.to, w.from
				}
				if k := slices.IndexFunc(a.ways, func(o wayOf) bool { return p.same(o, w) }); k < 0 {
					a.ways = append(a.ways, w)
				} else if w.reach < a.ways[k].reach {
					a.ways[k] = w
				}
			}
			list = append(list, a)
		}
	}
	return list
}

// same reports whether an edge lies the same way.
func (p *unrolled) same(a, b wayOf) bool {
	for d := range 2 {
		if near := isoparametric * (p.high[d] - p.low[d]); math.Abs(a.from[d]-b.from[d]) > near || math.Abs(a.to[d]-b.to[d]) > near {
			return false
		}
	}
	return true
}

// edgeSide is one of several edges with the same ends: its middle, and the two triangles there.
type edgeSide struct {
	way       wayOf
	middle    [2]float64
	triangles []int
}

// sides returns the edges between two nodes, where there are several: the triangles are paired so that these reach least far in all.
func (p *unrolled) sides(e [2]uint64) (sides []edgeSide) {
	list := p.around(e)
	if len(list) != 4 {
		return nil
	}
	least := math.Inf(1)
	for other := 1; other < 4; other++ { // who is on the side of the first
		pairs := [2][2]int{{0, other}, {}}
		k := 0
		for i := 1; i < 4; i++ {
			if i != other {
				pairs[1][k] = i
				k++
			}
		}
		var found []edgeSide
		reach := 0.
		for _, pair := range pairs {
			a, b := &list[pair[0]], &list[pair[1]]
			if a.forward == b.forward {
				break
			}
			at, best := wayOf{}, math.Inf(1)
			for _, w := range a.ways {
				for _, v := range b.ways {
					if p.same(v, w) && v.reach+w.reach < best && (len(found) == 0 || !p.same(found[0].way, w)) {
						at, best = w, v.reach+w.reach
					}
				}
			}
			reach += best
			middle := [2]float64{(at.from[0] + at.to[0]) / 2, (at.from[1] + at.to[1]) / 2}
			found = append(found, edgeSide{way: at, middle: middle, triangles: []int{a.triangle, b.triangle}})
		}
		if len(found) == 2 && reach < least {
			sides, least = found, reach
		}
	}
	return sides
}

// cut puts a node in the middle of a side.
func (p *unrolled) cut(e [2]uint64, s edgeSide, node uint64) error {
	if err := p.add(node, s.middle); err != nil {
		return err
	}
	for _, t := range s.triangles {
		n := p.corners[t : t+3]
		for i := range 3 {
			if a, b, c := n[i], n[(i+1)%3], n[(i+2)%3]; edgeKey(a, b) == e {
				n[0], n[1], n[2] = a, node, c
				p.near = append(p.near, len(p.corners))
				p.corners = append(p.corners, node, b, c)
				break
			}
		}
	}
	return nil
}

// add adds a node at a place.
func (p *unrolled) add(node uint64, at [2]float64) error {
	place, err := gmsh.Point(gmsh.DimTag{Dim: 2, Tag: p.face}, at[:]...)
	p.tags, p.places, p.parameters = append(p.tags, node), append(p.places, place[:]...), append(p.parameters, at[:]...)
	p.at[node] = at
	return err
}

func areaOf(a, b, c [2]float64) float64 {
	return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
}
