package pool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"meshgen/internal/diagnosis"
)

func TestCancel_KillsTheEngineAtOnceAndLeavesNoZombie(t *testing.T) {
	p, _ := startPool(t, nil)
	fastest, kills := patience, 0
	for ; kills < 20 && fastest >= 100*time.Millisecond; kills++ { // the machine may be busy with something else
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
	require.Equal(t, kills, p.Stats().Recycled[CauseKilled])
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
	c := child{pid: h.pid}
	require.Greater(t, c.memory(), rss(h.pid), "no wall stands: it may have children")
	c.hello.Walls.Seccomp = true
	require.Less(t, c.memory(), groupRSS(h.pid), "they are not looked for where there can be none")
	cancel()
	receive(t, h.out)
}

func TestOutcomeOfALongRequest_KnowsItsPeakOfMemory(t *testing.T) {
	p, _ := startPool(t, nil)
	ctx, cancel := context.WithCancel(within(t))
	h := hang(t, ctx, p, Limits{}, "allocate:100000000")
	await(t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		for c := range p.children {
			if l := c.current(); l != nil {
				return l.peak.Load() > 100e6
			}
		}
		return false
	}, "its memory is looked at")
	cancel()
	require.Greater(t, receive(t, h.out).PeakRSS, int64(100e6))
}

func TestLimits_DoNotHoldAfterTheResult(t *testing.T) {
	p, _ := startPool(t, nil)
	ctx, cancel := context.WithCancel(within(t))
	const limit = 2 * time.Second // many times a round trip, on a busy machine too
	out, err := p.Run(ctx, steps(), Limits{Time: limit}, nil)
	require.NoError(t, err)
	cancel()

	<-time.After(limit + 100*time.Millisecond) // beyond the limit: nothing may happen, so there is no event to wait for

	again, err := run(t, p)
	require.NoError(t, err)
	require.Equal(t, out.PID, again.PID)
}

// A machine that runs out of memory cannot be had in a test: the kernel's counter is a file here.
func TestKernelOutOfMemoryKill_IsOutOfMemoryAndAnotherKillIsNot(t *testing.T) {
	p, _ := startPool(t, nil)
	counter := filepath.Join(t.TempDir(), "memory.events")
	count := func(n int) {
		require.NoError(t, os.WriteFile(counter, fmt.Appendf(nil, "oom 3\noom_kill %d\n", n), 0o600))
	}
	count(7)
	p.oom.mu.Lock()
	p.oom.file, p.oom.name, p.oom.seen = counter, "oom_kill", 7
	p.oom.mu.Unlock()

	_, err := run(t, p, "die-of:KILL")
	require.ErrorAs(t, err, new(*Died))
	require.ErrorContains(t, err, "killed from outside")

	count(8)
	_, err = run(t, p, "die-of:KILL")
	require.ErrorIs(t, err, ErrMemoryLimit)
	require.Equal(t, diagnosis.OutOfMemory, Diagnose(err).Code)

	_, err = run(t, p, "die-of:KILL")
	require.ErrorAs(t, err, new(*Died), "each kill of the kernel explains one death")
}

func TestIdlePool_UsesNoCPU(t *testing.T) {
	p, _ := startPool(t, nil)
	_, err := run(t, p)
	require.NoError(t, err)
	var before, after unix.Rusage
	runtime.GC() // what tests left behind
	require.NoError(t, unix.Getrusage(unix.RUSAGE_SELF, &before))

	<-time.After(500 * time.Millisecond) // the event is that nothing happens

	require.NoError(t, unix.Getrusage(unix.RUSAGE_SELF, &after))
	used := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
	require.Less(t, used, 10*time.Millisecond)
}
