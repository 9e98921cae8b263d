package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"meshgen/internal/pool"
	"meshgen/internal/queue"
)

// Healthy says what is wrong with the worker of a host, going by its last report: a worker that hangs reports nothing,
// and one whose engines do not start says so. It is asked by another process on that host, which a container starts now
// and then.
func Healthy(ctx context.Context, q *queue.Queue, host string) error {
	reports, err := q.Workers(ctx)
	if err != nil {
		return err
	}
	var last Presence
	for _, text := range reports {
		var p Presence
		if err := json.Unmarshal(text, &p); err != nil {
			return fmt.Errorf("a worker's report: %w", err)
		}
		if p.Host == host && p.Started.After(last.Started) {
			last = p
		}
	}
	if last.ID == "" {
		return fmt.Errorf("no worker on %s has reported in the last %s", host, presenceTTL)
	}
	for _, e := range last.Pool.Engines {
		if e.State == pool.Warm || e.State == pool.Busy {
			return nil
		}
	}
	if last.Pool.LastStartError != "" {
		return fmt.Errorf("no engine can be started: %s", last.Pool.LastStartError)
	}
	return errors.New("no engine is ready")
}
