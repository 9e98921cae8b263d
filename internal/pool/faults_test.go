package pool

import (
	"context"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
)

func TestCrash_SaysHowTheEngineDiedAndItsLastWords(t *testing.T) {
	p, _ := startPool(t, nil)
	for _, c := range []struct {
		name   string
		steps  []string
		signal syscall.Signal
		exit   int
		fatal  string
		code   diagnosis.Code
	}{
		{"abort", []string{"abort"}, syscall.SIGABRT, -1, "terminate called after throwing an instance of 'Standard_NullObject'", diagnosis.EngineCrashed},
		{"segmentation fault", []string{"die-of:SEGV"}, syscall.SIGSEGV, -1, "", diagnosis.EngineCrashed},
		{"segmentation fault that Go caught", []string{"segfault"}, syscall.SIGSEGV, -1, "panic: runtime error: invalid memory address or nil pointer dereference", diagnosis.EngineCrashed},
		{"floating-point exception", []string{"die-of:FPE"}, syscall.SIGFPE, -1, "", diagnosis.EngineCrashed},
		{"failed allocation", []string{"bad-alloc"}, syscall.SIGABRT, -1, "terminate called after throwing an instance of 'std::bad_alloc'", diagnosis.OutOfMemory},
		{"exit", []string{"complain:Fatal   : no licence", "exit:3"}, 0, 3, "Fatal   : no licence", diagnosis.EngineCrashed},
		{"silent exit", []string{"exit:0"}, 0, 0, "", diagnosis.EngineCrashed},
		{"killed by somebody", []string{"die-of:KILL"}, syscall.SIGKILL, -1, "", diagnosis.EngineCrashed},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := run(t, p, append([]string{"stages:1"}, c.steps...)...)

			died := new(Died)
			require.ErrorAs(t, err, &died)
			require.Equal(t, c.signal, died.Signal)
			require.Equal(t, c.exit, died.ExitCode)
			if c.fatal != "" {
				require.Equal(t, c.fatal, died.Fatal[0])
				require.Contains(t, died.Stderr, c.fatal)
				require.Contains(t, err.Error(), c.fatal)
			}
			requireReaped(t, out.PID)
			d := Diagnose(err)
			require.Equal(t, c.code, d.Code)
			if c.signal != 0 && c.code == diagnosis.EngineCrashed {
				require.Contains(t, d.Message, died.SignalName())
			}
			require.Equal(t, died.Stderr, d.Detail)
		})
	}
}

func TestCrash_LastWordsAreOfTheRequestAlone(t *testing.T) {
	p, _ := startPool(t, nil)
	_, err := run(t, p, "complain:fatal error of the request before")
	require.NoError(t, err)
	_, err = run(t, p, "complain:something else", "exit:1")
	died := new(Died)
	require.ErrorAs(t, err, &died)
	require.Equal(t, "something else", died.Stderr)
	require.Empty(t, died.Fatal)
}

func TestCrash_TheSpareServesTheNextRequestWithoutWaitingForAStart(t *testing.T) {
	p, starts := startPool(t, nil)
	starts("mute") // no further engine ever becomes ready

	crashed, err := run(t, p, "die-of:SEGV")
	require.ErrorAs(t, err, new(*Died))

	out, err := run(t, p)
	require.NoError(t, err)
	require.True(t, out.Warm)
	require.NotEqual(t, crashed.PID, out.PID)
	require.Equal(t, 1, p.Stats().Crashes)
	require.Equal(t, 1, p.Stats().Recycled[CauseCrash])
}

func TestCrash_AfterTheResultLosesNothing(t *testing.T) {
	p, _ := startPool(t, nil)
	for range 20 {
		_, err := run(t, p, "die-after")
		require.NoError(t, err)
	}
	await(t, func() bool { return p.Stats().Crashes == 20 }, "each death is counted")
}

func TestCrash_OfAnIdleEngineIsReplacedAndHarmsNoRequest(t *testing.T) {
	p, _ := startPool(t, nil)
	out, err := run(t, p)
	require.NoError(t, err)
	dead := watch(t, out.PID)

	require.NoError(t, syscall.Kill(out.PID, syscall.SIGKILL))
	dead.awaitEnd(t)

	again, err := run(t, p)
	require.NoError(t, err)
	require.NotEqual(t, out.PID, again.PID)
	awaitWarm(t, p, 2)
}

