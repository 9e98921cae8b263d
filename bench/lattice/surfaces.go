package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"meshgen/internal/field"
	"meshgen/internal/lattice"
)

// soup is triangles as a file has them.
type soup struct {
	vertices  [][3]float64
	triangles [][3]int32
}

// fill has a lattice fill the surface, from its triangles.
func (s soup) fill(m *lattice.Mesher, h float64, g lattice.Grading) (*lattice.Mesh, error) {
	surface, err := field.Prepare(s.vertices, s.triangles, field.Options{})
	if err != nil {
		return nil, err
	}
	return m.Fill(surface, h, g)
}

// torus has 2·around·across triangles.
func torus(around, across int) soup {
	var s soup
	for i := range around {
		for j := range across {
			u, v := 2*math.Pi*float64(i)/float64(around), 2*math.Pi*float64(j)/float64(across)
			r := 3 + math.Cos(v)
			s.vertices = append(s.vertices, [3]float64{r * math.Cos(u), r * math.Sin(u), math.Sin(v)})
			at := func(i, j int) int32 { return int32(i%around*across + j%across) }
			a, b, c, d := at(i, j), at(i+1, j), at(i+1, j+1), at(i, j+1)
			s.triangles = append(s.triangles, [3]int32{a, b, c}, [3]int32{a, c, d})
		}
	}
	return s
}

type damaged struct {
	name string
	soup
}

// damages are the six that scans and exports have.
func damages(clean soup) []damaged {
	dice := rand.New(rand.NewPCG(1, 2))
	each := func(share float64, then func([3]int32) [][3]int32) soup {
		out := soup{vertices: clean.vertices}
		for _, t := range clean.triangles {
			if dice.Float64() < share {
				out.triangles = append(out.triangles, then(t)...)
			} else {
				out.triangles = append(out.triangles, t)
			}
		}
		return out
	}
	missing := soup{clean.vertices, slices.Concat(clean.triangles[:10000], clean.triangles[10160:])}
	two := soup{slices.Clone(clean.vertices), slices.Clone(clean.triangles)}
	for _, v := range clean.vertices {
		two.vertices = append(two.vertices, [3]float64{v[0] + 0.7, v[1] + 0.3, v[2] + 0.4})
	}
	for _, t := range clean.triangles {
		n := int32(len(clean.vertices))
		two.triangles = append(two.triangles, [3]int32{t[0] + n, t[1] + n, t[2] + n})
	}
	noisy := soup{slices.Clone(clean.vertices), clean.triangles}
	for i := range noisy.vertices {
		for k := range 3 {
			noisy.vertices[i][k] += 0.03 * dice.NormFloat64()
		}
	}
	return []damaged{
		{"clean", clean},
		{"a ring of faces is missing", missing},
		{"two that overlap", two},
		{"1 % removed", each(0.01, func([3]int32) [][3]int32 { return nil })},
		{"5 % doubled", each(0.05, func(t [3]int32) [][3]int32 { return [][3]int32{t, t} })},
		{"30 % flipped", each(0.3, func(t [3]int32) [][3]int32 { return [][3]int32{{t[1], t[0], t[2]}} })},
		{"noise that crosses itself", noisy},
	}
}

func middle(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
