package jobs

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"

	"meshgen/internal/blob"
	"meshgen/internal/queue"
	"meshgen/internal/store"
)

// tellers is how many meshes of a batch are told of at once: each waits for an answer of Redis.
const tellers = 8

// CreateBatch records a batch with all its meshes and queues their jobs, unless the idempotency key names one that exists.
func (s *Service) CreateBatch(ctx context.Context, n store.NewBatch) (batchID string, err error) {
	n.MaxAttempts, n.Hold = s.cfg.MaxAttempts, s.cfg.Affinity
	if n.Room, err = s.room(ctx, n.TenantID); err != nil {
		return "", err
	}
	if n.Reuse {
		n.From = s.reusableFor(ctx, n)
	}
	batchID, created, err := s.db.CreateBatch(ctx, n)
	if err != nil {
		return "", s.refusal(ctx, n.TenantID, err)
	}
	s.inform(ctx, len(created), func(ctx context.Context) {
		var tell errgroup.Group
		tell.SetLimit(tellers)
		for _, c := range created {
			tell.Go(func() error {
				c, err := s.read(ctx, n.TenantID, c)
				if err == nil {
					s.tell(ctx, n.TenantID, n.Traceparent, c)
				} else if !errors.Is(err, store.ErrNotFound) { // deleted meanwhile
					s.log.WarnContext(ctx, "nobody is told of a mesh of a batch", "mesh", c.Mesh.ID, "error", err)
				}
				return nil
			})
		}
		_ = tell.Wait()
	})
	return batchID, nil
}

// reusableFor finds the results that answer meshes of a batch.
func (s *Service) reusableFor(ctx context.Context, n store.NewBatch) map[[2]int]string {
	found := map[[2]int]string{}
	var mu sync.Mutex
	var looks errgroup.Group
	looks.SetLimit(tellers)
	for g := range n.GeometryIDs {
		for i := range n.Specs {
			looks.Go(func() error {
				if from := s.reusable(ctx, n.Mesh(g, i)); from != "" {
					mu.Lock()
					defer mu.Unlock()
					found[[2]int{g, i}] = from
				}
				return nil
			})
		}
	}
	_ = looks.Wait() // what is not found is made
	return found
}

// CancelBatch makes the unfinished meshes of a batch canceled and has their engines killed. It is idempotent.
func (s *Service) CancelBatch(ctx context.Context, tenant, batchID string) error {
	canceled, err := s.db.CancelBatch(ctx, tenant, batchID, claimPrefix)
	if err != nil {
		return err
	}
	s.canceled(ctx, canceled)
	return nil
}

// DeleteBatch removes a batch and its meshes, canceling what is not finished.
func (s *Service) DeleteBatch(ctx context.Context, tenant, batchID string) error {
	canceled, err := s.db.DeleteBatch(ctx, tenant, batchID, claimPrefix, blob.JobPrefix)
	if err != nil {
		return err
	}
	s.canceled(ctx, canceled)
	return nil
}

// RequestBatchExports has the formats written that meshes of a batch lack, and returns the jobs that do or did so.
func (s *Service) RequestBatchExports(ctx context.Context, tenant, batchID string, formats []string) ([]store.BatchExport, error) {
	exports, created, err := s.db.RequestBatchExports(ctx, tenant, batchID, formats)
	if err != nil {
		return nil, err
	}
	s.inform(ctx, len(created), func(ctx context.Context) {
		for _, b := range created {
			s.ring(ctx, queue.Bell{JobID: b.JobID, Traceparent: b.Traceparent})
		}
	})
	return exports, nil
}
