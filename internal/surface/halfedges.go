package surface

import "slices"

// halfEdges is a closed triangle surface that is being changed. Half-edge 3·t+k runs from corner k of triangle t to the
// next. Where several sheets of the surface meet in one point only, each has a vertex of its own there.
type halfEdges struct {
	at       [][3]float64
	triangle [][3]int32 // a dead one begins with -1
	twin     []int32    // of each half-edge
	out      []int32    // of each vertex, a half-edge that leaves it; -1 for a dead one
	face     []int32    // of each triangle
	curve    []int32    // of each half-edge, the curve that it lies on; -1 for none
	span     [][2]float64
	// span holds, for a half-edge on a curve, where on the curve it begins and ends: lengths along the old curve. On a
	// closed curve they may be off by whole rounds.
}

func next(h int32) int32 {
	if h%3 == 2 {
		return h - 2
	}
	return h + 1
}

func prev(h int32) int32 {
	if h%3 == 0 {
		return h + 2
	}
	return h - 1
}

func (e *halfEdges) from(h int32) int32 { return e.triangle[h/3][h%3] }
func (e *halfEdges) to(h int32) int32   { return e.from(next(h)) }
func (e *halfEdges) apex(h int32) int32 { return e.from(prev(h)) }
func (e *halfEdges) alive(t int32) bool { return e.triangle[t][0] >= 0 }

// around yields the half-edges that leave a vertex.
func (e *halfEdges) around(v int32) func(yield func(h int32) bool) {
	return func(yield func(h int32) bool) {
		first := e.out[v]
		for h := first; ; {
			following := e.twin[prev(h)]
			if !yield(h) || following == first {
				return
			}
			h = following
		}
	}
}

// link makes two half-edges those of one edge.
func (e *halfEdges) link(h, g int32) { e.twin[h], e.twin[g] = g, h }

// put says what lies on both sides of an edge.
func (e *halfEdges) put(h, curve int32, span [2]float64) {
	g := e.twin[h]
	e.curve[h], e.curve[g] = curve, curve
	e.span[h], e.span[g] = span, [2]float64{span[1], span[0]}
}

func (e *halfEdges) addTriangle(t [3]int32, face int32) int32 {
	e.triangle = append(e.triangle, t)
	e.face = append(e.face, face)
	e.twin = append(e.twin, -1, -1, -1)
	e.curve = append(e.curve, -1, -1, -1)
	e.span = append(e.span, [2]float64{}, [2]float64{}, [2]float64{})
	return int32(len(e.triangle) - 1)
}

// move takes over the twin and the curve of half-edge h as those of g.
func (e *halfEdges) move(h, g int32) {
	e.link(g, e.twin[h])
	e.curve[g], e.span[g] = e.curve[h], e.span[h]
}

// split cuts the edge of h in two at p, which lies at the given place of its curve, if it is on one, and returns the new
// vertex. h becomes the first half.
func (e *halfEdges) split(h int32, p [3]float64, place float64) int32 {
	g := e.twin[h]
	t, u := h/3, g/3
	a, b, c, d := e.from(h), e.from(g), e.apex(h), e.apex(g)
	curve, span := e.curve[h], e.span[h]
	v := int32(len(e.at))
	e.at = append(e.at, p)
	t2 := e.addTriangle([3]int32{v, b, c}, e.face[t])
	u2 := e.addTriangle([3]int32{v, a, d}, e.face[u])
	e.move(next(h), 3*t2+1)
	e.move(next(g), 3*u2+1)
	e.triangle[t][next(h)%3], e.triangle[u][next(g)%3] = v, v
	e.link(next(h), 3*t2+2)
	e.link(next(g), 3*u2+2)
	e.link(h, 3*u2)
	e.link(g, 3*t2)
	e.put(next(h), -1, [2]float64{})
	e.put(next(g), -1, [2]float64{})
	e.put(h, curve, [2]float64{span[0], place})
	e.put(3*t2, curve, [2]float64{place, span[1]})
	e.out = append(e.out, 3*t2)
	e.out[b], e.out[a] = g, h
	return v
}

