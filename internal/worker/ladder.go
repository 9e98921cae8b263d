package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"meshgen/internal/engine"
	"meshgen/internal/plan"
	"meshgen/internal/pool"
	"meshgen/internal/spec"
	"meshgen/internal/store"
)

// ladder tries rung after rung, or two at a time, until one succeeds or the next cannot help. Of the files that were sent
// those of the rung that made the mesh are kept.
func (r *run) ladder(ctx context.Context, path string) (store.Outcome, error) {
	rungs, terms := r.plan()
	var mu sync.Mutex
	made := map[int]*rung{} // that succeeded
	result, number, err := plan.Climb(ctx, rungs, terms, func(own context.Context, try plan.Try) (engine.Result, error) {
		widen()
		g, err := r.newRung(ctx, try)
		if err != nil {
			return engine.Result{}, err
		}
		result, err := g.work(ctx, own, path)
		if err == nil && result.Error == nil {
			mu.Lock()
			defer mu.Unlock()
			made[try.Number] = g
		}
		return result, err
	})
	chosen := made[number]
	for _, g := range made {
		switch {
		case err != nil:
			g.uploads.abandon()
		case g != chosen:
			g.uploads.drop()
		}
	}
	if err == nil && chosen != nil {
		r.uploads = chosen.uploads
		err = chosen.amend(result.Mesh)
	}
	return outcomeOf(result), err
}

// plan returns what to try for the claim, and on what terms.
func (r *run) plan() ([]plan.Rung, plan.Terms) {
	c := r.claim
	switch kind := r.kind(); kind {
	case engine.Mesh:
		rungs := plan.Ladder(*c.Spec, c.Format)
		if c.Model != nil && c.Model.Defect != nil && c.Spec.Strategy == spec.Auto {
			rungs = plan.Past(rungs, c.Model.Defect.Code)
		}
		return rungs, plan.Terms{Limit: c.Spec.Limit(), RaceAfter: r.w.cfg.RaceAfter}
	case engine.Import:
		return plan.Again(string(kind)), plan.Terms{Limit: r.w.cfg.ImportTimeLimit}
	default:
		return plan.Again(string(kind)), plan.Terms{Limit: r.w.cfg.ExportTimeLimit}
	}
}

// rung is one rung of a job's ladder in an engine. What it writes is its own until the ladder has come to it.
type rung struct {
	*run
	try     plan.Try
	dir     string
	uploads *uploads
	heard   bool // the engine has said something
	report  *engine.Artifact

	spans stageSpans

	// Guarded by run.mu: what is shown when the rungs that began before it have ended.
	reached  engine.StageEvent
	previews []engine.Artifact
}

func (r *run) newRung(ctx context.Context, try plan.Try) (*rung, error) {
	g := &rung{run: r, try: try, uploads: r.newUploads(ctx)}
	g.dir = r.folder(g.uploads.number)
	if err := os.Mkdir(g.dir, 0o700); err != nil {
		return nil, fmt.Errorf("scratch folder: %w", err)
	}
	return g, nil
}

// work runs the rung while both contexts last, that of the job and its own. What goes wrong in the engine is in the result.
func (g *rung) work(job, own context.Context, path string) (engine.Result, error) {
	if n := len(g.try.Tried); n > 0 && g.try.Beside == "" {
		g.say("warning", "%s; trying %s", g.try.Tried[n-1].Error, g.try.Name)
	}
	own, end := g.trace(own)
	g.enter()
	result, err := g.engine(own, path)
	g.leave(err == nil && result.Error == nil)
	end(result, err)
	switch {
	case job.Err() != nil:
		g.uploads.abandon()
		return result, context.Cause(job)
	case own.Err() != nil:
		g.uploads.drop()
		return result, own.Err()
	case errors.Is(err, pool.ErrNotIdle):
		return result, errors.Join(plan.ErrNoEngine, os.Remove(g.dir))
	case errors.Is(err, pool.ErrWanted):
		g.say("info", "%s is given up for now: its engine is wanted for another job", g.try.Name)
		g.uploads.drop()
		return result, plan.ErrTaken
	case err != nil:
		g.say("error", "%s", err)
		result.Error = pool.Diagnose(err)
	}
	if result.Error != nil {
		g.uploads.drop() // what a failed rung wrote is nothing to keep
	}
	return result, nil
}

// engine has an engine do what the rung says.
func (g *rung) engine(ctx context.Context, path string) (engine.Result, error) {
	c := g.claim
	out, err := g.w.pool.Run(ctx, engine.Request{
		ID:      fmt.Sprintf("%s/%d/%d", c.JobID, c.Attempt, g.uploads.number),
		Kind:    g.kind(),
		Source:  engine.Source{Path: path, Format: c.Format, Units: c.Units, SHA256: c.SHA256},
		Dir:     g.dir,
		Spec:    g.try.Spec,
		Tuning:  g.try.Tuning,
		Formats: c.Formats,
		Threads: g.w.cfg.Threads,

		MaxElements: cmp.Or(c.MaxElements, g.w.cfg.MaxElements),
		Tried:       g.try.Tried,
		Known:       c.Model,
	}, pool.Limits{Time: g.try.Limit, Tenant: c.TenantID, Idle: g.try.Beside != ""}, g.on)
	out.Result.Timings = append(out.Result.Timings, beside(out.Took, out.Result.Timings))
	return out.Result, err
}

// beside is what the engine took in all but for its stages.
func beside(took time.Duration, stages []engine.Timing) engine.Timing {
	rest := engine.Seconds(took)
	for _, t := range stages {
		rest -= t.Seconds
	}
	return engine.Timing{Stage: engine.StageEngine, Seconds: max(0, engine.Seconds(time.Duration(rest*float64(time.Second))))}
}

// formatReport is of the last file that an engine writes of a mesh.
const formatReport = "report"

// on takes what the engine says while it works.
func (g *rung) on(m engine.Message) {
	if !g.heard {
		g.heard = true
		if g.begun != nil {
			g.begun()
		}
		if g.try.Beside != "" {
			g.say("info", "%s is tried beside %s", g.try.Name, g.try.Beside)
		}
	}
	switch m.Type {
	case engine.TypeStage:
		g.spans.reach(m.Stage.Stage)
		g.reach(*m.Stage)
	case engine.TypeLog:
		lines := m.Log
		if g.try.Beside != "" {
			for i := range lines {
				lines[i].Text = "[" + g.try.Name + "] " + lines[i].Text
			}
		}
		g.jobLog.add(lines...)
		g.events.lines(lines...)
	case engine.TypeArtifact:
		if m.Artifact.Preview && g.keepBack(*m.Artifact) {
			return
		}
		g.uploads.start(*m.Artifact, whole)
		if m.Artifact.Format == formatReport {
			g.report = m.Artifact
		}
		if g.judges() {
			_ = g.uploads.startLog() // hardly ever does a line come after the mesh; upload looks, and tells the error
		}
	}
}

// amend sends the report again, with what the engine could not know.
func (g *rung) amend(report *engine.MeshReport) error {
	if g.report == nil || !report.WasRaced() {
		return nil
	}
	again := *g.report
	again.Path = filepath.Join(g.dir, "amended.json")
	if err := engine.AmendReport(g.report.Path, again.Path, report); err != nil {
		return err
	}
	g.uploads.start(again, whole)
	return nil
}

func outcomeOf(result engine.Result) store.Outcome {
	return store.Outcome{
		Error: result.Error, Model: result.Model, Report: result.Mesh, Warnings: result.Warnings, Timings: result.Timings,
	}
}
