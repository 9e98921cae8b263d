package field

import "slices"

// chain is a surface as a sum of directed triangles. Half-edge 3·t+k runs from corner k of triangle t to the next.
type chain struct {
	*Surface
	half  []int32 // all half-edges, those of one edge side by side
	first []int32 // of each edge, where it begins in half; one more at the end
	edge  []int32 // of each half-edge

	patch   []int32 // of each triangle: parts that hang together by edges of two triangles
	patches int
	normals [][3]float64 // of each triangle, as long as twice its area
}

func (c *chain) from(h int32) int32 { return c.triangles[h/3][h%3] }

func (c *chain) to(h int32) int32 {
	if h%3 == 2 {
		return c.triangles[h/3][0]
	}
	return c.triangles[h/3][h%3+1]
}

func (c *chain) halves(edge int) []int32 { return c.half[c.first[edge]:c.first[edge+1]] }

// fewHalves is up to how many half-edges of a vertex are sorted by inserting one after the other: most have six.
const fewHalves = 16

// join finds which half-edges lie on each other. Edges are ordered by their lower vertex, then by the other.
func (c *chain) join() {
	n := int32(3 * len(c.triangles))
	bucket := make([]int32, len(c.vertices)+1)
	for h := range n {
		bucket[min(c.from(h), c.to(h))+1]++
	}
	for v := range c.vertices {
		bucket[v+1] += bucket[v]
	}
	c.half = make([]int32, n)
	at := slices.Clone(bucket)
	for h := range n {
		low := min(c.from(h), c.to(h))
		c.half[at[low]] = h
		at[low]++
	}
	c.edge = make([]int32, n)
	c.first = make([]int32, 0, n/2+1)
	high := func(h int32) int32 { return max(c.from(h), c.to(h)) }
	for v := range c.vertices {
		list := c.half[bucket[v]:bucket[v+1]]
		if len(list) > fewHalves {
			slices.SortStableFunc(list, func(a, b int32) int { return int(high(a) - high(b)) })
		} else {
			for i := 1; i < len(list); i++ {
				h, end, k := list[i], high(list[i]), i
				for ; k > 0 && high(list[k-1]) > end; k-- {
					list[k] = list[k-1]
				}
				list[k] = h
			}
		}
		for i, h := range list {
			if i == 0 || high(h) != high(list[i-1]) {
				c.first = append(c.first, bucket[v]+int32(i))
			}
			c.edge[h] = int32(len(c.first) - 1)
		}
	}
	c.first = append(c.first, n)
}

// dropDoubles leaves out triangles that are there before. Two that lie back to back are one triangle and its turned copy,
// or the wall between two bodies that touch: at the rim of a wall three different triangles meet. A wall goes whole.
func (c *chain) dropDoubles() {
	same := firstOfSame(c.triangles)
	doubled := 0
	back := map[int32]bool{} // triangles that have a turned copy
	for i, f := range same {
		if f != int32(i) {
			doubled++
			if even(c.triangles[i]) != even(c.triangles[f]) {
				back[f] = true
			}
		}
	}
	if doubled == 0 {
		return
	}
	c.keep(func(i int) bool { return same[i] == int32(i) })
	c.Changes.Doubled = doubled
	if len(back) == 0 {
		return
	}
	// the numbers of those that stayed
	stayed := make([]bool, 0, len(c.triangles))
	for i, f := range same {
		if f == int32(i) {
			stayed = append(stayed, back[f])
		}
	}
	wall := c.walls(stayed)
	c.keep(func(i int) bool { return !wall[i] })
}

// firstOfSame returns, for each triangle, the first one of the same corners.
func firstOfSame(triangles [][3]int32) []int32 {
	size := 64
	for size < 2*len(triangles) {
		size *= 2
	}
	slots := make([]int32, size) // triangle + 1
	same := make([]int32, len(triangles))
	corners := func(t [3]int32) [3]int32 {
		if t[0] > t[1] {
			t[0], t[1] = t[1], t[0]
		}
		if t[1] > t[2] {
			t[1], t[2] = t[2], t[1]
		}
		if t[0] > t[1] {
			t[0], t[1] = t[1], t[0]
		}
		return t
	}
	for i, t := range triangles {
		key := corners(t)
		h := (uint64(key[0])*0x9e3779b97f4a7c15+uint64(key[1]))*0xbf58476d1ce4e5b9 + uint64(key[2])
		h *= 0x94d049bb133111eb
		for at := h >> 20 & uint64(size-1); ; at = (at + 1) & uint64(size-1) {
			if slots[at] == 0 {
				slots[at] = int32(i + 1)
				same[i] = int32(i)
				break
			}
			if f := slots[at] - 1; corners(triangles[f]) == key {
				same[i] = f
				break
			}
		}
	}
	return same
}

