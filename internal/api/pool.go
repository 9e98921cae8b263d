package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
	"meshgen/internal/engine"
	"meshgen/internal/jobs"
	"meshgen/internal/store"
)

func (s *Server) addPool() {
	add(s, huma.Operation{
		OperationID: "get-pool", Method: http.MethodGet, Path: "/v1/pool", Tags: []string{tagService},
		Summary: "See the workers", Description: "Workers, their engines and versions, and how much work waits.",
	}, s.getPool)
}

type poolOutput struct{ Body types.Pool }

func (s *Server) getPool(ctx context.Context, _ *struct{}) (*poolOutput, error) {
	load, err := s.jobs.Load(ctx, tenant(ctx))
	if err != nil {
		return nil, err
	}
	reports, err := s.queue.Workers(ctx)
	if err != nil {
		return nil, err
	}
	queued, err := s.toQueue(ctx, load)
	if err != nil {
		return nil, err
	}
	out := &poolOutput{types.Pool{
		Workers: make([]types.Worker, 0, len(reports)),
		Queue:   queued,
	}}
	for _, report := range reports {
		var w types.Worker
		if err := json.Unmarshal(report, &w); err != nil { // of a version that is too far from ours
			s.log.WarnContext(ctx, "report of a worker not understood", "error", err)
			continue
		}
		if err := hideKept(report, &w, tenant(ctx)); err != nil {
			return nil, err
		}
		w.Engine.BuildOptions, w.Pool.Engines = list(w.Engine.BuildOptions), list(w.Pool.Engines)
		if w.Pool.Recycled == nil {
			w.Pool.Recycled = map[string]int{}
		}
		out.Body.Workers = append(out.Body.Workers, w)
	}
	return out, nil
}

func (s *Server) toQueue(ctx context.Context, l jobs.Load) (types.Queue, error) {
	limits := s.jobs.Config()
	own, err := s.jobs.LimitsOf(ctx, tenant(ctx))
	if err != nil {
		return types.Queue{}, err
	}
	q := types.Queue{
		Queued: l.Queued, Waiting: l.Waiting, Running: l.Running, OldestSeconds: l.OldestSeconds,
		Interactive: types.ClassQueue{Waiting: l.Interactive}, Batch: types.ClassQueue{Waiting: l.Batch},
		Yours:     types.OwnQueue{Waiting: l.OwnQueued, Running: l.OwnRunning},
		PerMinute: l.PerMinute, MedianSeconds: l.MedianSeconds,
		Limit: limits.MaxQueued, LimitOfTenant: jobs.Or(own.MaxQueued, limits.MaxQueuedOfTenant),
	}
	for class, c := range map[store.Class]*types.ClassQueue{store.Interactive: &q.Interactive, store.Batch: &q.Batch} {
		if wait, known := l.Wait(class); known {
			seconds := engine.Seconds(wait)
			c.WaitSeconds = &seconds
		}
	}
	return q, nil
}

// hideKept takes what engines keep for others than a tenant out of a worker's report.
func hideKept(report []byte, w *types.Worker, tenant string) error {
	var owners struct {
		Pool struct {
			Engines []struct {
				Tenant string `json:"tenant"`
			} `json:"engines"`
		} `json:"pool"`
	}
	if err := json.Unmarshal(report, &owners); err != nil {
		return err
	}
	for i, e := range owners.Pool.Engines {
		if e.Tenant != tenant {
			w.Pool.Engines[i].Kept, w.Pool.Engines[i].KeptBytes = 0, 0
		}
	}
	return nil
}
