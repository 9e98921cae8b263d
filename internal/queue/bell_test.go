package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// heard is what a listener got.
type heard struct {
	bell Bell
	err  error
}

// listen calls Next until ctx ends and sends what it gets, ticks apart.
func listen(ctx context.Context, l *Listener, to chan<- heard) {
	for {
		b, err := l.Next(ctx)
		if ctx.Err() != nil || errors.Is(err, ErrClosed) {
			return
		}
		if !errors.Is(err, ErrTick) {
			to <- heard{b, err}
		}
	}
}

func next(t *testing.T, from <-chan heard) Bell {
	t.Helper()
	select {
	case h := <-from:
		require.NoError(t, h.err)
		return h.bell
	case <-deadline(t).Done():
		t.Fatal("no bell rang")
		return Bell{}
	}
}

func TestRing_WakesOneListenerWithWhatWasRung(t *testing.T) {
	server := startRedis(t)
	q := server.Queue()
	ctx, stop := context.WithCancel(context.Background())
	var listening sync.WaitGroup
	defer listening.Wait()
	defer stop()
	bells := make(chan heard, 100)
	for i := range 5 {
		l := q.Listen(fmt.Sprint("w", i))
		t.Cleanup(func() { _ = l.Close() })
		listening.Go(func() { listen(ctx, l, bells) })
	}
	server.blocked(5)

	bell := Bell{JobID: "job_1", Traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
	require.NoError(t, q.Ring(ctx, bell))
	require.Equal(t, bell, next(t, bells))

	var rung []Bell
	for i := range 20 {
		rung = append(rung, Bell{JobID: fmt.Sprintf("job_%d", i)})
	}
	require.NoError(t, q.Ring(ctx, rung...))
	got := map[string]int{}
	for range rung {
		got[next(t, bells).JobID]++
	}
	require.Len(t, got, 20, "each bell wakes one")
	server.blocked(5)
	require.Empty(t, bells)
}

func TestRing_BellsWaitForAListener(t *testing.T) {
	q := startRedis(t).Queue()
	ctx := deadline(t)
	require.NoError(t, q.Ring(ctx, Bell{JobID: "job_1"}, Bell{JobID: "job_2"}))
	lag, err := q.Lag(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 2, lag)

	l := q.Listen("w")
	defer l.Close()
	b, err := l.Next(ctx)
	require.NoError(t, err)
	require.Equal(t, "job_1", b.JobID)
	lag, err = q.Lag(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1, lag)
}

// A job that is rung for by name and in common is heard of once, and no bell of another is lost with the second of its bells.
func TestListener_PassesOverBellsOfJobsThatItHas(t *testing.T) {
	q := startRedis(t).Queue(func(c *Config) { c.Tick = 30 * time.Second })
	ctx := deadline(t)
	has := map[string]bool{}
	l := q.Listen("w")
	l.Has = func(jobID string) bool { return has[jobID] }
	defer l.Close()
	heard := make(chan Bell, 1)
	go func() {
		b, err := l.Next(ctx)
		assert.NoError(t, err)
		heard <- b
	}()
	require.Eventually(t, func() bool { // it listens: who is waiting hears the first of the two
		clients, err := q.client.ClientList(ctx).Result()
		return err == nil && strings.Contains(clients, "name=meshgen-w ") && strings.Contains(clients, "cmd=xreadgroup")
	}, time.Minute, time.Millisecond)
	require.NoError(t, q.Ring(ctx, Bell{JobID: "job_1", Workers: []string{"w"}}))
	require.Equal(t, "job_1", (<-heard).JobID)
	has["job_1"] = true

	require.NoError(t, q.Ring(ctx, Bell{JobID: "job_2", Workers: []string{"w"}}))
	b, err := l.Next(ctx)
	require.NoError(t, err)
	require.Equal(t, "job_2", b.JobID)
	has["job_2"] = true
	require.NoError(t, q.Ring(ctx, Bell{JobID: "job_3"}))
	b, err = l.Next(ctx)
	require.NoError(t, err)
	require.Equal(t, "job_3", b.JobID)
	lag, err := q.Lag(ctx)
	require.NoError(t, err)
	require.Zero(t, lag)
}

func TestLag_IsZeroBeforeAnythingHappened(t *testing.T) {
	lag, err := startRedis(t).Queue().Lag(deadline(t))
	require.NoError(t, err)
	require.Zero(t, lag)
}

func TestRing_KeepsNoMoreBellsThanConfigured(t *testing.T) {
	server := startRedis(t)
	q := server.Queue(func(c *Config) { c.Bells = 100 })
	for range 10 {
		require.NoError(t, q.Ring(deadline(t), make([]Bell, 100)...))
	}
	n, err := server.Admin.XLen(deadline(t), q.keys.bells()).Result()
	require.NoError(t, err)
	require.LessOrEqual(t, n, int64(200))
}

func TestListener_TicksWhenNothingRings(t *testing.T) {
	q := startRedis(t).Queue(func(c *Config) { c.Tick = 50 * time.Millisecond })
	l := q.Listen("w")
	defer l.Close()
	start := time.Now()
	_, err := l.Next(deadline(t))
	require.ErrorIs(t, err, ErrTick)
	require.False(t, l.Away())
	require.GreaterOrEqual(t, time.Since(start), 40*time.Millisecond)
}

func TestListener_EndsAtOnceWithItsContextAndListensAgain(t *testing.T) {
	const tick = 30 * time.Second
	server := startRedis(t)
	q := server.Queue(func(c *Config) { c.Tick = tick })
	l := q.Listen("w")
	defer l.Close()
	for range 3 {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { _, err := l.Next(ctx); ended <- err }()
		server.blocked(1)
		cancel()
		select {
		case err := <-ended:
			require.ErrorIs(t, err, context.Canceled)
		case <-time.After(tick / 3):
			t.Fatal("it waits for the tick")
		}
		server.blocked(0) // nobody is left who could swallow a bell
	}
	require.NoError(t, q.Ring(deadline(t), Bell{JobID: "job_1"}))
	b, err := l.Next(deadline(t))
	for errors.Is(err, ErrTick) { // the cut connection is an outage to it
		b, err = l.Next(deadline(t))
	}
	require.NoError(t, err)
	require.Equal(t, "job_1", b.JobID)
}

func TestListener_RedisFlushed_TheCallerIsToldToLookAndBellsRingAgain(t *testing.T) {
	server := startRedis(t)
	q := server.Queue(func(c *Config) { c.Tick = 30 * time.Second })
	l := q.Listen("w")
	defer l.Close()
	ended := make(chan error, 1)
	wait := func() { _, err := l.Next(deadline(t)); ended <- err }
	go wait()
	server.blocked(1)

	server.Flush()
	require.ErrorIs(t, <-ended, ErrTick, "bells may have gone with the stream")

	go wait()
	server.blocked(1)
	require.NoError(t, q.Ring(deadline(t), Bell{JobID: "job_1"}))
	require.NoError(t, <-ended)
}

func TestListener_BellsRungBetweenAFlushAndTheNextReadAreHeard(t *testing.T) {
	server := startRedis(t)
	q := server.Queue()
	l := q.Listen("w")
	defer l.Close()
	require.NoError(t, q.Ring(deadline(t), Bell{JobID: "job_1"}))
	_, err := l.Next(deadline(t))
	require.NoError(t, err)

	server.Flush()
	require.NoError(t, q.Ring(deadline(t), Bell{JobID: "job_2"}))

	_, err = l.Next(deadline(t))
	require.ErrorIs(t, err, ErrTick)
	b, err := l.Next(deadline(t))
	require.NoError(t, err)
	require.Equal(t, "job_2", b.JobID)
}

func TestListener_RedisRestarted_TicksMeanwhileAndBellsRingAgain(t *testing.T) {
	server := startRedis(t)
	q := server.Queue(func(c *Config) { c.Tick = 500 * time.Millisecond })
	l := q.Listen("w")
	defer l.Close()
	ended := make(chan error, 1)
	go func() { _, err := l.Next(deadline(t)); ended <- err }()
	server.blocked(1)
	server.Kill()

	err := <-ended
	require.ErrorIs(t, err, ErrTick)
	require.True(t, IsTemporary(err), "%v", err)
	require.True(t, l.Away())
	start := time.Now()
	_, err = l.Next(deadline(t))
	require.ErrorIs(t, err, ErrTick)
	require.GreaterOrEqual(t, time.Since(start), 100*time.Millisecond, "an outage is no busy loop")

	server.Start()
	_, err = l.Next(deadline(t))
	for err != nil && l.Away() {
		require.ErrorIs(t, err, ErrTick)
		_, err = l.Next(deadline(t))
	}
	require.ErrorIs(t, err, ErrTick, "what was queued meanwhile is in Postgres")
	require.False(t, l.Away())

	require.NoError(t, q.Ring(deadline(t), Bell{JobID: "job_1"}))
	b, err := l.Next(deadline(t))
	for errors.Is(err, ErrTick) {
		b, err = l.Next(deadline(t))
	}
	require.NoError(t, err)
	require.Equal(t, "job_1", b.JobID)
}

func TestListener_CostsNothingWhileItWaits(t *testing.T) {
	server := startRedis(t)
	q := server.Queue(func(c *Config) { c.Tick = 30 * time.Second })
	l := q.Listen("w")
	defer l.Close()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan heard)
	go func() { defer close(done); listen(ctx, l, done) }()
	server.blocked(1)
	calls := func() int64 {
		stats, err := server.Admin.InfoMap(deadline(t), "commandstats").Result()
		require.NoError(t, err)
		var n int64
		_, _ = fmt.Sscanf(stats["Commandstats"]["cmdstat_xreadgroup"], "calls=%d,", &n)
		return n
	}
	before := calls()
	for range 50 {
		server.blocked(1)
	}
	require.Equal(t, before, calls())
	cancel()
	<-done
}

