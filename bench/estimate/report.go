package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"meshgen/bench/machine"
	"meshgen/internal/estimate"
	"meshgen/internal/spec"
)

// ratio is an estimate in relation to what was made, in the logarithm.
type ratio struct {
	fineness, tetrahedra, nodes float64
	within                      bool // the bounds hold
}

func report(samples []sample) string {
	var rows strings.Builder
	var all []ratio
	parts := 0
	for _, s := range samples {
		if s.Model == nil {
			fmt.Fprintf(&rows, "| %s | | not imported: %s | | |\n", s.Name, s.Error)
			continue
		}
		parts++
		facts := estimate.FactsOf(s.Model)
		for _, m := range s.Meshes {
			asked, err := spec.Spec{Size: spec.Size{Fineness: m.Fineness, Curvature: m.Curvature}}.Resolve()
			if err != nil {
				panic(err) // our own
			}
			name := fmt.Sprintf("%g", m.Fineness)
			if m.Curvature > 0 {
				name += fmt.Sprintf(", curvature %g", m.Curvature)
			}
			if m.Tetrahedra == 0 {
				fmt.Fprintf(&rows, "| %s | %s | not meshed: %s | | |\n", s.Name, name, m.Error)
				continue
			}
			e := estimate.Of(facts, asked)
			made := float64(m.Tetrahedra)
			r := ratio{
				fineness: m.Fineness, within: made >= e.Tetrahedra.Low && made <= e.Tetrahedra.High,
				tetrahedra: math.Log(e.Tetrahedra.Expected / made), nodes: math.Log(e.Nodes.Expected / float64(m.Nodes)),
			}
			all = append(all, r)
			mark := ""
			if !r.within {
				mark = " outside"
			}
			fmt.Fprintf(&rows, "| %s | %s | %d | %.0f (%.0f to %.0f)%s | %.2f |\n", s.Name, name,
				m.Tetrahedra, e.Tetrahedra.Expected, e.Tetrahedra.Low, e.Tetrahedra.High, mark, math.Exp(r.tetrahedra))
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "# Estimates against meshes\n\nMade by `make bench-estimate`, %s, Meshgen %s: %d meshes of %d parts, with the spec `{}` but for the fineness and the "+
		"curvature. Counts of elements depend on no machine.\n\n", time.Now().UTC().Format("2006-01-02 15:04 UTC"), machine.Said("git", "rev-parse", "--short", "HEAD"), len(all), parts)
	fmt.Fprint(&out, "*Expected by made* is the estimate in relation to the mesh; the columns say between which values nine of ten lie, and how many are near.\n\n")
	fmt.Fprint(&out, "| fineness | meshes | median | 5 % | 95 % | within 25 % | within 50 % | within a factor of 2 | within the bounds told | nodes: median | 5 % | 95 % |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	line := func(name string, list []ratio) {
		if len(list) == 0 {
			return
		}
		pick := func(of func(ratio) float64, share float64) float64 {
			var values []float64
			for _, r := range list {
				values = append(values, of(r))
			}
			slices.Sort(values)
			return math.Exp(values[int(share*float64(len(values)-1)+0.5)])
		}
		near := func(is func(ratio) bool) float64 {
			n := 0
			for _, r := range list {
				if is(r) {
					n++
				}
			}
			return 100 * float64(n) / float64(len(list))
		}
		by := func(factor float64) func(ratio) bool {
			return func(r ratio) bool { return math.Abs(r.tetrahedra) <= math.Log(factor) }
		}
		tetrahedra := func(r ratio) float64 { return r.tetrahedra }
		nodes := func(r ratio) float64 { return r.nodes }
		fmt.Fprintf(&out, "| %s | %d | %.2f | %.2f | %.2f | %.0f %% | %.0f %% | %.0f %% | %.0f %% | %.2f | %.2f | %.2f |\n", name, len(list),
			pick(tetrahedra, 0.5), pick(tetrahedra, 0.05), pick(tetrahedra, 0.95), near(by(1.25)), near(by(1.5)), near(by(2)),
			near(func(r ratio) bool { return r.within }), pick(nodes, 0.5), pick(nodes, 0.05), pick(nodes, 0.95))
	}
	for fineness := spec.MinFineness; fineness <= spec.MaxFineness; fineness++ {
		var some []ratio
		for _, r := range all {
			if r.fineness == float64(fineness) {
				some = append(some, r)
			}
		}
		line(fmt.Sprint(fineness), some)
	}
	line("all", all)
	fmt.Fprintf(&out, "\n| part | fineness | tetrahedra made | expected (bounds) | expected by made |\n|---|---|--:|--:|--:|\n%s", rows.String())
	return out.String()
}
