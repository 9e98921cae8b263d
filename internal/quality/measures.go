package quality

import (
	"math"

	"meshgen/internal/mesh"
)

// Measure is one way to say how good an element is. Definitions and sources are in docs/quality.md.
type Measure int

// The measures.
const (
	SICN          Measure = iota // smallest signed inverse condition number; Gmsh's minSICN
	Gamma                        // tetrahedra: 3·inradius/circumradius; triangles: 2·inradius/circumradius. Gmsh's gamma
	Jacobian                     // smallest scaled Jacobian at a corner; Verdict's "scaled Jacobian", 1 for the ideal element
	Aspect                       // tetrahedra, triangles: Verdict's "aspect ratio", from the inradius; others: EdgeRatio
	EdgeRatio                    // longest by shortest edge; Verdict's "edge ratio", Abaqus' "aspect ratio"
	Skewness                     // tetrahedra: equivolume skewness; others: equiangle skewness of the worst face, as in ANSYS Fluent
	MinDihedral                  // smallest angle between two faces that meet in an edge, in degrees
	MaxDihedral                  // largest such angle
	MinAngle                     // smallest angle between two edges of a face, in degrees; Abaqus' "face corner angle"
	MaxAngle                     // largest such angle
	EdgeLength                   // mean length of the edges
	SizeRatio                    // mean length of the edges by the size asked for in the middle of the element
	JacobianRatio                // curved volumes: smallest by largest determinant of the Jacobian, a bound from below
	measures
)

// Values are the measures of an element; NaN where a measure is not defined for its shape.
type Values [measures]float64

// limit keeps what is divided by nothing a number that JSON can hold.
const limit = 1e12

var undefined = math.NaN()

// degrees of an angle of which the cosine is given, to 2e-6 degrees: Abramowitz and Stegun, 4.4.46. The library's function
// would take more time than all else here.
func degrees(cosine float64) float64 {
	x := math.Abs(cosine)
	if x >= 1 {
		x = 1
	}
	angle := math.Sqrt(1-x) * (1.5707963050 + x*(-0.2145988016+x*(0.0889789874+x*(-0.0501743046+
		x*(0.0308918810+x*(-0.0170881256+x*(0.0066700901-x*0.0012624911)))))))
	if cosine < 0 {
		angle = math.Pi - angle
	}
	return angle * (180 / math.Pi)
}

// skew is how far the angles of a face are from those of the ideal one, 0 to 1.
func skew(low, high, ideal float64) float64 {
	return math.Max(0, math.Max((high-ideal)/(180-ideal), (ideal-low)/ideal))
}

// tet measures a straight tetrahedron, and returns its volume.
func tet(p []Point, v *Values) float64 {
	ab, ac, ad := between(&p[0], &p[1]), between(&p[0], &p[2]), between(&p[0], &p[3])
	bc, bd, cd := between(&p[1], &p[2]), between(&p[1], &p[3]), between(&p[2], &p[3])
	// normals to the outside, each twice as long as its face is large
	n0, n1, n2, n3 := ac.cross(ab), ab.cross(ad), ad.cross(ac), bc.cross(bd)
	det := -ad.dot(n0)
	s0, s1, s2, s3 := n0.norm2(), n1.norm2(), n2.norm2(), n3.norm2()
	q0, q1, q2, q3, q4, q5 := ab.norm2(), ac.norm2(), ad.norm2(), bc.norm2(), bd.norm2(), cd.norm2()
	l0, l1, l2, l3, l4, l5 := math.Sqrt(q0), math.Sqrt(q1), math.Sqrt(q2), math.Sqrt(q3), math.Sqrt(q4), math.Sqrt(q5)
	a0, a1, a2, a3 := math.Sqrt(s0), math.Sqrt(s1), math.Sqrt(s2), math.Sqrt(s3)
	longest := max(l0, l1, l2, l3, l4, l5)
	shortest := min(l0, l1, l2, l3, l4, l5)
	v[EdgeLength] = (l0 + l1 + l2 + l3 + l4 + l5) / 6
	v[SizeRatio] = undefined
	if shortest == 0 || det == 0 || a0 == 0 || a1 == 0 || a2 == 0 || a3 == 0 {
		flat(v, longest, shortest)
		return det / 6
	}
	v[SICN] = sicn(det, q0+q1+q2+q3+q4+q5, s0+s1+s2+s3)
	v[EdgeRatio] = longest / shortest

	volume, areas := math.Abs(det)/6, (a0+a1+a2+a3)/2
	v[Aspect] = math.Min(longest*areas/(6*math.Sqrt(6)*volume), limit)
	v[Gamma], v[Skewness] = 0, 1
	p0, p1, p2 := l0*l5, l1*l4, l2*l3
	if product := (p0 + p1 + p2) * (p0 + p1 - p2) * (p0 + p2 - p1) * (p1 + p2 - p0) / 16; product > 0 {
		root := math.Sqrt(product) // of 6 · volume · circumradius
		v[Gamma] = 54 * volume * volume / (areas * root)
		// The regular tetrahedron in the same circumsphere has a volume of 8 √3 / 27 · circumradius³.
		v[Skewness] = math.Max(0, 1-27*216/(8*math.Sqrt(3))*(volume*volume/product)*(volume*volume/root))
	}
	v[Jacobian] = math.Sqrt2 * det / max(l0*l1*l2, l0*l3*l4, l1*l3*l5, l2*l4*l5)

	// cosines of the angles: low ones are of large angles
	i0, i1, i2, i3 := 1/a0, 1/a1, 1/a2, 1/a3
	m0, m1, m2, m3 := n0.scaled(i0), n1.scaled(i1), n2.scaled(i2), n3.scaled(i3)
	d0, d1, d2, d3, d4, d5 := -m0.dot(m1), -m0.dot(m2), -m0.dot(m3), -m1.dot(m2), -m1.dot(m3), -m2.dot(m3)
	v[MinDihedral], v[MaxDihedral] = degrees(max(d0, d1, d2, d3, d4, d5)), degrees(min(d0, d1, d2, d3, d4, d5))

	r0, r1, r2, r3, r4, r5 := 1/l0, 1/l1, 1/l2, 1/l3, 1/l4, 1/l5
	low, high := 1., -1.
	face := func(q0, q1, q2, r0, r1, r2 float64) {
		c0, c1, c2 := (q1+q2-q0)*r1*r2/2, (q0+q2-q1)*r0*r2/2, (q0+q1-q2)*r0*r1/2
		low, high = min(low, c0, c1, c2), max(high, c0, c1, c2)
	}
	face(q0, q1, q3, r0, r1, r3)
	face(q0, q2, q4, r0, r2, r4)
	face(q1, q2, q5, r1, r2, r5)
	face(q3, q4, q5, r3, r4, r5)
	v[MinAngle], v[MaxAngle] = degrees(high), degrees(low)
	return det / 6
}

