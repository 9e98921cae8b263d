package pool

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRecycle_AfterItsJobsAnEngineIsReplacedAndServiceGoesOn(t *testing.T) {
	p, _ := startPool(t, func(c *Config) { c.Jobs = 3 })
	var pids []int
	for range 12 {
		out, err := run(t, p)
		require.NoError(t, err)
		require.Less(t, out.Served, 3)
		pids = append(pids, out.PID)
	}
	slices.Sort(pids)
	require.Len(t, slices.Compact(pids), 4)
	require.Equal(t, 4, p.Stats().Recycled[CauseJobs])
	awaitWarm(t, p, 2)
}

func TestRecycle_DoesNotKeepTheNextRequestWaiting(t *testing.T) {
	p, starts := startPool(t, func(c *Config) { c.Jobs = 1 })
	starts("mute")
	_, err := run(t, p)
	require.NoError(t, err)
	out, err := run(t, p)
	require.NoError(t, err)
	require.True(t, out.Warm)
}

func TestRecycle_ATaintedEngineServesNobodyElse(t *testing.T) {
	p, _ := startPool(t, nil)
	tainted, err := run(t, p, "tainted")
	require.NoError(t, err)
	require.True(t, tainted.Result.Tainted)
	next, err := run(t, p)
	require.NoError(t, err)
	require.NotEqual(t, tainted.PID, next.PID)
	require.Equal(t, 1, p.Stats().Recycled[CauseTainted])
}

func TestRecycle_AnEngineThatGrewIsReplacedAfterItsResult(t *testing.T) {
	p, _ := startPool(t, func(c *Config) { c.MaxRSS = 200 << 20 })
	for _, step := range []string{"rss:300000000", "allocate:300000000"} { // whether it says so or not
		grown, err := run(t, p, step)
		require.NoError(t, err)
		next, err := run(t, p)
		require.NoError(t, err)
		require.NotEqual(t, grown.PID, next.PID)
	}
	require.Equal(t, 2, p.Stats().Recycled[CauseRSS])
}

func TestTenants_NeverShareAnEngineAndNeverWaitForOne(t *testing.T) {
	p, starts := startPool(t, func(c *Config) { c.Engines = 2 })
	served := map[int]string{} // who used an engine
	serve := func(tenant string) Outcome {
		out, err := p.Run(within(t), steps(), Limits{Tenant: tenant}, nil)
		require.NoError(t, err)
		if before, used := served[out.PID]; used {
			require.Equal(t, before, tenant)
		}
		served[out.PID] = tenant
		return out
	}
	a := serve("a")
	require.Equal(t, a.PID, serve("a").PID, "the engine that served the tenant is preferred")
	b := serve("b")
	require.NotEqual(t, a.PID, b.PID)
	require.Zero(t, p.Stats().Recycled[CauseTenant], "two may be used, and a fresh one stands by")

	starts("mute") // the fresh engine that stands by has to do
	c := serve("c")
	require.True(t, c.Warm)
	require.Equal(t, 1, p.Stats().Recycled[CauseTenant], "of three used engines one too many")
	require.Equal(t, b.PID, serve("b").PID, "the one used longest ago went")
}

func TestTenants_WithoutSpareANewOneMakesRoom(t *testing.T) {
	p, _ := startPool(t, func(c *Config) { c.Spares = 0 })
	var last int
	for i := range 4 {
		out, err := p.Run(within(t), steps(), Limits{Tenant: fmt.Sprint(i)}, nil)
		require.NoError(t, err)
		require.NotEqual(t, last, out.PID)
		require.Zero(t, out.Served)
		last = out.PID
	}
	require.Equal(t, 3, p.Stats().Recycled[CauseTenant])
}

func TestTenants_OneThatWaitsForAFreshEngineHoldsUpNobody(t *testing.T) {
	p, starts := startPool(t, func(c *Config) { c.Engines, c.Spares = 2, 0 })
	first := hang(t, within(t), p, Limits{Tenant: "a"})
	own, err := p.Run(within(t), steps(), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	starts("mute")

	// b has to wait: its engine makes room, but no other one starts.
	waited := make(chan error, 1)
	ctx := within(t)
	go func() {
		_, err := p.Run(ctx, steps(), Limits{Tenant: "b"}, nil)
		waited <- err
	}()
	await(t, func() bool { return p.Stats().Recycled[CauseTenant] == 1 }, "room is made")
	require.NotEqual(t, first.pid, own.PID)
	require.Equal(t, 1, p.Stats().Waiting)

	closePool(t, p)
	require.ErrorIs(t, receive(t, waited), ErrClosed)
	require.ErrorIs(t, receive(t, first.out).err, ErrClosed)
}

func TestStats_TellWhatTheEnginesDo(t *testing.T) {
	p, _ := startPool(t, nil)
	ctx, cancel := context.WithCancel(within(t))
	h := hang(t, ctx, p, Limits{})

	s := p.Stats()

	require.Equal(t, 1, s.Capacity)
	require.Equal(t, 1, s.Spares)
	require.Equal(t, 2, s.Started)
	require.Len(t, s.Engines, 2)
	for _, e := range s.Engines {
		require.Equal(t, "4.15.2", e.GmshVersion)
		require.Greater(t, e.RSS, int64(1<<20))
		if e.PID == h.pid {
			require.Equal(t, Busy, e.State)
			require.Equal(t, 1, e.Jobs)
		} else {
			require.Equal(t, Warm, e.State)
		}
	}
	cancel()
	receive(t, h.out)
}
