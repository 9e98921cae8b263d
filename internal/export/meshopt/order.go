package meshopt

// Order returns the triangles in an order in which neighbours follow each other, and the vertices in the order of their
// first use: vertices[i] is the old number of the new vertex i, and indices are the new numbers. triangles[i] is the old
// number of the triangle i. Corners may have been rotated; orientation is kept. Vertices that no triangle uses are left out.
//
// It goes around each vertex in turn and takes the triangles there that are left, then on to a vertex that was in use just
// now: a walk over the surface in stripes that a cache of some twenty vertices can follow. Source: Sander, Nehab, Barczak,
// "Fast triangle reordering for vertex locality and reduced overdraw" (2007), of which this is the first part.
func Order(corners []uint32, vertexCount int) (indices []uint32, triangles, vertices []uint32) {
	return walk{size: 3, cache: 16, ahead: 2}.order(corners, vertexCount)
}

// OrderVolume does as Order does for elements of volume with size corners each.
func OrderVolume(corners []uint32, size, vertexCount int) (indices []uint32, elements, vertices []uint32) {
	return walk{size: size, cache: 32, ahead: 0.5}.order(corners, vertexCount)
}

// walk is how elements are put in order: the corners of each, how many vertices a codec is taken to remember, and how many of
// them each element around the next vertex is taken to replace. The last two were chosen by what comes out: the encoder of
// triangles remembers 16, yet meshes of tetrahedra came out smallest as above.
type walk struct {
	size  int
	cache int32
	ahead float32
}

func (w walk) order(corners []uint32, vertexCount int) (indices []uint32, elements, vertices []uint32) {
	cache := w.cache
	count := len(corners) / w.size
	starts, around := incidence(corners, w.size, vertexCount)
	left := make([]int32, vertexCount) // elements of each vertex that are not out yet
	for v := range left {
		left[v] = int32(starts[v+1] - starts[v])
	}
	stamp := make([]int32, vertexCount) // when each vertex entered the cache
	clock := int32(cache + 1)
	out := make([]bool, count)
	number := make([]uint32, vertexCount)
	for i := range number {
		number[i] = unused
	}
	indices = make([]uint32, 0, len(corners))
	elements = make([]uint32, 0, count)
	vertices = make([]uint32, 0, vertexCount)

	var candidates []uint32                  // of this step
	trail := make([]uint32, 0, len(corners)) // and of all steps before
	cursor := 0
	for fan := nextLeft(left, &cursor); fan >= 0; {
		candidates = candidates[:0]
		for _, t := range around[starts[fan]:starts[fan+1]] {
			if out[t] {
				continue
			}
			out[t] = true
			elements = append(elements, t)
			for _, v := range corners[int(t)*w.size : (int(t)+1)*w.size] {
				if number[v] == unused {
					number[v] = uint32(len(vertices))
					vertices = append(vertices, v)
				}
				indices = append(indices, number[v])
				candidates = append(candidates, v)
				left[v]--
				if clock-stamp[v] > cache {
					stamp[v] = clock
					clock++
				}
			}
		}
		trail = append(trail, candidates...)
		fan = -1
		best := int32(-1)
		for _, v := range candidates {
			if left[v] == 0 {
				continue
			}
			// the oldest that will still be in the cache when its elements are out
			priority := int32(0)
			if age := clock - stamp[v]; float32(age)+w.ahead*float32(left[v]) <= float32(cache) {
				priority = age
			}
			if priority > best {
				best, fan = priority, int(v)
			}
		}
		for fan < 0 && len(trail) > 0 {
			v := trail[len(trail)-1]
			trail = trail[:len(trail)-1]
			if left[v] > 0 {
				fan = int(v)
			}
		}
		if fan < 0 {
			fan = nextLeft(left, &cursor)
		}
	}
	return indices, elements, vertices
}

// incidence lists the elements of each vertex: around[starts[v]:starts[v+1]].
func incidence(corners []uint32, size, vertexCount int) (starts []int, around []uint32) {
	all := make([]int, vertexCount+2) // one ahead, so that each is where it belongs once the elements before it are in
	for _, v := range corners {
		all[v+2]++
	}
	for v := range vertexCount {
		all[v+2] += all[v+1]
	}
	around = make([]uint32, len(corners))
	for i, element := 0, uint32(0); i < len(corners); i, element = i+size, element+1 {
		for _, v := range corners[i : i+size] {
			around[all[v+1]] = element
			all[v+1]++
		}
	}
	return all[:vertexCount+1], around
}

func nextLeft(left []int32, cursor *int) int {
	for ; *cursor < len(left); *cursor++ {
		if left[*cursor] > 0 {
			return *cursor
		}
	}
	return -1
}
