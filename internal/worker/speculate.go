package worker

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"meshgen/internal/engine"
	"meshgen/internal/estimate"
	"meshgen/internal/plan"
	"meshgen/internal/pool"
	"meshgen/internal/spec"
	"meshgen/internal/store"
)

// Who has uploaded a part looks at it for some seconds, and then most often wants the default mesh. While the worker has nothing to do,
// its engines mesh the curves and faces of parts that were imported last, one part at a time: a speculation. It is no job: nothing of it is
// in Postgres or S3, and nobody is told. The pool ends it for any request that needs its engine.
//
//	import ends ──▶ guesses ──the worker listens──▶ pool.Speculate ──▶ the engine keeps the surface
//	                   ▲                                │
//	                   └────── dropped for another ─────┘
//
// A part that somebody wants a mesh of is no guess any more, and one that a speculation failed for is none again.

// guesses are the parts whose meshes are likely to be asked for, the latest last.
type guesses struct {
	mu      sync.Mutex
	parts   []guess
	present guess // that is being speculated on
	refused []part
	idle    atomic.Bool   // the worker waits for jobs
	look    chan struct{} // there may be something to do
}

// guess is a part as its import left it.
type guess struct {
	part
	size  int64
	model *engine.Model
	tries int
}

// part names what is speculated on.
type part struct {
	tenant, sha256, units string
	format                engine.Format
}

func partOf(c store.Claim) part { return part{c.TenantID, c.SHA256, c.Units, c.Format} }

const (
	// maxGuesses bounds the parts that wait; of more, those that were uploaded first are the least likely to be wanted now.
	maxGuesses = 8
	// maxTries bounds how often a part is tried whose engine is needed each time, or whose tenant has none any more.
	maxTries = 3
	// maxRefused bounds the parts that are not speculated on again.
	maxRefused = 1000
)

// wake has the speculator look whether there is something to do.
func (g *guesses) wake() {
	select {
	case g.look <- struct{}{}:
	default:
	}
}

// rest notes whether the worker waits for jobs.
func (g *guesses) rest(idle bool) {
	g.idle.Store(idle)
	if idle {
		g.wake()
	}
}

// add notes a part that was imported.
func (g *guesses) add(new guess) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if slices.Contains(g.refused, new.part) {
		return
	}
	g.parts = slices.DeleteFunc(g.parts, func(p guess) bool { return p.part == new.part })
	g.parts = append(g.parts, new)
	g.parts = g.parts[max(0, len(g.parts)-maxGuesses):]
}

// forget drops a part that somebody has asked a mesh of.
func (g *guesses) forget(p part) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.parts = slices.DeleteFunc(g.parts, func(q guess) bool { return q.part == p })
	if g.present.part == p {
		g.present = guess{}
	}
}

// next takes the likeliest part.
func (g *guesses) next() (guess, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	last := len(g.parts) - 1
	if last < 0 {
		return guess{}, false
	}
	g.present, g.parts = g.parts[last], g.parts[:last]
	return g.present, true
}

// end notes how the present speculation went. One that had to make room for another part is tried again.
func (g *guesses) end(of guess, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	wanted := g.present.part == of.part
	g.present = guess{}
	switch {
	case pool.Blames(err):
		g.refused = append(g.refused, of.part)
		g.refused = g.refused[max(0, len(g.refused)-maxRefused):]
	case err != nil && wanted && of.tries < maxTries:
		of.tries++
		g.parts = append(g.parts, of)
	}
}

// guessAfter notes what a job that ended says of what will be asked for.
func (w *Worker) guessAfter(c store.Claim, o store.Outcome) {
	if c.Kind == engine.Import && o.Error == nil && o.Model != nil && o.Model.Defect == nil {
		w.guesses.add(guess{part: partOf(c), size: c.Size, model: o.Model})
	}
	w.guesses.wake()
}

// speculate works while nobody wants anything of the worker, until ctx ends.
func (w *Worker) speculate(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.guesses.look:
		}
		for ctx.Err() == nil && w.guesses.idle.Load() {
			g, ok := w.guesses.next()
			if !ok {
				break
			}
			err := w.speculateOn(ctx, g)
			w.guesses.end(g, err)
			if err != nil {
				w.log.DebugContext(ctx, "speculation ended", "tenant", g.tenant, "sha256", g.sha256, "error", err)
			}
			if errors.Is(err, pool.ErrNotIdle) || errors.Is(err, pool.ErrWanted) {
				break // until the job is over that needs the engines
			}
			w.tellParts(ctx)
		}
	}
}

// errNotHere says that the file of a part is not on the local disk any more. Nothing is fetched for a guess.
var errNotHere = errors.New("its file is not on the local disk any more")

// worthwhile reports whether the curves and faces of a mesh will be kept, even if they are as many as they may turn out. A request would
// wait for them in vain otherwise.
func worthwhile(m *engine.Model, s spec.Spec, keep int64) bool {
	return engine.Keeps(estimate.Of(estimate.FactsOf(m), s).Triangles.High, keep)
}

// speculateOn has an engine mesh the curves and faces of a part as the default spec would.
func (w *Worker) speculateOn(ctx context.Context, g guess) error {
	resolved, err := spec.Spec{}.Resolve()
	if err != nil {
		return err
	}
	first := plan.Ladder(resolved, g.format)[0]
	if !worthwhile(g.model, first.Spec, w.pool.Keep()) {
		return nil
	}
	file := source{Tenant: g.tenant, SHA256: g.sha256, Format: g.format, Size: g.size}
	path, _, release, err := w.cache.get(ctx, file, func(context.Context, string) error { return errNotHere })
	if errors.Is(err, errNotHere) {
		return nil
	} else if err != nil {
		return err
	}
	defer release()
	dir, err := os.MkdirTemp(w.scratch.path(""), "speculation-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	_, err = w.pool.Speculate(ctx, engine.Request{
		Kind:    engine.Speculate,
		Source:  engine.Source{Path: path, Format: g.format, Units: g.units, SHA256: g.sha256},
		Dir:     dir,
		Spec:    first.Spec,
		Tuning:  first.Tuning,
		Threads: 1, // further ones would be slow for all who come after
		Known:   g.model,
	}, pool.Limits{Time: w.cfg.Speculate, Tenant: g.tenant})
	return err
}
