package pool

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestIdle_EnginesAreReplacedWithWhatTheyKeep(t *testing.T) {
	p, _ := startPool(t, func(c *Config) { c.Engines, c.Keep, c.Idle = 2, 1<<20, 50*time.Millisecond })
	for _, tenant := range []string{"a", "b"} {
		_, err := p.Run(within(t), of("x", "keep:1000"), Limits{Tenant: tenant}, nil)
		require.NoError(t, err)
	}
	await(t, func() bool { return p.Stats().Recycled[CauseIdle] == 2 }, "both engines are replaced")
	awaitWarm(t, p, 3)
	require.Empty(t, p.Kept())
	for _, e := range p.Stats().Engines {
		require.Zero(t, e.Jobs)
	}
	require.Equal(t, 5, p.Stats().Started, "those that nobody used stay")
}

func TestIdle_NoneIsReplacedBeforeTheOneBeforeItIsBack(t *testing.T) {
	p, starts := startPool(t, func(c *Config) { c.Engines, c.Idle = 2, time.Hour })
	var last Outcome
	for _, tenant := range []string{"a", "b"} {
		var err error
		last, err = p.Run(within(t), steps(), Limits{Tenant: tenant}, nil)
		require.NoError(t, err)
	}
	starts("mute")
	hoursLater(p)
	await(t, func() bool { return inState(p, Starting) == 1 }, "the successor of the engine that was used first starts")
	hoursLater(p)
	require.Equal(t, 1, p.Stats().Recycled[CauseIdle])
	again, err := p.Run(within(t), steps(), Limits{Tenant: "b"}, nil)
	require.NoError(t, err)
	require.Equal(t, last.PID, again.PID)
}

func TestIdle_NoneIsReplacedWhileNoneCanBeStarted(t *testing.T) {
	p, starts := startPool(t, func(c *Config) { c.Engines, c.Idle = 3, time.Hour })
	for _, tenant := range []string{"a", "b", "c"} {
		_, err := p.Run(within(t), steps(), Limits{Tenant: tenant}, nil)
		require.NoError(t, err)
	}
	starts("die")
	hoursLater(p)
	await(t, func() bool { return p.Stats().StartFailures > 0 }, "the successor of the engine that was used first does not start")
	hoursLater(p)
	require.Equal(t, 1, p.Stats().Recycled[CauseIdle])
	require.Equal(t, 3, inState(p, Warm))
}

func TestIdle_OneThatWorksStays(t *testing.T) {
	p, _ := startPool(t, func(c *Config) { c.Idle = time.Hour })
	h := hang(t, within(t), p, Limits{})
	hoursLater(p)
	require.Zero(t, p.Stats().Recycled[CauseIdle])
	require.Equal(t, []int{h.pid}, pidsOf(p, Busy))
}

func TestIdle_WithoutALimitPartsAreKept(t *testing.T) {
	p, _ := startPool(t, func(c *Config) { c.Keep = 1 << 20 })
	_, err := p.Run(within(t), of("x", "keep:1000"), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	hoursLater(p)
	require.Zero(t, p.Stats().Recycled[CauseIdle])
	require.Len(t, p.Kept()["a"], 1)
}

// hoursLater makes a pool believe that its engines have been in their states for two hours more.
func hoursLater(p *Pool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.children {
		c.since = c.since.Add(-2 * time.Hour)
	}
	p.balance()
}
