package pool

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
)

// of is a request for work on a part.
func of(part string, s ...string) engine.Request {
	req := steps(s...)
	req.Source = engine.Source{SHA256: part, Format: engine.STEP}
	return req
}

func TestKept_TheEngineThatHoldsThePartIsLent(t *testing.T) {
	p := &Pool{children: map[*child]struct{}{}}
	engineOf := func(tenant string, used time.Duration, parts ...string) *child {
		c := newChild("", slog.New(slog.DiscardHandler))
		c.state, c.jobs, c.tenant, c.since = Warm, 1, tenant, time.Now().Add(-used)
		for _, part := range parts {
			c.kept = append(c.kept, engine.Kept{SHA256: part, Format: engine.STEP})
		}
		p.children[c] = struct{}{}
		return c
	}
	x, y := engineOf("a", time.Hour, "x", "z"), engineOf("a", time.Minute, "y")
	other := engineOf("b", time.Second, "x", "y")
	fresh := engineOf("", time.Second)
	fresh.jobs = 0
	pick := func(tenant string, s engine.Source) *child {
		return p.pick(&waiter{tenant: tenant, req: engine.Request{Source: s}})
	}

	require.Same(t, x, pick("a", of("x").Source))
	require.Same(t, x, pick("a", of("z").Source))
	require.Same(t, y, pick("a", of("y").Source))
	require.Same(t, y, pick("a", of("unknown").Source), "the one that was used last")
	require.Same(t, y, pick("a", engine.Source{Format: engine.STEP}), "without a name nothing is found")
	require.Same(t, y, pick("a", engine.Source{SHA256: "x", Format: engine.IGES}), "read in another way")
	require.Same(t, other, pick("b", of("x").Source))
	require.Same(t, fresh, pick("c", of("x").Source), "never one that another tenant used")
	x.state = Busy
	require.Same(t, y, pick("a", of("x").Source), "nobody waits for the engine that holds the part")
}

func TestKept_IsToldAndEndsWithItsEngine(t *testing.T) {
	p, _ := startPool(t, func(c *Config) { c.Keep = 1 << 20 })
	kept := func() (n int, bytes int64) {
		for _, e := range p.Stats().Engines {
			n, bytes = n+e.Kept, bytes+e.KeptBytes
		}
		return n, bytes
	}
	out, err := p.Run(within(t), of("x", "keep:1000"), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	out, err = p.Run(within(t), of("y", "keep:200"), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	n, bytes := kept()
	require.Equal(t, 2, n)
	require.EqualValues(t, 1200, bytes)

	_, err = p.Run(within(t), of("x", "abort"), Limits{Tenant: "a"}, nil)
	require.Error(t, err)
	n, bytes = kept()
	require.Zero(t, n)
	require.Zero(t, bytes)
	next, err := p.Run(within(t), of("x"), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	require.NotEqual(t, out.PID, next.PID)
}

func TestKept_IsNotTheMemoryOfTheNextRequest(t *testing.T) {
	p, _ := startPool(t, func(c *Config) { c.MemoryLimit, c.Keep = 256<<20, 512<<20 })
	_, err := p.Run(within(t), of("x", "allocate:209715200", "keep:209715200"), Limits{}, nil)
	require.NoError(t, err)
	_, err = p.Run(within(t), of("y", "allocate:104857600"), Limits{}, nil)
	require.NoError(t, err, "300 MiB in an engine that kept 200 of them before")
	require.EqualValues(t, 32<<20, p.cfg.Keep, "no more than an eighth of the limit is asked for")
}

func TestKept_EngineIsKilledForItsMemory_NothingIsLeftOfIt(t *testing.T) {
	p, _ := startPool(t, func(c *Config) { c.MemoryLimit, c.Keep = 256<<20, 16<<20 })
	_, err := p.Run(within(t), of("x", "keep:1000"), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	require.Equal(t, map[string][]engine.Kept{"a": {{SHA256: "x", Format: engine.STEP, Bytes: 1000}}}, p.Kept())

	_, err = p.Run(within(t), of("y", "allocate:536870912", "hang"), Limits{Tenant: "a"}, nil)
	require.ErrorIs(t, err, ErrMemoryLimit)
	require.Empty(t, p.Kept())
	_, err = p.Run(within(t), of("x", "keep:1000"), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	require.Len(t, p.Kept()["a"], 1)
}
