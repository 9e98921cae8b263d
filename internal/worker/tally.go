package worker

import (
	"maps"
	"sync"

	"meshgen/internal/engine"
	"meshgen/internal/store"
)

// Tally is what a worker has done since it started, for metrics.
type Tally struct {
	Ended  map[string]int              `json:"ended,omitempty"`  // jobs, by succeeded or the code of the failure
	Stages map[engine.Stage]StageTally `json:"stages,omitempty"` // of those jobs
}

// StageTally is how often a stage was gone through, and how long that took in all.
type StageTally struct {
	Runs    int     `json:"runs"`
	Seconds float64 `json:"seconds"`
}

// succeeded stands in Tally.Ended beside the codes of failures.
const succeeded = "succeeded"

type tally struct {
	mu sync.Mutex
	t  Tally
}

func (c *tally) count(o store.Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.t.Ended == nil {
		c.t = Tally{Ended: map[string]int{}, Stages: map[engine.Stage]StageTally{}}
	}
	end := succeeded
	if o.Error != nil {
		end = string(o.Error.Code)
	}
	c.t.Ended[end]++
	for _, timing := range o.Timings {
		s := c.t.Stages[timing.Stage]
		c.t.Stages[timing.Stage] = StageTally{Runs: s.Runs + 1, Seconds: s.Seconds + timing.Seconds}
	}
}

func (c *tally) read() Tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Tally{Ended: maps.Clone(c.t.Ended), Stages: maps.Clone(c.t.Stages)}
}
