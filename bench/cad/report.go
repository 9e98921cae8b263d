package main

import (
	"fmt"
	"math"
	"meshgen/bench/machine"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report is the tables, in Markdown.
type report struct {
	options
	before string // load average before anything was meshed
	parts  []part
	strings.Builder
}

func (r *report) text() string {
	r.header()
	r.summary()
	r.verdicts()
	if !r.quick {
		r.matches()
	}
	return r.String()
}

func (r *report) header() {
	fmt.Fprintf(r, "# What is meshed\n\nMade by `make bench-cad`, %s: %d files, %s a mesh, one thread, %d at once.\n\n",
		time.Now().UTC().Format("2006-01-02 15:04 MST"), len(r.parts), r.limit, r.jobs)
	fmt.Fprintf(r, "| machine | |\n|---|---|\n| processor | %s |\n| kernel | %s |\n| Go, bare Gmsh, Meshgen | %s, %s, %s |\n| load average before and after | %s, %s |\n",
		machine.Processor(), machine.Said("uname", "-r"), runtime.Version(),
		machine.Said(r.python, "-c", "import gmsh; print(gmsh.__version__)"), machine.Said("git", "describe", "--always", "--dirty"), r.before, machine.Load())
}

// solid reports whether a file has anything to mesh.
func (p *part) solid() bool { return len(p.volumes) > 0 }

// ladder is what a person gets who tries the configurations one after the other until the time limit.
func (p *part) ladder(limit time.Duration) (ok bool, seconds float64) {
	for _, t := range p.bare {
		seconds += t.seconds
		if seconds > limit.Seconds() {
			return false, limit.Seconds()
		}
		if t.why == "" {
			return true, seconds
		}
	}
	return false, seconds
}

func (p *part) any() bool {
	for _, t := range p.bare {
		if t.why == "" {
			return true
		}
	}
	return false
}

func (r *report) summary() {
	solids := 0
	passed := make([]int, len(configurations))
	ladder, anyOf, ours := 0, 0, 0
	for i := range r.parts {
		p := &r.parts[i]
		if p.solid() {
			solids++
		}
		for c, t := range p.bare {
			if t.why == "" {
				passed[c]++
			}
		}
		if ok, _ := p.ladder(r.limit); ok {
			ladder++
		}
		if p.any() {
			anyOf++
		}
		if p.ours.why == "" {
			ours++
		}
	}
	fmt.Fprintf(r, "\n## Summary\n\nOf %d files, %d hold solids or faces that can be sewn into some. A mesh counts if the file reads back, every solid has elements, none is inverted or flat, and every solid's volume is within 1 %% of the CAD's (2 %% where the answer says that the tessellation was meshed).\n\n", len(r.parts), solids)
	fmt.Fprint(r, "| | files meshed |\n|---|--:|\n")
	for c := range r.parts[0].bare {
		fmt.Fprintf(r, "| bare Gmsh, %s | %d |\n", configurations[c], passed[c])
	}
	if !r.quick {
		fmt.Fprintf(r, "| these five in turn, within one time limit | %d |\n| any of the five, each within the time limit | %d |\n", ladder, anyOf)
	}
	fmt.Fprintf(r, "| **Meshgen, `{}`** | **%d** |\n", ours)
}

func (r *report) verdicts() {
	fmt.Fprint(r, "\n## File by file\n\nSeconds are wall time of the whole process; deviation is that of the worst solid.\n")
	for i := range r.parts {
		p := &r.parts[i]
		fmt.Fprintf(r, "\n**%s**: %s\n\n| | verdict | s | CPU s | tetrahedra | deviation | min gamma | p1 gamma |\n|---|---|--:|--:|--:|--:|--:|--:|\n", p.name, solidsOf(p))
		for c, t := range p.bare {
			r.row("bare, "+configurations[c], t)
		}
		r.row("Meshgen", p.ours)
	}
}

func solidsOf(p *part) string {
	if len(p.volumes) == 1 {
		return "1 solid"
	}
	return fmt.Sprintf("%d solids", len(p.volumes))
}

func (r *report) row(name string, t trial) {
	verdict := "ok"
	if t.why != "" {
		verdict = "**" + t.why + "**"
	}
	if t.note != "" {
		verdict += " (" + strings.ReplaceAll(strings.ReplaceAll(fmt.Sprintf("%.100s", t.note), "|", "/"), "\n", " ") + ")"
	}
	if t.tets == 0 {
		fmt.Fprintf(r, "| %s | %s | %.2f | %.2f | - | - | - | - |\n", name, verdict, t.seconds, t.cpu)
		return
	}
	fmt.Fprintf(r, "| %s | %s | %.2f | %.2f | %d | %s | %.3g | %.3f |\n", name, verdict, t.seconds, t.cpu, t.tets, percent(t.deviation), t.min, t.p1)
}

func percent(share float64) string {
	if math.IsNaN(share) {
		return "-"
	}
	return fmt.Sprintf("%+.2f %%", 100*share)
}

// matches compares meshes of as many nodes.
func (r *report) matches() {
	fmt.Fprint(r, "\n## At equal node counts\n\nBare Gmsh's Delaunay with its default optimiser, its default sizes scaled until it has as many nodes as Meshgen's mesh (5 % more or less). Time is that of 1D, 2D, 3D and optimisation.\n\n| file | nodes: Meshgen, bare | min gamma | p1 gamma | time: Meshgen / bare | both better |\n|---|--:|--:|--:|--:|---|\n")
	compared, better := 0, 0
	var ratios []float64
	for i := range r.parts {
		p := &r.parts[i]
		if p.match == nil {
			continue
		}
		b := p.match
		if b.tets == 0 {
			fmt.Fprintf(r, "| %s | %d, - | %.3g, - | %.3f, - | - | bare Gmsh: %.60s |\n", p.name, p.ours.nodes, p.ours.min, p.ours.p1, strings.TrimSpace(b.why+" "+b.note))
			continue
		}
		compared++
		won := p.ours.min > b.min && p.ours.p1 > b.p1
		if won {
			better++
		}
		ratio := p.ours.meshing / b.meshing
		ratios = append(ratios, ratio)
		fmt.Fprintf(r, "| %s | %d, %d | %.3g, %.3g | %.3f, %.3f | %.2f | %s |\n", p.name, p.ours.nodes, b.nodes, p.ours.min, b.min, p.ours.p1, b.p1, ratio, map[bool]string{true: "yes", false: "no"}[won])
	}
	if compared > 0 {
		fmt.Fprintf(r, "\nBoth are better on %d of %d files (%.0f %%); the median ratio of times is %.2f.\n", better, compared, 100*float64(better)/float64(compared), median(ratios))
	}
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}
