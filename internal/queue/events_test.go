package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func publish(t *testing.T, q *Queue, subject string, n int) (last int64) {
	t.Helper()
	for i := range n {
		var err error
		last, err = q.Publish(deadline(t), subject, "acme", NewEvent{Type: EventProgress, Data: map[string]int{"n": i}})
		require.NoError(t, err)
	}
	return last
}

func batch(n int) []NewEvent {
	events := make([]NewEvent, n)
	for i := range events {
		events[i] = NewEvent{Type: EventLog, Data: map[string]string{"line": fmt.Sprintf("line %d\nof many", i)}}
	}
	return events
}

func TestPublish_EventsOfASubjectAreAChainWhoeverPublishes(t *testing.T) {
	q := startRedis(t).Queue()
	ctx := deadline(t)

	var publishers sync.WaitGroup
	for range 8 {
		publishers.Go(func() {
			for i := range 20 {
				_, err := q.Publish(ctx, "msh_1", "acme", batch(1+i%3)...)
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	publishers.Wait()

	events, known, err := q.Replay(ctx, "msh_1", FromStart)
	require.NoError(t, err)
	require.True(t, known)
	require.Greater(t, len(events), 300)
	for i, e := range events[1:] {
		require.Equal(t, events[i].ID, e.Previous)
		require.Greater(t, e.ID, e.Previous)
	}
	last, err := q.Last(ctx, "msh_1")
	require.NoError(t, err)
	require.Equal(t, events[len(events)-1].ID, last)
	require.Less(t, last, int64(1)<<53, "JavaScript cannot hold a larger id")
}

func TestPublish_ReturnsTheIDOfTheLastEventAndKeepsWhatItWasGiven(t *testing.T) {
	q := startRedis(t).Queue()
	ctx := deadline(t)
	at := time.UnixMilli(1_700_000_000_123)

	last, err := q.Publish(ctx, "msh_1", "acme",
		NewEvent{Type: EventStatus, Data: map[string]string{"status": "running"}, At: at},
		NewEvent{Type: EventArtifact, Data: json.RawMessage(`{"name":"Ø\n\"x\"","n":null}`)})
	require.NoError(t, err)

	events, known, err := q.Replay(ctx, "msh_1", FromStart)
	require.NoError(t, err)
	require.True(t, known)
	require.Len(t, events, 2)
	require.Equal(t, last, events[1].ID)
	require.True(t, at.Equal(events[0].At))
	require.Equal(t, "msh_1", events[0].Subject)
	require.JSONEq(t, `{"status":"running"}`, string(events[0].Data))
	require.JSONEq(t, `{"name":"Ø\n\"x\"","n":null}`, string(events[1].Data))
	require.WithinDuration(t, time.Now(), events[1].At, time.Minute)
}

func TestPublish_WhatComesFirstIsLeftOutLater(t *testing.T) {
	q := startRedis(t).Queue()
	ctx := deadline(t)
	for range 2 {
		_, err := q.Publish(ctx, "msh_1", "acme", NewEvent{Type: "begun", First: true}, NewEvent{Type: "going"})
		require.NoError(t, err)
	}
	require.NoError(t, q.PublishAndRing(ctx, "msh_1", "acme", []NewEvent{{Type: "begun", First: true}}, Bell{JobID: "job_1"}))
	events, _, err := q.Replay(ctx, "msh_1", FromStart)
	require.NoError(t, err)
	var types []string
	for _, e := range events {
		types = append(types, e.Type)
	}
	require.Equal(t, []string{"begun", "going", "going"}, types)
}

func TestPublish_NothingIsDoneForNoEvents(t *testing.T) {
	q := startRedis(t).Queue()
	last, err := q.Publish(deadline(t), "msh_1", "acme")
	require.NoError(t, err)
	require.Zero(t, last)
	last, err = q.Last(deadline(t), "msh_1")
	require.NoError(t, err)
	require.Zero(t, last)
}

func TestPublish_AStreamThatWasLostBeginsWithLargerIDs(t *testing.T) {
	server := startRedis(t)
	q := server.Queue()
	before, err := q.Publish(deadline(t), "msh_1", "acme", batch(1000)...)
	require.NoError(t, err)

	server.Flush()

	after := publish(t, q, "msh_1", 1)
	require.Greater(t, after, before)
	_, known, err := q.Replay(deadline(t), "msh_1", before)
	require.NoError(t, err)
	require.False(t, known, "events before the first that is kept were lost")
}

func TestPublish_StreamsAreTrimmedAndExpire(t *testing.T) {
	server := startRedis(t)
	q := server.Queue(func(c *Config) { c.Events = 200; c.EventsTTL = 10 * time.Minute })
	ctx := deadline(t)
	for range 20 {
		_, err := q.Publish(ctx, "msh_1", "acme", append(batch(50), NewEvent{Type: EventProgress})...)
		require.NoError(t, err)
	}
	n, err := server.Admin.XLen(ctx, q.keys.events("msh_1")).Result()
	require.NoError(t, err)
	require.GreaterOrEqual(t, n, int64(200))
	require.LessOrEqual(t, n, int64(400))
	for _, key := range []string{q.keys.events("msh_1"), q.keys.tenantEvents("acme")} {
		ttl, err := server.Admin.PTTL(ctx, key).Result()
		require.NoError(t, err)
		require.InDelta(t, 10*time.Minute, ttl, float64(time.Minute))
	}
}

func TestReplay_AnIDThatTheKeptEventsDoNotContinueFromIsUnknown(t *testing.T) {
	q := startRedis(t).Queue(func(c *Config) { c.Events = 100 })
	ctx := deadline(t)
	first := publish(t, q, "msh_1", 1)
	last, err := q.Publish(ctx, "msh_1", "acme", batch(500)...)
	require.NoError(t, err)

	for name, after := range map[string]int64{"trimmed": first, "newer than the last": last + 1, "negative": -5, "of ms": time.Now().UnixMilli()} {
		events, known, err := q.Replay(ctx, "msh_1", after)
		require.NoError(t, err)
		require.False(t, known, name)
		require.Empty(t, events, name)
	}
	events, known, err := q.Replay(ctx, "msh_1", last)
	require.NoError(t, err)
	require.True(t, known, "the last: nothing has followed")
	require.Empty(t, events)
	_, known, err = q.Replay(ctx, "msh_2", last)
	require.NoError(t, err)
	require.False(t, known, "a subject without events")
}

func TestReplay_ReturnsMoreThanOnePage(t *testing.T) {
	q := startRedis(t).Queue()
	after, err := q.Publish(deadline(t), "msh_1", "acme", batch(replayPage)...)
	require.NoError(t, err)
	last, err := q.Publish(deadline(t), "msh_1", "acme", batch(2*replayPage)...)
	require.NoError(t, err)
	events, known, err := q.Replay(deadline(t), "msh_1", after)
	require.NoError(t, err)
	require.True(t, known)
	require.Len(t, events, 2*replayPage)
	require.Equal(t, last, events[len(events)-1].ID)
}

func TestPublish_ToAServerThatHangsFailsInTimeAndIsTemporary(t *testing.T) {
	server := startRedis(t)
	q := server.Queue(func(c *Config) { c.Timeout = time.Second }) // for the first, too, on a busy machine
	publish(t, q, "msh_1", 1)
	require.NoError(t, server.Server.Pause())

	start := time.Now()
	_, err := q.Publish(context.Background(), "msh_1", "acme", batch(1)...)
	require.Error(t, err)
	require.True(t, IsTemporary(err), "%v", err)
	require.Less(t, time.Since(start), 10*time.Second)
}

func TestPublish_ToAServerThatIsAwayIsTemporaryAndWorksWhenItIsBack(t *testing.T) {
	server := startRedis(t)
	q := server.Queue()
	publish(t, q, "msh_1", 1)
	server.Kill()
	_, err := q.Publish(context.Background(), "msh_1", "acme", batch(1)...)
	require.True(t, IsTemporary(err), "%v", err)
	server.Start()
	publish(t, q, "msh_1", 1)
}

func TestRecent_ReturnsTheLastEventsInTheirOrder(t *testing.T) {
	q := startRedis(t).Queue()
	events, err := q.Recent(deadline(t), "msh_1", 3)
	require.NoError(t, err)
	require.Empty(t, events)
	publish(t, q, "msh_1", 5)
	all, _, err := q.Replay(deadline(t), "msh_1", FromStart)
	require.NoError(t, err)
	for n, want := range map[int64][]Event{3: all[2:], 10: all} {
		events, err := q.Recent(deadline(t), "msh_1", n)
		require.NoError(t, err)
		require.Equal(t, want, events)
	}
}
