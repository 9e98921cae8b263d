package layers

import "math"

func sub(a, b Vec) Vec            { return Vec{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
func add(a, b Vec, f float64) Vec { return Vec{a[0] + f*b[0], a[1] + f*b[1], a[2] + f*b[2]} }
func scale(a Vec, f float64) Vec  { return Vec{f * a[0], f * a[1], f * a[2]} }
func dot(a, b Vec) float64        { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func norm(a Vec) float64          { return math.Sqrt(dot(a, a)) }
func cross(a, b Vec) Vec {
	return Vec{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

func unit(a Vec) Vec {
	if n := norm(a); n > 0 {
		return scale(a, 1/n)
	}
	return a
}
