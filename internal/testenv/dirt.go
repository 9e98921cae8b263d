package testenv

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
)

// Dirty is the surface of a torus with the dirt that scans and exports have.
type Dirty struct {
	Name string
	STL  []byte
	// Volume is what it surrounds, to a share of Off; two that overlap hold more than Volume and less than twice that.
	Volume, Off float64
	Overlap     bool
	// Mended tells that a repair takes the dirt away.
	Mended bool
}

// DirtySurfaces returns the six kinds of dirt, the same each time.
func DirtySurfaces() []Dirty {
	dice := rand.New(rand.NewPCG(1, 2))
	clean := torusOf(80, 40, [3]float64{})
	chance := func(share float64, then func(triangle) triangles) triangles {
		return clean.each(func(t triangle) triangles {
			if dice.Float64() < share {
				return then(t)
			}
			return triangles{t}
		})
	}
	moved := map[[3]float64][3]float64{}
	noisy := clean.each(func(t triangle) triangles {
		for k, p := range t {
			if _, known := moved[p]; !known {
				moved[p] = [3]float64{p[0] + 0.05*dice.NormFloat64(), p[1] + 0.05*dice.NormFloat64(), p[2] + 0.05*dice.NormFloat64()}
			}
			t[k] = moved[p]
		}
		return triangles{t}
	})
	const volume = 2 * math.Pi * math.Pi * 3 * 0.993 // of so many triangles
	missing := append(slices.Clone(clean[:2000]), clean[2040:]...)
	two := append(slices.Clone(clean), torusOf(70, 30, [3]float64{0.5, 0.1, 1})...)
	removed := chance(0.01, func(triangle) triangles { return nil })
	doubled := chance(0.05, func(t triangle) triangles { return triangles{t, t} })
	flipped := chance(0.3, func(t triangle) triangles { return triangles{{t[1], t[0], t[2]}} })
	return []Dirty{
		{Name: "a face is missing", STL: missing.stl(), Volume: volume, Off: 0.02},
		{Name: "two that overlap", STL: two.stl(), Volume: volume, Overlap: true},
		{Name: "1 % removed", STL: removed.stl(), Volume: volume, Off: 0.01, Mended: true},
		{Name: "5 % doubled", STL: doubled.stl(), Volume: volume, Off: 0.01, Mended: true},
		{Name: "30 % flipped", STL: flipped.stl(), Volume: volume, Off: 0.01, Mended: true},
		{Name: "noise that crosses itself", STL: noisy.stl(), Volume: volume, Off: 0.03},
	}
}

type triangle [3][3]float64

// triangles is a surface to be damaged.
type triangles []triangle

// torusOf has 2·around·across triangles. Its volume is near 2π²·3.
func torusOf(around, across int, shift [3]float64) (out triangles) {
	at := func(i, j int) [3]float64 {
		u, v := 2*math.Pi*float64(i%around)/float64(around), 2*math.Pi*float64(j%across)/float64(across)
		r := 3 + math.Cos(v)
		return [3]float64{r*math.Cos(u) + shift[0], r*math.Sin(u) + shift[1], math.Sin(v) + shift[2]}
	}
	for i := range around {
		for j := range across {
			a, b, c, d := at(i, j), at(i+1, j), at(i+1, j+1), at(i, j+1)
			out = append(out, triangle{a, b, c}, triangle{a, c, d})
		}
	}
	return out
}

// each returns what f makes of each triangle.
func (s triangles) each(f func(triangle) triangles) (out triangles) {
	for _, t := range s {
		out = append(out, f(t)...)
	}
	return out
}

func (s triangles) stl() []byte {
	var b bytes.Buffer
	b.Write(make([]byte, 80))
	_ = binary.Write(&b, binary.LittleEndian, uint32(len(s))) // a buffer takes all
	for _, t := range s {
		var facet [12]float32
		for k := range 9 {
			facet[3+k] = float32(t[k/3][k%3])
		}
		_ = binary.Write(&b, binary.LittleEndian, facet)
		b.Write([]byte{0, 0})
	}
	return b.Bytes()
}
