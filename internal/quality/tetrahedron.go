// Package quality measures elements: how large a tetrahedron is, how far it is from the regular one and whether it is
// inside out.
//
//	gamma  3·inradius/circumradius. 1 is regular, 0 is flat; below 0.1 is poor, above 0.4 good. It has no sign.
//	sicn   signed inverse condition number of the map from the regular tetrahedron. 1 is regular, 0 flat, negative
//	       inverted.
//
// Both are Gmsh's "gamma" and "minSICN" (reference manual, "Gmsh API", getElementQualities), computed here in one pass over
// the corners, some ten times faster than by asking the library for each.
package quality

import "math"

// Point is a place.
type Point = [3]float64

// Tet is the measures of one straight tetrahedron.
type Tet struct {
	Volume float64 // negative where the element is inverted
	Gamma  float64
	SICN   float64
}

// Tetrahedron measures the tetrahedron abcd. It is positive where d is on the side of abc that its normal points to.
func Tetrahedron(a, b, c, d Point) Tet {
	ab, ac, ad := between(&a, &b), between(&a, &c), between(&a, &d)
	bc, bd, cd := between(&b, &c), between(&b, &d), between(&c, &d)

	abc := ab.cross(ac)
	det := ad.dot(abc) // six times the volume
	if det == 0 {
		return Tet{}
	}

	// of the faces, the squares of the doubled areas; of the edges, the squares of the lengths
	sABC, sABD, sACD, sBCD := abc.norm2(), ad.cross(ab).norm2(), ac.cross(ad).norm2(), bc.cross(bd).norm2()
	lAB, lAC, lAD, lBC, lBD, lCD := ab.norm2(), ac.norm2(), ad.norm2(), bc.norm2(), bd.norm2(), cd.norm2()
	t := Tet{Volume: det / 6, SICN: sicn(det, lAB+lAC+lAD+lBC+lBD+lCD, sABC+sABD+sACD+sBCD)}

	// inradius = 3V / areas; circumradius = √(s(s-p)(s-q)(s-r)) / 6V, with the products of opposite edges p, q, r and half
	// their sum s. So gamma = 3·inradius/circumradius = 54 V² / (areas · √…).
	areas := (math.Sqrt(sABC) + math.Sqrt(sABD) + math.Sqrt(sACD) + math.Sqrt(sBCD)) / 2
	p, q, r := math.Sqrt(lAB*lCD), math.Sqrt(lAC*lBD), math.Sqrt(lAD*lBC)
	if product := (p + q + r) * (p + q - r) * (p + r - q) * (q + r - p) / 16; areas > 0 && product > 0 {
		t.Gamma = 54 * t.Volume * t.Volume / (areas * math.Sqrt(product))
	}
	return t
}

// sicn returns 3 / (|J| |J⁻¹|) in the Frobenius norm, with the sign of the determinant, for the map J from the regular
// tetrahedron with edges of length 1.
//
// J itself is not needed: the edges e of the regular tetrahedron point alike in all directions, Σ e eᵀ is a multiple of the
// identity, and so the sum of the squared edges of the image, Σ |J e|², is a multiple of |J|². Likewise the sum of its
// squared areas is a multiple of |adj J|², and J⁻¹ = adj J / det J.
func sicn(det, edges, areas float64) float64 {
	// Regular, with edges of length 1: det = 1/√2, edges = 6, areas = 4 · 3/4; the quotient has to be 1.
	const scale = 6
	return scale * det / math.Sqrt(edges*areas)
}

// vec is a vector; a struct, unlike an array, stays in registers.
type vec struct{ x, y, z float64 }

func between(a, b *Point) vec { return vec{b[0] - a[0], b[1] - a[1], b[2] - a[2]} }

func (a vec) cross(b vec) vec {
	return vec{a.y*b.z - a.z*b.y, a.z*b.x - a.x*b.z, a.x*b.y - a.y*b.x}
}

func (a vec) dot(b vec) float64 { return a.x*b.x + a.y*b.y + a.z*b.z }

func (a vec) norm2() float64 { return a.dot(a) }
