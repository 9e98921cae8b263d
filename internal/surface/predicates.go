package surface

import "math"

// The predicates answer on which side of a line or plane a point lies, exactly. A first guess in doubles comes with a
// bound of its error and nearly always suffices; otherwise the determinant is computed without rounding, as a sum of
// doubles that do not overlap (an expansion). After J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and
// Fast Robust Geometric Predicates" (1997).

const (
	epsilon = 0x1p-53
	// bounds of the rounding error of the determinants below, in relation to the sum of their absolute terms
	bound3D = (7 + 56*epsilon) * epsilon
	bound2D = (3 + 16*epsilon) * epsilon
)

// orient3D is positive, zero or negative as d lies below, on or above the plane through a, b and c; a, b and c turn
// counter-clockwise seen from above. Its size is about six times the volume of the tetrahedron.
func orient3D(a, b, c, d *[3]float64) float64 {
	adx, ady, adz := a[0]-d[0], a[1]-d[1], a[2]-d[2]
	bdx, bdy, bdz := b[0]-d[0], b[1]-d[1], b[2]-d[2]
	cdx, cdy, cdz := c[0]-d[0], c[1]-d[1], c[2]-d[2]

	bdxcdy, cdxbdy := bdx*cdy, cdx*bdy
	cdxady, adxcdy := cdx*ady, adx*cdy
	adxbdy, bdxady := adx*bdy, bdx*ady
	det := adz*(bdxcdy-cdxbdy) + bdz*(cdxady-adxcdy) + cdz*(adxbdy-bdxady)
	permanent := (math.Abs(bdxcdy)+math.Abs(cdxbdy))*math.Abs(adz) +
		(math.Abs(cdxady)+math.Abs(adxcdy))*math.Abs(bdz) +
		(math.Abs(adxbdy)+math.Abs(bdxady))*math.Abs(cdz)
	if permanent == 0 || math.Abs(det) > bound3D*permanent {
		return det
	}
	return orient3DExactly(a, b, c, d)
}

// orient2D is positive, zero or negative as a, b, c turn counter-clockwise, lie on a line or turn clockwise, seen in the
// plane of the coordinates u and v.
func orient2D(a, b, c *[3]float64, u, v int) float64 {
	left := (a[u] - c[u]) * (b[v] - c[v])
	right := (a[v] - c[v]) * (b[u] - c[u])
	det := left - right
	if sum := math.Abs(left) + math.Abs(right); sum == 0 || math.Abs(det) > bound2D*sum {
		return det
	}
	acu, acv := difference(a[u], c[u]), difference(a[v], c[v])
	bcu, bcv := difference(b[u], c[u]), difference(b[v], c[v])
	var one, two [8]float64
	var sum [16]float64
	return largest(add(productOf(acu, bcv, one[:]), negated(productOf(acv, bcu, two[:])), sum[:]))
}

func orient3DExactly(a, b, c, d *[3]float64) float64 {
	ax, ay, az := difference(a[0], d[0]), difference(a[1], d[1]), difference(a[2], d[2])
	bx, by, bz := difference(b[0], d[0]), difference(b[1], d[1]), difference(b[2], d[2])
	cx, cy, cz := difference(c[0], d[0]), difference(c[1], d[1]), difference(c[2], d[2])
	var one, two, three [64]float64
	t1 := minorTimes(bx, by, cx, cy, az, one[:])
	t2 := minorTimes(cx, cy, ax, ay, bz, two[:])
	t3 := minorTimes(ax, ay, bx, by, cz, three[:])
	var sum2 [128]float64
	var sum3 [192]float64
	return largest(add(add(t1, t2, sum2[:]), t3, sum3[:]))
}

// minorTimes writes (px·qy - qx·py)·z to out, which has room for 64 terms.
func minorTimes(px, py, qx, qy, z pair, out []float64) []float64 {
	var one, two [8]float64
	var minor [16]float64
	m := add(productOf(px, qy, one[:]), negated(productOf(qx, py, two[:])), minor[:])
	var low, high [32]float64
	return add(scaled(m, z.low, low[:]), scaled(m, z.high, high[:]), out)
}

// pair is an exact sum of two doubles of which the low one is at most half a unit in the last place of the high one.
type pair struct{ low, high float64 }

// difference returns a - b without rounding.
func difference(a, b float64) pair {
	x := a - b
	virtual := a - x
	around := x + virtual
	return pair{low: (a - around) + (virtual - b), high: x}
}

// twoSum returns a + b without rounding.
func twoSum(a, b float64) (low, high float64) {
	x := a + b
	virtual := x - a
	around := x - virtual
	return (a - around) + (b - virtual), x
}

// twoProduct returns a · b without rounding.
func twoProduct(a, b float64) (low, high float64) {
	x := a * b
	return math.FMA(a, b, -x), x
}

// An expansion is a list of doubles whose exact sum is the number; they do not overlap and grow in size.

// scaled writes e · b to h, which has room for twice the terms of e.
func scaled(e []float64, b float64, h []float64) []float64 {
	h = h[:0]
	if len(e) == 0 || b == 0 {
		return h
	}
	low, q := twoProduct(e[0], b)
	if low != 0 {
		h = append(h, low)
	}
	for _, x := range e[1:] {
		productLow, productHigh := twoProduct(x, b)
		low, sum := twoSum(q, productLow)
		if low != 0 {
			h = append(h, low)
		}
		low, q = twoSum(productHigh, sum)
		if low != 0 {
			h = append(h, low)
		}
	}
	if q != 0 {
		h = append(h, q)
	}
	return h
}

// productOf writes a · b to h, which has room for eight terms.
func productOf(a, b pair, h []float64) []float64 {
	e := [2]float64{a.low, a.high}
	var low, high [4]float64
	return add(scaled(e[:], b.low, low[:]), scaled(e[:], b.high, high[:]), h)
}

// add writes e + f to h, which has room for the terms of both.
func add(e, f, h []float64) []float64 {
	h = h[:0]
	q, i, j := 0.0, 0, 0
	for i < len(e) || j < len(f) {
		var x float64
		if j == len(f) || i < len(e) && math.Abs(e[i]) < math.Abs(f[j]) {
			x = e[i]
			i++
		} else {
			x = f[j]
			j++
		}
		var low float64
		low, q = twoSum(q, x)
		if low != 0 {
			h = append(h, low)
		}
	}
	if q != 0 {
		h = append(h, q)
	}
	return h
}

// negated turns e round in place.
func negated(e []float64) []float64 {
	for i := range e {
		e[i] = -e[i]
	}
	return e
}

// largest returns the last term of an expansion, which has the sign of the whole and about its size.
func largest(e []float64) float64 {
	if len(e) == 0 {
		return 0
	}
	return e[len(e)-1]
}
