package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"meshgen/internal/store"
)

// A queue without end helps nobody: who waits at its end would rather know. Beyond Config.MaxQueued meshes are refused, with
// the time after which there should be room.

// Refused says that a mesh or batch has no room in the queue.
type Refused struct {
	*store.QueueFull
	RetryAfter time.Duration // when there should be room
}

func (e *Refused) Error() string {
	return fmt.Sprintf("%s; there should be room in %s", e.QueueFull.Error(), e.RetryAfter)
}
func (e *Refused) Unwrap() error { return e.QueueFull }

const (
	// unknownRetry is when to come again where nobody knows how fast the work goes.
	unknownRetry = 30 * time.Second
	// longestRetry bounds what a guess is worth.
	longestRetry = time.Hour
)

// refusal makes a *Refused of a full queue; any other error is returned as it is.
func (s *Service) refusal(ctx context.Context, tenant string, err error) error {
	full, ok := errors.AsType[*store.QueueFull](err)
	if !ok {
		return err
	}
	r := &Refused{QueueFull: full, RetryAfter: unknownRetry}
	load, err := s.Load(ctx, tenant)
	if err != nil {
		s.log.WarnContext(ctx, "not known how long the queue is", "error", err)
		return r
	}
	ahead := float64(full.Waiting + full.Asked - full.Allowed)
	if full.OfTenant { // the others have their turns between
		ahead *= float64(max(1, load.Tenants))
	}
	if wait, known := load.wait(ahead); known {
		r.RetryAfter = min(max(wait.Round(time.Second), time.Second), longestRetry)
	}
	return r
}

// Load is how much work there is, and who does it.
type Load struct {
	store.QueueStats
	Engines int // that can work at once, of all workers
}

// Load tells how much work there is, for a tenant.
func (s *Service) Load(ctx context.Context, tenant string) (Load, error) {
	stats, err := s.db.QueueStats(ctx, tenant)
	if err != nil {
		return Load{}, err
	}
	reports, err := s.queue.Workers(ctx)
	if err != nil {
		return Load{}, err
	}
	load := Load{QueueStats: stats}
	for _, report := range reports {
		var w struct {
			Pool struct {
				Capacity int `json:"capacity"`
			} `json:"pool"`
		}
		if json.Unmarshal(report, &w) == nil { // else of a version that is too far from ours
			load.Engines += w.Pool.Capacity
		}
	}
	return load, nil
}

// wait returns how long it takes until so many of the jobs that are there have ended, by what those took that ended last.
func (l Load) wait(jobs float64) (wait time.Duration, known bool) {
	if jobs <= 0 {
		return 0, true
	}
	if l.Engines == 0 || l.Ended == 0 {
		return 0, false
	}
	seconds := math.Min(jobs*l.MeanSeconds/float64(l.Engines), longestRetry.Seconds()*24)
	return time.Duration(seconds * float64(time.Second)), true
}

// Wait returns how long a job that came now would wait for an engine; known is false where nothing tells. Batch jobs wait for
// interactive ones too.
func (l Load) Wait(class store.Class) (wait time.Duration, known bool) {
	if l.Engines == 0 {
		return 0, false
	}
	ahead := l.Interactive
	if class == store.Batch {
		ahead += l.Batch
	}
	return l.wait(float64(ahead + l.Running + 1 - l.Engines))
}
