package surface

import (
	"container/heap"
	"math"
	"slices"
)

// Remeshing changes the triangles of a surface, not the surface: edges that are longer than wanted are split, shorter ones
// collapsed, and in between diagonals are flipped and vertices moved within the surface until the triangles are as
// regular as can be. After M. Botsch and L. Kobbelt, "A remeshing approach to multiresolution modeling" (2004).
//
// A change is made only if what comes out lies on the old surface, to a tolerance, and looks the same way. Corners stay,
// points of a curve stay on it. Which face a triangle belongs to never changes.

const (
	rounds = 6 // of all changes; after these hardly an edge changes any more
	// An edge is split if its halves come nearer to the length wanted, and collapsed likewise: 4/3 and 4/5 leave no edge
	// that would be undone by the next round.
	tooLong, tooShort = 4. / 3, 4. / 5
	// sameSide is the least cosine between a triangle and the old surface behind it. A chamfer that takes the place of a
	// small fillet is 45 degrees off.
	sameSide = 0.5
	// goodShape is the shape of a triangle that needs no care any more; 1 is regular, 0 flat.
	goodShape = 0.5
)

type vertexKind uint8

const (
	inFace vertexKind = iota
	onCurve
	fixed
)

// remesh is one shell that is being remeshed.
type remesh struct {
	*halfEdges
	shape     *shape
	kind      []vertexKind
	old       []int32   // vertex of the old surface, for fixed ones
	base      []float64 // size wanted at each vertex, before growth is bounded
	narrow    []float64 // bounds the size where curves come near each other
	size      []float64
	deviation []float64
}

// newRemesh takes the triangles of a shell.
func newRemesh(m *Mesh, shell int, sizing Sizing, s *shape) *remesh {
	if s == nil {
		s = newShape(m, sizing)
	}
	sh := m.Shells[shell]
	r := &remesh{shape: s, halfEdges: &halfEdges{}}
	first := int32(3 * sh.First)
	for i := sh.First; i < sh.First+sh.Count; i++ {
		t := r.addTriangle([3]int32{-1, -1, -1}, s.faceOf[i])
		for k := range int32(3) {
			h := 3*t + k
			r.twin[h] = s.twins[first+h] - first
			if on, ok := s.onCurve[first+h]; ok {
				r.curve[h], r.span[h] = on.curve, on.span
			}
		}
	}
	for h := range r.twin {
		if r.triangle[h/3][h%3] >= 0 {
			continue
		}
		old := m.Triangles[sh.First+h/3][h%3]
		v := int32(len(r.at))
		r.at = append(r.at, m.Vertices[old])
		r.out = append(r.out, int32(h))
		size, deviation := math.Inf(1), math.Inf(1)
		curves := 0
		for x := int32(h); ; {
			r.triangle[x/3][x%3] = v
			i := int32(sh.First) + x/3
			size, deviation = min(size, s.field.size[i]), min(deviation, s.field.deviation[i])
			if r.curve[x] >= 0 {
				curves++
				size = min(size, s.lines[r.curve[x]].sizeAt(r.span[x][0]))
			}
			if x = r.twin[prev(x)]; x == int32(h) {
				break
			}
		}
		kind := inFace
		if curves > 0 {
			kind = onCurve
		}
		if s.isFixed[old] {
			kind = fixed
		}
		r.kind, r.old = append(r.kind, kind), append(r.old, old)
		r.base, r.deviation = append(r.base, size), append(r.deviation, deviation)
		r.narrow = append(r.narrow, math.Inf(1))
	}
	r.size = slices.Clone(r.base)
	return r
}

// run remeshes the shell.
func (r *remesh) run() {
	for round := range rounds {
		r.round(1 + round/3)
	}
	r.flipAll()
	r.mendShapes()
	if r.findNarrow() {
		r.round(1)
		r.round(2)
		r.flipAll()
		r.mendShapes()
	}
	r.smooth(2)
	r.flipAll()
	for range 2 {
		r.fit()
	}
}

// round makes all changes once.
func (r *remesh) round(smoothings int) {
	r.grow()
	r.splitLong()
	r.flipAll()
	r.grow()
	r.collapseShort()
	r.flipAll()
	r.smooth(smoothings)
}

const (
	// narrowShape is the shape of a triangle between curves that is not to be left so; its edges along them are made not
	// longer than narrowRatio times the distance, as far as the shortest edge wanted allows it.
	narrowShape, narrowRatio = 0.35, 2
)

// findNarrow bounds the size where curves come so near to each other that the triangles between them have a bad shape,
// and reports whether there are such places.
func (r *remesh) findNarrow() (found bool) {
	for t, tri := range r.triangle {
		if !r.alive(int32(t)) || shapeOf(r.corners(int32(t))) >= narrowShape {
			continue
		}
		if r.kind[tri[0]] == inFace || r.kind[tri[1]] == inFace || r.kind[tri[2]] == inFace {
			continue
		}
		shortest := math.Inf(1)
		for h := int32(3 * t); h < int32(3*t+3); h++ {
			shortest = min(shortest, r.length(h))
		}
		size := max(narrowRatio*shortest, r.shape.sizing.Min)
		for _, v := range tri {
			if size < r.base[v] {
				r.narrow[v] = min(r.narrow[v], size)
				r.base[v] = size
				found = true
			}
		}
	}
	return found
}

// grow bounds how fast the size grows along the edges.
func (r *remesh) grow() {
	slope := r.shape.sizing.Growth - 1
	copy(r.size, r.base)
	q := make(sizeQueue, 0, len(r.at))
	for v, h := range r.out {
		if h >= 0 {
			q = append(q, sized{r.size[v], int32(v)})
		}
	}
	heap.Init(&q)
	for len(q) > 0 {
		x := heap.Pop(&q).(sized)
		if x.size > r.size[x.vertex] {
			continue
		}
		for h := range r.around(x.vertex) {
			v := r.to(h)
			if size := x.size + slope*r.length(h); size < r.size[v] {
				r.size[v] = size
				heap.Push(&q, sized{size, v})
			}
		}
	}
}

