package field

import "slices"

// loops parts a boundary into closed loops of which each passes a vertex once. Where several ways lead on, the one that
// turns back sharpest is taken: so the two sides of a crack between two faces make a loop of their own.
func (s *Surface) loops(edges []directed) [][]int32 {
	slices.SortStableFunc(edges, func(a, b directed) int { return int(a.from - b.from) })
	begin := map[int32]int{} // of the edges that leave a vertex
	for i := len(edges) - 1; i >= 0; i-- {
		begin[edges[i].from] = i
	}
	used := make([]bool, len(edges))
	place := map[int32]int{} // of the vertices on the way, in it
	var way []int32
	var loops [][]int32
	for i := range edges {
		if used[i] {
			continue
		}
		at := edges[i].from
		way = append(way[:0], at)
		place[at] = 0
		for {
			next := s.onward(way, edges, used, begin[at])
			if next < 0 {
				break // back at the start, where all edges are used: a boundary ends nowhere else
			}
			used[next] = true
			at = edges[next].to
			if p, ok := place[at]; ok {
				if len(way)-p > 2 { // a loop of two edges encloses nothing
					loops = append(loops, slices.Clone(way[p:]))
				}
				for _, v := range way[p+1:] {
					delete(place, v)
				}
				way = way[:p+1]
				continue
			}
			place[at] = len(way)
			way = append(way, at)
		}
		delete(place, way[0])
	}
	return loops
}

// onward chooses the next edge of a way; -1 where there is none.
func (s *Surface) onward(way []int32, edges []directed, used []bool, begin int) int {
	best, sharpest := -1, 0.0
	at := way[len(way)-1]
	for i := begin; i < len(edges) && edges[i].from == at; i++ {
		if used[i] {
			continue
		}
		if len(way) == 1 {
			return i
		}
		in := sub(s.vertices[at], s.vertices[way[len(way)-2]])
		out := sub(s.vertices[edges[i].to], s.vertices[at])
		if turn := -dot(in, out) / (norm(in) * norm(out)); best < 0 || turn > sharpest {
			best, sharpest = i, turn
		}
	}
	return best
}

// close adds caps across the loops, directed so that the whole has no boundary.
func (s *Surface) close(loops [][]int32) {
	for _, loop := range loops {
		s.cap(loop)
	}
	s.uniteCaps()
	s.Changes.Caps = len(s.triangles) - s.solid
}

// uniteCaps makes one cap, which counts as often, of those that have the same corners: an edge between a turned triangle and one
// that is not belongs to two loops, which mostly are the same.
func (s *Surface) uniteCaps() {
	caps, weight := s.triangles[s.solid:], s.weight[s.solid:]
	first := firstOfSame(caps)
	for i, f := range first {
		if f == int32(i) {
			continue
		}
		if even(caps[i]) == even(caps[f]) {
			weight[f] += weight[i]
		} else {
			weight[f] -= weight[i]
		}
		weight[i] = 0
	}
	n := 0
	for i, w := range weight {
		if w != 0 {
			caps[n], weight[n] = caps[i], w
			n++
		}
	}
	s.triangles, s.weight = s.triangles[:s.solid+n], s.weight[:s.solid+n]
}

// cap fills a loop with triangles, halving it where the two sides are nearest.
func (s *Surface) cap(loop []int32) {
	n := len(loop)
	if n < 3 {
		return
	}
	if n == 3 {
		// the surface runs along the loop this way, the cap the other
		s.triangles = append(s.triangles, [3]int32{loop[0], loop[2], loop[1]})
		s.weight = append(s.weight, 1)
		return
	}
	half := n / 2
	best, shortest := 0, 0.0
	for i := range n - half {
		d := sub(s.vertices[loop[i]], s.vertices[loop[i+half]])
		if gap := dot(d, d); i == 0 || gap < shortest {
			best, shortest = i, gap
		}
	}
	one := slices.Clone(loop[best : best+half+1])
	other := append(slices.Clone(loop[best+half:]), loop[:best+1]...)
	s.cap(one)
	s.cap(other)
}
