package pool

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
)

// newPool returns a pool of engines that start as said, not yet started.
func newPool(t *testing.T, how string, change func(*Config)) (p *Pool, starts func(how string)) {
	path, starts := testEngine(t)
	starts(how)
	cfg := testConfig(t, path)
	if change != nil {
		change(&cfg)
	}
	p, err := New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { closePool(t, p) })
	return p, starts
}

func TestStart_AnEngineThatDiesIsAnErrorAtOnceWithItsLastWords(t *testing.T) {
	p, _ := newPool(t, "die", nil)
	err := p.Start(within(t))
	died := new(Died)
	require.ErrorAs(t, err, &died)
	require.Equal(t, 127, died.ExitCode)
	require.Equal(t, "loading\nengine: error while loading shared libraries: libgmsh.so.4.15: cannot open shared object file", died.Stderr)
	require.ErrorContains(t, err, "libgmsh.so.4.15: cannot open")
	require.ErrorContains(t, err, p.cfg.Path)
	require.Empty(t, p.Stats().Engines, "nothing is left running")
	_, err = run(t, p)
	require.ErrorIs(t, err, ErrClosed)
}

func TestStart_AnEngineThatIsNeverReadyIsKilledInTime(t *testing.T) {
	p, _ := newPool(t, "mute", func(c *Config) { c.StartTimeout = 3 * time.Second }) // in which it says something
	err := p.Start(within(t))
	require.ErrorIs(t, err, ErrStartTimeout)
	require.ErrorContains(t, err, "waiting for a licence")
	require.Equal(t, diagnosis.Internal, Diagnose(err).Code)
}

func TestStart_AnEngineThatTalksGarbageIsRefused(t *testing.T) {
	for how, says := range map[string]string{"garbage": "Welcome to Gmsh", "old": "version 0 of the protocol"} {
		p, _ := newPool(t, how, nil)
		err := p.Start(within(t))
		require.ErrorIs(t, err, ErrProtocol)
		require.ErrorContains(t, err, says)
	}
}

func TestStart_WhatIsNoProgramIsAnError(t *testing.T) {
	p, _ := newPool(t, "", nil)
	require.NoError(t, os.Remove(p.cfg.Path))
	require.NoError(t, os.WriteFile(p.cfg.Path, []byte("\x7fELF, but no"), 0o700))
	require.ErrorContains(t, p.Start(within(t)), "exec format error")
}

func TestStart_EndsWithItsContextAndLeavesNothing(t *testing.T) {
	p, _ := newPool(t, "mute", nil)
	ctx, cancel := context.WithCancel(within(t))
	done := make(chan error, 1)
	go func() { done <- p.Start(ctx) }()
	await(t, func() bool { return inState(p, Starting) == 1 }, "starting")
	cancel()
	require.ErrorIs(t, receive(t, done), context.Canceled)
	require.Empty(t, p.Stats().Engines)
}

func TestStart_ReturnsWithTheFirstEngineAndWarmsTheOthersLater(t *testing.T) {
	p, _ := newPool(t, "", func(c *Config) { c.Engines = 2 })
	_, err := p.Ready()
	require.ErrorIs(t, err, ErrUnavailable)
	require.NoError(t, p.Start(within(t)))
	hello, err := p.Ready()
	require.NoError(t, err)
	require.Equal(t, "4.15.2", hello.GmshVersion)
	awaitWarm(t, p, 3)
	require.Error(t, p.Start(within(t)), "once only")
}

func TestLong_FailingStarts_BackOffAndRequestsFailClearlyWhenNoEngineIsLeft(t *testing.T) {
	p, starts := startPool(t, func(c *Config) { c.Spares, c.GiveUp = 0, 700*time.Millisecond })
	starts("die")
	_, err := run(t, p, "die-of:SEGV")
	require.ErrorAs(t, err, new(*Died))

	began := time.Now()
	_, err = run(t, p)

	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "libgmsh.so.4.15")
	require.Equal(t, diagnosis.Internal, Diagnose(err).Code)
	s := p.Stats()
	tries := int(time.Since(began)/(firstDelay/2)) + 1
	require.LessOrEqual(t, s.StartFailures, tries, "starts do not follow each other at once")
	require.Contains(t, s.LastStartError, "libgmsh.so.4.15")
	_, err = p.Ready()
	require.ErrorIs(t, err, ErrUnavailable)

	starts("") // somebody mended it
	await(t, func() bool { _, err := run(t, p); return err == nil }, "service")
	require.Empty(t, p.Stats().LastStartError)
}

