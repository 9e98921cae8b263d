package queue

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for what must happen, on a machine that may be busy.
const patience = 20 * time.Second

// redisServer is a Redis of the test's own, which it may stop, flush and misconfigure.
type redisServer struct {
	t    testing.TB
	port string
	args []string
	cmd  *exec.Cmd
	// Admin is a client for what the test does behind the package's back.
	Admin *redis.Client
}

// startRedis starts a Redis like the one in production, further settings apart.
func startRedis(t testing.TB, settings ...string) *redisServer {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Fatal("redis-server is not installed; scripts/setup installs it")
	}
	for range 20 {
		// Below the ports that the system gives to clients, so that nobody takes it while the server restarts.
		s := &redisServer{t: t, port: strconv.Itoa(20000 + rand.IntN(12000))}
		s.args = append([]string{"--port", s.port, "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "yes",
			"--appendfsync", "everysec", "--loglevel", "warning"}, settings...)
		if probe, err := net.Listen("tcp", "127.0.0.1:"+s.port); err != nil {
			continue
		} else {
			probe.Close()
		}
		s.Admin = redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + s.port, MaxRetries: -1})
		s.Start()
		t.Cleanup(func() { s.Kill(); s.Admin.Close() })
		return s
	}
	t.Fatal("no free port for redis")
	return nil
}

// Start starts the server, again with what it had saved, and waits until it answers.
func (s *redisServer) Start() {
	s.t.Helper()
	s.cmd = exec.Command("redis-server", s.args...)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var output bytes.Buffer
	s.cmd.Stdout, s.cmd.Stderr = &output, &output
	require.NoError(s.t, s.cmd.Start())
	require.Eventually(s.t, func() bool { return s.Admin.Ping(context.Background()).Err() == nil }, patience, 5*time.Millisecond,
		"redis does not answer: %s", &output)
}

// Kill ends the server as a crash would.
func (s *redisServer) Kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// Signal stops or continues the server.
func (s *redisServer) Signal(sig syscall.Signal) { require.NoError(s.t, s.cmd.Process.Signal(sig)) }

func (s *redisServer) Flush() { require.NoError(s.t, s.Admin.FlushAll(context.Background()).Err()) }

// Config is the default configuration with this server.
func (s *redisServer) Config() Config {
	var cfg Config
	require.NoError(s.t, env.ParseWithOptions(&cfg, env.Options{Environment: map[string]string{}}))
	cfg.URL = "redis://127.0.0.1:" + s.port + "/0"
	return cfg
}

// Queue returns a queue on the server; change adapts the configuration.
func (s *redisServer) Queue(change ...func(*Config)) *Queue {
	cfg := s.Config()
	for _, f := range change {
		f(&cfg)
	}
	q, err := New(cfg, slog.New(slog.NewTextHandler(s.t.Output(), nil)))
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = q.Close() })
	return q
}

// pubsubConnections counts the connections that subscribe to something.
func (s *redisServer) pubsubConnections() (n int) {
	list, err := s.Admin.ClientList(context.Background()).Result()
	require.NoError(s.t, err)
	for line := range strings.Lines(list) {
		if strings.Contains(line, " sub=") && !strings.Contains(line, " sub=0 ") {
			n++
		}
	}
	return n
}

// blocked waits until n clients wait for a bell.
func (s *redisServer) blocked(n int) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		text, err := s.Admin.Info(context.Background(), "clients").Result()
		return err == nil && strings.Contains(text, "blocked_clients:"+strconv.Itoa(n)+"\r")
	}, patience, time.Millisecond, "no %d listeners wait", n)
}

func deadline(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// logBuffer is a log that a test can read.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
