package sizing

import "math"

// vec is a place or a vector; a struct, unlike an array, stays in registers.
type vec struct{ x, y, z float64 }

func vecOf(a [3]float64) vec { return vec{a[0], a[1], a[2]} }

func (a vec) sub(b vec) vec          { return vec{a.x - b.x, a.y - b.y, a.z - b.z} }
func (a vec) times(f float64) vec    { return vec{a.x * f, a.y * f, a.z * f} }
func (a vec) add(b vec) vec          { return vec{a.x + b.x, a.y + b.y, a.z + b.z} }
func (a vec) dot(b vec) float64      { return a.x*b.x + a.y*b.y + a.z*b.z }
func (a vec) norm2() float64         { return a.dot(a) }
func (a vec) least(b vec) vec        { return vec{min(a.x, b.x), min(a.y, b.y), min(a.z, b.z)} }
func (a vec) most(b vec) vec         { return vec{max(a.x, b.x), max(a.y, b.y), max(a.z, b.z)} }
func (a vec) along(axis int) float64 { return [3]float64{a.x, a.y, a.z}[axis] }

// Shape is a point, segment, triangle or box.
type Shape struct {
	kind    kind
	a, b, c vec
}

type kind uint8

const (
	point kind = iota
	segment
	triangle
	box
)

// Point is a place.
func Point(p [3]float64) Shape { return Shape{kind: point, a: vecOf(p)} }

// Segment is a straight line between two points.
func Segment(a, b [3]float64) Shape { return Shape{kind: segment, a: vecOf(a), b: vecOf(b)} }

// Triangle is flat and filled.
func Triangle(a, b, c [3]float64) Shape {
	return Shape{kind: triangle, a: vecOf(a), b: vecOf(b), c: vecOf(c)}
}

// Box is filled; its axes are those of space.
func Box(low, high [3]float64) Shape { return Shape{kind: box, a: vecOf(low), b: vecOf(high)} }

// box returns the bounding box.
func (s *Shape) box() (low, high vec) {
	switch s.kind {
	case point:
		return s.a, s.a
	case triangle:
		return s.a.least(s.b).least(s.c), s.a.most(s.b).most(s.c)
	}
	return s.a.least(s.b), s.a.most(s.b)
}

// centre returns a coordinate of the middle of the bounding box.
func (s *Shape) centre(axis int) float64 {
	low, high := s.box()
	return (low.along(axis) + high.along(axis)) / 2
}

// distance returns how far a place is from the shape; 0 within it.
func (s *Shape) distance(p vec) float64 {
	var square float64
	switch s.kind {
	case point:
		square = p.sub(s.a).norm2()
	case segment:
		square = toSegment(p, s.a, s.b)
	case triangle:
		square = toTriangle(p, s.a, s.b, s.c)
	default:
		square = toBox(p, s.a, s.b)
	}
	return math.Sqrt(square)
}

// What follows are squares of distances.

func toBox(p, low, high vec) float64 {
	return vec{max(low.x-p.x, p.x-high.x, 0), max(low.y-p.y, p.y-high.y, 0), max(low.z-p.z, p.z-high.z, 0)}.norm2()
}

func toSegment(p, a, b vec) float64 {
	ab, ap := b.sub(a), p.sub(a)
	t := 0.
	if d := ab.norm2(); d > 0 {
		t = min(max(ap.dot(ab)/d, 0), 1)
	}
	return ap.sub(ab.times(t)).norm2()
}

// toTriangle looks for the nearest point within the triangle, and on its sides where it is not within.
func toTriangle(p, a, b, c vec) float64 {
	ab, ac, ap := b.sub(a), c.sub(a), p.sub(a)
	d00, d01, d11 := ab.norm2(), ab.dot(ac), ac.norm2()
	d20, d21 := ap.dot(ab), ap.dot(ac)
	if area := d00*d11 - d01*d01; area > 1e-24*d00*d11 {
		v, w := (d11*d20-d01*d21)/area, (d00*d21-d01*d20)/area
		if v >= 0 && w >= 0 && v+w <= 1 {
			return ap.sub(ab.times(v).add(ac.times(w))).norm2()
		}
	}
	return min(toSegment(p, a, b), toSegment(p, b, c), toSegment(p, c, a))
}
