package worker

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"meshgen/internal/engine"
	"meshgen/internal/plan"
	"meshgen/internal/pool"
	"meshgen/internal/store"
)

// ladder tries rung after rung until one succeeds or the next cannot help.
func (r *run) ladder(ctx context.Context, path string) (store.Outcome, error) {
	rungs, limit := r.rungs()
	result, err := plan.Climb(rungs, limit, func(try plan.Try) (engine.Result, error) {
		if try.Number > 0 {
			r.say("warning", "%s; trying %s", try.Tried[try.Number-1].Error, try.Name)
		}
		g, err := r.newRung(ctx, try)
		if err != nil {
			return engine.Result{}, err
		}
		return g.work(ctx, path)
	})
	return outcomeOf(result), err
}

// rungs returns what to try for the claim, and the time that all of it may take.
func (r *run) rungs() ([]plan.Rung, time.Duration) {
	c := r.claim
	switch kind := r.kind(); kind {
	case engine.Mesh:
		return plan.Ladder(*c.Spec, c.Format), c.Spec.Limit()
	case engine.Import:
		return plan.Again(string(kind)), r.w.cfg.ImportTimeLimit
	default:
		return plan.Again(string(kind)), r.w.cfg.ExportTimeLimit
	}
}

// rung is one rung of a job's ladder in an engine. What it writes is its own until it has succeeded.
type rung struct {
	*run
	try     plan.Try
	dir     string
	uploads *uploads
}

func (r *run) newRung(ctx context.Context, try plan.Try) (*rung, error) {
	g := &rung{run: r, try: try, uploads: r.newUploads(ctx)}
	g.dir = filepath.Join(r.dir, fmt.Sprintf("rung%d", g.uploads.number))
	if err := os.Mkdir(g.dir, 0o700); err != nil {
		return nil, fmt.Errorf("scratch folder: %w", err)
	}
	return g, nil
}

// work runs the rung. An error is why the job has to stop; what goes wrong in the engine is in the result.
func (g *rung) work(ctx context.Context, path string) (engine.Result, error) {
	result, err := g.engine(ctx, path)
	if ctx.Err() != nil {
		g.uploads.abandon()
		return result, context.Cause(ctx)
	}
	if err != nil {
		g.say("error", "%s", err)
		result.Error = pool.Diagnose(err)
	}
	if result.Error != nil {
		g.uploads.drop() // what a failed rung wrote is nothing to keep
		return result, nil
	}
	g.run.uploads = g.uploads
	return result, nil
}

// engine has an engine do what the rung says.
func (g *rung) engine(ctx context.Context, path string) (engine.Result, error) {
	c := g.claim
	out, err := g.w.pool.Run(ctx, engine.Request{
		ID:      fmt.Sprintf("%s/%d/%d", c.JobID, c.Attempt, g.uploads.number),
		Kind:    g.kind(),
		Source:  engine.Source{Path: path, Format: c.Format, Units: c.Units},
		Dir:     g.dir,
		Spec:    g.try.Spec,
		Tuning:  g.try.Tuning,
		Formats: c.Formats,
		Threads: g.w.cfg.Threads,

		MaxElements: g.w.cfg.MaxElements,
		Tried:       g.try.Tried,
		Known:       c.Model,
	}, pool.Limits{Time: g.try.Limit, Tenant: c.TenantID}, g.on)
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

// formatReport is of the last file that an engine writes.
const formatReport = "report"

// on takes what the engine says while it works.
func (g *rung) on(m engine.Message) {
	switch m.Type {
	case engine.TypeStage:
		g.setStage(*m.Stage)
	case engine.TypeLog:
		g.jobLog.add(m.Log...)
		g.events.lines(m.Log...)
	case engine.TypeArtifact:
		g.uploads.start(*m.Artifact, whole)
		if m.Artifact.Format == formatReport {
			_ = g.uploads.startLog() // hardly ever does a line come after it; upload looks, and tells the error
		}
	}
}

func outcomeOf(result engine.Result) store.Outcome {
	return store.Outcome{
		Error: result.Error, Model: result.Model, Report: result.Mesh, Warnings: result.Warnings, Timings: result.Timings,
	}
}
