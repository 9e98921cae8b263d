package surface

import "math"

// Sizing says how long the edges of a surface mesh should be.
type Sizing struct {
	Max, Min  float64 // longest and shortest edge wanted; Min gives way where the shape would be lost
	Curvature float64 // edges along a full circle
	Growth    float64 // ratio of neighbouring edges, more than 1
	// Budget, if it is set, is about how many triangles the bends may ask for together: Min is raised until they do with it.
	Budget int
	// Local, if it is set, bounds the size at a point.
	Local func(p [3]float64) float64
	// OfFace, if it is set, bounds the size on a face and its curves; it returns 0 where nobody asked for one.
	OfFace func(face int) float64
	// OfCurve is the same for a curve alone.
	OfCurve func(curve int) float64
}

const (
	// maxDeviation bounds how far the new surface may leave the old one, in relation to the diagonal of the shell; where
	// coarser chords are asked for, farDeviation does.
	maxDeviation, farDeviation = 2e-3, 4e-3
	// gapShare bounds the same where another sheet of the surface is near, in relation to the gap: two sheets that both
	// come nearer by as much must not meet.
	gapShare = 0.2
	// deviationOfSize and deviationOfMin bound it in relation to the length of the edges: a chord of 30 on a circle is 0.026
	// of its length from the arc; what is smaller than the shortest edge may be cut off.
	deviationOfSize, deviationOfMin = 0.05, 0.3
	// chordSlack is what the deviation may be in relation to that of a chord from its arc.
	chordSlack = 1.2
)

// field is what is wanted at each triangle of the old surface.
type field struct {
	size      []float64 // length of edges, before growth is bounded
	deviation []float64 // how far the new surface may be away
}

func newField(m *Mesh, s *Sizing, twin []int32, normal [][3]float64, faceOf []int32, all *tree) *field {
	f := &field{size: make([]float64, len(m.Triangles)), deviation: make([]float64, len(m.Triangles))}
	curvature := curvatures(m, twin, normal, faceOf)
	s.keepBudget(m, curvature)
	for i, t := range m.Triangles {
		a, b, c := m.corners(t)
		f.size[i] = s.at(max(curvature[i].size(s), s.Min), midpoint(a, b, c), int(faceOf[i]))
	}
	for _, sh := range m.Shells {
		limit := s.limit(sh.Box.Diagonal())
		for i := sh.First; i < sh.First+sh.Count; i++ {
			gap := all.gapAt(i, normal[i], limit/gapShare)
			f.deviation[i] = min(limit, gapShare*gap)
		}
	}
	return f
}

// keepBudget raises the shortest edge until the triangles that the bends ask for are within the budget.
func (s *Sizing) keepBudget(m *Mesh, curvature []bends) {
	if s.Budget == 0 {
		return
	}
	area := make([]float64, len(m.Triangles))
	for i, t := range m.Triangles {
		a, b, c := m.corners(t)
		area[i] = norm(cross(sub(b, a), sub(c, a))) / 2
	}
	const step = 1.05
	for ; s.Min*step < s.Max; s.Min *= step {
		sum := 0.
		for i := range area {
			l := max(curvature[i].size(s), s.Min)
			sum += area[i] / (math.Sqrt(3) / 4 * l * l)
		}
		if sum <= float64(s.Budget) {
			return
		}
	}
}

// at applies what bounds the size at a place on a face.
func (s *Sizing) at(size float64, p [3]float64, face int) float64 {
	if s.Local != nil {
		if l := s.Local(p); l > 0 {
			size = min(size, l)
		}
	}
	if s.OfFace != nil {
		if l := s.OfFace(face); l > 0 {
			size = min(size, l)
		}
	}
	return size
}

// chord is how far a chord of a circle is from its arc, in relation to its length.
func (s *Sizing) chord() float64 { return chordSlack * math.Pi / 4 / s.Curvature }

// limit bounds the deviation of a shell of the given diagonal.
func (s *Sizing) limit(diagonal float64) float64 {
	return max(maxDeviation*diagonal, min(farDeviation*diagonal, s.chord()*s.Max))
}

// tolerance is the deviation allowed of a triangle with edges of the given size.
func (s *Sizing) tolerance(size, deviation float64) float64 {
	return min(deviation, max(max(deviationOfSize, s.chord())*size, deviationOfMin*min(size, s.Min)))
}

// gapAt returns the distance from the middle of a triangle to the next sheet before or behind it, at most reach.
func (t *tree) gapAt(i int, normal [3]float64, reach float64) float64 {
	own := t.mesh.Triangles[i]
	a, b, c := t.mesh.corners(own)
	from := midpoint(a, b, c)
	gap := reach
	for _, side := range [2]float64{1, -1} {
		to := along(from, normal, side*gap)
		for j := range t.along(&from, &to) {
			other := t.mesh.Triangles[j]
			if share(own, other) {
				continue
			}
			p, q, r := &t.mesh.Vertices[other[0]], &t.mesh.Vertices[other[1]], &t.mesh.Vertices[other[2]]
			if at, hit := pierces(&from, &to, p, q, r); hit {
				gap = min(gap, norm(sub(at, from)))
			}
		}
	}
	return gap
}

