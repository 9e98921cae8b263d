package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// The types of events, as server-sent events name them.
const (
	EventStatus   = "status"
	EventStage    = "stage"
	EventProgress = "progress"
	EventLog      = "log" // these stay out of the tenant's stream
	EventArtifact = "artifact"
	EventDone     = "done"
)

// NewEvent is an event to publish.
type NewEvent struct {
	Type  string
	Data  any       // becomes JSON
	At    time.Time // zero means now
	First bool      // left out where the subject has events already
}

// Event is a published event.
type Event struct {
	ID       int64
	Previous int64 // id of the event before it in the same stream, 0 if it is the first
	Type     string
	At       time.Time
	Subject  string // what it is about, also in a tenant's stream
	Data     json.RawMessage
}

// Publish appends events to the subject's stream, and to that of its tenant, in one round trip. It returns the id of the
// last one in the subject's stream. The tenant may be empty.
func (q *Queue) Publish(ctx context.Context, subject, tenant string, events ...NewEvent) (lastID int64, err error) {
	if len(events) == 0 {
		return 0, nil
	}
	keys, args, err := q.publication(subject, tenant, events)
	if err != nil {
		return 0, err
	}
	ctx, cancel := q.bounded(ctx)
	defer cancel()
	lastID, err = publishScript.Run(ctx, q.client, keys, args...).Int64()
	if err != nil {
		return 0, fmt.Errorf("publish for %s: %w", subject, err)
	}
	return lastID, nil
}

// PublishAndRing is Publish and then Ring in one round trip: whoever follows the subject reads the events before those of
// the worker that the bell wakes.
func (q *Queue) PublishAndRing(ctx context.Context, subject, tenant string, events []NewEvent, bell Bell) error {
	keys, args, err := q.publication(subject, tenant, events)
	if err != nil {
		return err
	}
	ctx, cancel := q.bounded(ctx)
	defer cancel()
	_, err = q.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		// The whole script each time: one that Redis does not have yet could only be sent again after the bell.
		_ = publishScript.Eval(ctx, p, keys, args...) // the pipeline returns the errors
		q.ring(ctx, p, bell)
		return nil
	})
	if err != nil {
		return fmt.Errorf("publish for %s and ring: %w", subject, err)
	}
	return nil
}

// publication returns what publishScript takes.
func (q *Queue) publication(subject, tenant string, events []NewEvent) (keys []string, args []any, err error) {
	if !safePart(subject) || tenant != "" && !safePart(tenant) {
		return nil, nil, fmt.Errorf("publish: %q of tenant %q cannot be a subject", subject, tenant)
	}
	args = make([]any, 0, 3+5*len(events))
	args = append(args, q.cfg.Events, q.cfg.EventsTTL.Milliseconds(), subject)
	now := time.Now()
	for _, e := range events {
		data, err := json.Marshal(e.Data)
		if err != nil {
			return nil, nil, fmt.Errorf("publish %s for %s: %w", e.Type, subject, err)
		}
		if !safePart(e.Type) {
			return nil, nil, fmt.Errorf("publish: %q cannot be the type of an event", e.Type)
		}
		if e.At.IsZero() {
			e.At = now
		}
		shared := "1"
		if e.Type == EventLog || tenant == "" {
			shared = "0"
		}
		first := "0"
		if e.First {
			first = "1"
		}
		args = append(args, e.Type, e.At.UnixMilli(), data, shared, first)
	}
	return []string{q.keys.events(subject), q.keys.tenantEvents(tenant)}, args, nil
}

const (
	// FromStart follows or replays a stream from the first event that is kept.
	FromStart int64 = 0
	// FromNow follows a stream from what comes next.
	FromNow int64 = -1
)

// Last returns the id of a subject's last event, 0 if it has none.
func (q *Queue) Last(ctx context.Context, subject string) (int64, error) {
	ctx, cancel := q.bounded(ctx)
	defer cancel()
	return q.last(ctx, q.keys.events(subject))
}

func (q *Queue) last(ctx context.Context, key string) (int64, error) {
	found, err := q.client.XRevRangeN(ctx, key, "+", "-", 1).Result()
	if err != nil {
		return 0, fmt.Errorf("last of %s: %w", key, err)
	}
	if len(found) == 0 {
		return 0, nil
	}
	return entryID(found[0].ID)
}

