package pool

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
)

// tidying runs the steps and leaves the engine tidying until the returned function is called.
func tidying(t testing.TB, p *Pool, tenant string, req engine.Request) (out Outcome, end func()) {
	sign := filepath.Join(t.TempDir(), "end")
	req.Formats = append(req.Formats, "tidy", "until:"+sign)
	out, err := p.Run(within(t), req, Limits{Tenant: tenant}, nil)
	require.NoError(t, err)
	return out, func() { require.NoError(t, os.WriteFile(sign, nil, 0o600)) }
}

// waiting asks for work on part x, and returns when that waits for an engine.
func waiting(t *testing.T, p *Pool) <-chan Outcome {
	served := make(chan Outcome, 1)
	ctx := within(t)
	go func() {
		out, _ := p.Run(ctx, of("x"), Limits{Tenant: "a"}, nil)
		served <- out
	}()
	await(t, func() bool { return p.Stats().Waiting == 1 }, "it waits, whatever else stands by")
	return served
}

func TestTidy_TheResultIsThereBeforeTheEngineHasTidied(t *testing.T) {
	p, _ := startPool(t, nil)
	out, end := tidying(t, p, "a", of("x", "keep:100"))
	require.Equal(t, 1, inState(p, Busy))
	require.Equal(t, map[string][]engine.Kept{"a": {{SHA256: "x", Format: engine.STEP, Bytes: 100}}}, p.Kept(), "as it expects")

	next := waiting(t, p)
	end()
	require.Equal(t, out.PID, receive(t, next).PID)
	require.Zero(t, p.Stats().Recycled[CauseTenant])
}

func TestTidy_TheEngineThatHoldsThePartIsWaitedForAndNoOther(t *testing.T) {
	p, _ := startPool(t, func(c *Config) { c.Engines = 2 })
	holds, end := tidying(t, p, "a", of("x", "keep:100"))

	other, err := p.Run(within(t), of("y"), Limits{Tenant: "a"}, nil)
	require.NoError(t, err, "another part need not wait: there is room")
	require.NotEqual(t, holds.PID, other.PID)

	next := waiting(t, p)
	end()
	require.Equal(t, holds.PID, receive(t, next).PID)
}

func TestTidy_OneOfAnotherTenantIsNotWaitedFor(t *testing.T) {
	p, _ := startPool(t, nil)
	a, end := tidying(t, p, "a", steps())
	b, err := p.Run(within(t), steps(), Limits{Tenant: "b"}, nil)
	require.NoError(t, err)
	require.NotEqual(t, a.PID, b.PID)
	end()
	await(t, func() bool { return p.Stats().Recycled[CauseTenant] == 1 }, "a's makes room when it has tidied")
}

func TestTidy_WhoWaitsForOneThatDiesIsServedByAnother(t *testing.T) {
	p, _ := startPool(t, nil)
	sign := filepath.Join(t.TempDir(), "end")
	out, err := p.Run(within(t), of("x", "keep:100", "tidy", "until:"+sign, "exit:9"), Limits{Tenant: "a"}, nil)
	require.NoError(t, err, "what went before is good")

	next := waiting(t, p)
	require.NoError(t, os.WriteFile(sign, nil, 0o600))
	require.NotEqual(t, out.PID, receive(t, next).PID)
	require.Equal(t, 1, p.Stats().Crashes)
	require.Empty(t, p.Kept())
}

func TestTidy_OneThatDoesNotEndIsReplaced(t *testing.T) {
	p, _ := startPool(t, nil)
	p.rest = 10 * time.Millisecond
	out, err := run(t, p, "tidy", "hang")
	require.NoError(t, err)
	next, err := run(t, p)
	require.NoError(t, err)
	require.NotEqual(t, out.PID, next.PID)
	await(t, func() bool { return p.Stats().Recycled[CauseKilled] == 1 }, "it is killed")
}

func TestTidy_WhatItSaysOfItselfAfterwardsCounts(t *testing.T) {
	p, _ := startPool(t, nil)
	for _, step := range []string{"tainted", "lost-gpu"} {
		out, err := run(t, p, "tidy", step)
		require.NoError(t, err)
		require.False(t, out.Result.Tainted || out.Result.LostGPU)
		next, err := run(t, p)
		require.NoError(t, err)
		require.NotEqual(t, out.PID, next.PID, step)
	}
	require.Equal(t, 2, p.Stats().Recycled[CauseTainted])

	_, end := tidying(t, p, "", of("x", "keep:100"))
	require.Len(t, p.Kept()[""], 1)
	end()
	awaitWarm(t, p, 2)
	_, err := p.Run(within(t), of("y", "tidy", "keep:30"), Limits{}, nil)
	require.NoError(t, err)
	awaitWarm(t, p, 2)
	require.Len(t, p.Kept()[""], 2, "what was not expected is known, too")
}

func TestTidy_TheNextFindsAnEmptyDesk(t *testing.T) {
	p, _ := startPool(t, nil)
	first, err := run(t, p, "write:left=x", "litter", "tidy", "litter")
	require.NoError(t, err)
	var seen []string
	next, err := p.Run(within(t), steps("look"), Limits{}, func(m engine.Message) { seen = append(seen, m.Log[0].Text) })
	require.NoError(t, err)
	require.Equal(t, first.PID, next.PID)
	require.Equal(t, []string{"out/2"}, seen, "its own folder")
}

func TestTidy_NothingButTheRestMayComeBehindAResult(t *testing.T) {
	p, _ := startPool(t, nil)
	for _, steps := range [][]string{{"tidy", "stages:1"}, {"tidy", "rest"}, {"rest"}} {
		before := p.Stats().Recycled[CauseProtocol]
		_, err := run(t, p, steps...)
		if steps[0] == "tidy" {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, ErrProtocol)
		}
		await(t, func() bool { return p.Stats().Recycled[CauseProtocol] == before+1 }, "%v", steps)
	}
	_, err := run(t, p)
	require.NoError(t, err)
}

func TestTidy_CloseDoesNotWaitForIt(t *testing.T) {
	p, _ := startPool(t, nil)
	_, err := run(t, p, "tidy", "hang")
	require.NoError(t, err)
	closePool(t, p)
}

func TestTidy_ASpeculationWaitsForIt(t *testing.T) {
	p, _ := startPool(t, nil)
	out, end := tidying(t, p, "a", of("x", "keep:100"))
	req := of("x")
	req.Kind = engine.Speculate
	_, _, rested, err := p.tryToSpeculate(req, Limits{Tenant: "a"})
	require.NoError(t, err)
	require.NotNil(t, rested, "what is to be waited for")

	end()
	ahead, err := p.Speculate(within(t), req, Limits{Time: patience, Tenant: "a"})
	require.NoError(t, err)
	require.Equal(t, out.PID, ahead.PID)
	receive(t, rested)
}

func TestTidy_OneThatCannotBeTrustedIsNotWaitedFor(t *testing.T) {
	p, _ := startPool(t, nil)
	out, err := run(t, p, "tainted", "tidy", "hang")
	require.NoError(t, err)
	next, err := run(t, p)
	require.NoError(t, err)
	require.NotEqual(t, out.PID, next.PID)
	require.Equal(t, 1, p.Stats().Recycled[CauseTainted])
}
