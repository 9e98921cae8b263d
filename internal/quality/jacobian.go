package quality

import (
	"math"

	"meshgen/internal/mesh"
)

// Cell is the measures of one straight element of any shape.
type Cell struct {
	// Volume is that of the isoparametric element, whose quadrangular faces are bilinear; negative where it is inside out.
	Volume float64
	// SICN is the smallest signed inverse condition number at a corner, for the map from the ideal element: edges of length 1,
	// right angles but for those of triangles. A thin prism has a small one. It is negative where Jacobian is.
	SICN float64
	// Jacobian is the smallest scaled Jacobian: at a corner, the determinant of its three edges in relation to the product of
	// their lengths, 1 where the corner is as in the ideal element. Thin prisms have large ones, flat and inverted corners none.
	// It is negative as well where the determinant is negative between corners: anywhere in a prism, at the places of the 27
	// nodes of order 2 in a hexahedron.
	Jacobian float64
}

// corner is where three edges meet, right-handed, and what they are in the ideal element.
type corner struct {
	at, x, y, z int
	inverse     [9]float64 // of the matrix with the ideal edges as columns, by rows
	scale       float64    // 1 / determinant of the ideal edges, which are of length 1
}

func corners(ideal []Point, list [][4]int) []corner {
	var out []corner
	for _, l := range list {
		u, v, w := between(&ideal[l[0]], &ideal[l[1]]), between(&ideal[l[0]], &ideal[l[2]]), between(&ideal[l[0]], &ideal[l[3]])
		det := u.cross(v).dot(w)
		a, b, c := v.cross(w), w.cross(u), u.cross(v)
		out = append(out, corner{l[0], l[1], l[2], l[3],
			[9]float64{a.x / det, a.y / det, a.z / det, b.x / det, b.y / det, b.z / det, c.x / det, c.y / det, c.z / det}, 1 / det})
	}
	return out
}