func (r *remesh) length(h int32) float64 { return norm(sub(r.at[r.to(h)], r.at[r.from(h)])) }

// wanted is the length that an edge between two vertices should have.
func (r *remesh) wanted(a, b int32) float64 { return (r.size[a] + r.size[b]) / 2 }

// tolerance is how far a triangle at a vertex may be from the old surface.
func (r *remesh) tolerance(v int32) float64 {
	return r.shape.sizing.tolerance(r.size[v], r.deviation[v])
}

// splitLong splits edges that are too long, the longest in relation to their length wanted first.
func (r *remesh) splitLong() {
	var q edgeQueue
	add := func(h int32) {
		if ratio := r.length(h) / r.wanted(r.from(h), r.to(h)); ratio > tooLong {
			heap.Push(&q, ratedEdge{-ratio, h, r.from(h), r.to(h)})
		}
	}
	for h := range r.twin {
		if r.alive(int32(h)/3) && int32(h) < r.twin[h] {
			add(int32(h))
		}
	}
	for len(q) > 0 {
		x := heap.Pop(&q).(ratedEdge)
		if r.from(x.half) != x.from || r.to(x.half) != x.to {
			continue
		}
		v := r.splitHere(x.half)
		for h := range r.around(v) {
			add(h)
			add(next(h)) // its number may have changed
		}
	}
}

// splitHere splits an edge in its middle and puts the new vertex on the old surface, if the triangles there allow it.
func (r *remesh) splitHere(h int32) int32 {
	g := r.twin[h]
	a, b := r.from(h), r.to(h)
	curve, place := r.curve[h], (r.span[h][0]+r.span[h][1])/2
	middle := halfwayTo(r.at[a], r.at[b])
	n := r.normalOf(h/3, g/3)
	p := middle
	size, deviation := r.shape.sizing.Max, min(r.deviation[a], r.deviation[b])
	faces := []int32{r.face[h/3]}
	if curve >= 0 {
		p = r.shape.lines[curve].at(place)
		size = min(size, r.shape.lines[curve].sizeAt(place))
		faces = append(faces, r.face[g/3])
	}
	for i, face := range faces {
		if i > 0 {
			n = r.normalOf(g / 3)
		} else if curve >= 0 {
			n = r.normalOf(h / 3)
		}
		home, q, _ := r.project(p, n, face, math.Inf(1))
		if home < 0 {
			size = min(size, r.base[a], r.base[b])
			continue
		}
		size, deviation = min(size, r.shape.field.size[home]), min(deviation, r.shape.field.deviation[home])
		if curve < 0 {
			p = q
		}
	}
	kind := inFace
	if curve >= 0 {
		kind = onCurve
	}
	if !r.splitFits(h, p) {
		p = middle
	}
	v := r.split(h, p, place)
	r.kind, r.old = append(r.kind, kind), append(r.old, -1)
	narrow := (r.narrow[a] + r.narrow[b]) / 2
	r.narrow = append(r.narrow, narrow)
	size = min(size, narrow)
	r.base, r.deviation = append(r.base, size), append(r.deviation, deviation)
	r.size = append(r.size, min(size, r.wanted(a, b)))
	return v
}

// splitFits reports whether the four triangles that a split makes look the way that the two did.
func (r *remesh) splitFits(h int32, p [3]float64) bool {
	for _, x := range [2]int32{h, r.twin[h]} {
		a, b, c := r.at[r.from(x)], r.at[r.to(x)], r.at[r.apex(x)]
		n := cross(sub(b, a), sub(c, a))
		for _, half := range [2][3]float64{cross(sub(p, a), sub(c, a)), cross(sub(b, p), sub(c, p))} {
			if !(dot(n, half) >= sameSide*norm(n)*norm(half)) || norm(half) == 0 {
				return false
			}
		}
	}
	return true
}

// collapseShort collapses edges that are too short, the shortest in relation to their length wanted first.
func (r *remesh) collapseShort() {
	var q edgeQueue
	add := func(h int32) {
		if ratio := r.length(h) / r.wanted(r.from(h), r.to(h)); ratio < tooShort {
			heap.Push(&q, ratedEdge{ratio, h, r.from(h), r.to(h)})
		}
	}
	for h := range r.twin {
		if r.alive(int32(h)/3) && int32(h) < r.twin[h] {
			add(int32(h))
		}
	}
	for len(q) > 0 {
		x := heap.Pop(&q).(ratedEdge)
		if !r.alive(x.half/3) || r.from(x.half) != x.from || r.to(x.half) != x.to {
			continue
		}
		for _, h := range [2]int32{x.half, r.twin[x.half]} {
			b := r.to(h)
			if r.tryCollapse(h, tooLong) {
				for y := range r.around(b) {
					add(y)
				}
				break
			}
		}
	}
}

// flipAll flips diagonals while the worse of the two triangles at one gets better by it.
func (r *remesh) flipAll() {
	var stack []int32
	for h := range r.twin {
		if r.alive(int32(h)/3) && int32(h) < r.twin[h] {
			stack = append(stack, int32(h))
		}
	}
	slices.Reverse(stack)
	for patience := 20 * len(stack); len(stack) > 0 && patience > 0; patience-- {
		h := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if r.tryFlip(h) {
			t, u := h/3, r.twin[3*(h/3)+1]/3
			stack = append(stack, 3*t, 3*t+2, 3*u, 3*u+2)
		}
	}
}
