package jobs

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"meshgen/internal/blob"
	"meshgen/internal/diagnosis"
	"meshgen/internal/queue"
	"meshgen/internal/store"
)

// Reconcile runs one pass over what crashes leave behind. It does nothing if another process is at it.
func (s *Service) Reconcile(ctx context.Context) error {
	lost := diagnosis.New(diagnosis.EngineCrashed, "the worker that ran the job was lost each time it was started")
	r, err := s.db.Reconcile(ctx, claimPrefix, lost)
	if errors.Is(err, store.ErrBusy) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, h := range r.Requeued {
		s.log.WarnContext(ctx, "lease lost, queued again", "job", h.JobID, "attempt", h.Attempt)
	}
	for _, h := range r.Failed {
		s.log.ErrorContext(ctx, "lease lost, attempts used up", "job", h.JobID, "attempt", h.Attempt)
	}
	s.courtesy(ctx, len(r.Requeued)+len(r.Failed)+len(r.Settled)+len(r.Ring), func(ctx context.Context) {
		for _, b := range r.Ring { // first, should there not be time for all
			s.ring(ctx, queue.Bell{JobID: b.JobID, Traceparent: b.Traceparent})
		}
		for _, h := range r.Requeued {
			for _, subject := range h.Subjects() {
				s.announce(ctx, subject, h.TenantID, StatusEvent(store.Queued, h.Attempt, nil))
			}
		}
		for _, h := range r.Failed {
			s.announce(ctx, h.Subjects()[0], h.TenantID, DoneEvents(store.Failed, h.Attempt, lost)...)
		}
		s.settled(ctx, r.Settled)
	})
	return nil
}

// Janitor reconciles and sweeps until ctx ends. Every process runs one; between them the work is done once.
func (s *Service) Janitor(ctx context.Context, blobs *blob.Store) {
	lastSweep := time.Time{}
	nextLook := time.Now().Add(s.untilLook())
	for {
		if err := s.Reconcile(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "reconcile", "error", err)
		}
		if time.Since(lastSweep) > sweepEvery {
			lastSweep = time.Now()
			if err := s.Sweep(ctx, blobs); err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "sweep", "error", err)
			}
		}
		if s.cfg.OrphanAge > 0 && time.Now().After(nextLook) {
			nextLook = time.Now().Add(s.untilLook())
			swept, err := s.SweepOrphans(ctx, blobs, s.cfg.OrphanAge)
			if err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "sweep orphans", "error", err)
			}
			if swept > 0 {
				s.log.WarnContext(ctx, "objects deleted that nothing named", "count", swept)
			}
		}
		// The jitter keeps processes that started together from meeting each time.
		pause := time.Duration(float64(s.cfg.ReconcileEvery) * (0.5 + rand.Float64()))
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

const sweepEvery = 15 * time.Second

// untilLook is when orphans are looked for next: not by all processes at once.
func (s *Service) untilLook() time.Duration {
	return time.Duration(float64(s.cfg.OrphanAge) * (0.5 + rand.Float64()))
}

// Sweep deletes the objects that nothing refers to any more, and what is over.
func (s *Service) Sweep(ctx context.Context, blobs *blob.Store) error {
	return errors.Join(s.db.SweepDeliveries(ctx), s.sweepObjects(ctx, blobs))
}

func (s *Service) sweepObjects(ctx context.Context, blobs *blob.Store) error {
	if err := s.db.Expire(ctx); err != nil {
		return err
	}
	if err := s.db.ExpireAudit(ctx, s.cfg.AuditKeep); err != nil {
		return err
	}
	for {
		found, err := s.db.SweepGarbage(ctx, func(ctx context.Context, g store.Garbage) error {
			if g.MultipartID != "" {
				if err := blobs.AbortMultipart(ctx, g.Prefix, g.MultipartID); err != nil && !errors.Is(err, blob.ErrNotFound) {
					return err
				}
			}
			return blobs.DeletePrefix(ctx, g.Prefix)
		})
		if err != nil || !found {
			return err
		}
	}
}
