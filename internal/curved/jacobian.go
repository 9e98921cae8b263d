package curved

import (
	"math"
	"sync"

	"meshgen/internal/mesh"
)

// jacobian finds the Bernstein coefficients of the determinant of an element's map.
type jacobian struct {
	nodes   int
	points  int         // where the determinant is sampled: as many as it has coefficients
	slopes  []float64   // of each point and node, the derivatives of the shape function
	factors []float64   // of each point: 1/(1-z)² in pyramids, where two derivatives shrink with the section
	from    [][]float64 // samples to coefficients
	corners []int       // coefficients that are values of the determinant, at corners of the domain
	// children holds for each part of the domain the matrix from the coefficients of the whole to its own.
	children func() [][][]float64
}

func domainOf(shape mesh.Shape, order int) domain {
	all := 3*order - 1
	switch shape {
	case mesh.ATetrahedron:
		return domain{shape, [3]int{all - 2, all - 2, all - 2}}
	case mesh.APrism:
		return domain{shape, [3]int{all - 1, all - 1, all}}
	case mesh.APyramid:
		return domain{mesh.AHexahedron, [3]int{all, all, all - 2}}
	}
	return domain{shape, [3]int{all, all, all}}
}

func newJacobian(e *element) *jacobian {
	shape := e.kind.Shape()
	d := domainOf(shape, e.order)
	basis := d.basis()
	j := &jacobian{nodes: len(e.nodes), points: len(basis)}

	// shape functions: one at their own node, zero at the others
	space := spaceOf(shape, e.order)
	values := make([][]float64, len(e.nodes))
	for n, p := range e.nodes {
		for _, f := range space {
			v, _ := f.at(p)
			values[n] = append(values[n], v)
		}
	}
	functions := inverse(values) // by monomial, then node

	var samples []Vec
	for _, b := range basis {
		p := Vec{share(b.i, d.degree[0]), share(b.j, d.degree[1]), share(b.k, d.degree[2])}
		if shape == mesh.APyramid {
			p[2] = float64(b.k) / float64(d.degree[2]+1) // not at the apex
		}
		samples = append(samples, p)
		slopes := make([]float64, 3*len(e.nodes))
		for m, f := range space {
			_, slope := f.at(p)
			for n := range e.nodes {
				for k := range 3 {
					slopes[3*n+k] += functions[m][n] * slope[k]
				}
			}
		}
		j.slopes = append(j.slopes, slopes...)
		factor := 1.
		if shape == mesh.APyramid {
			factor = 1 / ((1 - p[2]) * (1 - p[2]))
		}
		j.factors = append(j.factors, factor)
	}
	at := func(places []Vec) [][]float64 {
		out := make([][]float64, len(places))
		for i, p := range places {
			for _, b := range basis {
				out[i] = append(out[i], d.at(b, p))
			}
		}
		return out
	}
	j.from = inverse(at(samples))
	for i, b := range basis {
		for _, c := range cornersOf[d.shape] {
			if d.at(b, c) == 1 {
				j.corners = append(j.corners, i)
				break
			}
		}
	}
	j.children = sync.OnceValue(func() (out [][][]float64) {
		for _, child := range d.children() {
			places := make([]Vec, len(samples))
			for i, p := range samples {
				for k := range 3 {
					places[i][k] = child[0][k]
					for axis := range 3 {
						places[i][k] += p[axis] * (child[1+axis][k] - child[0][k])
					}
				}
			}
			out = append(out, product(j.from, at(places)))
		}
		return out
	})
	return j
}

func share(i, n int) float64 {
	if n == 0 {
		return 0
	}
	return float64(i) / float64(n)
}

// sample returns the determinants at the points.
func (j *jacobian) sample(p []Vec, out []float64) {
	o := p[0] // what is small between large coordinates stays exact
	for i := range out {
		var u, v, w Vec
		slopes := j.slopes[3*j.nodes*i : 3*j.nodes*(i+1)]
		for n := range p {
			s := slopes[3*n : 3*n+3]
			for k := range 3 {
				x := p[n][k] - o[k]
				u[k] += s[0] * x
				v[k] += s[1] * x
				w[k] += s[2] * x
			}
		}
		out[i] = j.factors[i] * (u[0]*(v[1]*w[2]-v[2]*w[1]) + u[1]*(v[2]*w[0]-v[0]*w[2]) + u[2]*(v[0]*w[1]-v[1]*w[0]))
	}
}

func apply(matrix [][]float64, in, out []float64) {
	for i, row := range matrix {
		sum := 0.
		for k, f := range row {
			sum += f * in[k]
		}
		out[i] = sum
	}
}

const (
	// slack is how far what is proven of a ratio may be below what is found somewhere: a fifth of it, or slackLeast.
	slack, slackLeast = 0.2, 0.005
	// maxCuts bounds how often an element is cut. What is not decided then counts as what could not be excluded.
	maxCuts = 60
)

// piece is a part of an element.
type piece struct {
	low, high float64 // of its coefficients
	of        []float64
}

func pieceOf(coefficients []float64) piece {
	p := piece{math.Inf(1), math.Inf(-1), coefficients}
	for _, c := range coefficients {
		p.low, p.high = math.Min(p.low, c), math.Max(p.high, c)
	}
	return p
}

// ratio returns a bound from below of the smallest by the largest determinant, which lies a fifth below at the most: -1 to 1,
// and not above zero where the element is, or could be, inverted somewhere. enough ends the search early, where the ratio
// is proven to be as large.
func (j *jacobian) ratio(p []Vec, enough float64) float64 {
	samples, whole := make([]float64, j.points), make([]float64, j.points)
	j.sample(p, samples)
	apply(j.from, samples, whole)
	pieces := []piece{pieceOf(whole)}
	least, most := math.Inf(1), math.Inf(-1) // found
	see := func(of []float64) {
		for _, c := range j.corners {
			least, most = math.Min(least, of[c]), math.Max(most, of[c])
		}
	}
	see(whole)
	for cut := 0; ; cut++ {
		worst, high := 0, math.Inf(-1)
		for i := range pieces {
			high = math.Max(high, pieces[i].high)
			if pieces[i].low < pieces[worst].low {
				worst = i
			}
		}
		low := pieces[worst].low
		if !(high > 0) || math.IsInf(high, 0) || low != low { // inside out all over, or no number
			return -1
		}
		proven, found := low/high, least/high
		if low < 0 { // the smaller the largest, the worse
			proven = low / math.Max(most, -low)
		}
		if cut == maxCuts || found <= 0 || proven >= enough || found-proven <= math.Max(slack*found, slackLeast) && proven > 0 {
			return math.Min(proven, found)
		}
		parent := pieces[worst].of
		pieces[worst] = pieces[len(pieces)-1]
		pieces = pieces[:len(pieces)-1]
		for _, m := range j.children() {
			child := make([]float64, j.points)
			apply(m, parent, child)
			see(child)
			pieces = append(pieces, pieceOf(child))
		}
	}
}