// share reports whether two triangles have a vertex in common.
func share(t, u [3]int32) bool {
	for _, v := range t {
		if v == u[0] || v == u[1] || v == u[2] {
			return true
		}
	}
	return false
}

// bends is what is known of the curvature at a place.
type bends struct {
	curvature float64 // the largest normal curvature
	step      float64 // the angle from facet to facet there
}

// size is the length of edges that a place asks for: so many along a circle, but not more than it is made of.
func (b bends) size(s *Sizing) float64 {
	if b.curvature == 0 {
		return s.Max
	}
	return min(s.Max, max(2*math.Pi/s.Curvature, b.step)/b.curvature)
}

// curvatures estimates the bends at each triangle, within its face: those at the edges around a vertex, spread over the
// area around it, and of the three vertices the one where the surface bends most. Around a vertex the slivers of a writer
// even out; and a fillet has inner vertices, around which the plane beside it does not count. After D. Cohen-Steiner
// and J.-M. Morvan, "Restricted Delaunay triangulations and normal cycle" (2003).
func curvatures(m *Mesh, twin []int32, normal [][3]float64, faceOf []int32) []bends {
	type around struct {
		tensor       [6]float64
		area         float64
		bend, square float64 // sums of |bend|·length and bend²·length
	}
	// a vertex between faces is one in each of them
	corner := make([]int32, len(twin)) // of each half-edge, the entry of the vertex where it begins
	for i := range corner {
		corner[i] = -1
	}
	var all []around
	for h := range twin {
		if corner[h] >= 0 {
			continue
		}
		// turn back as far as the face goes, then forth
		start := int32(h)
		for x := start; ; {
			back := next(twin[x])
			if faceOf[twin[x]/3] != faceOf[x/3] || back == int32(h) {
				start = x
				break
			}
			x = back
		}
		for x := start; ; {
			corner[x] = int32(len(all))
			g := twin[prev(x)]
			if faceOf[g/3] != faceOf[x/3] || g == start {
				break
			}
			x = g
		}
		all = append(all, around{})
	}
	for i, t := range m.Triangles {
		a, b, c := m.corners(t)
		area := norm(cross(sub(b, a), sub(c, a))) / 2
		var own around
		own.area = area
		for k := range 3 {
			other := twin[3*i+k] / 3
			if faceOf[other] != faceOf[i] {
				continue
			}
			e := sub(m.Vertices[t[(k+1)%3]], m.Vertices[t[k]])
			length := norm(e)
			bend := math.Copysign(angle(normal[i], normal[other]), dot(cross(normal[i], normal[other]), e))
			w := bend / length / 2 // half of bend · length, times the square of the unit vector
			for x, v := range [6]float64{e[0] * e[0], e[1] * e[1], e[2] * e[2], e[0] * e[1], e[1] * e[2], e[2] * e[0]} {
				own.tensor[x] += w * v
			}
			own.bend += math.Abs(bend) * length
			own.square += bend * bend * length
		}
		for k := range 3 {
			at := &all[corner[3*i+k]]
			for x, v := range own.tensor {
				at.tensor[x] += v
			}
			at.area += own.area
			at.bend += own.bend
			at.square += own.square
		}
	}
	out := make([]bends, len(m.Triangles))
	for h, v := range corner {
		at := &all[v]
		if at.area == 0 || at.bend == 0 {
			continue
		}
		for x := range at.tensor {
			at.tensor[x] /= at.area
		}
		at.area = 1
		b := bends{spectralRadius(at.tensor), at.square / at.bend}
		if b.curvature > out[h/3].curvature {
			out[h/3] = b
		}
	}
	return out
}

// spectralRadius returns the largest absolute eigenvalue of a symmetric matrix, given as xx, yy, zz, xy, yz, zx. After
// O. K. Smith, "Eigenvalues of a symmetric 3 × 3 matrix" (1961).
func spectralRadius(m [6]float64) float64 {
	mean := (m[0] + m[1] + m[2]) / 3
	x, y, z := m[0]-mean, m[1]-mean, m[2]-mean
	square := (x*x + y*y + z*z + 2*(m[3]*m[3]+m[4]*m[4]+m[5]*m[5])) / 6
	if square == 0 {
		return math.Abs(mean)
	}
	p := math.Sqrt(square)
	det := x*(y*z-m[4]*m[4]) - m[3]*(m[3]*z-m[4]*m[5]) + m[5]*(m[3]*m[4]-y*m[5])
	phi := math.Acos(max(-1, min(1, det/(2*p*p*p)))) / 3
	return max(math.Abs(mean+2*p*math.Cos(phi)), math.Abs(mean+2*p*math.Cos(phi+2*math.Pi/3)))
}