// Recent returns the last n events of a subject, in their order.
func (q *Queue) Recent(ctx context.Context, subject string, n int64) ([]Event, error) {
	ctx, cancel := q.bounded(ctx)
	defer cancel()
	found, err := q.client.XRevRangeN(ctx, q.keys.events(subject), "+", "-", n).Result()
	if err != nil {
		return nil, fmt.Errorf("last events of %s: %w", subject, err)
	}
	slices.Reverse(found)
	return parseEntries(found)
}

// Replay returns the events of a subject that follow the id after. known is false, and nothing is returned, if after is
// not an id that the kept events continue from: older than them, newer than the last, or of a stream that was lost.
func (q *Queue) Replay(ctx context.Context, subject string, after int64) (events []Event, known bool, err error) {
	key := q.keys.events(subject)
	for {
		page, _, known, err := q.page(ctx, key, after)
		if err != nil || !known {
			return nil, false, err
		}
		events = append(events, page...)
		if len(page) < replayPage {
			return events, true, nil
		}
		after = page[len(page)-1].ID
	}
}

// replayPage is how many events are fetched at a time.
const replayPage = 500

// page returns the next events after an id, the id of the stream's last event, and whether the kept events continue from
// the id: they do not if those between were dropped, or if it is of an event that was lost.
func (q *Queue) page(ctx context.Context, key string, after int64) (page []Event, last int64, known bool, err error) {
	ctx, cancel := q.bounded(ctx)
	defer cancel()
	var found, newest *redis.XMessageSliceCmd
	_, err = q.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		found = p.XRangeN(ctx, key, strconv.FormatInt(max(after, 0)+1, 10), "+", replayPage)
		newest = p.XRevRangeN(ctx, key, "+", "-", 1)
		return nil
	})
	if err != nil {
		return nil, 0, false, fmt.Errorf("replay %s: %w", key, err)
	}
	if entries := newest.Val(); len(entries) > 0 {
		if last, err = entryID(entries[0].ID); err != nil {
			return nil, 0, false, err
		}
	}
	if page, err = parseEntries(found.Val()); err != nil {
		return nil, 0, false, err
	}
	switch {
	case after == FromStart:
		known = true
	case len(page) > 0:
		known = page[0].Previous == after
	default:
		known = last == after
	}
	return page, last, known, nil
}

func entryID(s string) (int64, error) {
	ms, _, _ := strings.Cut(s, "-")
	id, err := strconv.ParseInt(ms, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("id %q of a stream: %w", s, err)
	}
	return id, nil
}

func parseEntries(entries []redis.XMessage) ([]Event, error) {
	events := make([]Event, 0, len(entries))
	for _, entry := range entries {
		id, err := entryID(entry.ID)
		if err != nil {
			return nil, err
		}
		field := func(name string) string { s, _ := entry.Values[name].(string); return s }
		previous, err1 := strconv.ParseInt(field(fieldPrevious), 10, 64)
		at, err2 := strconv.ParseInt(field(fieldAt), 10, 64)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("event %d: %w", id, err)
		}
		events = append(events, Event{
			ID: id, Previous: previous, Type: field(fieldType), At: time.UnixMilli(at), Subject: field(fieldSubject), Data: json.RawMessage(field(fieldData)),
		})
	}
	return events, nil
}

// parseMessage reads an event as publishScript puts it on a channel.
func parseMessage(payload string) (Event, error) {
	parts := strings.SplitN(payload, "\n", 6)
	if len(parts) != 6 {
		return Event{}, errors.New("message with missing fields")
	}
	id, err1 := strconv.ParseInt(parts[0], 10, 64)
	previous, err2 := strconv.ParseInt(parts[1], 10, 64)
	at, err3 := strconv.ParseInt(parts[3], 10, 64)
	if err := errors.Join(err1, err2, err3); err != nil {
		return Event{}, err
	}
	return Event{ID: id, Previous: previous, Type: parts[2], At: time.UnixMilli(at), Subject: parts[4], Data: json.RawMessage(parts[5])}, nil
}
