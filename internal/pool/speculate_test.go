package pool

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// ahead is a speculation on a part, by the default spec, and wanted the request that it is for.
func ahead(part string, s ...string) engine.Request {
	req := of(part, s...)
	req.Kind = engine.Speculate
	return req
}

func wanted(part string, s ...string) engine.Request {
	req := of(part, s...)
	req.Kind = engine.Mesh
	return req
}

func finer(req engine.Request) engine.Request {
	req.Spec.Size.Max = 1
	return req
}

// speculating is a speculation that runs.
type speculating struct {
	pid   int
	ended chan error
}

// speculate begins a speculation of tenant a, and returns when its engine is in a stage.
func speculate(t *testing.T, p *Pool, stage engine.Stage, limit time.Duration, part string, s ...string) speculating {
	t.Helper()
	h := speculating{ended: make(chan error, 1)}
	if s[len(s)-1] == "until-dropped" { // it leaves, on a machine that is busy too
		p.mu.Lock()
		p.leave = patience
		p.mu.Unlock()
	}
	go func() {
		_, err := p.Speculate(within(t), ahead(part, append([]string{"stage:" + string(stage)}, s...)...), Limits{Tenant: "a", Time: limit})
		h.ended <- err
	}()
	await(t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		for c := range p.children {
			if c.state == Speculating && c.ahead.stage == stage {
				h.pid = c.pid
				return true
			}
		}
		return false
	}, "an engine that speculates")
	return h
}

