package pool

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIdle_LentOnlyWhereNobodyMissesIt(t *testing.T) {
	p, starts := startPool(t, func(c *Config) { c.Engines = 2 })
	starts("mute") // what stands by now is all that there is
	idle := Limits{Tenant: "a", Idle: true}

	first := hang(t, within(t), p, Limits{Tenant: "a"})
	out, err := p.Run(within(t), steps(), idle, nil)
	require.NoError(t, err, "one may run, and a fresh one is left")
	require.NotEqual(t, first.pid, out.PID)
	again, err := p.Run(within(t), steps(), idle, nil)
	require.NoError(t, err)
	require.Equal(t, out.PID, again.PID, "it is given back like any other")

	_, err = p.Run(within(t), steps(), Limits{Tenant: "b", Idle: true}, nil)
	require.ErrorIs(t, err, ErrNotIdle, "the last fresh one is kept for who comes")
	require.Zero(t, p.Stats().Recycled[CauseTenant])

	second := hang(t, within(t), p, Limits{Tenant: "a"})
	require.Equal(t, out.PID, second.pid)
	_, err = p.Run(within(t), steps(), idle, nil)
	require.ErrorIs(t, err, ErrNotIdle, "as many run as may")
}

func TestIdle_NoTenantLosesItsOwnEngineForIt(t *testing.T) {
	p, _ := startPool(t, func(c *Config) { c.Engines, c.Spares = 2, 2 })
	other, err := p.Run(within(t), steps(), Limits{Tenant: "b"}, nil)
	require.NoError(t, err)
	hang(t, within(t), p, Limits{Tenant: "a"})

	_, err = p.Run(within(t), steps(), Limits{Tenant: "a", Idle: true}, nil)
	require.ErrorIs(t, err, ErrNotIdle, "with a third used engine b's would have to go")
	again, err := p.Run(within(t), steps(), Limits{Tenant: "b"}, nil)
	require.NoError(t, err)
	require.Equal(t, other.PID, again.PID)
}

func TestIdle_WhoeverWaitsGetsAnEngineForIt(t *testing.T) {
	p, starts := startPool(t, func(c *Config) { c.Engines, c.StartTimeout = 2, patience/3 })
	starts("mute") // for a third of the patience, where one starts before that is over
	hang(t, within(t), p, Limits{Tenant: "a"})
	h := hang(t, within(t), p, Limits{Tenant: "a", Idle: true})

	out, err := p.Run(within(t), steps(), Limits{Tenant: "b"}, nil)
	require.NoError(t, err)
	require.True(t, out.Warm, "a fresh one stood ready")
	lost := receive(t, h.out)
	require.ErrorIs(t, lost.err, ErrWanted)
	requireReaped(t, lost.PID)
	require.Equal(t, 1, p.Stats().Recycled[CauseWanted])
	require.Zero(t, p.Stats().Crashes)

	starts("")
	awaitWarm(t, p, 2) // and its place is filled
	require.Equal(t, 1, inState(p, Busy))
}

func TestIdle_TheLatestIsTakenBackAndNoMoreThanAreNeeded(t *testing.T) {
	p, _ := startPool(t, func(c *Config) { c.Engines = 3 })
	hang(t, within(t), p, Limits{Tenant: "a"})
	earlier := hang(t, within(t), p, Limits{Tenant: "a", Idle: true})
	awaitWarm(t, p, 2)
	later := hang(t, within(t), p, Limits{Tenant: "a", Idle: true})

	_, err := p.Run(within(t), steps(), Limits{Tenant: "b"}, nil)
	require.NoError(t, err)
	require.ErrorIs(t, receive(t, later.out).err, ErrWanted)
	select {
	case out := <-earlier.out:
		require.Fail(t, "two were taken back", "%v", out.err)
	default:
	}
}

func TestIdle_NothingIsIdle_ItIsToldAtOnce(t *testing.T) {
	p, _ := startPool(t, nil)
	h := hang(t, within(t), p, Limits{})
	_, err := p.Run(within(t), steps(), Limits{Idle: true}, nil)
	require.ErrorIs(t, err, ErrNotIdle)
	require.Zero(t, p.Stats().Waiting)
	closePool(t, p)
	require.ErrorIs(t, receive(t, h.out).err, ErrClosed)
	_, err = p.Run(within(t), steps(), Limits{Idle: true}, nil)
	require.ErrorIs(t, err, ErrClosed)
}
