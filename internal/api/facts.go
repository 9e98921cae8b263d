package api

import (
	"context"
	"math"
	"sync"

	"meshgen/internal/engine"
)

// geometryFacts are what an estimate needs of an imported geometry. They never change.
type geometryFacts struct {
	diagonal float64
	volume   float64 // of all solids
	area     float64 // of all faces
	faces    int
}

func factsOf(m *engine.Model) *geometryFacts {
	a, b, c := m.Box.Max[0]-m.Box.Min[0], m.Box.Max[1]-m.Box.Min[1], m.Box.Max[2]-m.Box.Min[2]
	f := geometryFacts{diagonal: math.Sqrt(a*a + b*b + c*c), volume: sum(m.Solids), area: sum(m.Faces), faces: len(m.Faces)}
	// Where the CAD cannot say, the box bounds both.
	if f.volume <= 0 {
		f.volume = a * b * c
	}
	if f.area <= 0 {
		f.area = 2 * (a*b + b*c + c*a)
	}
	return &f
}

// factCache remembers facts, so that a request for a mesh need not ask for them each time.
type factCache struct {
	mu    sync.Mutex
	facts map[string]*geometryFacts // by tenant and geometry
}

// maxFacts bounds the cache; an entry is about 100 bytes.
const maxFacts = 10000

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

// geometryFacts returns the facts of a geometry named in a body, nil while it is not imported.
func (s *Server) geometryFacts(ctx context.Context, geometryID string) (*geometryFacts, error) {
	key := tenant(ctx) + "/" + geometryID
	if f := s.facts.get(key); f != nil {
		return f, nil
	}
	g, err := s.bodyGeometry(ctx, geometryID)
	if err != nil || g.Model == nil {
		return nil, err
	}
	f := factsOf(g.Model)
	s.facts.put(key, f)
	return f, nil
}
