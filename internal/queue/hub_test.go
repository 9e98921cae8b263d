package queue

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

func follow(t *testing.T, q *Queue, subject string, after int64) *Follower {
	t.Helper()
	f, err := q.Hub().Follow(deadline(t), subject, after)
	require.NoError(t, err)
	t.Cleanup(f.Close)
	return f
}

// expect takes n events and requires that they follow one another, the last one being last.
func expect(t *testing.T, f *Follower, n int, last int64) {
	t.Helper()
	for i := range n {
		before := f.Position()
		e, err := f.Next(deadline(t))
		require.NoError(t, err, "event %d of %d", i+1, n)
		if i > 0 {
			require.Equal(t, before, e.Previous)
		}
	}
	require.Equal(t, last, f.Position())
}

// quiet requires that nothing is there to be had.
func quiet(t *testing.T, q *Queue, f *Follower, subject string) {
	t.Helper()
	last := publish(t, q, subject, 1) // whatever was due comes before it
	expect(t, f, 1, last)
}

func TestFollow_YieldsWhatWasThereAndWhatComes(t *testing.T) {
	q := startRedis(t).Queue()
	first := publish(t, q, "msh_1", 1)
	last := publish(t, q, "msh_1", 2)

	fromStart, fromNow, fromFirst := follow(t, q, "msh_1", FromStart), follow(t, q, "msh_1", FromNow), follow(t, q, "msh_1", first)
	require.True(t, fromStart.Known())
	require.True(t, fromNow.Known())
	require.True(t, fromFirst.Known())
	require.Equal(t, last, fromNow.Position())

	expect(t, fromStart, 3, last)
	expect(t, fromFirst, 2, last)
	last = publish(t, q, "msh_1", 2)
	for _, f := range []*Follower{fromStart, fromNow, fromFirst} {
		expect(t, f, 2, last)
	}
}

func TestFollow_OfASubjectWithoutEventsYieldsItsFirst(t *testing.T) {
	q := startRedis(t).Queue()
	f := follow(t, q, "msh_1", FromNow)
	require.Zero(t, f.Position())
	last, err := q.Publish(deadline(t), "msh_1", "acme", batch(3)...)
	require.NoError(t, err)
	expect(t, f, 3, last)
}

func TestFollow_AnUnknownIDIsTreatedAsNow(t *testing.T) {
	q := startRedis(t).Queue()
	last := publish(t, q, "msh_1", 3)
	f := follow(t, q, "msh_1", last+100)
	require.False(t, f.Known())
	require.Equal(t, last, f.Position())
	quiet(t, q, f, "msh_1")
}

