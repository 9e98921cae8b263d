package cli

import (
	"encoding/json"
	"fmt"
	"os"

	"meshgen/internal/engine"
	"meshgen/internal/quality"
)

// qualities prints a table of the measures, and what solvers would say.
func (s summary) qualities(line func(label, format string, args ...any)) {
	if s.measured == nil { // a mesh of before they were measured
		for _, name := range []string{"gamma", "sicn"} {
			if q, ok := s.quality[name]; ok {
				line("quality", "%-5s  min %.3f  mean %.3f", name, q.Min, q.Mean)
			}
		}
		return
	}
	line("quality", "%-14s %9s %9s %9s %9s %9s", "", "min", "1 %", "median", "99 %", "max")
	for _, m := range []quality.Measure{quality.Gamma, quality.SICN, quality.Jacobian, quality.JacobianRatio, quality.Aspect, quality.Skewness,
		quality.MinDihedral, quality.MaxDihedral, quality.SizeRatio} {
		d, ok := s.measured.Volume.Measures[m.Name()]
		if !ok {
			continue
		}
		worst := ""
		for _, b := range d.Beyond {
			if b.Count > 0 {
				worst += fmt.Sprintf("  %s %s %g", count(b.Count), b.Is, b.Value)
			}
		}
		line("quality", "%-14s %9.3g %9.3g %9.3g %9.3g %9.3g%s", m.Name(), d.Min, d.Percentiles.P1, d.Percentiles.P50, d.Percentiles.P99, d.Max, worst)
	}
	f := s.measured.FEA
	if c := s.measured.CFD; c != nil {
		line("cfd", "%s: non-orthogonality max %.1f° mean %.1f°, skewness max %.2f, aspect ratio max %.3g", c.Verdict,
			c.MaxNonOrthogonality, c.MeanNonOrthogonality, max(c.MaxSkewness, c.MaxBoundarySkewness), c.MaxAspect)
		findings(line, "cfd", c.Findings)
	}
	line("fea", "%s: scaled Jacobian min %.3f, edge ratio max %.3g, angles %.1f° to %.1f°, order %d", f.Verdict,
		f.MinJacobian, f.MaxEdgeRatio, f.MinAngle, f.MaxAngle, f.Order)
	findings(line, "fea", f.Findings)
}

func findings(line func(label, format string, args ...any), label string, list []quality.Finding) {
	for _, f := range list {
		at := ""
		if f.Place != nil {
			at = fmt.Sprintf(" Worst at (%.4g, %.4g, %.4g).", f.Place[0], f.Place[1], f.Place[2])
		}
		line(label, "%s: %s%s", f.Severity, f.Message, at)
	}
}

// complete reads what the report file holds beyond what the engine answers: statistics of each solid and group, and the worst
// elements.
func (r *localRun) complete(report *engine.MeshReport) error {
	made, ok := r.artifacts["report"]
	if !ok || report == nil {
		return nil
	}
	data, err := os.ReadFile(made.Path)
	if err != nil {
		return err
	}
	var whole engine.MeshReport
	if err := json.Unmarshal(data, &whole); err != nil {
		return err
	}
	report.Detail = whole.Detail
	return nil
}
