package worker

import (
	"slices"

	"meshgen/internal/engine"
)

// Of the rungs of a job that run at once the first is what its followers see: its stages and its previews. What the others
// have come to is shown when those before them have ended without a mesh.

func (g *rung) enter() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rungs = append(g.rungs, g)
}

// leave ends the rung's part in it; one that has made a mesh gives way to none.
func (g *rung) leave(made bool) {
	g.mu.Lock()
	g.rungs = slices.DeleteFunc(g.rungs, func(o *rung) bool { return o == g })
	if len(g.rungs) == 0 || made {
		g.mu.Unlock()
		return
	}
	next := g.rungs[0]
	at, previews := next.reached, next.previews
	next.previews = nil
	g.mu.Unlock()
	if at.Stage != "" {
		g.setStage(at)
	}
	for _, p := range previews {
		next.uploads.start(p, whole)
	}
}

// reach notes how far the rung is, and shows it if it is the first.
func (g *rung) reach(e engine.StageEvent) {
	g.mu.Lock()
	g.reached = e
	first := g.rungs[0] == g
	g.mu.Unlock()
	if first {
		g.setStage(e)
	}
}

// keepBack reports whether a preview is shown later, if at all.
func (g *rung) keepBack(a engine.Artifact) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.rungs[0] == g {
		return false
	}
	g.previews = append(g.previews, a)
	return true
}

// judges reports whether the mesh is made and its quality is being measured.
func (g *rung) judges() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.reached.Stage == engine.StageQuality
}
