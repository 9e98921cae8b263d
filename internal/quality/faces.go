package quality

import (
	"math"
	"runtime"
	"slices"

	"meshgen/internal/mesh"
	"meshgen/internal/threads"
)

// The limits of OpenFOAM's checkMesh. Source: OpenFOAM, primitiveMeshCheck.C.
const (
	// SevereNonOrthogonality is what checkMesh counts as severe, in degrees.
	SevereNonOrthogonality = 70
	// HighNonOrthogonality is where a solver needs correctors, by the usual advice.
	HighNonOrthogonality = 65
	// MaxFaceSkewness is of inner and outer faces.
	MaxFaceSkewness = 4
	// MaxCellAspect is checkMesh's own aspect ratio of a cell.
	MaxCellAspect = 1000
)

// cell is a volume element as the finite volume method sees it: a polyhedron with flat parts.
type cell struct {
	centre Point
	volume float64
}

// half is a face as one of its two cells sees it.
type half struct {
	key  uint64 // of its nodes; the lowest says where it is kept
	cell uint32
	face uint32
}

// cellBlock is a block with what is asked of it for every cell.
type cellBlock struct {
	first         int // number of its first cell
	n             int
	shape         mesh.Shape
	faces         [][]int
	step, corners int
	nodes         []uint64
}

// faceSurvey goes through the cells and their faces, as checkMesh does.
type faceSurvey struct {
	m      *mesh.Mesh
	blocks []cellBlock
	cells  []cell
	n      int

	found found
}

// worst is the largest value of something and where it is.
type worst struct {
	value float64
	place Point
	any   bool
}

func (w *worst) add(value float64, place Point) {
	if !w.any || value > w.value || value == w.value && slices.Compare(place[:], w.place[:]) < 0 {
		w.value, w.place, w.any = value, place, true
	}
}

func (w *worst) merge(o worst) {
	if o.any {
		w.add(o.value, o.place)
	}
}

// found is what was seen of some cells and faces.
type found struct {
	nonOrthogonality                   worst // by the negative cosine
	skewness, boundarySkewness, aspect worst
	volume, pyramid                    worst // by the negative
	sumCosine                          float64
	inner, outer                       int
	above65, above70, skew, long       int
	skewBoundary                       int
	negative, pyramids, crossed        int
}

func (f *found) merge(o *found) {
	f.nonOrthogonality.merge(o.nonOrthogonality)
	f.skewness.merge(o.skewness)
	f.boundarySkewness.merge(o.boundarySkewness)
	f.aspect.merge(o.aspect)
	f.volume.merge(o.volume)
	f.pyramid.merge(o.pyramid)
	f.sumCosine += o.sumCosine
	f.inner, f.outer = f.inner+o.inner, f.outer+o.outer
	f.above65, f.above70, f.skew, f.long = f.above65+o.above65, f.above70+o.above70, f.skew+o.skew, f.long+o.long
	f.skewBoundary += o.skewBoundary
	f.negative, f.pyramids, f.crossed = f.negative+o.negative, f.pyramids+o.pyramids, f.crossed+o.crossed
}

// lookAtFaces checks all cells and faces.
func lookAtFaces(m *mesh.Mesh) *faceSurvey {
	s := &faceSurvey{m: m}
	for _, b := range m.Of(3) {
		if b.Kind.Dim() == 3 && b.Len() > 0 {
			s.blocks = append(s.blocks, cellBlock{s.n, b.Len(), b.Kind.Shape(), b.Kind.Shape().Faces(), b.Kind.Nodes(), b.Kind.Corners(), b.Nodes})
			s.n += b.Len()
		}
	}
	if s.n == 0 {
		return s
	}
	s.cells = make([]cell, s.n)
	s.measureCells()
	s.matchFaces()
	return s
}

