package mesher

import (
	"cmp"
	"math"
	"path/filepath"
	"slices"
	"time"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/quality"
	"meshgen/internal/tets"
)

// finish writes the files, one of them for the eye, and measures the elements and reads the mesh file back meanwhile; straight is what the
// elements filled before they were curved, nil where they are straight. The report comes last.
func (j *job) finish(s *snapshot, straight []filling) error {
	var fillings []filling
	asked, err := j.asked()
	if err != nil {
		return err
	}
	var detail func() detailed // what the survey says of each solid, group and bad element
	look := func() *quality.Survey {
		survey := quality.Look(&s.Mesh, quality.Options{
			Asked: asked, SICN: s.sicn, JacobianRatio: s.ratio, Congruent: s.congruent, WithoutFaces: j.req.Spec.Draft, Kernel: tets.Kernel{},
		})
		detail = j.encode(survey)
		return survey
	}
	if straight != nil {
		j.begin(engine.StageQuality)
		if fillings, err = s.measureCurved(straight, j.source.centre()); err != nil {
			return err
		}
	}
	// Whatever fails, or panics: what these read is given back afterwards, and nothing is told after the result.
	defer j.running.Wait()
	var measured func() *quality.Survey
	var shown func() error
	begin := func() {
		measured = beside(&j.running, func() *quality.Survey {
			if straight == nil {
				fillings = s.measure(j.source.centre())
			}
			return look()
		})
		shown = j.showMesh(s)
	}

	if straight == nil {
		j.begin(engine.StageExport)
	}
	// The file of a draft is written first, and alone but for the comparison: to store it takes longer than all else that is left to do.
	if !j.req.Spec.Draft {
		begin()
	}
	if err := j.writeFile(s, master); err != nil {
		return err
	}
	if measured == nil {
		begin()
	}
	readBack := beside(&j.running, func() error { return s.readsBack(filepath.Join(j.req.Dir, masterFile)) })
	for _, format := range writingOrder {
		if format == master || !slices.Contains(j.req.Spec.Formats, format) {
			continue
		}
		if err := j.writeFurther(s, format); err != nil {
			return err
		}
	}

	if straight == nil {
		j.begin(engine.StageQuality)
	}
	survey := measured()
	readError := readBack()
	if err := shown(); err != nil {
		return err
	}
	checks, failure := j.checks(fillings)
	check := engine.Check{Name: readsBack, Passed: readError == nil}
	if readError != nil {
		check.Detail = readError.Error()
		if failure == nil {
			failure = diagnosis.New(diagnosis.Internal, "The mesh file does not read back.").WithDetail(readError.Error())
		}
	}
	checks = append(checks, check)
	if j.compare != nil { // what it warns of is told beside a failure, too
		if err := j.compare(); err != nil && failure == nil {
			return err
		}
	}
	if failure != nil {
		return failure
	}
	j.report = j.compile(s, fillings, checks, survey)
	return j.writeReport(detail())
}

// compile makes the report of a mesh that is good.
func (j *job) compile(s *snapshot, fillings []filling, checks []engine.Check, survey *quality.Survey) *engine.MeshReport {
	strategy := strategy(j.req.Spec)
	report := &engine.MeshReport{
		Nodes: s.Nodes(), Elements: s.Shapes(), Order: s.Order(), Strategy: strategy, Heal: j.req.Spec.Heal,
		Quality: map[string]engine.Bounds{}, Checks: checks, Optimized: j.optimized, Straightened: j.straightened,
		Timings: j.track.soFar(), Reused: j.reused, Versions: j.m.versions(), TimeCut: j.timeCut,
		Tried: append(slices.Clone(j.req.Tried),
			diagnosis.Attempt{Strategy: cmp.Or(j.req.Tuning.Rung, strategy), Seconds: engine.Seconds(time.Since(j.began))}),
	}
	for i, f := range fillings {
		solid := j.source.solids[i]
		report.Solids = append(report.Solids, engine.SolidReport{
			Tag: solid.tag, Name: solid.name, Elements: f.elements, Volume: f.volume, Enclosed: f.enclosed,
			CADVolume: solid.volume, Deviation: deviation(f.volume, solid.volume),
		})
		report.Volume += f.volume
		report.CADVolume += solid.volume
	}
	for _, m := range []quality.Measure{quality.SICN, quality.Gamma} {
		if d, ok := survey.Volume.Measures[m.Name()]; ok {
			report.Quality[m.Name()] = engine.Bounds{Min: d.Min, Mean: d.Mean, Max: d.Max}
		}
	}
	report.Measured = &engine.Measured{Volume: survey.Volume, Surface: survey.Surface, CFD: survey.CFD, FEA: survey.FEA}
	if j.layers != nil {
		report.Layers = j.layers.reports
	}
	report.Lattice = j.lattice
	j.reportSurface(report)
	j.remark(report)
	return report
}

func deviation(volume, cad float64) float64 {
	if cad == 0 {
		return 0
	}
	return (volume - cad) / cad
}

const (
	// notableDeviation is the difference from the CAD's volume that a user is warned of.
	notableDeviation = 0.01
	// poorGamma is where elements begin to harm a simulation.
	poorGamma = 0.1
)

// remark warns of what a good mesh may still lack.
func (j *job) remark(report *engine.MeshReport) {
	for _, s := range report.Solids {
		if math.Abs(s.Deviation) > notableDeviation {
			j.warn(*diagnosis.New(diagnosis.QualityBelowThreshold, "The elements of solid %d hold %.3g %% %s than the CAD says.",
				s.Tag, 100*math.Abs(s.Deviation), map[bool]string{true: "more", false: "less"}[s.Deviation > 0]).
				WithHint("Choose a smaller size, or more elements along curves.").
				At(diagnosis.Entity{Dim: 3, Tag: s.Tag, Name: s.Name}))
		}
	}
	if worst, ok := report.Quality["gamma"]; ok && worst.Min < poorGamma {
		j.warn(*diagnosis.New(diagnosis.QualityBelowThreshold, "The worst element has a gamma of %.3g, below %g.", worst.Min, poorGamma))
	}
}

func (m *Mesher) versions() map[string]string {
	versions := map[string]string{"engine": EngineVersion(), "gmsh": gmsh.Version}
	if _, occ, err := m.Build(); err == nil {
		versions["opencascade"] = occ
	}
	return versions
}

// detailed is the text of a report's detail, or why there is none.
type detailed struct {
	text engine.DetailText
	err  error
}

// encode has the detail of the report encoded while the rest is still to be found out.
func (j *job) encode(survey *quality.Survey) (wait func() detailed) {
	return beside(&j.running, func() (d detailed) {
		d.text, d.err = (&engine.Detail{Solids: survey.Solids, Groups: survey.Groups, Worst: survey.Worst}).Encode()
		return d
	})
}

// writeReport writes the report's file. What there is to say of each solid, group and bad element is in the file alone: rows and answers stay
// small.
func (j *job) writeReport(detail detailed) error {
	if detail.err != nil {
		return detail.err
	}
	path := filepath.Join(j.req.Dir, "report.json")
	if err := engine.WriteReport(path, j.report, detail.text); err != nil {
		return err
	}
	j.events.Artifact(engine.Artifact{Name: "report.json", Format: "report", Path: path, MediaType: "application/json"})
	return nil
}