func TestPublishAndRing_TheEventComesBeforeAnyOfTheWokenWorker(t *testing.T) {
	server := startRedis(t)
	q := server.Queue()
	ctx := deadline(t)
	l := q.Listen("w")
	t.Cleanup(func() { _ = l.Close() })
	for i := range 20 {
		if i == 10 { // a server that restarted has no scripts
			require.NoError(t, server.Admin.ScriptFlush(ctx).Err())
		}
		subject := fmt.Sprint("msh_", i)
		bell := Bell{JobID: fmt.Sprint("job_", i)}
		woken := make(chan error, 1)
		go func() {
			heard, err := l.Next(ctx)
			for errors.Is(err, ErrTick) {
				heard, err = l.Next(ctx)
			}
			if err == nil && heard.JobID != bell.JobID {
				err = fmt.Errorf("heard %v", heard)
			}
			if err == nil {
				_, err = q.Publish(ctx, subject, "acme", NewEvent{Type: EventStage, Data: "import"})
			}
			woken <- err
		}()
		require.NoError(t, q.PublishAndRing(ctx, subject, "acme", []NewEvent{{Type: EventStatus, Data: "queued"}}, bell))
		require.NoError(t, <-woken)
		events, known, err := q.Replay(ctx, subject, FromStart)
		require.NoError(t, err)
		require.True(t, known)
		require.Len(t, events, 2)
		require.Equal(t, EventStatus, events[0].Type)
	}

	server.Kill()
	err := q.PublishAndRing(ctx, "msh_x", "acme", []NewEvent{{Type: EventStatus, Data: "queued"}}, Bell{JobID: "job_x"})
	require.Error(t, err)
	require.True(t, IsTemporary(err), "%v", err)
	require.Error(t, q.PublishAndRing(ctx, "a\nb", "acme", nil, Bell{}), "no subject")
}

