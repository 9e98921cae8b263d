package field

import (
	"math"
	"math/rand/v2"
)

// soup is a surface as Prepare takes it.
type soup struct {
	vertices  [][3]float64
	triangles [][3]int32
}

// ball is a sphere of 20·4^level triangles.
func ball(level int, radius float64, middle [3]float64) soup {
	g := (1 + math.Sqrt(5)) / 2
	s := soup{
		vertices: [][3]float64{{-1, g, 0}, {1, g, 0}, {-1, -g, 0}, {1, -g, 0}, {0, -1, g}, {0, 1, g}, {0, -1, -g}, {0, 1, -g}, {g, 0, -1}, {g, 0, 1}, {-g, 0, -1}, {-g, 0, 1}},
		triangles: [][3]int32{{0, 11, 5}, {0, 5, 1}, {0, 1, 7}, {0, 7, 10}, {0, 10, 11}, {1, 5, 9}, {5, 11, 4}, {11, 10, 2}, {10, 7, 6}, {7, 1, 8},
			{3, 9, 4}, {3, 4, 2}, {3, 2, 6}, {3, 6, 8}, {3, 8, 9}, {4, 9, 5}, {2, 4, 11}, {6, 2, 10}, {8, 6, 7}, {9, 8, 1}},
	}
	for range level {
		middles := map[[2]int32]int32{}
		between := func(a, b int32) int32 {
			key := [2]int32{min(a, b), max(a, b)}
			if _, ok := middles[key]; !ok {
				s.vertices = append(s.vertices, scaled(add(s.vertices[a], s.vertices[b]), 0.5))
				middles[key] = int32(len(s.vertices) - 1)
			}
			return middles[key]
		}
		var finer [][3]int32
		for _, t := range s.triangles {
			a, b, c := between(t[0], t[1]), between(t[1], t[2]), between(t[2], t[0])
			finer = append(finer, [3]int32{t[0], a, c}, [3]int32{t[1], b, a}, [3]int32{t[2], c, b}, [3]int32{a, b, c})
		}
		s.triangles = finer
	}
	for i, v := range s.vertices {
		s.vertices[i] = add(middle, scaled(v, radius/norm(v)))
	}
	return s
}

// torus has 2·around·across triangles.
func torus(around, across int, radius, tube float64) soup {
	var s soup
	for i := range around {
		for j := range across {
			u, v := 2*math.Pi*float64(i)/float64(around), 2*math.Pi*float64(j)/float64(across)
			r := radius + tube*math.Cos(v)
			s.vertices = append(s.vertices, [3]float64{r * math.Cos(u), r * math.Sin(u), tube * math.Sin(v)})
			at := func(i, j int) int32 { return int32(i%around*across + j%across) }
			a, b, c, d := at(i, j), at(i+1, j), at(i+1, j+1), at(i, j+1)
			s.triangles = append(s.triangles, [3]int32{a, b, c}, [3]int32{a, c, d})
		}
	}
	return s
}

// cube has twelve triangles.
func cube(low, high [3]float64) soup {
	var s soup
	for n := range 8 {
		p := low
		for k := range 3 {
			if n>>k&1 == 1 {
				p[k] = high[k]
			}
		}
		s.vertices = append(s.vertices, p)
	}
	for _, f := range [][4]int32{{0, 2, 3, 1}, {4, 5, 7, 6}, {0, 1, 5, 4}, {2, 6, 7, 3}, {0, 4, 6, 2}, {1, 3, 7, 5}} {
		s.triangles = append(s.triangles, [3]int32{f[0], f[1], f[2]}, [3]int32{f[0], f[2], f[3]})
	}
	return s
}

// with returns both surfaces as one.
func (s soup) with(o soup) soup {
	out := soup{append([][3]float64(nil), s.vertices...), append([][3]int32(nil), s.triangles...)}
	n := int32(len(s.vertices))
	out.vertices = append(out.vertices, o.vertices...)
	for _, t := range o.triangles {
		out.triangles = append(out.triangles, [3]int32{t[0] + n, t[1] + n, t[2] + n})
	}
	return out
}

// each returns the triangles that f makes of each.
func (s soup) each(f func(t [3]int32) [][3]int32) soup {
	out := soup{vertices: s.vertices}
	for _, t := range s.triangles {
		out.triangles = append(out.triangles, f(t)...)
	}
	return out
}

func (s soup) without(share float64, dice *rand.Rand) soup {
	return s.each(func(t [3]int32) [][3]int32 {
		if dice.Float64() < share {
			return nil
		}
		return [][3]int32{t}
	})
}

func (s soup) doubled(share float64, dice *rand.Rand) soup {
	return s.each(func(t [3]int32) [][3]int32 {
		if dice.Float64() < share {
			return [][3]int32{t, {t[1], t[2], t[0]}}
		}
		return [][3]int32{t}
	})
}

func (s soup) turned(share float64, dice *rand.Rand) soup {
	return s.each(func(t [3]int32) [][3]int32 {
		if dice.Float64() < share {
			t[0], t[1] = t[1], t[0]
		}
		return [][3]int32{t}
	})
}

func (s soup) shaken(by float64, dice *rand.Rand) soup {
	out := soup{append([][3]float64(nil), s.vertices...), s.triangles}
	for i := range out.vertices {
		for k := range 3 {
			out.vertices[i][k] += by * dice.NormFloat64()
		}
	}
	return out
}

// torn gives every triangle corners of its own, each a little beside where it was.
func (s soup) torn(by float64, dice *rand.Rand) soup {
	var out soup
	for _, t := range s.triangles {
		n := int32(len(out.vertices))
		for _, v := range t {
			p := s.vertices[v]
			for k := range 3 {
				p[k] += by * dice.NormFloat64()
			}
			out.vertices = append(out.vertices, p)
		}
		out.triangles = append(out.triangles, [3]int32{n, n + 1, n + 2})
	}
	return out
}

func (s soup) prepare(opts Options) *Surface {
	f, err := Prepare(s.vertices, s.triangles, opts)
	if err != nil {
		panic(err)
	}
	return f
}

// around is a lattice of about n steps a side with two empty cells around a surface.
func around(f *Surface, n int) Lattice {
	lower, upper := f.Box()
	size := sub(upper, lower)
	h := max(size[0], size[1], size[2]) / float64(n-4)
	l := Lattice{H: h}
	for k := range 3 {
		l.N[k] = int32(math.Ceil(size[k]/h)) + 5
		l.Origin[k] = lower[k] - 2.3*h
	}
	return l
}

// volume is what the nodes inside stand for.
func (l Lattice) volume(inside []uint8) float64 {
	n := 0
	for _, in := range inside {
		n += int(in)
	}
	return float64(n) * l.H * l.H * l.H / 2
}
