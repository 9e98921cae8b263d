package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"time"

	"meshgen/internal/api/types"
	"meshgen/internal/id"
)

// The types of events.
const (
	EventStatus   = "status"
	EventStage    = "stage"
	EventProgress = "progress"
	EventLog      = "log"
	EventArtifact = "artifact"
	EventDone     = "done"
)

// Event is something that happened to a mesh or a geometry.
type Event struct {
	ID   string          `json:"id,omitempty"`
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

// Decode returns the payload of an event: T is the type of internal/api/types that belongs to its Type.
func Decode[T any](e Event) (T, error) {
	var v T
	if err := json.Unmarshal(e.Data, &v); err != nil {
		return v, fmt.Errorf("event %s of type %s: %w", e.ID, e.Type, err)
	}
	return v, nil
}

// Follow yields what happens to a mesh or geometry: what it is now, then every event until it is done. An event id in
// after makes it begin behind that event instead. A connection that breaks is opened again where it ended; what fails for
// longer than Config.Patience is yielded as the last element, with its error.
func (c *Client) Follow(ctx context.Context, subject, after string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		collection := "meshes"
		if id.Valid(id.Geometry, subject) {
			collection = "geometries"
		}
		f := &follower{c: c, path: []string{collection, subject, "events"}, last: after, yield: yield}
		f.heard()
		for {
			err := f.read(ctx)
			if f.ended {
				return
			}
			if err == nil {
				err = &Unreachable{Server: c.base.Scheme + "://" + c.base.Host, Err: io.ErrUnexpectedEOF}
			}
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			} else if worthRepeating(err) && c.rest(ctx, err, f.pause, f.deadline) {
				f.pause = min(2*f.pause, maxPause)
				continue
			} else if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			yield(Event{}, err)
			return
		}
	}
}

// follower is one Follow on its way.
type follower struct {
	c     *Client
	path  []string
	last  string // id of the last event
	yield func(Event, error) bool
	ended bool // by done, or by the reader

	retry    time.Duration // least pause, as the server wishes
	pause    time.Duration // before the next connection
	deadline time.Time     // of the patience
}

// heard notes a sign of life.
func (f *follower) heard() {
	f.pause = max(firstPause, f.retry)
	f.deadline = time.Now().Add(f.c.cfg.Patience)
}

// read yields the events of one connection until it ends.
func (f *follower) read(ctx context.Context) error {
	ctx, watch := watch(ctx, idleLimit)
	defer watch.stop()
	u := f.c.url(nil, f.path...)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Cache-Control", "no-store")
	if f.last != "" {
		req.Header.Set("Last-Event-ID", f.last)
	}
	res, err := f.c.send(req, "text/event-stream")
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusNoContent { // all of it was seen before
		f.ended = true
		return nil
	}
	events := newStream(watch.reader(res.Body), maxEvent, f.heard, func(pause time.Duration) { f.retry = pause })
	for {
		event, err := events.next()
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, bufio.ErrTooLong):
			return err
		case err != nil:
			return unreachable(ctx, u, err)
		case !f.dispatch(event):
			return nil
		}
	}
}

// dispatch yields an event and reports whether more may follow.
func (f *follower) dispatch(e Event) bool {
	if e.ID != "" {
		f.last = e.ID
	}
	if !f.yield(e, nil) || e.Type == EventDone {
		f.ended = true
	}
	return !f.ended
}

// Final reports whether a status is one that nothing follows.
func Final(status string) bool {
	switch status {
	case "succeeded", "failed", "canceled":
		return true
	}
	return false
}

// Done returns the payload of the event that ends a stream, and whether e is that event.
func Done(e Event) (types.StatusEvent, bool) {
	if e.Type != EventDone {
		return types.StatusEvent{}, false
	}
	status, err := Decode[types.StatusEvent](e)
	return status, err == nil
}
