package pool

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
)

// beParent is the life of the process that TestKilledParent kills: it owns a pool whose engines are starting, warm and
// busy, prints the number of every process and waits for its end.
func beParent(path string) {
	ctx := context.Background()
	fail := func(err error) {
		if err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
	}
	p, err := New(Config{
		Path: path, Engines: 2, Spares: 1, Jobs: 100, MaxRSS: 1 << 30, MemoryLimit: 1 << 30,
		StartTimeout: time.Hour, GiveUp: time.Hour, Scratch: path + ".scratch",
	}, slog.New(slog.DiscardHandler))
	fail(err)
	fail(p.Start(ctx))

	var started sync.WaitGroup
	for range 2 {
		started.Add(1)
		go func() {
			req := steps("ignore-signals", "grandchild", "stages:1", "hang")
			_, err := p.Run(ctx, req, Limits{}, func(m engine.Message) {
				if m.Type == engine.TypeLog {
					fmt.Println(m.Log[0].Text)
				} else {
					started.Done()
				}
			})
			fail(err)
		}()
	}
	started.Wait()
	for len(p.Stats().Engines) < 3 {
		time.Sleep(time.Millisecond)
	}
	for _, e := range p.Stats().Engines {
		if e.PID > 0 {
			fmt.Println(e.PID)
		}
	}
	fmt.Println("ready")
	select {}
}

func TestKilledParent_LeavesNoEngineAndNoGrandchild(t *testing.T) {
	path, starts := testEngine(t)
	starts("")
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentVar+"="+path)
	out, err := parent.StdoutPipe()
	require.NoError(t, err)
	parent.Stderr = os.Stderr
	require.NoError(t, parent.Start())

	var offspring []process
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "ready" {
		require.False(t, strings.HasPrefix(lines.Text(), "error"), lines.Text())
		offspring = append(offspring, watch(t, number(t, lines.Text())))
	}
	require.GreaterOrEqual(t, len(offspring), 4, "two busy engines, a grandchild of each, and a spare")

	require.NoError(t, parent.Process.Kill())

	for _, p := range offspring {
		p.awaitEnd(t)
	}
	_, err = io.ReadAll(out)
	require.NoError(t, err)
	require.Error(t, parent.Wait())
}

func TestClose_LeavesNothing(t *testing.T) {
	p, _ := startPool(t, func(c *Config) { c.Engines = 2 })
	h := hang(t, within(t), p, Limits{}, "ignore-signals", "grandchild")
	offspring := []process{watch(t, number(t, h.said[0]))}
	for _, e := range p.Stats().Engines {
		offspring = append(offspring, watch(t, e.PID))
	}

	closePool(t, p)

	require.ErrorIs(t, receive(t, h.out).err, ErrClosed)
	for _, o := range offspring {
		o.awaitEnd(t)
	}
	_, err := run(t, p)
	require.ErrorIs(t, err, ErrClosed)
	_, err = p.Ready()
	require.ErrorIs(t, err, ErrClosed)
	entries, err := os.ReadDir(p.cfg.Scratch)
	require.NoError(t, err)
	require.Empty(t, entries)
	closePool(t, p) // again
}

func TestClose_DuringStartsLeavesNothing(t *testing.T) {
	for range 20 {
		p, _ := newPool(t, "", func(c *Config) { c.Engines, c.Spares = 3, 2 })
		require.NoError(t, p.Start(within(t)))
		closePool(t, p) // the others are starting
		require.Empty(t, p.Stats().Engines)
	}
}
