package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"meshgen/internal/engine"
	"meshgen/internal/plan"
	"meshgen/internal/pool"
	"meshgen/internal/spec"
)

// climb tries one rung of the ladder after the other, or two at a time, and keeps the files of the one that made the mesh.
func (r *localRun) climb(ctx context.Context, s spec.Spec, progress *progress) (engine.Result, error) {
	var mu sync.Mutex
	written := map[int]map[string]engine.Artifact{} // by each rung
	terms := plan.Terms{Limit: s.Limit(), RaceAfter: r.raceAfter}
	result, number, err := plan.Climb(ctx, plan.Ladder(s, r.format), terms, func(ctx context.Context, try plan.Try) (engine.Result, error) {
		artifacts := map[string]engine.Artifact{}
		result, err := r.rung(ctx, try, artifacts, progress)
		mu.Lock()
		defer mu.Unlock()
		written[try.Number] = artifacts
		return result, err
	})
	r.artifacts = written[number]
	if report, ok := r.artifacts["report"]; ok && err == nil && result.Mesh != nil && result.Mesh.WasRaced() {
		amended := report
		amended.Path = filepath.Join(r.dir, "amended.json")
		err = engine.AmendReport(report.Path, amended.Path, result.Mesh)
		r.artifacts["report"] = amended
	}
	return result, err
}

// rung runs one rung of the ladder in an engine.
func (r *localRun) rung(ctx context.Context, try plan.Try, artifacts map[string]engine.Artifact, progress *progress) (engine.Result, error) {
	dir := filepath.Join(r.dir, fmt.Sprintf("rung%d", try.Number))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return engine.Result{}, err
	}
	engines, giveBack, err := r.lend(ctx)
	if err != nil {
		return engine.Result{}, err
	}
	defer giveBack()
	if try.Beside != "" {
		r.note("trying %s beside %s", try.Name, try.Beside)
		progress = nil
	} else if n := len(try.Tried); n > 0 {
		r.note("%s failed (%s), trying %s", try.Tried[n-1].Strategy, try.Tried[n-1].Error, try.Name)
		progress.restart()
	}
	out, err := engines.Run(ctx, engine.Request{
		ID: fmt.Sprintf("mesh/%d", try.Number), Kind: engine.Mesh, Source: r.source, Dir: dir,
		Spec: try.Spec, Tuning: try.Tuning, Threads: r.threads, Tried: try.Tried,
	}, pool.Limits{Time: try.Limit}, func(m engine.Message) {
		switch m.Type {
		case engine.TypeStage:
			progress.set(string(m.Stage.Stage), m.Stage.Progress)
		case engine.TypeLog:
			for _, line := range m.Log {
				if try.Beside != "" {
					line.Text = "[" + try.Name + "] " + line.Text
				}
				r.logLine(line)
			}
		case engine.TypeArtifact:
			artifacts[m.Artifact.Format] = *m.Artifact
		}
	})
	if ctx.Err() != nil {
		return out.Result, context.Cause(ctx)
	}
	if err != nil {
		r.say("error", "%s", err)
		out.Result.Error = pool.Diagnose(err)
	}
	if out.Result.Error != nil {
		os.RemoveAll(dir)
	}
	return out.Result, nil
}

// lend returns an engine that nobody uses. The second one is started when it is first needed.
func (r *localRun) lend(ctx context.Context) (engines *pool.Pool, giveBack func(), err error) {
	r.lending.Lock()
	defer r.lending.Unlock()
	for i := range r.pools {
		if r.lent[i] {
			continue
		}
		if r.pools[i] == nil {
			if r.pools[i], err = r.open(ctx); err != nil {
				return nil, nil, err
			}
		}
		r.lent[i] = true
		return r.pools[i], func() {
			r.lending.Lock()
			defer r.lending.Unlock()
			r.lent[i] = false
		}, nil
	}
	return nil, nil, plan.ErrNoEngine
}

// note tells the user of the way that is taken.
func (r *localRun) note(format string, args ...any) {
	r.say("warning", format, args...)
	r.app.remark(format, args...)
}