func TestFollow_MissesAndRepeatsNothingWhileEventsPour(t *testing.T) {
	q := startRedis(t).Queue()
	ctx := deadline(t)
	const followers, events = 20, 2000
	start := publish(t, q, "msh_1", 1)

	var all sync.WaitGroup
	all.Go(func() {
		for range events / 4 {
			if _, err := q.Publish(ctx, "msh_1", "acme", batch(4)...); err != nil {
				t.Error(err)
			}
		}
	})
	for range followers {
		all.Go(func() {
			f, err := q.Hub().Follow(ctx, "msh_1", start)
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			for i := range events {
				before := f.Position()
				e, err := f.Next(ctx)
				if err != nil || e.Previous != before {
					t.Errorf("event %d: got one after %d instead of %d, %v", i, e.Previous, before, err)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestFollowTenant_GetsTheEventsOfAllSubjectsButLogs(t *testing.T) {
	q := startRedis(t).Queue()
	ctx := deadline(t)
	f, err := q.Hub().FollowTenant(ctx, "acme", FromNow)
	require.NoError(t, err)
	defer f.Close()

	_, err = q.Publish(ctx, "msh_1", "acme", NewEvent{Type: EventStatus}, NewEvent{Type: EventLog}, NewEvent{Type: EventDone})
	require.NoError(t, err)
	_, err = q.Publish(ctx, "msh_3", "other", NewEvent{Type: EventStatus})
	require.NoError(t, err)
	_, err = q.Publish(ctx, "geo_2", "acme", NewEvent{Type: EventProgress})
	require.NoError(t, err)

	var got []string
	var last int64
	for range 3 {
		e, err := f.Next(ctx)
		require.NoError(t, err)
		require.Equal(t, last, e.Previous)
		last = e.ID
		got = append(got, e.Subject+" "+e.Type)
	}
	require.Equal(t, []string{"msh_1 status", "msh_1 done", "geo_2 progress"}, got)
}

func TestHub_TwoHundredFollowersShareOneConnection(t *testing.T) {
	server := startRedis(t)
	q := server.Queue()
	subjects := []string{"msh_1", "msh_2", "msh_3", "msh_4"}
	followers := make([]*Follower, 200)
	var joining sync.WaitGroup
	for i := range followers {
		joining.Go(func() { followers[i], _ = q.Hub().Follow(deadline(t), subjects[i%4], FromNow) })
	}
	joining.Wait()
	require.NotContains(t, followers, (*Follower)(nil))
	require.Equal(t, HubStats{Followers: 200, Channels: 4, Connected: true}, q.Hub().Stats())
	require.Equal(t, 1, server.pubsubConnections())

	last := map[string]int64{}
	for _, s := range subjects {
		last[s] = publish(t, q, s, 5)
	}
	for i, f := range followers {
		expect(t, f, 5, last[subjects[i%4]])
		f.Close()
	}
	require.Equal(t, HubStats{Connected: true}, q.Hub().Stats())
	require.Eventually(t, func() bool { return server.pubsubConnections() == 0 }, patience, 5*time.Millisecond)
}

func TestHub_AFollowerThatDoesNotReadHoldsUpNobodyAndCatchesUp(t *testing.T) {
	q := startRedis(t).Queue()
	slow, quick := follow(t, q, "msh_1", FromNow), follow(t, q, "msh_1", FromNow)
	const n = 4 * bufferedEvents
	var last int64
	for range n / 16 {
		var err error
		last, err = q.Publish(deadline(t), "msh_1", "acme", batch(16)...)
		require.NoError(t, err)
		expect(t, quick, 16, last)
	}
	slow.mu.Lock()
	require.LessOrEqual(t, len(slow.buffer), bufferedEvents)
	slow.mu.Unlock()
	expect(t, slow, n, last)
	quiet(t, q, slow, "msh_1")
}

func TestHub_AFollowerThatLagsBehindWhatIsKeptIsToldOfTheGap(t *testing.T) {
	q := startRedis(t).Queue(func(c *Config) { c.Events = 100 })
	f := follow(t, q, "msh_1", FromNow)
	publish(t, q, "msh_1", 1)
	var last int64
	for range 20 {
		var err error
		last, err = q.Publish(deadline(t), "msh_1", "acme", batch(100)...)
		require.NoError(t, err)
	}
	gaps := 0
	for f.Position() != last {
		_, err := f.Next(deadline(t))
		if errors.Is(err, ErrGap) {
			gaps++
			continue
		}
		require.NoError(t, err)
	}
	require.Equal(t, 1, gaps)
}

func TestHub_AStreamLostUnderAFollowerIsAGapAndGoesOn(t *testing.T) {
	server := startRedis(t)
	q := server.Queue()
	f := follow(t, q, "msh_1", FromNow)
	expect(t, f, 3, publish(t, q, "msh_1", 3))
	server.Flush()
	last := publish(t, q, "msh_1", 2)
	_, err := f.Next(deadline(t))
	require.ErrorIs(t, err, ErrGap)
	expect(t, f, 2, last)
	quiet(t, q, f, "msh_1")
}

func TestHub_RedisRestartedUnderAFollower_ItGoesOnAndIsToldOfTheGap(t *testing.T) {
	server := startRedis(t)
	q := server.Queue()
	f, idle := follow(t, q, "msh_1", FromNow), follow(t, q, "msh_2", FromNow)
	expect(t, f, 3, publish(t, q, "msh_1", 3))

	server.Kill()
	server.Start()
	last := publish(t, q, "msh_1", 5) // likely before the hub is back: then they are in the stream alone

	got, gaps := 0, 0
	for got < 5 || gaps < 1 {
		e, err := f.Next(deadline(t))
		if errors.Is(err, ErrGap) {
			gaps++
			continue
		}
		require.NoError(t, err)
		got++
		if got == 5 {
			require.Equal(t, last, e.ID)
		}
	}
	require.Equal(t, 5, got)
	quiet(t, q, f, "msh_1")

	_, err := idle.Next(deadline(t))
	require.ErrorIs(t, err, ErrGap, "its events may not have been published")
	quiet(t, q, idle, "msh_2")
	require.True(t, q.Hub().Stats().Connected)
}

// With appendfsync everysec a server that is killed may come back without the last events.
func TestHub_EventsLostWithAKilledRedisAreAGap_AndNoneOfTheNextIsTakenForOneOfThem(t *testing.T) {
	server := startRedis(t)
	q := server.Queue()
	f := follow(t, q, "msh_1", FromNow)
	kept := publish(t, q, "msh_1", 1)
	lost := publish(t, q, "msh_1", 2)
	expect(t, f, 3, lost)

	key, ctx := q.keys.events("msh_1"), deadline(t)
	all, err := server.Admin.XRange(ctx, key, "-", "+").Result()
	require.NoError(t, err)
	_, err = server.Admin.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Del(ctx, key)
		p.XAdd(ctx, &redis.XAddArgs{Stream: key, ID: all[0].ID, Values: all[0].Values})
		p.ClientKillByFilter(ctx, "TYPE", "pubsub")
		return nil
	})
	require.NoError(t, err)

	_, known, err := q.Replay(ctx, "msh_1", lost)
	require.NoError(t, err)
	require.False(t, known)
	_, err = f.Next(deadline(t))
	require.ErrorIs(t, err, ErrGap)
	require.Equal(t, kept, f.Position())
	last := publish(t, q, "msh_1", 2)
	require.Greater(t, last, lost)
	expect(t, f, 2, last)
	quiet(t, q, f, "msh_1")
	_, known, err = q.Replay(ctx, "msh_1", lost)
	require.NoError(t, err)
	require.False(t, known, "an id between those of two events")
}

func TestFollow_WithoutRedisFailsInTimeAndIsTemporary(t *testing.T) {
	server := startRedis(t)
	q := server.Queue(func(c *Config) { c.Timeout = 200 * time.Millisecond })
	server.Kill()
	_, err := q.Hub().Follow(context.Background(), "msh_1", FromNow)
	require.Error(t, err)
	require.True(t, IsTemporary(err), "%v", err)
	require.Zero(t, q.Hub().Stats().Followers)

	server.Start()
	require.Eventually(t, func() bool {
		f, err := q.Hub().Follow(context.Background(), "msh_1", FromNow)
		if err == nil {
			f.Close()
		}
		return err == nil
	}, patience, 10*time.Millisecond)
}

func TestFollower_NextEndsWithItsContextWithCloseAndWithTheQueue(t *testing.T) {
	server := startRedis(t)
	q := server.Queue()

	f := follow(t, q, "msh_1", FromNow)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := f.Next(ctx)
	require.ErrorIs(t, err, context.Canceled)

	ended := make(chan error, 2)
	go func() { _, err := f.Next(context.Background()); ended <- err }()
	f.Close()
	f.Close()
	require.ErrorIs(t, <-ended, ErrClosed)

	g := follow(t, q, "msh_1", FromNow)
	go func() { _, err := g.Next(context.Background()); ended <- err }()
	require.NoError(t, q.Close())
	require.ErrorIs(t, <-ended, ErrClosed)
}

func TestHub_LeavingAndComingBackAtOnceMissesNothing(t *testing.T) {
	q := startRedis(t).Queue()
	for range 200 {
		f, err := q.Hub().Follow(deadline(t), "msh_1", FromNow)
		require.NoError(t, err)
		expect(t, f, 1, publish(t, q, "msh_1", 1))
		f.Close()
	}
}

func TestClose_LeavesNoGoroutines(t *testing.T) {
	server := startRedis(t)
	before := runtime.NumGoroutine()
	q := server.Queue()
	follow(t, q, "msh_1", FromNow)
	controls := q.Controls(context.Background())
	l := q.Listen("w")
	ended := make(chan error)
	go func() { _, err := l.Next(context.Background()); ended <- err }()
	server.blocked(1)
	require.NoError(t, q.Close())
	require.ErrorIs(t, <-ended, ErrClosed)
	_ = l.Close()
	for range controls { // closed
	}
	ctx := deadline(t)
	for runtime.NumGoroutine() > before && ctx.Err() == nil {
		runtime.Gosched()
	}
	stacks := make([]byte, 1<<20)
	require.NoError(t, ctx.Err(), "%s", stacks[:runtime.Stack(stacks, true)])
}
