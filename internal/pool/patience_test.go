package pool

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
)

// lookAt lets a test read and change a speculation and the engine that it is in.
func (h speculating) lookAt(p *Pool, do func(*child, *speculation)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.children {
		if c.pid == h.pid {
			do(c, c.ahead)
		}
	}
}

// promised waits until the engine is promised to somebody.
func (h speculating) promised(t *testing.T, p *Pool) {
	t.Helper()
	await(t, func() (yes bool) {
		h.lookAt(p, func(c *child, _ *speculation) { yes = c.promised != nil })
		return yes
	}, "a promise")
}

// served is a request that runs or waits.
type served struct {
	out    chan Outcome
	err    chan error
	cancel context.CancelFunc
}

// ask runs a request of tenant a.
func ask(t *testing.T, p *Pool, req engine.Request) served {
	ctx, cancel := context.WithCancel(within(t))
	t.Cleanup(cancel)
	s := served{make(chan Outcome, 1), make(chan error, 1), cancel}
	go func() {
		out, err := p.Run(ctx, req, Limits{Tenant: "a"}, nil)
		s.out <- out
		s.err <- err
	}()
	return s
}

// Its engine uses its processor for ever, as an operation on shapes does now and then.
func TestSpeculation_ReadsThePartForEver_WhoeverWaitsGetsAnotherEngine(t *testing.T) {
	p, pid := startUsedPool(t, nil)
	h := speculate(t, p, engine.StageHeal, patience, "y", "hang")
	h.lookAt(p, func(_ *child, s *speculation) { s.limit = time.Millisecond })
	out, err := p.Run(within(t), finer(wanted("y")), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	require.NotEqual(t, pid, out.PID)
	require.ErrorIs(t, receive(t, h.ended), ErrTooLong, "it is not tried again")
}

func TestSpeculation_HasReadThePartAndDoesNotHeedTheDrop_WhoeverWaitsGetsAnotherEngine(t *testing.T) {
	p, pid := startUsedPool(t, nil)
	file := filepath.Join(t.TempDir(), "go")
	h := speculate(t, p, engine.StageHeal, patience, "y", "until:"+file, "stage:mesh1d", "hang")
	looked := make(chan struct{}, 1)
	p.mu.Lock()
	used := p.used
	p.used = func(pid int) time.Duration {
		select {
		case looked <- struct{}{}:
		default:
		}
		return used(pid)
	}
	p.mu.Unlock()
	waits := ask(t, p, finer(wanted("y")))
	receive(t, looked) // dropTime is over, and the reading is waited for
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.NoError(t, receive(t, waits.err))
	require.NotEqual(t, pid, receive(t, waits.out).PID)
	require.ErrorIs(t, receive(t, h.ended), ErrWanted)
}

func TestSpeculation_WhoeverItIsDroppedForGoes_ItsEngineIsNotThere_ForTheNext(t *testing.T) {
	p, pid := startUsedPool(t, nil)
	h := speculate(t, p, engine.StageHeal, patience, "y", "hang")
	waits := ask(t, p, finer(wanted("y")))
	h.promised(t, p)
	waits.cancel()
	require.ErrorIs(t, receive(t, waits.err), context.Canceled)
	out, err := p.Run(within(t), finer(wanted("y")), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	require.NotEqual(t, pid, out.PID)
	require.ErrorIs(t, receive(t, h.ended), ErrWanted)
}

func TestSpeculation_ThePromiseGoesToOneWhoWantsAnotherPart_ItsReadingIsNotWaitedFor(t *testing.T) {
	p, _ := startUsedPool(t, nil)
	h := speculate(t, p, engine.StageHeal, patience, "y", "hang")
	other := &waiter{tenant: "a", req: wanted("z")}
	h.lookAt(p, func(c *child, s *speculation) {
		p.promise(c, &waiter{tenant: "a", req: finer(wanted("y"))})
		p.watchProgress(c, s) // as after dropTime
		p.promise(c, other)
	})
	require.ErrorIs(t, receive(t, h.ended), ErrWanted)
}

func TestSpeculation_IsPromisedToNobodyAndLeaves_AnotherEngineIsPicked(t *testing.T) {
	p, pid := startUsedPool(t, nil)
	h := speculate(t, p, engine.StageHeal, patience, "y", "until-dropped", "hang")
	h.lookAt(p, func(c *child, s *speculation) {
		w := &waiter{tenant: "a", req: wanted("y")}
		require.Equal(t, pid, p.pick(w).pid, "it makes what is wanted")
		p.dropSpeculation(c, s, ErrWanted)
		require.NotEqual(t, pid, p.pick(w).pid)
		w.from = c
		require.Equal(t, pid, p.pick(w).pid, "it leaves for just this one")
	})
	receive(t, h.ended)
}

func TestSpeculation_WhoeverJoinedItGoes_ItIsPromisedToNobody(t *testing.T) {
	p, _ := startUsedPool(t, nil)
	h := speculate(t, p, engine.Stage2D, patience, "x", "until-dropped")
	waits := ask(t, p, wanted("x"))
	h.promised(t, p)
	waits.cancel()
	require.ErrorIs(t, receive(t, waits.err), context.Canceled)
	h.lookAt(p, func(c *child, s *speculation) {
		require.Nil(t, c.promised)
		require.NoError(t, s.why, "it goes on")
	})
}

func TestSpeculation_TakesLongerThanItMay_AndIsWaitedFor(t *testing.T) {
	start := func(t *testing.T, steps ...string) (*Pool, speculating, served) {
		p, pid := startUsedPool(t, nil)
		h := speculate(t, p, engine.Stage2D, patience, "x", steps...)
		require.Equal(t, pid, h.pid)
		waits := ask(t, p, wanted("x"))
		h.promised(t, p)
		var c *child
		var s *speculation
		h.lookAt(p, func(in *child, of *speculation) { c, s = in, of })
		p.limitSpeculation(c, s)
		h.lookAt(p, func(_ *child, s *speculation) { require.NoError(t, s.why, "it goes on") })
		return p, h, waits
	}
	t.Run("it is let finish", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "go")
		_, h, waits := start(t, "until:"+file)
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		require.NoError(t, receive(t, h.ended))
		require.NoError(t, receive(t, waits.err))
		require.Equal(t, h.pid, receive(t, waits.out).PID)
	})
	t.Run("until whoever waits goes", func(t *testing.T) {
		_, h, waits := start(t, "until-dropped")
		waits.cancel()
		require.ErrorIs(t, receive(t, h.ended), ErrTooLong)
	})
	t.Run("until the request has waited as long as it may run", func(t *testing.T) {
		p, h, waits := start(t, "until-dropped")
		p.mu.Lock()
		p.waiters[0].until = time.Now()
		p.mu.Unlock()
		require.ErrorIs(t, receive(t, h.ended), ErrTooLong)
		require.NoError(t, receive(t, waits.err))
		require.Equal(t, h.pid, receive(t, waits.out).PID)
	})
	t.Run("a request that may take less than it says nothing of the part", func(t *testing.T) {
		p, _ := startUsedPool(t, nil)
		h := speculate(t, p, engine.Stage2D, patience, "x", "until-dropped")
		waits := ask(t, p, wanted("x"))
		h.promised(t, p)
		p.mu.Lock()
		p.waiters[0].until = time.Now()
		p.mu.Unlock()
		require.ErrorIs(t, receive(t, h.ended), ErrWanted)
		require.NoError(t, receive(t, waits.err))
	})
	t.Run("until it took twice that long", func(t *testing.T) {
		p, h, waits := start(t, "until-dropped")
		h.lookAt(p, func(_ *child, s *speculation) { s.limit = time.Millisecond })
		require.ErrorIs(t, receive(t, h.ended), ErrTooLong)
		require.NoError(t, receive(t, waits.err))
	})
}
