package api

import (
	"context"
	"sync"
	"time"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/estimate"
	"meshgen/internal/spec"
	"meshgen/internal/store"
)

// geometryFacts are what is asked of an imported geometry before a mesh of it is queued. They never change.
type geometryFacts struct {
	*estimate.Facts
	part   spec.Part
	defect *diagnosis.Diagnosis
}

func factsOf(m *engine.Model) *geometryFacts {
	f := &geometryFacts{Facts: estimate.FactsOf(m), defect: m.Defect, part: spec.Part{Unit: m.Units, Groups: map[string]int{}}}
	for _, g := range m.Groups {
		f.part.Groups[g.Name] = g.Dim
	}
	listed := [4]map[int]bool{2: {}, 3: {}}
	for _, b := range m.Faces {
		listed[2][b.Tag] = true
	}
	for _, b := range m.Solids {
		listed[3][b.Tag] = true
	}
	ranges := [2][][2]int{m.PointTags, m.CurveTags}
	f.part.Has = func(dim, tag int) bool {
		if dim >= 2 {
			return listed[dim][tag]
		}
		for _, r := range ranges[dim] {
			if tag >= r[0] && tag <= r[1] {
				return true
			}
		}
		return ranges[dim] == nil // of a geometry that was imported before they were listed: the engine will know
	}
	return f
}

// factCache remembers facts, so that a request for a mesh need not ask for them each time.
type factCache struct {
	mu    sync.Mutex
	facts map[string]*geometryFacts // by tenant and geometry
}

// maxFacts bounds the cache; an entry is some hundred bytes, and a hundred more for each face.
const maxFacts = 1000

func newFactCache() *factCache { return &factCache{facts: map[string]*geometryFacts{}} }

func (c *factCache) get(key string) *geometryFacts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.facts[key]
}

func (c *factCache) put(key string, f *geometryFacts) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.facts) >= maxFacts {
		for old := range c.facts { // any one
			delete(c.facts, old)
			break
		}
	}
	c.facts[key] = f
}

// geometryFacts returns the facts of a geometry named in a body, nil while it is not imported. The geometry may be deleted since: whoever asks has Postgres
// look for it afterwards.
func (s *Server) geometryFacts(ctx context.Context, geometryID string) (*geometryFacts, error) {
	if f := s.facts.get(factsKey(ctx, geometryID)); f != nil {
		return f, nil
	}
	g, err := s.bodyGeometry(ctx, geometryID)
	if err != nil {
		return nil, err
	}
	return s.remember(ctx, g), nil
}

func factsKey(ctx context.Context, geometryID string) string { return tenant(ctx) + "/" + geometryID }

// remember returns the facts of a geometry that was read, nil while it is not imported: who is shown one asks for a mesh of it next.
func (s *Server) remember(ctx context.Context, g store.Geometry) *geometryFacts {
	if g.Model == nil {
		return nil
	}
	key := factsKey(ctx, g.ID)
	f := s.facts.get(key)
	if f == nil {
		f = factsOf(g.Model)
		s.facts.put(key, f)
	}
	return f
}

// rememberWithin is how long it may take to read a geometry for nobody who waits.
const rememberWithin = 5 * time.Second

// rememberEnd does as remember does with a geometry of which somebody was just told that it is imported, and need not read it.
func (s *Server) rememberEnd(ctx context.Context, geometryID string) {
	ctx, end := context.WithTimeout(context.WithoutCancel(ctx), rememberWithin)
	go func() {
		defer end()
		if s.facts.get(factsKey(ctx, geometryID)) == nil {
			_, _ = s.geometry(ctx, geometryID) // who needs it reads it
		}
	}()
}
