package pool

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
)

func TestRun_ReturnsTheResultOfAWarmEngineAndItsMessagesInOrder(t *testing.T) {
	p, _ := startPool(t, nil)

	var details []string
	out, err := p.Run(within(t), steps("stages:500"), Limits{}, func(m engine.Message) {
		require.Equal(t, engine.TypeStage, m.Type)
		details = append(details, m.Stage.Detail)
	})

	require.NoError(t, err)
	require.Len(t, details, 500)
	for i, d := range details {
		require.Equal(t, fmt.Sprint(i), d)
	}
	require.True(t, out.Warm)
	require.Zero(t, out.Served)
	require.Equal(t, "faulty", out.Engine.EngineVersion)
	require.Positive(t, out.PID)
	require.Positive(t, out.Took)

	again, err := run(t, p)
	require.NoError(t, err)
	require.Equal(t, out.PID, again.PID, "the engine is used again")
	require.Equal(t, 1, again.Served)
}

func TestRun_WhatIsPrintedComesBeforeTheMessageThatFollowsIt(t *testing.T) {
	p, _ := startPool(t, nil)

	var lines []string
	out, err := p.Run(within(t), steps("interleave:200", "print:no line end"), Limits{}, func(m engine.Message) {
		if m.Type == engine.TypeLog {
			require.Equal(t, "stdout", m.Log[0].Level)
			lines = append(lines, m.Log[0].Text)
		} else {
			require.Contains(t, lines, "line "+m.Stage.Detail)
		}
	})

	require.NoError(t, err)
	require.Len(t, lines, 201)
	for i := range 200 {
		require.Equal(t, fmt.Sprint("line ", i), lines[i])
	}
	require.Equal(t, "no line end", lines[200])
	require.Len(t, out.Printed, printedLines)
	require.Equal(t, "no line end", out.Printed[printedLines-1].Text)
}

func TestRun_SlowConsumerLosesNothingEvenWhenTheEngineDies(t *testing.T) {
	p, _ := startPool(t, nil)
	const n = 5000 // more than the buffers and the pipe hold together

	started, gate := make(chan struct{}), make(chan struct{})
	go func() {
		<-started
		await(t, func() bool { return !t.Failed() && inState(p, Busy) == 1 }, "busy")
		close(gate)
	}()
	count := 0
	_, err := p.Run(within(t), steps(fmt.Sprint("stages:", n), "exit:9"), Limits{}, func(m engine.Message) {
		if count == 0 {
			close(started)
			<-gate
		}
		require.Equal(t, fmt.Sprint(count), m.Stage.Detail)
		count++
	})

	require.ErrorAs(t, err, new(*Died))
	require.Equal(t, n, count)
}

func TestRun_AFloodWithoutLineEndIsPassedOnInPieces(t *testing.T) {
	p, _ := startPool(t, nil)
	const size = 3 << 20

	total := 0
	_, err := p.Run(within(t), steps(fmt.Sprint("flood:", size)), Limits{}, func(m engine.Message) {
		require.LessOrEqual(t, len(m.Log[0].Text), maxText)
		total += len(m.Log[0].Text)
	})

	require.NoError(t, err)
	require.Equal(t, size, total)
}

func TestRun_PrintedTextIsMadeFitForJSONAndPostgres(t *testing.T) {
	p, _ := startPool(t, nil)
	out, err := run(t, p, "print:a\x00b\x1b[31mc\xffd\te\n")
	require.NoError(t, err)
	require.Equal(t, "ab[31mc\uFFFDd\te", out.Printed[0].Text)
}

func TestRun_ARequestLargerThanThePipeArrives(t *testing.T) {
	p, _ := startPool(t, nil)
	req := steps("print:" + strings.Repeat("y", 1<<20))
	var n int
	_, err := p.Run(within(t), req, Limits{}, func(m engine.Message) { n += len(m.Log[0].Text) })
	require.NoError(t, err)
	require.Equal(t, 1<<20, n)
}