// each calls do for pieces of a range, in several threads, and adds up what they find in the order of the pieces.
func (s *faceSurvey) each(n, step int, do func(from, to int, f *found)) {
	pieces := make([]found, (n+step-1)/step)
	next := make(chan int, len(pieces))
	for i := range pieces {
		next <- i
	}
	close(next)
	threads.Run(min(runtime.GOMAXPROCS(0), len(pieces)), func(int) {
		for i := range next {
			do(i*step, min(n, (i+1)*step), &pieces[i])
		}
	})
	for i := range pieces {
		s.found.merge(&pieces[i])
	}
}

// block returns the block of a cell.
func (s *faceSurvey) block(c int) *cellBlock {
	low, high := 0, len(s.blocks)-1
	for low < high {
		if at := (low + high + 1) / 2; s.blocks[at].first <= c {
			low = at
		} else {
			high = at - 1
		}
	}
	return &s.blocks[low]
}

// keyOf names a face of a cell.
func keyOf(nodes []uint64, face []int) (lowest, rest uint64) {
	var corners [4]uint64
	for i, k := range face {
		corners[i] = nodes[k]
	}
	return mesh.FaceKey(corners[:len(face)])
}

// sorted4 returns the corners of a tetrahedron in the order of their nodes, each times four plus its place. The face that
// corner k is not on is face 3 - k of the shape.
func sorted4(n []uint64) (out [4]uint64) {
	a, b, c, d := n[0]<<2, n[1]<<2|1, n[2]<<2|2, n[3]<<2|3
	a, b = min(a, b), max(a, b)
	c, d = min(c, d), max(c, d)
	a, c = min(a, c), max(a, c)
	b, d = min(b, d), max(b, d)
	b, c = min(b, c), max(b, c)
	return [4]uint64{a, b, c, d}
}

// matchFaces brings the two sides of each face together: all halves are put into the place of their first node, where a few
// remain to be compared.
func (s *faceSurvey) matchFaces() {
	start := make([]uint32, s.m.Nodes()+2)
	total := 0
	for i := range s.blocks {
		b := &s.blocks[i]
		faces := b.faces
		total += len(faces) * b.n
		if b.shape == mesh.ATetrahedron {
			for e := 0; e < len(b.nodes); e += b.step {
				n := sorted4(b.nodes[e : e+4])
				start[n[0]>>2+1] += 3
				start[n[1]>>2+1]++
			}
			continue
		}
		for e := 0; e < len(b.nodes); e += b.step {
			n := b.nodes[e : e+b.step]
			for _, face := range faces {
				low, _ := keyOf(n, face)
				start[low+1]++
			}
		}
	}
	for i := 1; i < len(start); i++ {
		start[i] += start[i-1]
	}
	halves := make([]half, total)
	fill := slices.Clone(start)
	number := uint32(0)
	for i := range s.blocks {
		b := &s.blocks[i]
		faces := b.faces
		if b.shape == mesh.ATetrahedron {
			for e := 0; e < len(b.nodes); e += b.step {
				n := sorted4(b.nodes[e : e+4])
				a, b, c, d := n[0]>>2, n[1]>>2, n[2]>>2, n[3]>>2
				at := halves[fill[a]:][:3]
				at[0] = half{b<<32 | c, number, 3 - uint32(n[3]&3)}
				at[1] = half{b<<32 | d, number, 3 - uint32(n[2]&3)}
				at[2] = half{c<<32 | d, number, 3 - uint32(n[1]&3)}
				halves[fill[b]] = half{c<<32 | d, number, 3 - uint32(n[0]&3)}
				fill[a] += 3
				fill[b]++
				number++
			}
			continue
		}
		for e := 0; e < len(b.nodes); e += b.step {
			n := b.nodes[e : e+b.step]
			for f, face := range faces {
				low, key := keyOf(n, face)
				halves[fill[low]] = half{key, number, uint32(f)}
				fill[low]++
			}
			number++
		}
	}
	s.each(s.m.Nodes(), 4096, func(from, to int, f *found) {
		for node := from + 1; node <= to; node++ {
			at := halves[start[node]:start[node+1]]
			insertionSort(at)
			for len(at) > 0 {
				switch {
				case len(at) == 1 || at[1].key != at[0].key:
					s.boundary(&at[0], f)
					at = at[1:]
				default:
					s.internal(&at[0], &at[1], f)
					at = at[2:]
				}
			}
		}
	})
}

