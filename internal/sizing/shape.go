package sizing

import "math"

// Shape is a point, segment, triangle or box.
type Shape struct {
	kind    kind
	a, b, c [3]float64
}

type kind uint8

const (
	point kind = iota
	segment
	triangle
	box
)

// Point is a place.
func Point(p [3]float64) Shape { return Shape{kind: point, a: p} }

// Segment is a straight line between two points.
func Segment(a, b [3]float64) Shape { return Shape{kind: segment, a: a, b: b} }

// Triangle is flat and filled.
func Triangle(a, b, c [3]float64) Shape { return Shape{kind: triangle, a: a, b: b, c: c} }

// Box is filled; its axes are those of space.
func Box(low, high [3]float64) Shape { return Shape{kind: box, a: low, b: high} }

// box returns the bounding box.
func (s *Shape) box() (low, high [3]float64) {
	low, high = s.a, s.a
	if s.kind == point {
		return low, high
	}
	for k := range 3 {
		low[k], high[k] = min(low[k], s.b[k]), max(high[k], s.b[k])
		if s.kind == triangle {
			low[k], high[k] = min(low[k], s.c[k]), max(high[k], s.c[k])
		}
	}
	return low, high
}

// centre returns a coordinate of the middle of the bounding box.
func (s *Shape) centre(axis int) float64 {
	low, high := s.box()
	return (low[axis] + high[axis]) / 2
}

// distance returns how far a place is from the shape; 0 within it.
func (s *Shape) distance(p *[3]float64) float64 {
	switch s.kind {
	case point:
		return length(sub(*p, s.a))
	case segment:
		return segmentDistance(*p, s.a, s.b)
	case triangle:
		return triangleDistance(*p, s.a, s.b, s.c)
	}
	return boxDistance(p, &s.a, &s.b)
}

func boxDistance(p, low, high *[3]float64) float64 {
	sum := 0.
	for k := range 3 {
		d := max(low[k]-p[k], p[k]-high[k], 0)
		sum += d * d
	}
	return math.Sqrt(sum)
}

func segmentDistance(p, a, b [3]float64) float64 {
	ab, ap := sub(b, a), sub(p, a)
	t := 0.
	if d := dot(ab, ab); d > 0 {
		t = min(max(dot(ap, ab)/d, 0), 1)
	}
	for k := range 3 {
		ap[k] -= t * ab[k]
	}
	return length(ap)
}

// triangleDistance looks for the nearest point within the triangle, and on its sides where it is not within.
func triangleDistance(p, a, b, c [3]float64) float64 {
	ab, ac, ap := sub(b, a), sub(c, a), sub(p, a)
	d00, d01, d11 := dot(ab, ab), dot(ab, ac), dot(ac, ac)
	d20, d21 := dot(ap, ab), dot(ap, ac)
	if area := d00*d11 - d01*d01; area > 1e-24*d00*d11 {
		v, w := (d11*d20-d01*d21)/area, (d00*d21-d01*d20)/area
		if v >= 0 && w >= 0 && v+w <= 1 {
			for k := range 3 {
				ap[k] -= v*ab[k] + w*ac[k]
			}
			return length(ap)
		}
	}
	return min(segmentDistance(p, a, b), segmentDistance(p, b, c), segmentDistance(p, c, a))
}

func sub(a, b [3]float64) [3]float64 { return [3]float64{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
func dot(a, b [3]float64) float64    { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func length(a [3]float64) float64    { return math.Sqrt(dot(a, a)) }
