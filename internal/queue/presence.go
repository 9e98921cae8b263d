package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

// SetWorker stores what a worker says of itself, for ttl; report becomes JSON.
func (q *Queue) SetWorker(ctx context.Context, id string, report any, ttl time.Duration) error {
	text, err := json.Marshal(report)
	if err != nil {
		return fmt.Errorf("report of worker %s: %w", id, err)
	}
	ctx, cancel := q.bounded(ctx)
	defer cancel()
	err = setWorkerScript.Run(ctx, q.client, []string{q.keys.workers(), q.keys.worker(id), q.keys.bellsOf(id)},
		id, text, ttl.Milliseconds(), ownBellsTTL.Milliseconds()).Err()
	if err != nil {
		return fmt.Errorf("report of worker %s: %w", id, err)
	}
	return nil
}

// RemoveWorker forgets a worker that leaves.
func (q *Queue) RemoveWorker(ctx context.Context, id string) error {
	ctx, cancel := q.bounded(ctx)
	defer cancel()
	_, err := q.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.ZRem(ctx, q.keys.workers(), id)
		p.Del(ctx, q.keys.worker(id), q.keys.bellsOf(id))
		return nil
	})
	if err != nil {
		return fmt.Errorf("remove worker %s: %w", id, err)
	}
	return nil
}

// Workers returns the last reports of the workers that are alive, in the order of their ids.
func (q *Queue) Workers(ctx context.Context) ([]json.RawMessage, error) {
	ctx, cancel := q.bounded(ctx)
	defer cancel()
	ids, err := workersScript.Run(ctx, q.client, []string{q.keys.workers()}).StringSlice()
	if err != nil {
		return nil, fmt.Errorf("workers: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	slices.Sort(ids)
	reportKeys := make([]string, len(ids))
	for i, id := range ids {
		reportKeys[i] = q.keys.worker(id)
	}
	values, err := q.client.MGet(ctx, reportKeys...).Result()
	if err != nil {
		return nil, fmt.Errorf("workers: %w", err)
	}
	reports := make([]json.RawMessage, 0, len(values))
	for _, v := range values {
		if text, ok := v.(string); ok { // else it expired between the two calls
			reports = append(reports, json.RawMessage(text))
		}
	}
	return reports, nil
}