// insertionSort sorts the few faces of a node; those of equal key stay in the order of their cells.
func insertionSort(at []half) {
	for i := 1; i < len(at); i++ {
		h := at[i]
		k := i
		for ; k > 0 && at[k-1].key > h.key; k-- {
			at[k] = at[k-1]
		}
		at[k] = h
	}
}

// face returns the corners of a face, with its centre and its area pointing out of its cell.
func (s *faceSurvey) face(h *half, corners *[4]Point) ([]Point, Point, vec) {
	b := s.block(int(h.cell))
	face, nodes := b.faces[h.face], b.nodes[(int(h.cell)-b.first)*b.step:]
	for i, k := range face {
		corners[i] = s.m.At(nodes[k])
	}
	p := corners[:len(face)]
	centre, area := polygon(p, flatFaces[len(face)])
	return p, centre, area
}

// internal looks at a face between two cells.
func (s *faceSurvey) internal(owner, neighbour *half, f *found) {
	var corners [4]Point
	p, centre, area := s.face(owner, &corners)
	own, other := &s.cells[owner.cell].centre, &s.cells[neighbour.cell].centre
	d := between(own, other)
	cosine := d.dot(area) / (math.Sqrt(d.norm2()*area.norm2()) + tiny)
	f.inner++
	f.sumCosine += cosine
	f.nonOrthogonality.add(-cosine, centre)
	switch {
	case cosine <= 0:
		f.crossed++
		fallthrough
	case cosine < cos70:
		f.above70++
		fallthrough
	case cosine < cos65:
		f.above65++
	}
	to := between(own, &centre)
	skew := skewAt(p, &centre, to, d, area, 0.2, min(f.skewness.value, MaxFaceSkewness))
	f.skewness.add(skew, centre)
	if skew > MaxFaceSkewness {
		f.skew++
	}
}

var (
	cos65 = math.Cos(HighNonOrthogonality * math.Pi / 180)
	cos70 = math.Cos(SevereNonOrthogonality * math.Pi / 180)
)

// boundary looks at a face with a cell on one side.
func (s *faceSurvey) boundary(h *half, f *found) {
	var corners [4]Point
	p, centre, area := s.face(h, &corners)
	f.outer++
	normal := area.scaled(1 / (math.Sqrt(area.norm2()) + tiny))
	to := between(&s.cells[h.cell].centre, &centre)
	d := normal.scaled(normal.dot(to))
	skew := skewAt(p, &centre, to, d, area, 0.4, min(f.boundarySkewness.value, MaxFaceSkewness))
	f.boundarySkewness.add(skew, centre)
	if skew > MaxFaceSkewness {
		f.skewBoundary++
	}
}

// skewAt returns how far the line between two cells misses the centre of their face, in relation to the size of the face in
// that direction, and to a share of the distance of the cells. Where it cannot be more than bar it returns 0, at less cost.
func skewAt(p []Point, centre *Point, to, d, area vec, share, bar float64) float64 {
	const rootTiny = 1e-150
	along := area.dot(to) / (area.dot(d) + rootTiny)
	miss := vec{to.x - along*d.x, to.y - along*d.y, to.z - along*d.z}
	if least := bar * share; miss.norm2() < least*least*d.norm2() {
		return 0
	}
	length := math.Sqrt(miss.norm2())
	direction := miss.scaled(1 / (length + rootTiny))
	size := share*math.Sqrt(d.norm2()) + rootTiny
	for i := range p {
		size = max(size, math.Abs(direction.dot(between(centre, &p[i]))))
	}
	return math.Min(length/size, limit)
}