// even reports whether the corners of a triangle are an even permutation of their order.
func even(t [3]int32) bool {
	return (t[0] < t[1]) != (t[1] < t[2]) != (t[0] < t[2])
}

// walls marks, of the triangles that have a turned copy, those that hang together with one at whose edge three meet.
func (c *chain) walls(copied []bool) []bool {
	c.join()
	wall := make([]bool, len(c.triangles))
	var pending []int32
	for e := range len(c.first) - 1 {
		if list := c.halves(e); len(list) > 2 {
			for _, h := range list {
				if t := h / 3; copied[t] && !wall[t] {
					wall[t] = true
					pending = append(pending, t)
				}
			}
		}
	}
	for len(pending) > 0 {
		t := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		for k := range int32(3) {
			for _, h := range c.halves(int(c.edge[3*t+k])) {
				if u := h / 3; copied[u] && !wall[u] {
					wall[u] = true
					pending = append(pending, u)
				}
			}
		}
	}
	return wall
}

// keep leaves the triangles for which stays is true.
func (c *chain) keep(stays func(i int) bool) {
	n := 0
	for i := range c.triangles {
		if stays(i) {
			c.triangles[n], c.number[n] = c.triangles[i], c.number[i]
			n++
		}
	}
	c.triangles, c.number, c.weight = c.triangles[:n], c.number[:n], c.weight[:n]
}

// turnToNeighbours makes the triangles of each patch agree with each other, the way round that most of its area has.
func (c *chain) turnToNeighbours() {
	c.normals = make([][3]float64, len(c.triangles))
	c.parts(len(c.triangles), func(from, to int) {
		for t := from; t < to; t++ {
			c.normals[t] = c.areaOf(int32(t))
		}
	})
	c.patch = make([]int32, len(c.triangles))
	for i := range c.patch {
		c.patch[i] = -1
	}
	list := make([]int32, 0, len(c.triangles))
	for start := range c.triangles {
		if c.patch[start] >= 0 {
			continue
		}
		list = append(list[:0], int32(start))
		c.patch[start] = int32(c.patches)
		asFound, turned := 0.0, 0.0
		for done := 0; done < len(list); done++ {
			t := list[done]
			area := norm(c.normals[t])
			if c.weight[t] > 0 {
				asFound += area
			} else {
				turned += area
			}
			for k := range int32(3) {
				pair := c.halves(int(c.edge[3*t+k]))
				if len(pair) != 2 {
					continue
				}
				g := pair[0]
				if g == 3*t+k {
					g = pair[1]
				}
				if u := g / 3; c.patch[u] < 0 {
					c.patch[u] = int32(c.patches)
					c.weight[u] = c.weight[t]
					if c.from(g) == c.from(3*t+k) {
						c.weight[u] = -c.weight[t]
					}
					list = append(list, u)
				}
			}
		}
		if turned > asFound {
			for _, t := range list {
				c.weight[t] = -c.weight[t]
			}
		}
		c.patches++
	}
	c.countTurned()
}

func (c *chain) countTurned() {
	c.Changes.Turned = 0
	for t := range c.patch {
		if c.weight[t] < 0 {
			c.Changes.Turned++
		}
	}
}

// areaOf returns the normal of a triangle of the input, as long as twice its area.
func (s *Surface) areaOf(t int32) [3]float64 {
	a, b, d := s.corners(t)
	return cross(sub(b, a), sub(d, a))
}

func (s *Surface) corners(t int32) (a, b, c [3]float64) {
	x := s.triangles[t]
	return s.vertices[x[0]], s.vertices[x[1]], s.vertices[x[2]]
}

// directed is an edge of a boundary.
type directed struct{ from, to int32 }

// boundary returns the boundary of the chain as closed loops of vertices.
func (c *chain) boundary() [][]int32 {
	var edges []directed
	for e := range len(c.first) - 1 {
		list := c.halves(e)
		low := min(c.from(list[0]), c.to(list[0]))
		high := max(c.from(list[0]), c.to(list[0]))
		net := int32(0)
		for _, h := range list {
			if c.from(h) == low {
				net += c.weight[h/3]
			} else {
				net -= c.weight[h/3]
			}
		}
		for ; net > 0; net-- {
			edges = append(edges, directed{low, high})
		}
		for ; net < 0; net++ {
			edges = append(edges, directed{high, low})
		}
	}
	c.Changes.Open = len(edges)
	if len(edges) == 0 {
		return nil
	}
	return c.loops(edges)
}