func TestRun_WaitsForAPlaceAndIsServedInTurn(t *testing.T) {
	p, _ := startPool(t, nil)
	busy, free := context.WithCancel(within(t))
	h := hang(t, busy, p, Limits{})
	served := make(chan Outcome, 1)
	go func() {
		out, err := run(t, p)
		assert.NoError(t, err)
		served <- out
	}()
	await(t, func() bool { return p.Stats().Waiting == 1 }, "one waits")

	free()

	out := receive(t, served)
	require.NotEqual(t, h.pid, out.PID)
	require.Positive(t, out.Waited)
	require.ErrorIs(t, receive(t, h.out).err, context.Canceled)
}

func TestRun_CanceledWhileWaitingTakesNoEngine(t *testing.T) {
	p, _ := startPool(t, nil)
	busy, free := context.WithCancel(within(t))
	h := hang(t, busy, p, Limits{})
	ctx, cancel := context.WithCancel(within(t))
	done := make(chan error, 1)
	go func() {
		_, err := p.Run(ctx, steps(), Limits{}, nil)
		done <- err
	}()
	await(t, func() bool { return p.Stats().Waiting == 1 }, "one waits")

	cancel()

	require.ErrorIs(t, receive(t, done), context.Canceled)
	require.Zero(t, p.Stats().Waiting)
	free()
	receive(t, h.out)
	_, err := run(t, p)
	require.NoError(t, err)
}

func TestRun_RefusesWhatCannotBeSent(t *testing.T) {
	p, _ := startPool(t, nil)
	_, err := p.Run(within(t), engine.Request{}, Limits{}, nil)
	require.ErrorContains(t, err, "without an id")
	_, err = p.Run(within(t), steps(strings.Repeat("x", engine.MaxLine)), Limits{}, nil)
	require.ErrorContains(t, err, "more than a line may have")
	require.Equal(t, 2, inState(p, Warm))
}

func TestRun_AConsumerThatPanicsCostsItsEngineOnly(t *testing.T) {
	p, _ := startPool(t, nil)
	require.PanicsWithValue(t, "consumer", func() {
		_, _ = p.Run(within(t), steps("stages:1", "hang"), Limits{}, func(engine.Message) { panic("consumer") })
	})
	_, err := run(t, p)
	require.NoError(t, err)
}

func TestEngine_GetsAFolderAndAnEnvironmentOfItsOwn(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "do not tell")
	t.Setenv("LD_LIBRARY_PATH", "/opt/gmsh/lib")
	secret, err := os.Create(filepath.Join(t.TempDir(), "secret"))
	require.NoError(t, err)
	defer secret.Close()
	p, _ := startPool(t, nil)

	var said []string
	_, err = p.Run(within(t), steps("describe"), Limits{}, func(m engine.Message) { said = append(said, m.Log[0].Text) })

	require.NoError(t, err)
	dir := strings.TrimPrefix(said[0], "cwd=")
	require.True(t, strings.HasPrefix(dir, p.cfg.Scratch+"/"), dir)
	var env, fds []string
	for _, s := range said {
		if v, ok := strings.CutPrefix(s, "env "); ok {
			env = append(env, v)
		}
		if v, ok := strings.CutPrefix(s, "fd "); ok {
			fds = append(fds, v)
		}
	}
	require.ElementsMatch(t, []string{
		"HOME=" + dir + "/tmp", "TMPDIR=" + dir + "/tmp", "LC_ALL=C.UTF-8", "MESHGEN_ENGINE_SANDBOX=require",
		"OMP_WAIT_POLICY=passive", "GOMP_SPINCOUNT=0", "MALLOC_ARENA_MAX=" + strconv.Itoa(max(1, runtime.NumCPU()/2)), "CUDA_MODULE_LOADING=EAGER", "CUDA_CACHE_DISABLE=1", "LD_LIBRARY_PATH=/opt/gmsh/lib",
	}, env)
	require.Contains(t, fds, "0 /dev/null")
	for _, fd := range fds {
		require.NotContains(t, fd, secret.Name(), "no file of ours is inherited")
	}
	require.Contains(t, said, "core=0")
	require.Contains(t, said, fmt.Sprint("fsize=", 16<<30))
	require.Contains(t, said, fmt.Sprint("oom_score_adj=", oomScore))
}
