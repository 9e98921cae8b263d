package queue

import (
	"context"
	"sync"
)

// Follower yields the events of one stream in the order of their ids, each once. Only one goroutine may call Next at a time.
type Follower struct {
	hub   *Hub
	topic *topic
	known bool

	// Of the goroutine that calls Next.
	last    int64   // id of the last event yielded
	fetched []Event // from the stream, to be yielded first
	more    bool    // the stream holds more behind them
	owesGap bool    // ErrGap is due when they are yielded
	pause   backoff

	mu     sync.Mutex
	buffer []Event // from the channel
	stale  bool    // events are missing behind the buffer: fetch them
	gap    bool    // and some may never have been published
	closed bool
	wake   chan struct{} // the above has changed
}

// bufferedEvents is how far a follower may lag before it is left behind.
const bufferedEvents = 256

// Known reports whether the id given to Follow was one that the kept events continue from. If not, tell the reader how
// things stand: the follower has skipped what there was.
func (f *Follower) Known() bool { return f.known }

// Position returns the id of the last event yielded, or the id at which the follower started; 0 is before any event.
// Like Next, it is for one goroutine.
func (f *Follower) Position() int64 { return f.last }

// Pending reports whether Next would yield without waiting. Like Next, it is for one goroutine.
func (f *Follower) Pending() bool {
	if len(f.fetched) > 0 {
		return true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.buffer {
		if e.ID > f.last { // or fetched already
			return e.Previous == f.last
		}
	}
	return false
}

// Close ends Next and gives the channel up. It may be called more than once, and from any goroutine.
func (f *Follower) Close() {
	f.hub.leave(f)
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.signal()
}

// Next waits for the next event. It returns ErrGap where events may have been lost: Redis lost or dropped them, or was
// away so that they may not have been published. The caller looks at Postgres and goes on. Other errors are those of ctx,
// and ErrClosed.
func (f *Follower) Next(ctx context.Context) (Event, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Event{}, err
		}
		if len(f.fetched) > 0 {
			e := f.fetched[0]
			f.fetched = f.fetched[1:]
			f.last = e.ID
			return e, nil
		}
		if f.more {
			if known, ok := f.fetch(ctx); ok && !known {
				f.owesGap = false
				return Event{}, ErrGap
			}
			continue
		}
		if f.owesGap {
			f.owesGap = false
			return Event{}, ErrGap
		}
		e, ok, err := f.take(ctx)
		if err != nil {
			return Event{}, err
		}
		if ok {
			return e, nil
		}
	}
}

// start waits until the channel is live and then finds the place in the stream, so that nothing falls between.
func (f *Follower) start(ctx context.Context, t *topic, after int64) error {
	ctx, cancel := f.hub.q.bounded(ctx)
	defer cancel()
	select {
	case <-t.ready:
	case <-f.hub.q.life.Done():
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	if after == FromNow {
		var err error
		f.known = true
		f.last, err = f.hub.q.last(ctx, t.key)
		return err
	}
	page, last, known, err := f.hub.q.page(ctx, t.key, after)
	if err != nil {
		return err
	}
	f.known = known
	if !known {
		f.last = last
		return nil
	}
	f.last = after
	f.fetched, f.more = page, len(page) == replayPage
	return nil
}

// take yields an event of the buffer, or waits for a change.
func (f *Follower) take(ctx context.Context) (e Event, ok bool, err error) {
	f.mu.Lock()
	for len(f.buffer) > 0 {
		e = f.buffer[0]
		if e.ID <= f.last { // fetched already
			f.buffer = f.buffer[1:]
			continue
		}
		if e.Previous != f.last {
			f.stale = true
			break
		}
		f.buffer = f.buffer[1:]
		f.last = e.ID
		f.mu.Unlock()
		return e, true, nil
	}
	switch {
	case f.closed:
		err = ErrClosed
	case f.stale:
		f.more, f.owesGap = true, f.gap
		f.stale, f.gap = false, false
		f.buffer = nil // all in the stream
	default:
		f.mu.Unlock()
		select {
		case <-f.wake:
			return e, false, nil
		case <-ctx.Done():
			return e, false, ctx.Err()
		case <-f.hub.q.life.Done():
			return e, false, ErrClosed
		}
	}
	f.mu.Unlock()
	return e, false, err
}

// fetch gets the next page from the stream, and reports whether it continues from the last event yielded. Without Redis it
// pauses, and is not ok.
func (f *Follower) fetch(ctx context.Context) (known, ok bool) {
	page, last, known, err := f.hub.q.page(ctx, f.topic.key, f.last)
	switch {
	case err == nil:
	case f.hub.q.life.Err() != nil:
		f.Close()
		f.more = false
		return false, false
	default:
		if ctx.Err() == nil && !IsTemporary(err) {
			f.hub.q.log.WarnContext(ctx, "stream of events cannot be read", "error", err)
		}
		sleep(ctx, f.pause.pause())
		return false, false
	}
	f.pause.reset()
	f.fetched, f.more = page, len(page) == replayPage
	if len(page) == 0 && !known {
		f.last = last // the events behind it were lost
	}
	return known, true
}

// push hands over an event from the channel; the hub's lock is held.
func (f *Follower) push(e Event) {
	f.mu.Lock()
	if len(f.buffer) < bufferedEvents {
		f.buffer = append(f.buffer, e)
	} else {
		f.stale = true // e is in the stream
	}
	f.mu.Unlock()
	f.signal()
}

// refill has the stream read for what the channel did not carry; the hub's lock is held.
func (f *Follower) refill(gap bool) {
	f.mu.Lock()
	f.stale = true
	f.gap = f.gap || gap
	f.mu.Unlock()
	f.signal()
}

func (f *Follower) signal() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}