// startUsedPool returns a pool that has served tenant a: an engine holds part x.
func startUsedPool(t *testing.T, change func(*Config)) (p *Pool, pid int) {
	t.Helper()
	p, _ = startPool(t, change)
	p.mu.Lock()
	var clock atomic.Int64
	p.used = func(int) time.Duration { return time.Duration(clock.Add(int64(time.Hour))) } // every engine gets on
	p.mu.Unlock()
	out, err := p.Run(within(t), of("x", "keep:1000"), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	return p, out.PID
}

func TestSpeculation_IsMadeInTheEngineThatHoldsThePart_AndNobodySeesABusyOne(t *testing.T) {
	p, pid := startUsedPool(t, nil)
	h := speculate(t, p, engine.Stage2D, patience, "x", "until-dropped")
	require.Equal(t, pid, h.pid)
	s := p.Stats()
	require.Zero(t, inState(p, Busy))
	require.Equal(t, 1, inState(p, Speculating))
	require.Equal(t, SpeculationStats{Begun: 1}, s.Speculations)
	require.Len(t, p.Kept()["a"], 1)
	for _, e := range s.Engines {
		if e.PID == pid {
			require.Equal(t, 1, e.Jobs, "it is no job")
		}
	}
}

func TestSpeculation_IsUsed_ItIsCounted(t *testing.T) {
	p, pid := startUsedPool(t, nil)
	out, err := p.Speculate(within(t), ahead("x", "keep:2000"), Limits{Tenant: "a", Time: patience})
	require.NoError(t, err)
	require.Equal(t, pid, out.PID)
	out, err = p.Run(within(t), wanted("x", "used-ahead"), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	require.Equal(t, pid, out.PID)
	s := p.Stats().Speculations
	require.Positive(t, s.Seconds)
	s.Seconds = 0
	require.Equal(t, SpeculationStats{Begun: 1, Used: 1}, s)
}

func TestSpeculation_AnotherSpecIsWanted_ItIsDroppedAndTheEngineServesWithWhatItHolds(t *testing.T) {
	p, pid := startUsedPool(t, nil)
	h := speculate(t, p, engine.Stage2D, patience, "x", "until-dropped")
	out, err := p.Run(within(t), finer(wanted("x")), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	require.Equal(t, pid, out.PID)
	require.ErrorIs(t, receive(t, h.ended), ErrWanted)
	require.Equal(t, 1, p.Stats().Speculations.Dropped)
	require.Zero(t, p.Stats().Recycled[CauseWanted], "nothing died for it")
}

func TestSpeculation_DoesNotHeedTheDrop_ItsEngineIsKilledAndAnotherServes(t *testing.T) {
	p, pid := startUsedPool(t, nil)
	h := speculate(t, p, engine.Stage2D, patience, "x", "hang")
	out, err := p.Run(within(t), finer(wanted("x")), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	require.NotEqual(t, pid, out.PID)
	require.True(t, out.Warm, "a fresh one stood ready")
	require.ErrorIs(t, receive(t, h.ended), ErrWanted)
	require.Equal(t, 1, p.Stats().Recycled[CauseWanted])
	require.Zero(t, p.Stats().Crashes)
}

func TestSpeculation_JustWhatItMakesIsWanted_ItIsWaitedFor(t *testing.T) {
	p, pid := startUsedPool(t, nil)
	file := filepath.Join(t.TempDir(), "go")
	h := speculate(t, p, engine.Stage2D, patience, "x", "until:"+file, "keep:2000")
	served := make(chan Outcome, 1)
	go func() {
		out, err := p.Run(within(t), wanted("x", "used-ahead"), Limits{Tenant: "a"}, nil)
		require.NoError(t, err)
		served <- out
	}()
	await(t, func() bool { return p.Stats().Waiting == 1 }, "one who waits")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.NoError(t, receive(t, h.ended), "it was let finish")
	require.Equal(t, pid, receive(t, served).PID)
	require.Equal(t, 1, p.Stats().Speculations.Used)
}

func TestSpeculation_IsWaitedForAndGetsNoProcessor_ItIsDropped(t *testing.T) {
	p, pid := startUsedPool(t, nil)
	p.mu.Lock()
	p.used = func(int) time.Duration { return 0 }
	p.mu.Unlock()
	h := speculate(t, p, engine.Stage2D, patience, "x", "until-dropped")
	out, err := p.Run(within(t), wanted("x"), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	require.Equal(t, pid, out.PID)
	require.ErrorIs(t, receive(t, h.ended), ErrWanted)
}

func TestSpeculation_ReadsThePartForAnotherSpec_TheReadingIsWaitedFor(t *testing.T) {
	p, pid := startUsedPool(t, nil)
	file := filepath.Join(t.TempDir(), "go")
	h := speculate(t, p, engine.StageHeal, patience, "y", "until-dropped", "until:"+file)
	p.mu.Lock()
	looked := make(chan struct{}, 100)
	var clock atomic.Int64
	p.used = func(int) time.Duration {
		select {
		case looked <- struct{}{}:
		default:
		}
		return time.Duration(clock.Add(int64(time.Hour)))
	}
	p.mu.Unlock()
	served := make(chan Outcome, 1)
	go func() {
		out, err := p.Run(within(t), finer(wanted("y")), Limits{Tenant: "a"}, nil)
		require.NoError(t, err)
		served <- out
	}()
	receive(t, looked) // dropTime is over: it is looked whether the engine gets on
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.ErrorIs(t, receive(t, h.ended), ErrWanted)
	require.Equal(t, pid, receive(t, served).PID)
	require.Zero(t, p.Stats().Recycled[CauseWanted])
}

func TestSpeculation_AnotherPartIsWanted(t *testing.T) {
	t.Run("and there is room: it goes on", func(t *testing.T) {
		p, pid := startUsedPool(t, func(c *Config) { c.Engines = 2 })
		h := speculate(t, p, engine.Stage2D, patience, "x", "until-dropped")
		out, err := p.Run(within(t), wanted("y"), Limits{Tenant: "a"}, nil)
		require.NoError(t, err)
		require.NotEqual(t, pid, out.PID)
		require.Equal(t, 1, inState(p, Speculating))
		require.Empty(t, h.ended)
	})
	t.Run("and as many run as may: it is dropped", func(t *testing.T) {
		p, pid := startUsedPool(t, func(c *Config) { c.Engines = 2 })
		h := speculate(t, p, engine.Stage2D, patience, "x", "until-dropped")
		hang(t, within(t), p, Limits{Tenant: "a"})
		last := hang(t, within(t), p, Limits{Tenant: "a"})
		require.NotZero(t, last.pid)
		require.ErrorIs(t, receive(t, h.ended), ErrWanted)
		require.Contains(t, pidsOf(p, Busy), pid, "what it holds is not lost for it")
	})
	t.Run("by another tenant: its engine makes room", func(t *testing.T) {
		p, _ := startUsedPool(t, nil)
		h := speculate(t, p, engine.Stage2D, patience, "x", "until-dropped")
		out, err := p.Run(within(t), wanted("x"), Limits{Tenant: "b"}, nil)
		require.NoError(t, err)
		require.True(t, out.Warm)
		require.ErrorIs(t, receive(t, h.ended), ErrWanted)
	})
}

func pidsOf(p *Pool, s State) (pids []int) {
	for _, e := range p.Stats().Engines {
		if e.State == s {
			pids = append(pids, e.PID)
		}
	}
	return pids
}

func TestSpeculation_BeginsOnlyWhereNobodyIsInNeed(t *testing.T) {
	p, starts := startPool(t, nil)
	starts("mute")
	none := func(why string) {
		t.Helper()
		_, err := p.Speculate(within(t), ahead("x"), Limits{Tenant: "a", Time: patience})
		require.ErrorIs(t, err, ErrNotIdle, why)
	}
	none("no engine has served the tenant: a fresh one is for who comes")
	_, err := p.Run(within(t), of("x"), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	hang(t, within(t), p, Limits{Tenant: "a"})
	none("as many run as may")
	require.Zero(t, p.Stats().Speculations)
}

func TestSpeculation_TakesLongerThanItMay_ItIsDropped(t *testing.T) {
	p, pid := startUsedPool(t, nil)
	h := speculate(t, p, engine.Stage2D, patience, "x", "until-dropped")
	h.lookAt(p, func(c *child, s *speculation) { go p.limitSpeculation(c, s) })
	err := receive(t, h.ended)
	require.ErrorIs(t, err, ErrTooLong)
	require.True(t, Blames(err))
	require.Equal(t, []int{pid}, warmAndUsed(p))

	p.mu.Lock()
	p.leave = dropTime
	p.mu.Unlock()
	_, err = p.Speculate(within(t), ahead("x", "hang"), Limits{Tenant: "a", Time: time.Millisecond})
	require.ErrorIs(t, err, ErrTooLong)
	require.Empty(t, warmAndUsed(p))
	require.Equal(t, 2, p.Stats().Speculations.Dropped)
}

func warmAndUsed(p *Pool) (pids []int) {
	for _, e := range p.Stats().Engines {
		if e.State == Warm && e.Jobs > 0 {
			pids = append(pids, e.PID)
		}
	}
	return pids
}

func TestSpeculation_ItsEngineCrashes_TheNextRequestIsServed(t *testing.T) {
	p, pid := startUsedPool(t, nil)
	_, err := p.Speculate(within(t), ahead("x", "abort"), Limits{Tenant: "a", Time: patience})
	var died *Died
	require.ErrorAs(t, err, &died)
	require.True(t, Blames(err))
	out, err := p.Run(within(t), wanted("x"), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	require.NotEqual(t, pid, out.PID)
	require.Equal(t, 1, p.Stats().Speculations.Failed)
}

func TestSpeculation_ItsEngineIsKilledByOthers_NobodyIsToBlame(t *testing.T) {
	for _, err := range []error{ErrWanted, ErrNotIdle, ErrClosed, context.Canceled} {
		require.False(t, Blames(err))
	}
	require.True(t, Blames(diagnosis.New(diagnosis.SurfaceMeshingFailed, "no")))

	p, _ := startUsedPool(t, nil)
	h := speculate(t, p, engine.Stage2D, patience, "x", "hang")
	closePool(t, p)
	require.ErrorIs(t, receive(t, h.ended), ErrClosed)
}

func TestSameSurface(t *testing.T) {
	a := ahead("x")
	require.True(t, a.SameSurface(wanted("x")))
	for name, change := range map[string]func(*engine.Request){
		"another part":    func(r *engine.Request) { r.Source.SHA256 = "y" },
		"no name":         func(r *engine.Request) { r.Source.SHA256 = "" },
		"a size":          func(r *engine.Request) { r.Spec.Size.Max = 1 },
		"heal":            func(r *engine.Request) { r.Spec.Heal = spec.HealOff },
		"hexahedra":       func(r *engine.Request) { r.Spec.Strategy = spec.Hex },
		"a lattice":       func(r *engine.Request) { r.Spec.Strategy = spec.Lattice },
		"a number":        func(r *engine.Request) { r.Spec.Size.TargetElements = 100 },
		"another rung":    func(r *engine.Request) { r.Tuning.Scale = 2 },
		"the tessellated": func(r *engine.Request) { r.Tuning.Tessellate = true },
		"an import":       func(r *engine.Request) { r.Kind = engine.Import },
		"layers":          func(r *engine.Request) { r.Spec.Layers = []spec.Layer{{FirstHeight: 1}} },
		"cubes inside":    func(r *engine.Request) { r.Spec.Element = spec.HexDominant },
	} {
		b := wanted("x")
		change(&b)
		require.False(t, a.SameSurface(b), name)
		require.False(t, b.SameSurface(a), name)
	}
	b := wanted("x")
	b.Spec.Strategy, b.Spec.Order, b.Spec.Formats, b.Tuning.Rung = spec.HXT, 2, []string{"vtk"}, "hxt"
	require.True(t, a.SameSurface(b), "what depends on the volume alone")
}
