package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"meshgen/internal/field"
)

const (
	// across is how many points a grid has along each axis, and truths at how many of them the winding number is computed exactly.
	across, truths = 128, 400
)

// winding measures how soon the winding numbers of a surface are known on a grid, and how exact they are, beside libigl's.
func winding() error {
	fmt.Printf("\n## Winding number\n\nThe winding number of the triangles as they are, none turned or left out, at %d³ points of a grid; with all that has to be made of the triangles before. "+
		"Ours is of a lattice: its numbers at as many points more, in the middles of the grid's cubes, are in the time. "+
		"Errors are the largest and the mean at %d points of the grid, against the sum of the solid angles of all triangles. Sides is what a mesh needs: which nodes of that lattice are inside, "+
		"doubled triangles left out and turned ones turned back before.\n\n"+
		"| surface | libigl, s | largest error | mean | ours, s | largest error | mean | times as fast | sides, s |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n", across, truths)
	for _, d := range damages(torus(320, 80)) {
		if err := d.windingRow(); err != nil {
			return err
		}
	}
	return nil
}

func (d damaged) windingRow() error {
	l := d.grid()
	var got *field.Samples
	ours, err := median(func() error {
		s, err := field.Prepare(d.vertices, d.triangles, field.Options{AsGiven: true})
		if err == nil {
			got, err = s.Sample(l, 0, l.Slabs(), field.Want{Winding: true}, nil)
		}
		return err
	})
	if err != nil {
		return err
	}
	sides, err := median(func() error {
		s, err := field.Prepare(d.vertices, d.triangles, field.Options{})
		if err == nil {
			_, err = s.Sample(l, 0, l.Slabs(), field.Want{}, nil)
		}
		return err
	})
	if err != nil {
		return err
	}
	points, numbers := evens(l)
	dice := rand.New(rand.NewPCG(3, 4))
	at, exact := make([]int, truths), make([]float64, truths)
	for i := range at {
		at[i] = dice.IntN(len(points))
		exact[i] = d.windingAt(points[at[i]])
	}
	largest, mean := off(at, exact, func(i int) float64 { return float64(got.Winding[numbers[i]]) })
	peer := "| | | "
	times := ""
	if *python != "" {
		seconds, all, err := d.libigl(points)
		if err != nil {
			return err
		}
		theirLargest, theirMean := off(at, exact, func(i int) float64 { return all[i] })
		peer, times = fmt.Sprintf("| %.2f | %.1e | %.1e ", seconds, theirLargest, theirMean), fmt.Sprintf("%.1f", seconds/ours.Seconds())
	}
	fmt.Printf("| %s %s| %.3f | %.1e | %.1e | %s | %.3f |\n", d.name, peer, ours.Seconds(), largest, mean, times, sides.Seconds())
	return nil
}

// libigl has libigl compute all, as often as we do: the median counts.
func (d damaged) libigl(points [][3]float64) (seconds float64, all []float64, err error) {
	folder, err := os.MkdirTemp("", "meshgen-peers-")
	if err != nil {
		return 0, nil, err
	}
	defer os.RemoveAll(folder)
	if err := d.leave(folder); err != nil {
		return 0, nil, err
	}
	if err := leave(folder, "points", points); err != nil {
		return 0, nil, err
	}
	a, err := ask("libigl", folder, 0, 0)
	if err != nil {
		return 0, nil, fmt.Errorf("libigl: %w", err)
	}
	content, err := os.ReadFile(filepath.Join(folder, "winding"))
	if err != nil {
		return 0, nil, err
	}
	all = make([]float64, len(points))
	return a.Seconds, all, binary.Read(bytes.NewReader(content), binary.LittleEndian, all)
}

// grid is a lattice around the surface of which the nodes of even slabs are a grid of across³ points.
func (s soup) grid() field.Lattice {
	low, high := s.vertices[0], s.vertices[0]
	for _, v := range s.vertices {
		for k := range 3 {
			low[k], high[k] = min(low[k], v[k]), max(high[k], v[k])
		}
	}
	l := field.Lattice{N: [3]int32{across, across, across}}
	for k := range 3 {
		l.H = max(l.H, 1.02*(high[k]-low[k])/(across-1))
	}
	for k := range 3 {
		l.Origin[k] = (low[k]+high[k])/2 - l.H*(across-1)/2
	}
	return l
}

// evens returns the nodes of the even slabs of a lattice, and their numbers.
func evens(l field.Lattice) (points [][3]float64, numbers []int) {
	for m := 0; m < l.Slabs(); m += 2 {
		for i := range l.Slab() {
			numbers = append(numbers, m*l.Slab()+i)
			points = append(points, l.At(m*l.Slab()+i))
		}
	}
	return points, numbers
}

// windingAt is the winding number of all triangles at a place, by their solid angles.
func (s soup) windingAt(p [3]float64) (sum float64) {
	for _, t := range s.triangles {
		var c [3][3]float64
		var length [3]float64
		for i, v := range t {
			for k := range 3 {
				c[i][k] = s.vertices[v][k] - p[k]
			}
			length[i] = math.Sqrt(inner(c[i], c[i]))
		}
		volume := c[0][0]*(c[1][1]*c[2][2]-c[1][2]*c[2][1]) + c[0][1]*(c[1][2]*c[2][0]-c[1][0]*c[2][2]) + c[0][2]*(c[1][0]*c[2][1]-c[1][1]*c[2][0])
		base := length[0]*length[1]*length[2] + inner(c[0], c[1])*length[2] + inner(c[1], c[2])*length[0] + inner(c[2], c[0])*length[1]
		sum += math.Atan2(volume, base) / (2 * math.Pi)
	}
	return sum
}

func inner(a, b [3]float64) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

// off returns how far values are from exact ones at some places.
func off(at []int, exact []float64, value func(i int) float64) (largest, mean float64) {
	for i, e := range exact {
		d := math.Abs(value(at[i]) - e)
		largest, mean = max(largest, d), mean+d/float64(len(exact))
	}
	return largest, mean
}
