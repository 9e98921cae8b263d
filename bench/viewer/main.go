// Command viewer writes the table of `make bench-viewer` from what was measured in a browser (web/bench).
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"meshgen/bench/machine"
)

// watched is what the browser told of one picture, in milliseconds.
type watched struct{ Picture, Last, Longest float64 }

// memory is what the browser held, in MB.
type memory struct{ Page, Graphics, Peak float64 }

type round struct {
	Surface        watched
	Memory, Before memory // with the mesh and without
}

type cut struct {
	First, Longest        float64
	Moved, Worker, Turned []float64
	Memory                memory
}

type results struct {
	Rounds map[string][]round
	Cut    map[string]cut
}

// viewers are what is compared, with the file that each reads.
var viewers = []struct{ key, name, file string }{
	{"meshgen", "Meshgen's page", "surface.glb"},
	{"vtk", "vtk.js 37.4.3", "peer.vtp"},
	{"three-glb", "three.js 0.187 GLTFLoader", "peer.glb"},
	{"three-stl", "three.js 0.187 STLLoader", "peer.stl"},
}

func main() {
	file := flag.String("results", "", "what web/bench measured")
	samples := flag.String("samples", "", "folder of the files that were shown")
	flag.Parse()
	if err := report(*file, *samples); err != nil {
		fmt.Fprintln(os.Stderr, "bench-viewer:", err)
		os.Exit(1)
	}
}

func report(file, samples string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var r results
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	fmt.Printf("# The page beside other viewers\n\n")
	fmt.Printf("Made by `make bench-viewer` on %s, load %s before the end, with %s drawing in software: medians of %d rounds, each in a fresh browser.\n\n",
		machine.Processor(), machine.Load(), machine.Said("chromium", "--version"), len(r.Rounds["meshgen"]))

	fmt.Printf("## A surface of a million triangles\n\n")
	fmt.Println("| | on the wire, MB | from the click to the picture, ms | to all of it, ms | longest block, ms | kept by the page, MB | by its graphics, MB | both | both, for the mesh alone | the page's peak, MB | for the mesh alone |")
	fmt.Println("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	for _, v := range viewers {
		of := func(f func(round) float64) float64 { return median(r.Rounds[v.key], f) }
		info, err := os.Stat(filepath.Join(samples, v.file))
		if err != nil {
			return err
		}
		page, graphics := of(func(r round) float64 { return r.Memory.Page }), of(func(r round) float64 { return r.Memory.Graphics })
		both := func(m memory) float64 { return m.Page + m.Graphics }
		fmt.Printf("| %s | %.1f | %.0f | %.0f | %s | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f |\n", v.name, float64(info.Size())/1e6,
			of(func(r round) float64 { return r.Surface.Picture }), of(func(r round) float64 { return r.Surface.Last }), block(of(func(r round) float64 { return r.Surface.Longest })),
			page, graphics, page+graphics, of(func(r round) float64 { return both(r.Memory) - both(r.Before) }),
			of(func(r round) float64 { return r.Memory.Peak }), of(func(r round) float64 { return r.Memory.Peak - r.Before.Peak }))
	}

	fmt.Printf("\n## A million tetrahedra, cut in the page\n\n")
	fmt.Println("| | first cut, fetched and all, ms | plane moved, ms | of that in the worker | plane turned, ms | longest block, ms | kept by the page, MB | by its graphics, MB |")
	fmt.Println("|---|--:|--:|--:|--:|--:|--:|--:|")
	for _, manner := range []string{"crinkle", "section"} {
		c, ok := r.Cut[manner]
		if !ok {
			continue
		}
		same := func(v float64) float64 { return v }
		fmt.Printf("| %s | %.0f | %.0f | %.0f | %.0f | %s | %.0f | %.0f |\n", manner, c.First, median(c.Moved, same), median(c.Worker, same),
			median(c.Turned, same), block(c.Longest), c.Memory.Page, c.Memory.Graphics)
	}
	return nil
}

// block is a long task; browsers tell of those of 50 ms or more.
func block(ms float64) string {
	if ms == 0 {
		return "< 50"
	}
	return fmt.Sprintf("%.0f", ms)
}

func median[T any](of []T, f func(T) float64) float64 {
	if len(of) == 0 {
		return math.NaN()
	}
	values := make([]float64, len(of))
	for i, v := range of {
		values[i] = f(v)
	}
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}
