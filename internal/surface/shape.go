package surface

import (
	"math"
	"sort"
)

// shape is the old surface, ready to be asked.
type shape struct {
	mesh    *Mesh
	sizing  Sizing
	field   *field
	twins   []int32
	normal  [][3]float64
	faceOf  []int32
	trees   []*tree // of each face
	lines   []line  // of each curve
	onCurve map[int32]onLine
	isFixed []bool // of each vertex
}

// onLine is where a half-edge lies on a curve.
type onLine struct {
	curve int32
	span  [2]float64
}

func newShape(m *Mesh, sizing Sizing) *shape {
	s := &shape{
		mesh: m, sizing: sizing, twins: newEdgeTable(m).twins(), normal: m.normals(), faceOf: make([]int32, len(m.Triangles)),
		onCurve: map[int32]onLine{}, isFixed: make([]bool, len(m.Vertices)),
	}
	for i, f := range m.Faces {
		for t := f.First; t < f.First+f.Count; t++ {
			s.faceOf[t] = int32(i)
		}
		s.trees = append(s.trees, newTree(&Mesh{Vertices: m.Vertices, Triangles: m.Triangles[f.First : f.First+f.Count]}))
	}
	s.field = newField(m, &s.sizing, s.twins, s.normal, s.faceOf, newTree(m))
	for _, v := range m.Corners {
		s.isFixed[v] = true
	}
	s.fixPinches()
	s.layLines()
	return s
}

// normalsOf returns the normals of the triangles of a face.
func (s *shape) normalsOf(face int32) [][3]float64 {
	f := &s.mesh.Faces[face]
	return s.normal[f.First : f.First+f.Count]
}

// fixPinches fixes the vertices at which several sheets of the surface meet.
func (s *shape) fixPinches() {
	degree := make([]int32, len(s.mesh.Vertices)) // triangles at each vertex
	for _, t := range s.mesh.Triangles {
		for _, v := range t {
			degree[v]++
		}
	}
	seen := make([]bool, len(s.mesh.Vertices))
	for h := range s.twins {
		v := s.mesh.Triangles[h/3][h%3]
		if seen[v] {
			continue
		}
		seen[v] = true
		n := int32(0)
		for x := int32(h); ; {
			n++
			if x = s.twins[prev(x)]; x == int32(h) {
				break
			}
		}
		s.isFixed[v] = s.isFixed[v] || n < degree[v]
	}
}

// layLines measures the curves, and finds them on the half-edges.
func (s *shape) layLines() {
	table := newEdgeTable(s.mesh)
	for i, c := range s.mesh.Curves {
		l := line{closed: len(c.Corners) == 0, start: make([]float64, len(c.Vertices)), size: make([]float64, len(c.Vertices))}
		for _, v := range c.Vertices {
			l.points = append(l.points, s.mesh.Vertices[v])
		}
		for k := 1; k < len(l.points); k++ {
			l.start[k] = l.start[k-1] + norm(sub(l.points[k], l.points[k-1]))
		}
		l.measure(&s.sizing, i, c.Faces)
		s.lines = append(s.lines, l)
		for k := 1; k < len(c.Vertices); k++ {
			for _, side := range table.of(c.Vertices[k-1], c.Vertices[k]) {
				span := [2]float64{l.start[k-1], l.start[k]}
				if s.mesh.Triangles[side.half/3][side.half%3] != c.Vertices[k-1] {
					span[0], span[1] = span[1], span[0]
				}
				s.onCurve[side.half] = onLine{int32(i), span}
			}
		}
	}
}

// line is a curve of the old surface.
type line struct {
	points [][3]float64
	start  []float64 // of each point, the length before it
	size   []float64 // wanted at each point
	closed bool
}

func (l *line) length() float64 { return l.start[len(l.start)-1] }

// measure fills in the size that the bends of the curve ask for.
func (l *line) measure(s *Sizing, curve int, faces [2]int) {
	n := len(l.points)
	for i, p := range l.points {
		before, after := i-1, i+1
		if l.closed {
			if i == 0 {
				before = n - 2
			}
			if i == n-1 {
				after = 1
			}
		}
		size := s.Max
		if before >= 0 && after < n {
			u, v := sub(p, l.points[before]), sub(l.points[after], p)
			if step := angle(u, v); step > 0 {
				size = bends{2 * step / (norm(u) + norm(v)), step}.size(s)
			}
		}
		size = max(size, s.Min)
		for _, f := range faces {
			size = s.at(size, p, f)
		}
		if s.OfCurve != nil {
			if asked := s.OfCurve(curve); asked > 0 {
				size = min(size, asked)
			}
		}
		l.size[i] = size
	}
}

// segment returns the segment at a place and how far into it the place is, from 0 to 1.
func (l *line) segment(place float64) (int, float64) {
	total := l.length()
	if l.closed {
		place = math.Mod(place, total)
		if place < 0 {
			place += total
		}
	}
	i := sort.Search(len(l.start), func(i int) bool { return l.start[i] > place }) - 1
	i = max(0, min(i, len(l.start)-2))
	share := (place - l.start[i]) / (l.start[i+1] - l.start[i])
	return i, max(0, min(1, share))
}

// at returns the point at a place.
func (l *line) at(place float64) [3]float64 {
	i, share := l.segment(place)
	if share == 1 {
		return l.points[i+1]
	}
	return along(l.points[i], sub(l.points[i+1], l.points[i]), share)
}

func (l *line) sizeAt(place float64) float64 {
	i, _ := l.segment(place)
	return min(l.size[i], l.size[i+1])
}

// follows reports whether the chord from a to b stays as near to the curve between two places as the tolerance wants it.
func (l *line) follows(a, b [3]float64, from, to, tolerance float64) bool {
	for _, share := range [3]float64{0.25, 0.5, 0.75} {
		p := l.at(from + share*(to-from))
		ab := sub(b, a)
		q := along(a, ab, max(0, min(1, dot(sub(p, a), ab)/dot(ab, ab))))
		if d := sub(p, q); dot(d, d) > tolerance*tolerance {
			return false
		}
	}
	return true
}
