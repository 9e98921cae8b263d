package curved

import (
	"math"

	"meshgen/internal/mesh"
)

// monomial is x^i y^j z^k (1-z)^m. The last factor is that of pyramids, whose sections shrink to the apex.
type monomial struct{ i, j, k, m int }

// spaceOf returns what the shape functions of an element are made of; those of pyramids as Bergot, Cohen, Duruflé, "Higher-order
// finite elements for hybrid meshes using new nodal pyramidal elements", J. Sci. Comput. 42 (2010), and as Gmsh's.
func spaceOf(shape mesh.Shape, order int) (out []monomial) {
	for i := range order + 1 {
		for j := range order + 1 {
			for k := range order + 1 {
				switch m := max(i, j); {
				case shape == mesh.ATetrahedron && i+j+k > order, shape == mesh.APrism && i+j > order, shape == mesh.APyramid && k+m > order:
				case shape == mesh.APyramid:
					out = append(out, monomial{i, j, k, m})
				default:
					out = append(out, monomial{i, j, k, 0})
				}
			}
		}
	}
	return out
}

// power returns x^n and its derivative.
func power(x float64, n int) (value, slope float64) {
	if n == 0 {
		return 1, 0
	}
	slope = float64(n)
	for range n - 1 {
		slope *= x
	}
	return slope * x / float64(n), slope
}

// at returns the value and the derivatives at a place.
func (f monomial) at(p Vec) (value float64, slope Vec) {
	x, dx := power(p[0], f.i)
	y, dy := power(p[1], f.j)
	z, dz := power(p[2], f.k)
	w, dw := power(1-p[2], f.m)
	return x * y * z * w, Vec{dx * y * z * w, x * dy * z * w, x * y * (dz*w - z*dw)}
}

// domain is where a polynomial lives, with its degrees: a simplex of one degree; a triangle by a line, of two; a cube, of three.
type domain struct {
	shape  mesh.Shape // a tetrahedron, prism or hexahedron
	degree [3]int     // by direction; the first holds for a whole simplex
}

// bernstein is a Bernstein polynomial of a domain, by its powers of x, y and z.
type bernstein struct{ i, j, k int }

func (d domain) basis() (out []bernstein) {
	for i := range d.degree[0] + 1 {
		for j := range d.degree[1] + 1 {
			for k := range d.degree[2] + 1 {
				if d.shape == mesh.ATetrahedron && i+j+k > d.degree[0] || d.shape == mesh.APrism && i+j > d.degree[0] {
					continue
				}
				out = append(out, bernstein{i, j, k})
			}
		}
	}
	return out
}

// at returns a Bernstein polynomial's value at a place.
func (d domain) at(b bernstein, p Vec) float64 {
	x, y, z := p[0], p[1], p[2]
	n := d.degree
	switch d.shape {
	case mesh.ATetrahedron:
		return simplex(n[0], []int{b.i, b.j, b.k}, []float64{x, y, z})
	case mesh.APrism:
		return simplex(n[0], []int{b.i, b.j}, []float64{x, y}) * simplex(n[2], []int{b.k}, []float64{z})
	}
	return simplex(n[0], []int{b.i}, []float64{x}) * simplex(n[1], []int{b.j}, []float64{y}) * simplex(n[2], []int{b.k}, []float64{z})
}

// simplex returns a Bernstein polynomial of a simplex: n! / (i! j! … l!) x^i y^j … (1 - x - y …)^l.
func simplex(n int, powers []int, p []float64) float64 {
	factorial := func(n int) float64 { return math.Round(math.Gamma(float64(n + 1))) }
	value, rest, left := factorial(n), 1., n
	for i, k := range powers {
		v, _ := power(p[i], k)
		value *= v / factorial(k)
		rest -= p[i]
		left -= k
	}
	v, _ := power(rest, left)
	return value * v / factorial(left)
}

// children returns maps of the domain to the parts that it is cut into, each by the images of the origin and the three axes.
func (d domain) children() (out [][4]Vec) {
	triangles := [][3]Vec{{{0, 0}, {0.5, 0}, {0, 0.5}}, {{0.5, 0}, {1, 0}, {0.5, 0.5}}, {{0, 0.5}, {0.5, 0.5}, {0, 1}}, {{0.5, 0.5}, {0, 0.5}, {0.5, 0}}}
	switch d.shape {
	case mesh.ATetrahedron:
		c := func(x, y, z float64) Vec { return Vec{x / 2, y / 2, z / 2} }
		for _, corner := range []Vec{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}} {
			x, y, z := corner[0], corner[1], corner[2]
			out = append(out, [4]Vec{c(x, y, z), c(x+1, y, z), c(x, y+1, z), c(x, y, z+1)})
		}
		// the octahedron that is left, around the diagonal between the middles of two opposite edges
		a, b := c(1, 0, 0), c(0, 1, 1)
		ring := []Vec{c(1, 1, 0), c(0, 1, 0), c(0, 0, 1), c(1, 0, 1)}
		for i := range ring {
			out = append(out, [4]Vec{a, b, ring[i], ring[(i+1)%4]})
		}
	case mesh.APrism:
		for _, z := range []float64{0, 0.5} {
			for _, t := range triangles {
				up := t[0]
				up[2] = z + 0.5
				for i := range t {
					t[i][2] = z
				}
				out = append(out, [4]Vec{t[0], t[1], t[2], up})
			}
		}
	default:
		for i := range 8 {
			o := Vec{float64(i&1) / 2, float64(i>>1&1) / 2, float64(i>>2) / 2}
			x, y, z := o, o, o
			x[0], y[1], z[2] = x[0]+0.5, y[1]+0.5, z[2]+0.5
			out = append(out, [4]Vec{o, x, y, z})
		}
	}
	return out
}

// inverse returns the inverse of a square matrix of n rows, by Gauss and Jordan. It has to be regular.
func inverse(a [][]float64) [][]float64 {
	n := len(a)
	out := make([][]float64, n)
	for i := range a {
		a[i] = append([]float64(nil), a[i]...)
		out[i] = make([]float64, n)
		out[i][i] = 1
	}
	for c := range n {
		pivot := c
		for r := c; r < n; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[pivot][c]) {
				pivot = r
			}
		}
		a[c], a[pivot] = a[pivot], a[c]
		out[c], out[pivot] = out[pivot], out[c]
		by := 1 / a[c][c]
		for k := range n {
			a[c][k] *= by
			out[c][k] *= by
		}
		for r := range n {
			if f := a[r][c]; r != c && f != 0 {
				for k := range n {
					a[r][k] -= f * a[c][k]
					out[r][k] -= f * out[c][k]
				}
			}
		}
	}
	return out
}

// product returns a · b.
func product(a, b [][]float64) [][]float64 {
	out := make([][]float64, len(a))
	for i := range a {
		out[i] = make([]float64, len(b[0]))
		for k, f := range a[i] {
			for j := range b[k] {
				out[i][j] += f * b[k][j]
			}
		}
	}
	return out
}
