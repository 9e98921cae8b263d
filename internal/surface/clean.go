package surface

import (
	"cmp"
	"slices"
)

// joinNeighbours makes one vertex of the two ends of an edge that has no length to speak of: rounding has written one
// point twice.
func (r *repair) joinNeighbours() {
	var sets forest
	joined := 0
	for _, t := range r.Triangles {
		for k := range 3 {
			a, b := t[k], t[(k+1)%3]
			if e := sub(r.Vertices[a], r.Vertices[b]); a == b || dot(e, e) > r.flatness*r.flatness {
				continue
			}
			if sets == nil {
				sets = newForest(len(r.Vertices))
			}
			if sets.root(a) != sets.root(b) {
				sets.join(a, b)
				joined++
			}
		}
	}
	if joined == 0 {
		return
	}
	for i := range r.Triangles {
		for k, v := range r.Triangles[i] {
			r.Triangles[i][k] = sets.root(v)
		}
	}
	r.repaired(nil, "Joined %s of triangles with neighbours less than %.3g away.", count(joined, "corner"), r.flatness)
}

// dropCollapsed drops the triangles of which two corners are one vertex. What they leave behind closes by itself: their
// two other sides lie on each other.
func (r *repair) dropCollapsed() {
	var bad []int
	for i, t := range r.Triangles {
		if t[0] == t[1] || t[1] == t[2] || t[2] == t[0] {
			bad = append(bad, i)
		}
	}
	if len(bad) > 0 {
		places := r.places(bad)
		r.drop(bad)
		r.repaired(places, "Left out %s with two equal corners.", count(len(bad), "triangle"))
	}
}

// dropDuplicates drops triangles that are there before, and pairs that lie back to back and belong to nothing else. Other
// back-to-back pairs stay: they are where two bodies touch, and what is meant there is not ours to guess.
func (r *repair) dropDuplicates() {
	order := make([]int32, len(r.Triangles))
	keys := make([][3]int32, len(r.Triangles))
	for i, t := range r.Triangles {
		order[i] = int32(i)
		slices.Sort(t[:])
		keys[i] = t
	}
	slices.SortFunc(order, func(a, b int32) int {
		for k := range 3 {
			if c := cmp.Compare(keys[a][k], keys[b][k]); c != 0 {
				return c
			}
		}
		return cmp.Compare(a, b)
	})
	var again []int // the same way round as an earlier one
	var pairs [][2]int32
	for first := 0; first < len(order); {
		next := first + 1
		for next < len(order) && keys[order[next]] == keys[order[first]] {
			next++
		}
		kept := order[first]
		back := int32(-1)
		for _, i := range order[first+1 : next] {
			if even(r.Triangles[i]) == even(r.Triangles[kept]) || back >= 0 {
				again = append(again, int(i))
			} else {
				back = i
			}
		}
		if back >= 0 {
			pairs = append(pairs, [2]int32{kept, back})
		}
		first = next
	}
	var pillows []int
	if len(pairs) > 0 {
		turned, alone := r.sortPairs(pairs, again)
		again = append(again, turned...)
		pillows = alone
	}
	slices.Sort(again)
	slices.Sort(pillows)
	placesAgain, placesPillows := r.places(again), r.places(pillows)
	if gone := append(slices.Clone(again), pillows...); len(gone) > 0 {
		slices.Sort(gone)
		r.drop(gone)
	}
	if len(again) > 0 {
		r.repaired(placesAgain, "Left out %s that the file repeats.", count(len(again), "triangle"))
	}
	if len(pillows) > 0 {
		r.repaired(placesPillows, "Left out %s that lie back to back and enclose nothing.", count(len(pillows), "triangle"))
	}
}

// even reports whether the corners of a triangle are an even permutation of their order.
func even(t [3]int32) bool {
	return (t[0] < t[1]) != (t[1] < t[2]) != (t[0] < t[2])
}

// sortPairs says which of the pairs of back-to-back triangles are a triangle and its turned copy (the copy is returned),
// and which are alone (both are returned), given the triangles that go in any case.
func (r *repair) sortPairs(pairs [][2]int32, gone []int) (turned, alone []int) {
	leaving := make(map[int32]bool, len(gone))
	for _, i := range gone {
		leaving[int32(i)] = true
	}
	table := newEdgeTable(r.Mesh)
	users := func(a, b int32) int {
		n := 0
		for _, s := range table.of(a, b) {
			if !leaving[s.half/3] {
				n++
			}
		}
		return n
	}
	second := make(map[int32]bool, len(pairs))
	for _, p := range pairs {
		second[p[1]] = true
	}
	for _, p := range pairs {
		t := r.Triangles[p[0]]
		isAlone, isTurned := true, true
		for k := range 3 {
			all := users(t[k], t[(k+1)%3])
			isAlone = isAlone && all == 2
			backs := 0
			for _, s := range table.of(t[k], t[(k+1)%3]) {
				if second[s.half/3] && !leaving[s.half/3] {
					backs++
				}
			}
			isTurned = isTurned && all-backs == 2
		}
		switch {
		case isAlone:
			alone = append(alone, int(p[0]), int(p[1]))
		case isTurned:
			turned = append(turned, int(p[1]))
		}
	}
	return turned, alone
}