// flat says the measures of an element that has lost its volume.
func flat(v *Values, longest, shortest float64) {
	v[SICN], v[Gamma], v[Jacobian], v[Skewness] = 0, 0, 0, 1
	v[Aspect], v[EdgeRatio] = limit, limit
	if shortest > 0 {
		v[EdgeRatio] = math.Min(longest/shortest, limit)
	}
	v[MinDihedral], v[MaxDihedral], v[MinAngle], v[MaxAngle] = 0, 180, 0, 180
}

func (a vec) scaled(by float64) vec { return vec{a.x * by, a.y * by, a.z * by} }

// edge is an edge of a shape with the two faces that meet there.
type edge struct{ from, to, left, right int }

var edgesOf = map[mesh.Shape][]edge{}

func init() {
	for _, shape := range []mesh.Shape{mesh.ATetrahedron, mesh.APrism, mesh.APyramid, mesh.AHexahedron} {
		at := map[[2]int]int{}
		for f, face := range shape.Faces() {
			for i := range face {
				at[[2]int{face[i], face[(i+1)%len(face)]}] = f
			}
		}
		for f, face := range shape.Faces() {
			for i := range face {
				if a, b := face[i], face[(i+1)%len(face)]; a < b {
					edgesOf[shape] = append(edgesOf[shape], edge{a, b, f, at[[2]int{b, a}]})
				}
			}
		}
	}
}

// normalOf returns the normal of a face, of any length; that of a quadrangle is the one of its middle.
func normalOf(p []Point, face []int) vec {
	if len(face) == 3 {
		return between(&p[face[0]], &p[face[1]]).cross(between(&p[face[0]], &p[face[2]]))
	}
	return between(&p[face[0]], &p[face[2]]).cross(between(&p[face[1]], &p[face[3]]))
}

// solid measures a straight element of any shape, and returns its volume.
func solid(shape mesh.Shape, p []Point, v *Values) float64 {
	if shape == mesh.ATetrahedron {
		return tet(p, v)
	}
	cell := Straight(shape, p)
	longest, shortest, sum := 0., math.Inf(1), 0.
	var normals [6]vec
	for f, face := range shape.Faces() {
		n := normalOf(p, face)
		if l := math.Sqrt(n.norm2()); l > 0 {
			n = n.scaled(1 / l)
		}
		normals[f] = n
	}
	low, high := 1., -1.
	for _, e := range edgesOf[shape] {
		l := math.Sqrt(between(&p[e.from], &p[e.to]).norm2())
		longest, shortest, sum = max(longest, l), min(shortest, l), sum+l
		c := -normals[e.left].dot(normals[e.right])
		// An angle of more than 180 degrees, where the element is not convex, is not told from its complement.
		low, high = min(low, c), max(high, c)
	}
	v[EdgeLength], v[SizeRatio] = sum/float64(len(edgesOf[shape])), undefined
	if shortest == 0 {
		flat(v, longest, shortest)
		v[SICN], v[Jacobian], v[Gamma] = cell.SICN, cell.Jacobian, undefined
		return cell.Volume
	}
	v[SICN], v[Gamma], v[Jacobian] = cell.SICN, undefined, cell.Jacobian
	v[EdgeRatio] = math.Min(longest/shortest, limit)
	v[Aspect] = v[EdgeRatio]
	v[MinDihedral], v[MaxDihedral] = degrees(high), degrees(low)
	v[MinAngle], v[MaxAngle], v[Skewness] = 180, 0, 0
	for _, face := range shape.Faces() {
		low, high := anglesOf(p, face)
		v[MinAngle], v[MaxAngle] = min(v[MinAngle], low), max(v[MaxAngle], high)
		v[Skewness] = max(v[Skewness], skew(low, high, ideals[len(face)]))
	}
	return cell.Volume
}

