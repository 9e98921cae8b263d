package lattice

import (
	"math"
	"math/rand/v2"
)

// shape is a surface given by a function that is negative inside.
type shape func(p [3]float64) float64

// field returns a shape on a grid, cuts where the function has its root.
func (f shape) field(g Grid) *Field {
	out := &Field{Grid: g, Inside: make([]uint8, g.Nodes())}
	plane := g.N[0] * g.N[1]
	parallel(0, 2*g.N[2], func(first, last int) int32 {
		for node := first * plane; node < last*plane; node++ {
			if f(g.At(node)) < 0 {
				out.Inside[node] = 1
			}
		}
		return 0
	})
	var steps [2][7]int // to the far ends
	for s := range steps {
		for e := range 7 {
			steps[s][e] = g.Far((2+s)*plane, e) - (2+s)*plane
		}
	}
	for node := plane * 2; node < g.Nodes()-plane*2; node++ {
		first := len(out.T)
		for e, step := range steps[node/plane%2] {
			far := node + step
			if out.Inside[node] == out.Inside[far] {
				continue
			}
			for len(out.T) == first {
				out.T = append(out.T, -1, -1, -1, -1, -1, -1, -1)
			}
			out.T[first+e] = f.root(g.At(node), g.At(far))
		}
	}
	return out
}

func (f shape) root(a, b [3]float64) float32 {
	at := func(t float64) float64 {
		return f([3]float64{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1]), a[2] + t*(b[2]-a[2])})
	}
	low, high, negative := 0., 1., at(0) < 0
	for range 26 {
		if mid := (low + high) / 2; (at(mid) < 0) == negative {
			low = mid
		} else {
			high = mid
		}
	}
	return float32((low + high) / 2)
}

func sphere(r float64) shape {
	return func(p [3]float64) float64 { return math.Sqrt(p[0]*p[0]+p[1]*p[1]+p[2]*p[2]) - r }
}

func torus(big, small float64) shape {
	return func(p [3]float64) float64 {
		return math.Hypot(math.Hypot(p[0], p[1])-big, p[2]) - small
	}
}

func box(size [3]float64) shape {
	return func(p [3]float64) float64 {
		d := math.Inf(-1)
		for k := range 3 {
			d = max(d, math.Abs(p[k])-size[k]/2)
		}
		return d
	}
}

// blob is a sphere of radius 1 with waves on it, of which none is shorter than one unit.
func blob(random *rand.Rand) shape {
	type wave struct {
		k     [3]float64
		phase float64
		size  float64
	}
	waves := make([]wave, 6)
	for i := range waves {
		for k := range 3 {
			waves[i].k[k] = 2 * math.Pi * (random.Float64() - 0.5)
		}
		waves[i].phase, waves[i].size = 2*math.Pi*random.Float64(), 0.06*random.Float64()
	}
	return func(p [3]float64) float64 {
		d := math.Sqrt(p[0]*p[0]+p[1]*p[1]+p[2]*p[2]) - 1
		for _, w := range waves {
			d += w.size * math.Sin(w.k[0]*p[0]+w.k[1]*p[1]+w.k[2]*p[2]+w.phase)
		}
		return d
	}
}
