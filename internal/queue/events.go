package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	Type string
	Data any       // becomes JSON
	At   time.Time // zero means now
}

// Event is a published event.
type Event struct {
	ID      int64 // one more than that of the event before it in the same stream
	Type    string
	At      time.Time
	Subject string // what it is about, also in a tenant's stream
	Data    json.RawMessage
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
		_ = q.ring(ctx, p, bell)
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
	args = make([]any, 0, 3+4*len(events))
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
		args = append(args, e.Type, e.At.UnixMilli(), data, shared)
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

// Replay returns the events of a subject that follow the id after. known is false, and nothing is returned, if after is
// not an id that the kept events continue from: older than them, newer than the last, or of a stream that was lost.
func (q *Queue) Replay(ctx context.Context, subject string, after int64) (events []Event, known bool, err error) {
	key := q.keys.events(subject)
	var page []Event
	if page, known, err = q.begin(ctx, key, after); err != nil || !known {
		return nil, known, err
	}
	for {
		events = append(events, page...)
		if len(page) < replayPage {
			return events, true, nil
		}
		if page, err = q.page(ctx, key, events[len(events)-1].ID); err != nil {
			return nil, false, err
		}
	}
}

// replayPage is how many events are fetched at a time.
const replayPage = 500

// page returns the next events after an id.
func (q *Queue) page(ctx context.Context, key string, after int64) ([]Event, error) {
	ctx, cancel := q.bounded(ctx)
	defer cancel()
	found, err := q.client.XRangeN(ctx, key, strconv.FormatInt(after+1, 10), "+", replayPage).Result()
	if err != nil {
		return nil, fmt.Errorf("replay %s: %w", key, err)
	}
	return parseEntries(found)
}

// begin returns the first page after an id, and whether the kept events continue from it.
func (q *Queue) begin(ctx context.Context, key string, after int64) (page []Event, known bool, err error) {
	if after == FromStart {
		page, err = q.page(ctx, key, 0)
		return page, err == nil, err
	}
	ctx, cancel := q.bounded(ctx)
	defer cancel()
	var first, found, last *redis.XMessageSliceCmd
	_, err = q.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		first = p.XRangeN(ctx, key, "-", "+", 1)
		found = p.XRangeN(ctx, key, strconv.FormatInt(max(after, 0)+1, 10), "+", replayPage)
		last = p.XRevRangeN(ctx, key, "+", "-", 1)
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("replay %s: %w", key, err)
	}
	if len(first.Val()) == 0 || after < 0 {
		return nil, false, nil
	}
	firstID, err1 := entryID(first.Val()[0].ID)
	lastID, err2 := entryID(last.Val()[0].ID)
	page, err3 := parseEntries(found.Val())
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, false, err
	}
	// If after is just before the first, nothing between them was dropped.
	if after < firstID-1 || after > lastID {
		return nil, false, nil
	}
	return page, true, nil
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
		at, err := strconv.ParseInt(field(fieldAt), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("event %d: %w", id, err)
		}
		events = append(events, Event{
			ID: id, Type: field(fieldType), At: time.UnixMilli(at), Subject: field(fieldSubject), Data: json.RawMessage(field(fieldData)),
		})
	}
	return events, nil
}

// parseMessage reads an event as publishScript puts it on a channel.
func parseMessage(payload string) (Event, error) {
	parts := strings.SplitN(payload, "\n", 5)
	if len(parts) != 5 {
		return Event{}, errors.New("message with missing fields")
	}
	id, err1 := strconv.ParseInt(parts[0], 10, 64)
	at, err2 := strconv.ParseInt(parts[2], 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		return Event{}, err
	}
	return Event{ID: id, Type: parts[1], At: time.UnixMilli(at), Subject: parts[3], Data: json.RawMessage(parts[4])}, nil
}