// An idle engine that is killed may have read a request that was on its way to it. It had done nothing with it: the request is
// another's, and no rung of the ladder is spent.
func TestCrash_OfAnEngineThatHasReadTheRequestAndNotBegunHarmsNoRequest(t *testing.T) {
	p, _ := startPool(t, nil)
	out, err := run(t, p, "die-once", "stages:1")
	require.NoError(t, err)
	require.Zero(t, out.Served, "another engine has done it")
	await(t, func() bool { return p.Stats().Crashes == 1 }, "the death is counted")

	_, err = run(t, p, "stages:1", "die-of:KILL")
	require.ErrorAs(t, err, new(*Died), "an engine that had begun takes its request along")
	_, err = run(t, p, "die-of:KILL")
	require.ErrorAs(t, err, new(*Died), "and so do ten engines one after the other, whatever they have said")
}

// An engine can die, and its desk be gone, in the moment in which it is lent.
func TestCrash_OfAnEngineThatIsBeingLentHarmsNoRequest(t *testing.T) {
	p, _ := startPool(t, func(c *Config) { c.Engines = 2 })
	out, err := p.Run(within(t), steps(), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	p.mu.Lock()
	var used *child
	for c := range p.children {
		if c.jobs > 0 {
			used = c
		}
	}
	p.mu.Unlock()
	require.NoError(t, syscall.Kill(out.PID, syscall.SIGKILL))
	<-used.gone
	await(t, func() bool { _, err := os.Stat(used.desk.path); return err != nil }, "the desk is gone")
	p.mu.Lock()
	p.children[used] = struct{}{} // as it was when it was lent
	p.mu.Unlock()

	again, err := p.Run(within(t), steps(), Limits{Tenant: "a"}, nil)
	require.NoError(t, err)
	require.NotEqual(t, out.PID, again.PID)
}

func TestGarbage_KillsTheEngineAndNamesTheOffence(t *testing.T) {
	p, _ := startPool(t, nil)
	for _, c := range []struct{ step, says string }{
		{"raw:Info    : Meshing 1D...", "not a message"},
		{`raw:{"type":"joke"}`, "unknown type"},
		{`raw:{"type":"stage"}`, "without its stage"},
		{`raw:{"type":"ready","ready":{"protocol":1}}`, "second ready"},
		{"long-line", "a line of more than"},
		{"result-of:another", `request "another"`},
		{"two-results", "behind the result"},
		{"close-messages", "closed its messages"},
	} {
		t.Run(c.says, func(t *testing.T) {
			out, err := run(t, p, c.step, "hang")
			require.ErrorIs(t, err, ErrProtocol)
			require.ErrorContains(t, err, c.says)
			requireReaped(t, out.PID)
			require.Equal(t, diagnosis.Internal, Diagnose(err).Code)
			_, err = run(t, p)
			require.NoError(t, err, "another engine serves")
		})
	}
	require.Equal(t, 8, p.Stats().Recycled[CauseProtocol])
}

func TestKilledEngine_TakesItsChildrenAlong(t *testing.T) {
	for _, lives := range []string{"in its group", "own-session"} {
		t.Run(lives, func(t *testing.T) {
			p, _ := startPool(t, nil)
			ctx, cancel := context.WithCancel(within(t))
			h := hang(t, ctx, p, Limits{}, "ignore-signals", "grandchild:"+lives)
			grandchild := watch(t, number(t, h.said[0]))

			cancel()
			out := receive(t, h.out) // although the grandchild of its own session holds the pipes open
			require.ErrorIs(t, out.err, context.Canceled)
			requireReaped(t, h.pid)

			if lives == "own-session" { // it has left the group, so nothing reaches it but a sandbox
				require.NoError(t, syscall.Kill(grandchild.pid, syscall.SIGKILL))
			}
			grandchild.awaitEnd(t)
		})
	}
}

func TestCrash_TakesTheChildrenOfTheEngineAlong(t *testing.T) {
	p, _ := startPool(t, nil)
	ctx := within(t)
	h := hang(t, ctx, p, Limits{}, "grandchild")
	grandchild := watch(t, number(t, h.said[0]))

	require.NoError(t, syscall.Kill(h.pid, syscall.SIGSEGV))

	require.ErrorAs(t, receive(t, h.out).err, new(*Died))
	grandchild.awaitEnd(t)
}
