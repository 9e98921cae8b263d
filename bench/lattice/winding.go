package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"meshgen/internal/field"
)

const (
	// across is how many cubes a lattice has along each axis: with as many nodes as a grid of 128³ has. truths is at how many of them the winding
	// number is computed exactly.
	across, truths = 102, 400
)

// winding measures how soon the winding numbers of a surface are known at the nodes of a lattice, and how exact they are, beside libigl's.
func winding() error {
	fmt.Printf("\n## Winding number\n\nThe winding number of the triangles as they are, none turned or left out, at the %d nodes of a lattice (a grid of 128³ has %d points); with all that has to be made of the triangles before. "+
		"Errors are the largest and the mean at %d of the nodes, against the sum of the solid angles of all triangles. Sides is what a mesh needs: which of the nodes are inside, "+
		"doubled triangles left out and turned ones turned back before. Processors are those that each has had together. Times are the least of %d. Where libigl fails, its own words are in the last column.\n\n"+
		"| surface | libigl, s | processors, s | largest error | mean | ours, s | processors, s | largest error | mean | times as fast | sides, s | |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n", 2*across*across*across, 128*128*128, truths, rounds)
	for _, d := range damages(torus(320, 80)) {
		if err := d.windingRow(); err != nil {
			return err
		}
	}
	return nil
}

func (d damaged) windingRow() error {
	l := d.lattice()
	var got *field.Samples
	ours, spent, err := least(func() error {
		s, err := field.Prepare(d.vertices, d.triangles, field.Options{AsGiven: true})
		if err == nil {
			got, err = s.Sample(l, 0, l.Slabs(), field.Want{Winding: true}, nil)
		}
		return err
	})
	if err != nil {
		return err
	}
	sides, _, err := least(func() error {
		s, err := field.Prepare(d.vertices, d.triangles, field.Options{})
		if err == nil {
			_, err = s.Sample(l, 0, l.Slabs(), field.Want{}, nil)
		}
		return err
	})
	if err != nil {
		return err
	}
	points := make([][3]float64, len(got.Winding))
	for i := range points {
		points[i] = l.At(i)
	}
	dice := rand.New(rand.NewPCG(3, 4))
	at, exact := make([]int, truths), make([]float64, truths)
	for i := range at {
		at[i] = dice.IntN(len(points))
		exact[i] = d.windingAt(points[at[i]])
	}
	largest, mean := off(exact, func(i int) float64 { return float64(got.Winding[at[i]]) })
	peer := "| | | | "
	times, remark := "", ""
	if *python == "" {
		// none is asked
	} else if a, all, err := d.libigl(points); err != nil {
		remark = inRow(err)
	} else {
		theirLargest, theirMean := off(exact, func(i int) float64 { return all[at[i]] })
		peer, times = fmt.Sprintf("| %.2f | %.2f | %.1e | %.1e ", a.Seconds, a.Processor, theirLargest, theirMean), fmt.Sprintf("%.1f", a.Seconds/ours.Seconds())
	}
	fmt.Printf("| %s %s| %.3f | %.3f | %.1e | %.1e | %s | %.3f | %s |\n", d.name, peer, ours.Seconds(), spent.Seconds(), largest, mean, times, sides.Seconds(), remark)
	return nil
}

// least returns the least that some rounds took, and had of all processors.
func least(f func() error) (took, spent time.Duration, err error) {
	for i := range rounds {
		began, before := time.Now(), processorTime()
		if err := f(); err != nil {
			return 0, 0, err
		}
		if t := time.Since(began); i == 0 || t < took {
			took = t
		}
		if t := processorTime() - before; i == 0 || t < spent {
			spent = t
		}
	}
	return took, spent, nil
}

// libigl has libigl compute all, as often as we do.
func (d damaged) libigl(points [][3]float64) (a answer, all []float64, err error) {
	folder, err := os.MkdirTemp("", "meshgen-peers-")
	if err != nil {
		return a, nil, err
	}
	defer os.RemoveAll(folder)
	if err := errors.Join(d.leave(folder), leave(folder, "points", points)); err != nil {
		return a, nil, err
	}
	if a, err = ask("libigl", folder, 0, 0); err != nil {
		return a, nil, err
	}
	content, err := os.ReadFile(filepath.Join(folder, "winding"))
	if err != nil {
		return a, nil, err
	}
	all = make([]float64, len(points))
	return a, all, binary.Read(bytes.NewReader(content), binary.LittleEndian, all)
}

// lattice is one around the surface.
func (s soup) lattice() field.Lattice {
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

// off returns how far values are from exact ones.
func off(exact []float64, value func(i int) float64) (largest, mean float64) {
	for i, e := range exact {
		d := math.Abs(value(i) - e)
		largest, mean = max(largest, d), mean+d/float64(len(exact))
	}
	return largest, mean
}