var cornersOf = map[mesh.Shape][]corner{
	mesh.ATetrahedron: corners([]Point{{0, 0, 0}, {1, 0, 0}, {0.5, math.Sqrt(3) / 2, 0}, {0.5, math.Sqrt(3) / 6, math.Sqrt(2. / 3)}},
		[][4]int{{0, 1, 2, 3}}), // the same at all four
	mesh.APrism: corners([]Point{{0, 0, 0}, {1, 0, 0}, {0.5, math.Sqrt(3) / 2, 0}, {0, 0, 1}, {1, 0, 1}, {0.5, math.Sqrt(3) / 2, 1}},
		[][4]int{{0, 1, 2, 3}, {1, 2, 0, 4}, {2, 0, 1, 5}, {3, 5, 4, 0}, {4, 3, 5, 1}, {5, 4, 3, 2}}),
	mesh.APyramid: corners([]Point{{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0.5, 0.5, math.Sqrt2 / 2}},
		[][4]int{{0, 1, 3, 4}, {1, 2, 0, 4}, {2, 3, 1, 4}, {3, 0, 2, 4}}),
	mesh.AHexahedron: corners([]Point{{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {0, 1, 1}},
		[][4]int{{0, 1, 3, 4}, {1, 2, 0, 5}, {2, 3, 1, 6}, {3, 0, 2, 7}, {4, 7, 5, 0}, {5, 4, 6, 1}, {6, 5, 7, 2}, {7, 6, 4, 3}}),
}

// Straight measures a straight element of volume: p holds its corners in the order of its shape.
func Straight(shape mesh.Shape, p []Point) Cell {
	out := Cell{SICN: math.Inf(1), Jacobian: math.Inf(1)}
	for _, face := range shape.Faces() {
		out.Volume += Flux(p, face, p[0])
	}
	for _, c := range cornersOf[shape] {
		u, v, w := between(&p[c.at], &p[c.x]), between(&p[c.at], &p[c.y]), between(&p[c.at], &p[c.z])
		det := u.cross(v).dot(w)
		lengths := math.Sqrt(u.norm2() * v.norm2() * w.norm2())
		if lengths == 0 {
			out.SICN, out.Jacobian = math.Min(out.SICN, 0), math.Min(out.Jacobian, 0)
			continue
		}
		out.Jacobian = math.Min(out.Jacobian, det*c.scale/lengths)
		out.SICN = math.Min(out.SICN, cornerSICN(u, v, w, &c))
	}
	if shape == mesh.ATetrahedron {
		out.Jacobian = tetJacobian(p)
	}
	if between := betweenCorners(shape, p); between < 0 {
		out.Jacobian = math.Min(out.Jacobian, between)
	}
	if out.Jacobian < 0 && out.SICN > 0 {
		out.SICN = math.Min(-out.SICN, out.Jacobian)
	}
	return out
}

// cornerSICN returns 3 / (|M| |M⁻¹|) in the Frobenius norm, with the sign of the determinant, for the map M from the ideal
// edges of a corner to u, v, w.
func cornerSICN(u, v, w vec, c *corner) float64 {
	i := &c.inverse
	column := func(k int) vec {
		return vec{u.x*i[k] + v.x*i[3+k] + w.x*i[6+k], u.y*i[k] + v.y*i[3+k] + w.y*i[6+k], u.z*i[k] + v.z*i[3+k] + w.z*i[6+k]}
	}
	a, b, d := column(0), column(1), column(2)
	det := a.cross(b).dot(d)
	norm := a.norm2() + b.norm2() + d.norm2()
	adjugate := a.cross(b).norm2() + b.cross(d).norm2() + d.cross(a).norm2()
	if norm == 0 || adjugate == 0 {
		return 0
	}
	return 3 * det / math.Sqrt(norm*adjugate)
}

// tetJacobian is the smallest scaled Jacobian of the corners of a tetrahedron, whose determinant is the same everywhere.
func tetJacobian(p []Point) float64 {
	longest := 0.
	for _, c := range [4][4]int{{0, 1, 2, 3}, {1, 0, 2, 3}, {2, 0, 1, 3}, {3, 0, 1, 2}} {
		u, v, w := between(&p[c[0]], &p[c[1]]), between(&p[c[0]], &p[c[2]]), between(&p[c[0]], &p[c[3]])
		longest = math.Max(longest, u.norm2()*v.norm2()*w.norm2())
	}
	if longest == 0 {
		return 0
	}
	u, v, w := between(&p[0], &p[1]), between(&p[0], &p[2]), between(&p[0], &p[3])
	return math.Sqrt2 * u.cross(v).dot(w) / math.Sqrt(longest)
}

// Flux returns the integral of (x - centre)·n / 3 over a face whose corners are those of p that it lists, n pointing to where
// they run counter-clockwise: the face's part of the volume that it encloses with others. A quadrangle is bilinear; its flux
// is the mean of those of the two ways to cut it into triangles.
func Flux(p []Point, face []int, centre Point) float64 {
	triple := func(i, j, k int) float64 {
		a, b, c := between(&centre, &p[i]), between(&centre, &p[j]), between(&centre, &p[k])
		return a.dot(b.cross(c)) / 6
	}
	if len(face) == 3 {
		return triple(face[0], face[1], face[2])
	}
	a, b, c, d := face[0], face[1], face[2], face[3]
	return (triple(a, b, c) + triple(a, c, d) + triple(a, b, d) + triple(b, c, d)) / 2
}

// betweenCorners returns the smallest scaled determinant at places other than corners.
func betweenCorners(shape mesh.Shape, p []Point) float64 {
	switch shape {
	case mesh.APrism:
		return prismBetween(p)
	case mesh.AHexahedron:
		return hexBetween(p)
	}
	return 0
}

// prismBetween uses that the determinant is linear across a prism and quadratic along its three upright edges, so that it is
// smallest on one of these.
func prismBetween(p []Point) float64 {
	worst := 0.
	for k := range 3 {
		up := between(&p[k], &p[k+3])
		det := func(t float64) float64 {
			side := func(a, b int) vec {
				low, high := between(&p[a], &p[b]), between(&p[a+3], &p[b+3])
				return vec{low.x + t*(high.x-low.x), low.y + t*(high.y-low.y), low.z + t*(high.z-low.z)}
			}
			return side(0, 1).cross(side(0, 2)).dot(up)
		}
		e0, half, e1 := det(0), det(0.5), det(1)
		// e0 + b t + a t²
		a := 2 * (e0 + e1 - 2*half)
		b := e1 - e0 - a
		if a <= 0 || b >= 0 || -b >= 2*a {
			continue // smallest at an end, which is a corner
		}
		low := e0 - b*b/(4*a)
		if largest := math.Max(math.Abs(e0), math.Abs(e1)); low < 0 && largest > 0 {
			worst = math.Min(worst, low/largest)
		}
	}
	return worst
}

// hexSigns are the corners of a hexahedron in its own coordinates from -1 to 1.
var hexSigns = [8][3]float64{{-1, -1, -1}, {1, -1, -1}, {1, 1, -1}, {-1, 1, -1}, {-1, -1, 1}, {1, -1, 1}, {1, 1, 1}, {-1, 1, 1}}

func hexBetween(p []Point) float64 {
	worst, largest := 0., 0.
	for i := range 27 {
		at := [3]float64{float64(i%3 - 1), float64(i/3%3 - 1), float64(i/9 - 1)}
		var d [3]vec
		for c, sign := range &hexSigns {
			f := [3]float64{(1 + sign[0]*at[0]) / 2, (1 + sign[1]*at[1]) / 2, (1 + sign[2]*at[2]) / 2}
			for k := range 3 {
				g := sign[k] / 2 * f[(k+1)%3] * f[(k+2)%3]
				d[k].x += g * p[c][0]
				d[k].y += g * p[c][1]
				d[k].z += g * p[c][2]
			}
		}
		det := d[0].cross(d[1]).dot(d[2])
		worst, largest = math.Min(worst, det), math.Max(largest, math.Abs(det))
	}
	if worst < 0 {
		return worst / largest
	}
	return 0
}
