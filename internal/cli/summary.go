package cli

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"meshgen/internal/api/types"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
)

// summary is what a person wants to know of a mesh.
type summary struct {
	title     string
	nodes     int
	elements  map[string]int
	order     int
	strategy  string
	volume    float64
	cadVolume float64
	units     string
	quality   map[string]engine.Bounds
	measured  *engine.Measured
	checks    []engine.Check
	timings   []engine.Timing
	tried     []diagnosis.Attempt
	raced     *engine.Race
	total     float64 // seconds that the user waited; 0 where nobody did
	outputs   []output
}

func summaryOfReport(r *engine.MeshReport, timings []engine.Timing) summary {
	return summary{
		nodes: r.Nodes, elements: r.Elements, order: r.Order, strategy: r.Strategy, volume: r.Volume, cadVolume: r.CADVolume,
		quality: r.Quality, measured: r.Measured, checks: r.Checks, timings: timings, tried: r.Tried, raced: r.Raced,
	}
}

func summaryOfMesh(m types.Mesh) summary {
	s := summary{
		order: m.Spec.Order, strategy: m.Strategy, volume: m.Volume, cadVolume: m.CADVolume,
		quality: m.Quality, measured: m.Measured, checks: m.Checks, timings: m.Timings, tried: m.Tried, raced: m.Raced,
	}
	if m.Counts != nil {
		s.nodes, s.elements = m.Counts.Nodes, m.Counts.Elements
	}
	return s
}

// print writes the summary, a label and a value a line.
func (s summary) print(on screen) {
	var b strings.Builder
	if s.title != "" {
		b.WriteString(on.paint(bold, printable(s.title)) + "\n")
	}
	last := ""
	line := func(label, format string, args ...any) {
		shown := label
		if label == last {
			shown = ""
		}
		last = label
		b.WriteString("  " + on.paint(dim, fmt.Sprintf("%-8s", shown)) + "  " + printable(fmt.Sprintf(format, args...)) + "\n")
	}
	for _, o := range s.outputs {
		line("file", "%s  %s, %s", o.Path, o.Format, size(o.Size))
	}
	line("nodes", "%s", count(s.nodes))
	line("elements", "%s", elementCounts(s.elements))
	line("order", "%d, by %s", s.order, s.strategy)
	line("volume", "%s", s.volumes(on))
	s.qualities(line)
	line("checks", "%s", checkList(s.checks))
	for _, t := range s.tried {
		if t.Error != "" {
			line("tried", "%s, %s: %s", t.Strategy, seconds(t.Seconds), t.Error)
		}
	}
	if s.raced != nil {
		line("raced", "%s was first of %s: another time another may be", s.raced.Winner, strings.Join(s.raced.Rungs, " and "))
	}
	line("time", "%s", s.times())
	on.write(b.String())
}

// volumes compares what the elements fill with the CAD.
func (s summary) volumes(on screen) string {
	unit := ""
	if s.units != "" {
		unit = " " + s.units + "³"
		if !on.unicode {
			unit = " " + s.units + "^3"
		}
	}
	text := number(s.volume) + unit
	if s.cadVolume == 0 {
		return text + "; the CAD does not say"
	}
	text += ", CAD " + number(s.cadVolume) + unit
	switch d := 100 * (s.volume - s.cadVolume) / s.cadVolume; {
	case math.Abs(d) < 5e-5:
		return text + " (equal)"
	case math.Abs(d) < 0.01:
		return text + fmt.Sprintf(" (%+.4f %%)", d)
	default:
		return text + fmt.Sprintf(" (%+.2f %%)", d)
	}
}

func (s summary) times() string {
	sum := 0.0
	var stages []string
	for _, t := range s.timings {
		sum += t.Seconds
		stages = append(stages, string(t.Stage)+" "+seconds(t.Seconds))
	}
	if s.total > 0 {
		sum = s.total
	}
	return seconds(sum) + ": " + strings.Join(stages, ", ")
}

// kinds of elements with their plurals, solid ones first.
var kinds = []struct{ kind, plural string }{
	{"tetrahedron", "tetrahedra"}, {"hexahedron", "hexahedra"}, {"prism", "prisms"}, {"pyramid", "pyramids"}, {"trihedron", "trihedra"},
	{"triangle", "triangles"}, {"quadrangle", "quadrangles"}, {"line", "lines"}, {"point", "points"},
}

func elementCounts(elements map[string]int) string {
	var parts []string
	known := map[string]bool{}
	for _, k := range kinds {
		known[k.kind] = true
		if n := elements[k.kind]; n == 1 {
			parts = append(parts, "1 "+k.kind)
		} else if n > 1 {
			parts = append(parts, count(n)+" "+k.plural)
		}
	}
	var others []string
	for kind, n := range elements {
		if !known[kind] {
			others = append(others, count(n)+" "+kind)
		}
	}
	slices.Sort(others)
	return strings.Join(append(parts, others...), ", ")
}

func checkList(checks []engine.Check) string {
	var passed, failed []string
	for _, c := range checks {
		if c.Passed {
			passed = append(passed, c.Name)
		} else {
			failed = append(failed, strings.TrimSpace(c.Name+" "+c.Detail))
		}
	}
	if len(failed) > 0 {
		return fmt.Sprintf("%d of %d do not hold: %s", len(failed), len(checks), strings.Join(failed, ", "))
	}
	return fmt.Sprintf("%d of %d hold: %s", len(passed), len(checks), strings.Join(passed, ", "))
}

// warnings tells what was repaired or should be known.
func (a *app) warnings(subject string, warnings []diagnosis.Diagnosis) {
	for _, w := range warnings {
		text := fmt.Sprintf("%s: %s: %s", subject, w.Code, w.Message)
		for _, e := range w.Entities[:min(len(w.Entities), 1)] {
			text += " (" + place(e) + ")"
		}
		if a.quiet {
			continue
		}
		a.aside(a.err.paint(yellow, "warning:") + " " + printable(text))
	}
}
