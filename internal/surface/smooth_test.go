package surface

import (
	"math"
	"math/rand/v2"
)

// sphere returns an icosahedron, divided n times onto a sphere.
func sphere(radius float64, n int) soup {
	g := (1 + math.Sqrt(5)) / 2
	v := [][3]float64{{-1, g, 0}, {1, g, 0}, {-1, -g, 0}, {1, -g, 0}, {0, -1, g}, {0, 1, g}, {0, -1, -g}, {0, 1, -g},
		{g, 0, -1}, {g, 0, 1}, {-g, 0, -1}, {-g, 0, 1}}
	var out soup
	for _, t := range [][3]int{{0, 11, 5}, {0, 5, 1}, {0, 1, 7}, {0, 7, 10}, {0, 10, 11}, {1, 5, 9}, {5, 11, 4}, {11, 10, 2},
		{10, 7, 6}, {7, 1, 8}, {3, 9, 4}, {3, 4, 2}, {3, 2, 6}, {3, 6, 8}, {3, 8, 9}, {4, 9, 5}, {2, 4, 11}, {6, 2, 10}, {8, 6, 7}, {9, 8, 1}} {
		out = append(out, [3][3]float64{v[t[0]], v[t[1]], v[t[2]]})
	}
	for range n {
		var finer soup
		for _, t := range out {
			// midpoints are summed in one order, so that both triangles at an edge get the same
			a, b, c := halfway(t[0], t[1]), halfway(t[1], t[2]), halfway(t[2], t[0])
			finer = append(finer, [3][3]float64{t[0], a, c}, [3][3]float64{a, t[1], b}, [3][3]float64{c, b, t[2]}, [3][3]float64{a, b, c})
		}
		out = finer
	}
	return out.shaped(func(p [3]float64) [3]float64 {
		l := norm(p)
		return [3]float64{radius * p[0] / l, radius * p[1] / l, radius * p[2] / l}
	})
}

func halfway(a, b [3]float64) (p [3]float64) {
	for k := range p {
		p[k] = (a[k] + b[k]) / 2
	}
	return p
}

// shaped returns the triangles with every point moved.
func (s soup) shaped(move func([3]float64) [3]float64) soup {
	out := make(soup, len(s))
	for i, t := range s {
		out[i] = [3][3]float64{move(t[0]), move(t[1]), move(t[2])}
	}
	return out
}

// blob returns a smooth closed surface of random shape, about 1 in radius, as unlike a sphere as the dice want it.
func blob(dice *rand.Rand, n int) soup {
	type wave struct {
		direction [3]float64
		height    float64
		phase     float64
	}
	var waves []wave
	for range 4 {
		w := wave{height: 0.15 * dice.Float64(), phase: 6 * dice.Float64()}
		for k := range 3 {
			w.direction[k] = 4 * (dice.Float64() - 0.5)
		}
		waves = append(waves, w)
	}
	stretch := [3]float64{0.5 + dice.Float64(), 0.5 + dice.Float64(), 0.5 + dice.Float64()}
	return sphere(1, n).shaped(func(p [3]float64) [3]float64 {
		r := 1.
		for _, w := range waves {
			r += w.height * math.Sin(dot(w.direction, p)+w.phase)
		}
		for k := range p {
			p[k] *= r * stretch[k]
		}
		return p
	})
}

// circlePoint is the i-th of n points around the z-axis.
func circlePoint(radius, z float64, i, n int) [3]float64 {
	phi := 2 * math.Pi * float64(i%n) / float64(n)
	return [3]float64{radius * math.Cos(phi), radius * math.Sin(phi), z}
}

// tube returns the side of a cylinder along the z-axis, open at its ends, of so many points around and rows.
func tube(radius, length float64, around, rows int) (out soup) {
	for row := range rows {
		low, high := length*float64(row)/float64(rows), length*float64(row+1)/float64(rows)
		for i := range around {
			a, b := circlePoint(radius, low, i, around), circlePoint(radius, low, i+1, around)
			c, d := circlePoint(radius, high, i+1, around), circlePoint(radius, high, i, around)
			out = append(out, [3][3]float64{a, b, c}, [3][3]float64{a, c, d})
		}
	}
	return out
}

// cylinder returns a cylinder whose sides are so many rows of long triangles, as CAD writes it, with fans for its ends.
func cylinder(radius, length float64, around, rows int) soup {
	out := tube(radius, length, around, rows)
	for i := 1; i+1 < around; i++ {
		a, b, c := circlePoint(radius, 0, 0, around), circlePoint(radius, 0, i, around), circlePoint(radius, 0, i+1, around)
		d, e, f := circlePoint(radius, length, 0, around), circlePoint(radius, length, i, around), circlePoint(radius, length, i+1, around)
		out = append(out, [3][3]float64{a, c, b}, [3][3]float64{d, e, f})
	}
	return out
}

// prism returns a convex polygon, counter-clockwise, drawn out along z.
func prism(polygon [][2]float64, height float64) (out soup) {
	at := func(i int, z float64) [3]float64 {
		p := polygon[i%len(polygon)]
		return [3]float64{p[0], p[1], z}
	}
	for i := range polygon {
		a, b, c, d := at(i, 0), at(i+1, 0), at(i+1, height), at(i, height)
		out = append(out, [3][3]float64{a, b, c}, [3][3]float64{a, c, d})
		if i > 0 && i+1 < len(polygon) {
			out = append(out, [3][3]float64{at(0, 0), b, a}, [3][3]float64{at(0, height), d, c})
		}
	}
	return out
}