func TestFailingStarts_HarmNobodyWhileAnEngineLives(t *testing.T) {
	p, starts := startPool(t, func(c *Config) { c.GiveUp = 10 * time.Millisecond })
	starts("die")
	_, err := run(t, p, "die-of:SEGV")
	require.ErrorAs(t, err, new(*Died))
	await(t, func() bool { return p.Stats().StartFailures >= 2 }, "starts fail")
	_, err = run(t, p)
	require.NoError(t, err, "the spare serves")
}

func TestEnginesThatDieIdle_DoNotRestartInALoop(t *testing.T) {
	p, starts := startPool(t, func(c *Config) { c.Spares = 0 })
	starts("die-idle")
	_, err := run(t, p, "die-of:SEGV")
	require.ErrorAs(t, err, new(*Died))
	began := time.Now()
	await(t, func() bool { return p.Stats().Crashes >= 4 }, "deaths")
	require.Greater(t, time.Since(began), firstDelay, "deaths are spaced out")
}

func TestNew_NamesWhatIsWrong(t *testing.T) {
	path, _ := testEngine(t)
	log := slog.New(slog.DiscardHandler)
	cfg := testConfig(t, path)
	cfg.Jobs, cfg.MaxRSS, cfg.StartTimeout = 0, 1, -1
	_, err := New(cfg, log)
	for _, name := range []string{"MESHGEN_ENGINE_JOBS", "MESHGEN_ENGINE_MAX_RSS", "MESHGEN_ENGINE_START_TIMEOUT"} {
		require.ErrorContains(t, err, name)
	}
	cfg = testConfig(t, filepath.Join(t.TempDir(), "nothing"))
	_, err = New(cfg, log)
	require.ErrorContains(t, err, "MESHGEN_ENGINE: no engine")
	cfg.Path = t.TempDir()
	_, err = New(cfg, log)
	require.ErrorContains(t, err, "not an executable file")
}

func TestLoad_ReadsTheEnvironmentAndTheMachine(t *testing.T) {
	path, _ := testEngine(t)
	t.Setenv("MESHGEN_ENGINE", path)
	t.Setenv("MESHGEN_ENGINE_MAX_RSS", "1.5GiB")
	cfg, err := Load()
	require.NoError(t, err)
	require.Equal(t, Bytes(1536<<20), cfg.MaxRSS)
	require.Equal(t, 1, cfg.Spares)
	cfg, err = cfg.withDefaults()
	require.NoError(t, err)
	require.Positive(t, cfg.Engines)
	require.Greater(t, cfg.MemoryLimit, Bytes(minMemoryLimit))
	require.Less(t, int64(cfg.MemoryLimit)*int64(cfg.Engines), machineMemory())

	t.Setenv("MESHGEN_ENGINE_MAX_RSS", "much")
	_, err = Load()
	require.ErrorContains(t, err, `"much" is not an amount of memory`)
}

func TestScratch_OfAKilledProcessIsRemovedAndThatOfALivingOneIsNot(t *testing.T) {
	root, log := t.TempDir(), slog.New(slog.DiscardHandler)
	left := filepath.Join(root, "pool-left")
	require.NoError(t, os.MkdirAll(filepath.Join(left, "engine-1"), 0o700))
	living, err := newScratch(root, log)
	require.NoError(t, err)
	require.NoDirExists(t, left)
	other, err := newScratch(root, log)
	require.NoError(t, err)
	require.DirExists(t, living.path)
	require.NoError(t, living.remove())
	require.NoError(t, other.remove())
	entries, err := os.ReadDir(root)
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestEngines_OutliveTheThreadThatCalledStart(t *testing.T) {
	p, _ := newPool(t, "", nil)
	ended := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		ended <- p.Start(within(t))
	}()
	require.NoError(t, receive(t, ended))
	awaitWarm(t, p, 2)
	for range 20 { // so that threads come and go
		go func() {
			runtime.LockOSThread()
			ended <- nil
		}()
		receive(t, ended)
	}
	_, err := run(t, p)
	require.NoError(t, err)
	require.Zero(t, p.Stats().Crashes)
}
