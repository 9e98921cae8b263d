package pool

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
)

func TestCancel_KillsTheEngineAtOnceAndLeavesNoZombie(t *testing.T) {
	p, _ := startPool(t, nil)
	fastest := patience
	for range 5 { // the best of five: the machine may be busy with something else
		ctx, cancel := context.WithCancelCause(within(t))
		h := hang(t, ctx, p, Limits{}, "ignore-signals")
		because := errors.New("the user pressed cancel")

		asked := time.Now()
		cancel(because)
		out := receive(t, h.out)

		require.ErrorIs(t, out.err, context.Canceled)
		require.ErrorIs(t, out.err, because)
		requireReaped(t, h.pid)
		require.Zero(t, inState(p, Busy), "the place is free when Run returns")
		fastest = min(fastest, out.at.Sub(asked))
		awaitWarm(t, p, 2)
	}
	require.Less(t, fastest, 100*time.Millisecond)
	require.Equal(t, 5, p.Stats().Recycled[CauseKilled])
	require.Zero(t, p.Stats().Crashes)
}

func TestTimeLimit_KillsTheEngine(t *testing.T) {
	p, _ := startPool(t, nil)
	h := hang(t, within(t), p, Limits{Time: 250 * time.Millisecond})

	out := receive(t, h.out)

	require.ErrorIs(t, out.err, ErrTimeLimit)
	require.GreaterOrEqual(t, out.Took, 250*time.Millisecond)
	requireReaped(t, h.pid)
	d := Diagnose(out.err)
	require.Equal(t, diagnosis.TimeLimit, d.Code)
	require.Equal(t, "The mesher was stopped: time limit reached: 250ms.", d.Message)
}

func TestMemoryLimit_KillsTheEngineThatGrowsBeyondIt(t *testing.T) {
	p, _ := startPool(t, nil)

	out, err := p.Run(within(t), steps("allocate:300000000", "hang"), Limits{Memory: 200e6}, nil)

	require.ErrorIs(t, err, ErrMemoryLimit)
	require.Greater(t, out.PeakRSS, int64(200e6))
	requireReaped(t, out.PID)
	require.Equal(t, diagnosis.OutOfMemory, Diagnose(err).Code)
	_, err = run(t, p, "allocate:100000000")
	require.NoError(t, err)
}

func TestMemoryLimit_CountsWhatTheEngineStarted(t *testing.T) {
	p, _ := startPool(t, nil)
	ctx, cancel := context.WithCancel(within(t))
	h := hang(t, ctx, p, Limits{}, "grandchild")
	require.Greater(t, groupRSS(h.pid), rss(h.pid))
	cancel()
	receive(t, h.out)
}

func TestOutcomeOfALongRequest_KnowsItsPeakOfMemory(t *testing.T) {
	p, _ := startPool(t, nil)
	out, err := p.Run(within(t), steps("allocate:100000000", "hang"), Limits{Time: time.Second}, nil)
	require.ErrorIs(t, err, ErrTimeLimit)
	require.Greater(t, out.PeakRSS, int64(100e6))
}

func TestLimits_DoNotHoldAfterTheResult(t *testing.T) {
	p, _ := startPool(t, nil)
	ctx, cancel := context.WithCancel(within(t))
	out, err := p.Run(ctx, steps(), Limits{Time: 20 * time.Millisecond}, nil)
	if errors.Is(err, ErrTimeLimit) {
		t.Skip("the machine is too busy for a round trip in 20 ms")
	}
	require.NoError(t, err)
	cancel()

	<-time.After(50 * time.Millisecond) // beyond the limit: nothing may happen, so there is no event to wait for

	again, err := run(t, p)
	require.NoError(t, err)
	require.Equal(t, out.PID, again.PID)
}
