package jobs

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"meshgen/internal/queue"
	"meshgen/internal/store"
)

// What is told here Postgres knows already. So a failure is logged only: followers ask Postgres when events stay away, workers see by
// their heartbeats what became of a job, and the reconciler rings again.

// patience is how long Redis is waited for.
type patience struct {
	call   time.Duration // by a call
	more   time.Duration // by all calls of one courtesy beyond that, times what it tells of
	most   time.Duration // the same, whatever it tells of
	answer time.Duration // by the answer to a request
}

// usual has answers wait long enough for a Redis that works, so that who has one finds the events that belong to it, and so short that
// nobody notices one that does not.
var usual = patience{call: 2 * time.Second, more: 20 * time.Millisecond, most: 10 * time.Second, answer: 200 * time.Millisecond}

// tellings are what inform has begun and not ended.
type tellings struct {
	mu    sync.Mutex
	ended map[chan struct{}]struct{} // each is closed at its end
}

func (t *tellings) begin() (end func(), ended <-chan struct{}) {
	c := make(chan struct{})
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended == nil {
		t.ended = map[chan struct{}]struct{}{}
	}
	t.ended[c] = struct{}{}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.ended, c)
		close(c)
	}, c
}

// inform tells of n things that a request has changed. The request is answered before that ends if Redis is slow or away.
func (s *Service) inform(ctx context.Context, n int, tell func(ctx context.Context)) {
	end, ended := s.tellings.begin()
	go func() {
		defer end()
		s.courtesy(ctx, n, tell)
	}()
	late := time.NewTimer(s.patience.answer)
	defer late.Stop()
	select {
	case <-ended:
	case <-late.C:
	}
}

// Wait returns when Redis has been told of all that requests have changed so far, which takes seconds at most. It is for the end of a
// process, before its queue is closed.
func (s *Service) Wait() {
	s.tellings.mu.Lock()
	begun := slices.Collect(maps.Keys(s.tellings.ended))
	s.tellings.mu.Unlock()
	for _, ended := range begun {
		<-ended
	}
}

// courtesy tells of n things, whether or not ctx has ended. It stops when that takes too long, rather than wait for Redis n times.
func (s *Service) courtesy(ctx context.Context, n int, tell func(ctx context.Context)) {
	limit := s.patience.call + min(time.Duration(n)*s.patience.more, s.patience.most)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	tell(ctx)
	if ctx.Err() != nil {
		s.log.WarnContext(ctx, "redis was too slow to be told of all that has changed", "changes", n)
	}
}

// call makes a call to Redis, if there is time left for it.
func (s *Service) call(ctx context.Context, failure, name, of string, do func(ctx context.Context) error) {
	if ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.patience.call)
	defer cancel()
	if err := do(ctx); err != nil {
		s.log.WarnContext(ctx, failure, name, of, "error", err)
	}
}

// announce publishes events.
func (s *Service) announce(ctx context.Context, subject, tenant string, events ...queue.NewEvent) {
	s.call(ctx, "events not published", "subject", subject, func(ctx context.Context) error {
		_, err := s.queue.Publish(ctx, subject, tenant, events...)
		return err
	})
}

// announceAndRing tells that a job is queued and rings for it.
func (s *Service) announceAndRing(ctx context.Context, subject, tenant string, queued queue.NewEvent, b queue.Bell) {
	s.call(ctx, "event not published, doorbell not rung; the reconciler will", "job", b.JobID, func(ctx context.Context) error {
		return s.queue.PublishAndRing(ctx, subject, tenant, []queue.NewEvent{queued}, b)
	})
}

// ring rings the doorbell.
func (s *Service) ring(ctx context.Context, b queue.Bell) {
	s.call(ctx, "doorbell not rung; the reconciler will", "job", b.JobID, func(ctx context.Context) error { return s.queue.Ring(ctx, b) })
}

// CallNext rings for a job that may wait for the end of the claim's: of a tenant that may have no more under way, none is taken before that.
func (s *Service) CallNext(ctx context.Context, c store.Claim) {
	if c.Limited {
		// Bells of a job that a worker has are passed over by it, and which job is next is not known.
		s.courtesy(ctx, 1, func(ctx context.Context) { s.ring(ctx, queue.Bell{JobID: "after " + c.JobID}) })
	}
}

// kill has the worker that runs a job kill its engine.
func (s *Service) kill(ctx context.Context, jobID string) {
	s.call(ctx, "cancel not sent; the worker learns of it by its heartbeat", "job", jobID, func(ctx context.Context) error {
		return s.queue.PublishCancel(ctx, jobID)
	})
}

// look has the worker that runs a job see at once whom it runs for.
func (s *Service) look(ctx context.Context, jobID string) {
	s.call(ctx, "the worker is not told; it sees by its heartbeat for whom it works", "job", jobID, func(ctx context.Context) error {
		return s.queue.PublishLook(ctx, jobID)
	})
}
