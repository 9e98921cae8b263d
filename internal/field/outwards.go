package field

import "math"

const (
	// openShare is how large the mouth of a patch may be, in relation to its area, for inside and outside to be told.
	openShare = 0.3
	// flatShare is the volume, in relation to the area's power of 3/2, below which a patch encloses nothing (a ball: 0.094).
	flatShare = 1e-4
	// mostAngles bounds the solid angles that are summed to see which patch lies in which.
	mostAngles = 1e9
)

// turnOutwards turns the patches that enclose a negative volume and lie in nothing, with all that lies in them, and reports
// whether it turned any. A patch that lies in another and looks inwards is a void, and stays.
func (c *chain) turnOutwards() bool {
	shapes := c.shapes()
	var turned []int
	angles := 0.0
	for p := range shapes {
		if !shapes[p].inverted() {
			continue
		}
		if q := shapes[p].beside; math.Abs(c.windingOfPatches(shapes, q, p, &angles)) < 0.5 {
			turned = append(turned, p)
		}
	}
	if len(turned) == 0 {
		return false
	}
	flip := make([]bool, len(shapes))
	for _, p := range turned {
		flip[p] = true
		for o := range shapes {
			if o != p && !flip[o] && shapes[p].holds(shapes[o].beside) && math.Abs(c.windingOf(&shapes[p], shapes[o].beside)) >= 0.5 {
				flip[o] = true
			}
		}
	}
	for t, p := range c.patch {
		if flip[p] {
			c.weight[t] = -c.weight[t]
		}
	}
	c.countTurned()
	return true
}

// shape is what a patch looks like from afar.
type shape struct {
	triangles []int32
	min, max  [3]float64
	area      float64
	mouth     [3]float64 // the sum of all normals: zero where the patch is closed
	volume    float64    // signed, seen from the middle
	beside    [3]float64 // a point just outside, by the vertex of least x
}

func (s *shape) inverted() bool {
	return norm(s.mouth) <= openShare*s.area && s.volume < -flatShare*s.area*math.Sqrt(s.area)
}

func (s *shape) holds(p [3]float64) bool {
	for k, x := range p {
		if x < s.min[k] || x > s.max[k] {
			return false
		}
	}
	return true
}

func (c *chain) shapes() []shape {
	shapes := make([]shape, c.patches)
	inf := math.Inf(1)
	count := make([]int, c.patches)
	for _, p := range c.patch {
		count[p]++
	}
	all, begin := make([]int32, len(c.patch)), 0
	for p := range shapes {
		shapes[p] = shape{triangles: all[begin : begin : begin+count[p]], min: [3]float64{inf, inf, inf}, max: [3]float64{-inf, -inf, -inf}}
		begin += count[p]
	}
	for t, p := range c.patch {
		s := &shapes[p]
		s.triangles = append(s.triangles, int32(t))
		for _, v := range c.triangles[t] {
			at := c.vertices[v]
			if at[0] < s.min[0] {
				s.beside = at
			}
			widen(&s.min, &s.max, &at)
		}
	}
	for p := range shapes {
		s := &shapes[p]
		middle := scaled(add(s.min, s.max), 0.5)
		for _, t := range s.triangles {
			n := scaled(c.normals[t], 0.5*float64(c.weight[t]))
			a := c.vertices[c.triangles[t][0]]
			s.area += norm(n)
			s.mouth = add(s.mouth, n)
			s.volume += dot(sub(a, middle), n) / 3
		}
		s.beside[0] -= 4 * c.fine
	}
	return shapes
}

// windingOfPatches returns the winding number that all patches but one have at a point, those whose box it lies in.
func (c *chain) windingOfPatches(shapes []shape, at [3]float64, but int, angles *float64) float64 {
	sum := 0.0
	for o := range shapes {
		if s := &shapes[o]; o != but && s.holds(at) {
			if *angles += float64(len(s.triangles)); *angles > mostAngles {
				return 1 // too many to say: nothing is turned
			}
			sum += c.windingOf(s, at)
		}
	}
	return sum
}

func (c *chain) windingOf(s *shape, at [3]float64) float64 {
	sum := 0.0
	for _, t := range s.triangles {
		p, q, r := c.corners(t)
		sum += float64(c.weight[t]) * solidAngle(sub(p, at), sub(q, at), sub(r, at))
	}
	return sum / (4 * math.Pi)
}

// solidAngle returns the angle under which the origin sees a triangle, positive from behind it. A. van Oosterom and
// J. Strackee, "The solid angle of a plane triangle" (1983).
func solidAngle(a, b, c [3]float64) float64 {
	la, lb, lc := norm(a), norm(b), norm(c)
	return 2 * math.Atan2(dot(a, cross(b, c)), la*lb*lc+dot(a, b)*lc+dot(b, c)*la+dot(c, a)*lb)
}