// ideals are the angles of the ideal face, by its number of corners.
var ideals = [5]float64{3: 60, 4: 90}

// anglesOf returns the smallest and the largest angle of a face.
func anglesOf(p []Point, face []int) (low, high float64) {
	small, large := 1., -1.
	for i, at := range face {
		u, w := between(&p[at], &p[face[(i+1)%len(face)]]), between(&p[at], &p[face[(i+len(face)-1)%len(face)]])
		if l := math.Sqrt(u.norm2() * w.norm2()); l > 0 {
			c := u.dot(w) / l
			small, large = min(small, c), max(large, c)
		}
	}
	return degrees(large), degrees(small)
}

var flatFaces = [5][]int{3: {0, 1, 2}, 4: {0, 1, 2, 3}}

// face measures a straight triangle or quadrangle, and returns its area.
func face(p []Point, v *Values) float64 {
	for m := range v {
		v[m] = undefined
	}
	if len(p) == 3 {
		return triangle(p, v)
	}
	return quadrangle(p, v)
}

func triangle(p []Point, v *Values) float64 {
	a, b, c := between(&p[0], &p[1]), between(&p[1], &p[2]), between(&p[2], &p[0])
	qa, qb, qc := a.norm2(), b.norm2(), c.norm2()
	la, lb, lc := math.Sqrt(qa), math.Sqrt(qb), math.Sqrt(qc)
	longest, shortest, sum := max(la, lb, lc), min(la, lb, lc), la+lb+lc
	twice := math.Sqrt(a.cross(c).norm2())
	v[EdgeLength] = sum / 3
	if shortest == 0 || twice == 0 {
		flatFace(v, longest, shortest)
		return twice / 2
	}
	v[EdgeRatio] = math.Min(longest/shortest, limit)
	small, large := 1., -1. // cosines
	corner := func(inner, square float64) {
		if l := math.Sqrt(square); l > 0 {
			x := -inner / l
			small, large = min(small, x), max(large, x)
		}
	}
	corner(a.dot(c), qa*qc)
	corner(b.dot(a), qb*qa)
	corner(c.dot(b), qc*qb)
	v[MinAngle], v[MaxAngle] = degrees(large), degrees(small)
	v[Skewness] = skew(v[MinAngle], v[MaxAngle], ideals[3])
	v[Aspect] = math.Min(longest*sum/(2*math.Sqrt(3)*twice), limit)
	// 2 r / R with r = 2A / sum and R = abc / 4A
	v[Gamma] = 4 * twice * twice / (sum * math.Sqrt(qa*qb*qc))
	return twice / 2
}

func quadrangle(p []Point, v *Values) float64 {
	longest, shortest, sum := 0., math.Inf(1), 0.
	for i := range p {
		l := math.Sqrt(between(&p[i], &p[(i+1)%4]).norm2())
		longest, shortest, sum = max(longest, l), min(shortest, l), sum+l
	}
	corners := flatFaces[4]
	normal := normalOf(p, corners)
	twice := math.Sqrt(normal.norm2())
	v[EdgeLength] = sum / 4
	if shortest == 0 || twice == 0 {
		flatFace(v, longest, shortest)
		return twice / 2
	}
	v[EdgeRatio] = math.Min(longest/shortest, limit)
	v[MinAngle], v[MaxAngle] = anglesOf(p, corners)
	v[Skewness] = skew(v[MinAngle], v[MaxAngle], ideals[4])
	v[Aspect] = v[EdgeRatio]
	v[Jacobian] = 1
	for i := range p {
		u, w := between(&p[i], &p[(i+1)%4]), between(&p[i], &p[(i+3)%4])
		v[Jacobian] = min(v[Jacobian], u.cross(w).dot(normal)/(twice*math.Sqrt(u.norm2()*w.norm2())))
	}
	return twice / 2
}

// flatFace says the measures of a triangle or quadrangle that has lost its area.
func flatFace(v *Values, longest, shortest float64) {
	flat(v, longest, shortest)
	v[SICN], v[MinDihedral], v[MaxDihedral] = undefined, undefined, undefined
}

// Of measures one straight element of volume or surface by its corners, and returns its volume or area.
func Of(shape mesh.Shape, corners []Point) (v Values, content float64) {
	if shape.Dim() == 2 {
		content = face(corners, &v)
		return v, content
	}
	content = solid(shape, corners, &v)
	v[JacobianRatio] = undefined
	return v, content
}
