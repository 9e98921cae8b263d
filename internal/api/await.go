package api

import (
	"context"
	"errors"
	"time"

	"meshgen/internal/queue"
)

// How often Postgres is asked how a job stands, beside the events that tell it: rarely while events flow, and each second
// while Redis is away.
const (
	askEvery     = 15 * time.Second
	askEveryAway = time.Second
)

// await returns what load yields once that is final, or after the wait, whichever comes first. It wakes by the events of
// the subject; load asks Postgres, which decides.
func await[T any](ctx context.Context, s *Server, subject string, wait time.Duration, load func(context.Context) (v T, final bool, err error)) (T, error) {
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()

	var f *queue.Follower
	defer func() {
		if f != nil {
			f.Close()
		}
	}()
	for {
		if f == nil {
			f, _ = s.queue.Hub().Follow(waiting, subject, queue.FromStart) // without Redis, Postgres is asked
		}
		if err := untilNews(waiting, s.queue.Hub(), f); err != nil && waiting.Err() == nil {
			f.Close()
			f = nil
		}
		v, final, err := load(ctx)
		if err != nil && !away(err) || final || waiting.Err() != nil {
			return v, err
		}
	}
}

// untilNews returns when Postgres should be asked: the subject is done, events may be lost, or some time has passed.
func untilNews(ctx context.Context, hub *queue.Hub, f *queue.Follower) error {
	every := askEvery
	if f == nil || !hub.Stats().Connected {
		every = askEveryAway
	}
	ctx, cancel := context.WithTimeout(ctx, every)
	defer cancel()
	if f == nil {
		<-ctx.Done()
		return nil
	}
	for {
		e, err := f.Next(ctx)
		switch {
		case errors.Is(err, queue.ErrGap), ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case e.Type == queue.EventDone:
			return nil
		}
	}
}
