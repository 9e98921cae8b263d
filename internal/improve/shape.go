package improve

import "math"

// vec is a place or a vector; a struct, unlike an array, stays in registers.
type vec struct{ x, y, z float64 }

func (a vec) sub(b vec) vec { return vec{a.x - b.x, a.y - b.y, a.z - b.z} }

func (a vec) add(b vec) vec { return vec{a.x + b.x, a.y + b.y, a.z + b.z} }

func (a vec) times(f float64) vec { return vec{a.x * f, a.y * f, a.z * f} }

func (a vec) cross(b vec) vec {
	return vec{a.y*b.z - a.z*b.y, a.z*b.x - a.x*b.z, a.x*b.y - a.y*b.x}
}

func (a vec) dot(b vec) float64 { return a.x*b.x + a.y*b.y + a.z*b.z }

func (a vec) norm2() float64 { return a.dot(a) }

// certain is how large the determinant of three edges has to be, in relation to the product of their lengths, for its sign
// to be beyond doubt. Rounding the edges and the determinant costs some ten units in the last place (1.1e-15).
const certain = 1e-14

// gamma returns 3·inradius/circumradius of the tetrahedron abcd: 1 is regular. It is 0 for every tetrahedron that is not
// certainly positive, so that no exact predicate is needed: what is doubtful is not made.
//
// Source: package quality, where the formula is derived; here the circumradius comes without roots, in the form
// 16 s(s-p)(s-q)(s-r) = 2(p²q² + q²r² + r²p²) - p⁴ - q⁴ - r⁴.
func gamma(a, b, c, d *vec) float64 {
	ab, ac, ad := b.sub(*a), c.sub(*a), d.sub(*a)
	abc := ab.cross(ac)
	det := ad.dot(abc)
	lAB, lAC, lAD := ab.norm2(), ac.norm2(), ad.norm2()
	if !(det > 0 && det*det > certain*certain*lAB*lAC*lAD) {
		return 0
	}
	bc, bd, cd := c.sub(*b), d.sub(*b), d.sub(*c)
	areas := math.Sqrt(abc.norm2()) + math.Sqrt(ad.cross(ab).norm2()) + math.Sqrt(ac.cross(ad).norm2()) + math.Sqrt(bc.cross(bd).norm2())
	p, q, r := lAB*cd.norm2(), lAC*bd.norm2(), lAD*bc.norm2()
	product := 2*(p*q+q*r+r*p) - p*p - q*q - r*r
	if !(product > 0) {
		return 0
	}
	// 54 V² / (areas · √…), with 6V = det, areas doubled, and 16 times the product under the root
	return 12 * det * det / (areas * math.Sqrt(product))
}

// gammaSlope returns gamma of abcd and its derivative by the place of d.
func gammaSlope(a, b, c, d *vec) (float64, vec) {
	ab, ac, ad := b.sub(*a), c.sub(*a), d.sub(*a)
	abc := ab.cross(ac)
	det := ad.dot(abc)
	lAB, lAC, lAD := ab.norm2(), ac.norm2(), ad.norm2()
	if !(det > 0 && det*det > certain*certain*lAB*lAC*lAD) {
		return 0, towardsVolume(abc, lAD)
	}
	bc, bd, cd := c.sub(*b), d.sub(*b), d.sub(*c)
	lBC, lBD, lCD := bc.norm2(), bd.norm2(), cd.norm2()
	nABD, nACD, nBCD := ab.cross(ad), ac.cross(ad), bc.cross(bd)
	sABD, sACD, sBCD := math.Sqrt(nABD.norm2()), math.Sqrt(nACD.norm2()), math.Sqrt(nBCD.norm2())
	areas := math.Sqrt(abc.norm2()) + sABD + sACD + sBCD
	p, q, r := lAB*lCD, lAC*lBD, lAD*lBC
	product := 2*(p*q+q*r+r*p) - p*p - q*q - r*r
	if !(product > 0) {
		return 0, towardsVolume(abc, lAD)
	}
	value := 12 * det * det / (areas * math.Sqrt(product))

	// of the logarithm: 2 ∇det/det - ∇areas/areas - ∇product/(2 product)
	slope := abc.times(2 / det)
	area := nABD.cross(ab).times(1 / sABD).add(nACD.cross(ac).times(1 / sACD)).add(nBCD.cross(bc).times(1 / sBCD))
	slope = slope.sub(area.times(1 / areas))
	dp, dq, dr := 2*(q+r-p)*lAB*2, 2*(p+r-q)*lAC*2, 2*(p+q-r)*lBC*2
	slope = slope.sub(cd.times(dp).add(bd.times(dq)).add(ad.times(dr)).times(1 / (2 * product)))
	return value, slope.times(value)
}

// towardsVolume is what stands for the slope of gamma where that is 0: the direction of more volume, in a size that a slope
// at that distance from the corner a can have.
func towardsVolume(abc vec, distance2 float64) vec {
	size := math.Sqrt(abc.norm2() * distance2)
	if size == 0 {
		return vec{}
	}
	return abc.times(1 / size)
}
