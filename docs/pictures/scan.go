package main

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
)

// writeScan writes a torus as a bad scanner sees it: with noise, holes, and triangles that are doubled and turned.
func writeScan(path string) error {
	const around, across = 160, 60
	dice := rand.New(rand.NewPCG(1, 2))
	var nodes [around][across][3]float32
	for i := range nodes {
		for j := range nodes[i] {
			u, v := 2*math.Pi*float64(i)/around, 2*math.Pi*float64(j)/across
			r := 3 + math.Cos(v)
			for k, x := range [3]float64{r * math.Cos(u), r * math.Sin(u), math.Sin(v)} {
				nodes[i][j][k] = float32(10*x + 0.15*dice.NormFloat64())
			}
		}
	}
	var triangles [][3][3]float32
	for i := range around {
		for j := range across {
			if i%40 < 3 && j < 8 { // a hole
				continue
			}
			a, b, c, d := nodes[i][j], nodes[(i+1)%around][j], nodes[(i+1)%around][(j+1)%across], nodes[i][(j+1)%across]
			for _, t := range [2][3][3]float32{{a, b, c}, {a, c, d}} {
				switch x := dice.Float64(); {
				case x < 0.01: // missing
				case x < 0.03:
					triangles = append(triangles, t, t)
				case x < 0.13:
					triangles = append(triangles, [3][3]float32{t[1], t[0], t[2]})
				default:
					triangles = append(triangles, t)
				}
			}
		}
	}
	var out bytes.Buffer
	out.Write(make([]byte, 80))
	if err := binary.Write(&out, binary.LittleEndian, uint32(len(triangles))); err != nil {
		return err
	}
	for _, t := range triangles {
		if err := binary.Write(&out, binary.LittleEndian, struct {
			Normal  [3]float32
			Corners [3][3]float32
			_       uint16
		}{Corners: t}); err != nil {
			return err
		}
	}
	return os.WriteFile(path, out.Bytes(), 0o600)
}
