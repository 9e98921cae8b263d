package worker

import (
	"context"
	"slices"
	"sync"
	"time"

	"meshgen/internal/engine"
	"meshgen/internal/store"
)

// A worker says which parts its engines keep: when that has changed, and every few seconds. Meshes of these come to it first
// (store/parts.go).

// parts is what the worker has said last.
type parts struct {
	mu   sync.Mutex
	told []store.Part
	left bool // it takes no further jobs
}

// tellParts says which parts are kept, if that has changed.
func (w *Worker) tellParts(ctx context.Context) { w.sayParts(ctx, false) }

// keepParts says which parts are kept, so that it stays known.
func (w *Worker) keepParts(ctx context.Context) { w.sayParts(ctx, true) }

// forgetParts says that none is kept, from now on.
func (w *Worker) forgetParts() {
	w.parts.mu.Lock()
	defer w.parts.mu.Unlock()
	w.parts.left = true
	if len(w.parts.told) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = w.jobs.SetParts(ctx, w.ID, nil, 0) // it runs out by itself
}

func (w *Worker) sayParts(ctx context.Context, again bool) {
	w.parts.mu.Lock()
	defer w.parts.mu.Unlock()
	kept := w.keptParts()
	if w.parts.left || slices.Equal(kept, w.parts.told) && (!again || len(kept) == 0) {
		return
	}
	if err := w.jobs.SetParts(ctx, w.ID, kept, presenceTTL); err != nil {
		if ctx.Err() == nil {
			w.log.Warn("parts not told", "error", err)
		}
		return
	}
	w.parts.told = kept
}

// keptParts returns the parts that the engines keep, each once, in order.
func (w *Worker) keptParts() []store.Part {
	var kept []store.Part
	for tenant, of := range w.pool.Kept() {
		for _, k := range of {
			kept = append(kept, store.Part{TenantID: tenant, SHA256: k.SHA256, Format: k.Format, Units: k.Units})
		}
	}
	slices.SortFunc(kept, store.Part.Compare)
	return slices.Compact(kept)
}

// Claims counts meshes by where their part was when the worker took them.
type Claims struct {
	Here      int `json:"here" doc:"it kept the part itself"`
	Elsewhere int `json:"elsewhere" doc:"others did, and did not come for the mesh in time"`
	Nowhere   int `json:"nowhere" doc:"nobody did"`
}

type claims struct {
	mu sync.Mutex
	n  Claims
}

func (c *claims) count(claim store.Claim) {
	if claim.Kind != engine.Mesh || claim.Exports() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case claim.Hot:
		c.n.Here++
	case claim.Held:
		c.n.Elsewhere++
	default:
		c.n.Nowhere++
	}
}

func (c *claims) read() Claims {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}
