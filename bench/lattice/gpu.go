package main

import (
	"errors"
	"fmt"
	"time"

	"meshgen/bench/machine"
	"meshgen/internal/field"
	"meshgen/internal/gpu"
	"meshgen/internal/lattice"
)

// onGPU measures what a GPU makes of a torus, beside the processors in the same run.
func onGPU() error {
	d, err := lattice.OpenDevice()
	if err != nil {
		return err
	}
	s := torus(320, 80)
	fmt.Printf("# Lattice on a GPU\n\nOn %s, beside %s, %s. Medians of %d. The surface is a torus of %d triangles, prepared before.\n\n"+
		"Sampled is the winding number of every node of the lattice and the cuts of its edges, for as many millions of nodes a second; made is from the triangles on the processors' side to the tetrahedra in the GPU's memory; measured is the quality of all of them there; "+
		"whole has the copy to the processors' memory in it. In tiles is the same with half of the GPU's memory that it needs, of which some is what all tiles share. The last column says whether every node and tetrahedron of both is the processors' to the bit.\n\n"+
		"| tetrahedra | sampled, ms | M nodes/s | made, ms | M/s | measured, ms | M/s | whole, ms | processors, ms | ratio | needed, MiB | shared, MiB | tiles | in tiles, ms | the same |\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
		d.Info, machine.Processor(), time.Now().UTC().Format("2006-01-02"), rounds, len(s.triangles))
	surface, err := field.Prepare(s.vertices, s.triangles, field.Options{})
	if err != nil {
		return err
	}
	for _, n := range []int{400_000, 3_000_000, 9_000_000, 27_000_000, 70_000_000, 300_000_000, 1_000_000_000} {
		if err := s.rowOn(d, surface, n); errors.Is(err, gpu.ErrMemory) {
			fmt.Printf("| %d | %v | | | | | | | | | | | | | |\n", n, err)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// mostCopied bounds what is made by the processors, too: it has to fit in this machine.
const mostCopied = 100_000_000

func (s soup) rowOn(d *lattice.Device, surface *field.Surface, n int) error {
	h := lattice.Edge(s.volume(), n)
	defer d.Free()
	var nodes int
	sample, err := median(func() (err error) {
		nodes, err = d.Sample(surface, h)
		return err
	})
	if err != nil {
		return err
	}
	var made lattice.Counts
	fill, err := median(func() (err error) {
		made, err = d.Fill(surface, h, lattice.Grading{})
		return err
	})
	if err != nil {
		return err
	}
	var q lattice.Quality
	measure, err := median(func() (err error) {
		q, err = d.Measure()
		return err
	})
	if err != nil {
		return err
	}
	rate := func(t time.Duration) float64 { return float64(made.Tets) / t.Seconds() / 1e6 }
	fmt.Printf("| %d | %.1f | %.0f | %.1f | %.0f | %.1f | %.0f |", made.Tets, sample.Seconds()*1e3, float64(nodes)/sample.Seconds()/1e6, fill.Seconds()*1e3, rate(fill), measure.Seconds()*1e3, rate(measure))
	if made.Tets > mostCopied {
		fmt.Println(" | | | | | | | |")
		return nil
	}
	on, cpu := &lattice.Mesher{Device: d}, &lattice.Mesher{}
	defer cpu.Free()
	var got, want *lattice.Mesh
	whole, err := median(func() (err error) {
		got, err = on.Fill(surface, h, lattice.Grading{})
		return err
	})
	if err != nil {
		return err
	}
	processors, err := median(func() (err error) {
		want, err = cpu.Fill(surface, h, lattice.Grading{})
		return err
	})
	if err != nil {
		return err
	}
	same, tiling := lattice.Same(got, want) && q == lattice.Measure(want.XYZ, want.Tets, 0), got.Tiling
	on.Free()
	defer on.Free()
	d.Limit(tiling.Needed / 2)
	defer d.Limit(0)
	inTiles, err := median(func() (err error) {
		got, err = on.Fill(surface, h, lattice.Grading{})
		return err
	})
	if err == nil && got.Tiling.Tiles() < 2 {
		err = errors.New("half of the memory that is needed does not make tiles")
	}
	if err != nil {
		return err
	}
	fmt.Printf(" %.1f | %.1f | %.1f | %.0f | %.0f | %d | %.1f | %v |\n", whole.Seconds()*1e3, processors.Seconds()*1e3, processors.Seconds()/whole.Seconds(),
		float64(tiling.Needed)/(1<<20), float64(tiling.Stays)/(1<<20), got.Tiling.Tiles(), inTiles.Seconds()*1e3, same && lattice.Same(got, want))
	return nil
}