func TestRing_WakesWorkersByNameToo(t *testing.T) {
	server := startRedis(t)
	q := server.Queue()
	ctx, stop := context.WithCancel(context.Background())
	var listening sync.WaitGroup
	defer listening.Wait()
	defer stop()
	bells := map[string]chan heard{}
	for _, name := range []string{"a", "b", "c"} {
		l, to := q.Listen(name), make(chan heard, 100)
		t.Cleanup(func() { _ = l.Close() })
		bells[name] = to
		listening.Go(func() { listen(ctx, l, to) })
		server.blocked(len(bells)) // the first waits longest
	}
	require.NoError(t, q.Ring(ctx, Bell{JobID: "job_1", Workers: []string{"b", "c", "dead"}}))
	for _, to := range bells {
		require.Equal(t, "job_1", next(t, to).JobID)
	}
	left, err := server.Admin.PTTL(ctx, q.keys.bellsOf("dead")).Result()
	require.NoError(t, err)
	require.Positive(t, left, "nothing is left of a worker that does not come back")
}

func TestListener_WaitsNoLongerThanItIsToldTo(t *testing.T) {
	q := startRedis(t).Queue(func(c *Config) { c.Tick = 30 * time.Second })
	l := q.Listen("w")
	defer l.Close()
	_, err := l.NextWithin(deadline(t), 20*time.Millisecond)
	require.ErrorIs(t, err, ErrTick)
	_, err = l.NextWithin(deadline(t), -time.Second)
	require.ErrorIs(t, err, ErrTick)
}
