package pool

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"meshgen/internal/engine"
)

// patience bounds every wait for an event that should come at once. It is long because the machine may be busy.
const patience = 30 * time.Second

// parentVar makes the test binary a parent to be killed; see orphan_test.go.
const parentVar = "POOL_TEST_PARENT"

var faultyEngine string // the binary built from testdata/faultyengine

func TestMain(m *testing.M) {
	if path := os.Getenv(parentVar); path != "" {
		beParent(path)
		return
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "pool-test-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		faultyEngine = filepath.Join(dir, "faultyengine")
		build := exec.Command("go", "build", "-o", faultyEngine, "./testdata/faultyengine")
		if out, err := build.CombinedOutput(); err != nil {
			panic(fmt.Sprintf("build the faulty engine: %v\n%s", err, out))
		}
		return m.Run()
	}())
}

// testEngine returns the path of a faulty engine of this test's own, and a function that says how further ones start.
func testEngine(t testing.TB) (path string, starts func(how string)) {
	path = filepath.Join(t.TempDir(), "engine")
	require.NoError(t, os.Symlink(faultyEngine, path))
	return path, func(how string) {
		temporary := path + ".start.new" // renamed, so that an engine sees all of it or nothing
		require.NoError(t, os.WriteFile(temporary, []byte(how), 0o600))
		require.NoError(t, os.Rename(temporary, path+".start"))
	}
}

func testConfig(t testing.TB, path string) Config {
	return Config{
		Path: path, Engines: 1, Spares: 1, Jobs: 1000, MaxRSS: 2 << 30, MemoryLimit: 2 << 30,
		StartTimeout: patience, GiveUp: patience, Scratch: t.TempDir(),
	}
}

// startPool returns a running pool of faulty engines, all of them warm, and how its further engines start.
func startPool(t testing.TB, change func(*Config)) (p *Pool, starts func(how string)) {
	path, starts := testEngine(t)
	cfg := testConfig(t, path)
	if change != nil {
		change(&cfg)
	}
	p, err := New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { closePool(t, p) })
	require.NoError(t, p.Start(within(t)))
	awaitWarm(t, p, cfg.Engines+cfg.Spares)
	return p, starts
}

func closePool(t testing.TB, p *Pool) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(t, p.Close(ctx))
}

// within returns a context that ends when patience does.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// awaitWarm waits until n engines are warm.
func awaitWarm(t testing.TB, p *Pool, n int) {
	await(t, func() bool { return inState(p, Warm) == n }, "%d warm engines", n)
}

func await(t testing.TB, condition func() bool, what string, args ...any) {
	t.Helper()
	require.Eventually(t, condition, patience, 2*time.Millisecond, what, args)
}

func inState(p *Pool, s State) (n int) {
	for _, e := range p.Stats().Engines {
		if e.State == s {
			n++
		}
	}
	return n
}

var serial atomic.Int64

// steps returns a request that makes the faulty engine take them.
func steps(steps ...string) engine.Request {
	id := "job-" + strconv.FormatInt(serial.Add(1), 10)
	return engine.Request{ID: id, Kind: engine.Export, Dir: "/nonexistent/" + id, Formats: steps, Threads: 1}
}

// run runs the steps without limits.
func run(t testing.TB, p *Pool, s ...string) (Outcome, error) {
	return p.Run(within(t), steps(s...), Limits{}, nil)
}

// hung is a request that runs until it is killed.
type hung struct {
	pid  int      // of the engine
	said []string // what the steps before the hang logged
	out  chan hungOutcome
}

type hungOutcome struct {
	Outcome
	err error
	at  time.Time
}

// hang runs the steps and then hangs. It returns when the engine hangs.
func hang(t testing.TB, ctx context.Context, p *Pool, lim Limits, s ...string) hung {
	h := hung{out: make(chan hungOutcome, 1)}
	hanging := make(chan struct{})
	go func() {
		out, err := p.Run(ctx, steps(append(s, "stages:1", "hang")...), lim, func(m engine.Message) {
			switch {
			case m.Type == engine.TypeStage:
				close(hanging)
			case len(m.Log) > 0 && m.Log[0].Level == "info":
				h.said = append(h.said, m.Log[0].Text)
			}
		})
		h.out <- hungOutcome{out, err, time.Now()}
	}()
	receive(t, hanging)
	for _, e := range p.Stats().Engines {
		if e.State == Busy {
			h.pid = e.PID
		}
	}
	return h
}

// receive waits for a value, or for the channel's close.
func receive[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		require.FailNow(t, "nothing came")
		panic("unreachable")
	}
}

func number(t testing.TB, text string) int {
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// process watches a process by a descriptor, which no other process can take over.
type process struct{ pid, fd int }

func watch(t testing.TB, pid int) process {
	fd, err := unix.PidfdOpen(pid, 0)
	require.NoError(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	return process{pid, fd}
}

// awaitEnd waits until the process has ended.
func (p process) awaitEnd(t testing.TB) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		poll := []unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}
		n, err := unix.Poll(poll, int(time.Until(deadline).Milliseconds()))
		if err == unix.EINTR {
			continue
		}
		require.NoError(t, err)
		require.Equal(t, 1, n, "process %d lives on", p.pid)
		return
	}
}

// requireReaped checks that nothing is left of a process, not even a zombie.
func requireReaped(t testing.TB, pid int) {
	t.Helper()
	require.NoDirExists(t, filepath.Join("/proc", strconv.Itoa(pid)))
}