// flip replaces the edge of h by the other diagonal of its two triangles.
func (e *halfEdges) flip(h int32) {
	g := e.twin[h]
	t, u := h/3, g/3
	a, b, c, d := e.from(h), e.from(g), e.apex(h), e.apex(g)
	type side struct {
		twin, curve int32
		span        [2]float64
	}
	keep := func(x int32) side { return side{e.twin[x], e.curve[x], e.span[x]} }
	bc, ca, ad, db := keep(next(h)), keep(prev(h)), keep(next(g)), keep(prev(g))
	set := func(x int32, s side) {
		e.link(x, s.twin)
		e.put(x, s.curve, s.span)
	}
	e.triangle[t], e.triangle[u] = [3]int32{a, d, c}, [3]int32{b, c, d}
	set(3*t, ad)
	set(3*t+2, ca)
	set(3*u, bc)
	set(3*u+2, db)
	e.link(3*t+1, 3*u+1)
	e.put(3*t+1, -1, [2]float64{})
	e.out[a], e.out[b], e.out[c], e.out[d] = 3*t, 3*u, 3*t+2, 3*t+1
}

// joined reports whether an edge runs between two vertices.
func (e *halfEdges) joined(a, b int32) bool {
	for h := range e.around(a) {
		if e.to(h) == b {
			return true
		}
	}
	return false
}

// canCollapse reports whether the beginning of h can be drawn into its end without harm to the surface as such: what has
// both as neighbours are the two apexes alone, and no two curves would come to lie on each other.
func (e *halfEdges) canCollapse(h int32) bool {
	g := e.twin[h]
	a, b, c, d := e.from(h), e.to(h), e.apex(h), e.apex(g)
	if c == d {
		return false
	}
	if e.curve[next(h)] >= 0 && e.curve[prev(h)] >= 0 || e.curve[next(g)] >= 0 && e.curve[prev(g)] >= 0 {
		return false
	}
	var room [32]int32
	near := room[:0]
	for x := range e.around(a) {
		near = append(near, e.to(x))
	}
	valence := 0
	for x := range e.around(b) {
		valence++
		if v := e.to(x); v != c && v != d && slices.Contains(near, v) {
			return false
		}
	}
	// with fewer than three edges at a vertex, two triangles lie on each other
	return valence+len(near) >= 7 && e.hasFour(c) && e.hasFour(d)
}

// hasFour reports whether four edges at least meet in a vertex.
func (e *halfEdges) hasFour(v int32) bool {
	n := 0
	for range e.around(v) {
		if n++; n == 4 {
			return true
		}
	}
	return false
}

// collapse draws the beginning of h into its end.
func (e *halfEdges) collapse(h int32) {
	g := e.twin[h]
	a, b, c, d := e.from(h), e.to(h), e.apex(h), e.apex(g)
	if curve := e.curve[h]; curve >= 0 {
		// the part of the curve before the vertex that goes now reaches to the end of h
		shift := e.span[h][1] - e.span[h][0]
		for x := range e.around(a) {
			if x != h && e.curve[x] == curve {
				span := e.span[x]
				e.put(x, curve, [2]float64{span[0] + shift, span[1]})
			}
		}
	}
	for x := range e.around(a) {
		if x != h && x != next(g) {
			e.triangle[x/3][x%3] = b
		}
	}
	glue := func(x, y int32) { // the outer half-edges of the two sides of a triangle that goes
		ox, oy := e.twin[x], e.twin[y]
		curve, span := e.curve[ox], e.span[ox]
		if curve < 0 && e.curve[oy] >= 0 {
			curve, span = e.curve[oy], [2]float64{e.span[oy][1], e.span[oy][0]}
		}
		e.link(ox, oy)
		e.put(ox, curve, span)
	}
	cb, ad := e.twin[next(h)], e.twin[prev(h)] // c→b, and a→c, which begins at b now
	dIn := e.twin[next(g)]                     // d→a, which ends at b now
	glue(next(h), prev(h))
	glue(next(g), prev(g))
	e.out[b], e.out[c], e.out[d] = ad, cb, dIn
	e.out[a] = -1
	e.triangle[h/3][0], e.triangle[g/3][0] = -1, -1
}
