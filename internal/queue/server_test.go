package queue

import (
	"context"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"meshgen/internal/testenv"
)

// patience is how long a test waits for what must happen, on a machine that may be busy.
const patience = 20 * time.Second

func TestMain(m *testing.M) { os.Exit(testenv.Main(m)) }

// redisServer is a Redis of the test's own, which it may stop, flush and misconfigure.
type redisServer struct {
	*testenv.RedisServer
	t testing.TB
	// Admin is a client for what the test does behind the package's back.
	Admin *redis.Client
}

func startRedis(t testing.TB, settings ...string) *redisServer {
	t.Helper()
	s := &redisServer{t: t, RedisServer: testenv.NewRedis(t, settings...)}
	s.Admin = s.Server.Client()
	t.Cleanup(func() { _ = s.Admin.Close() })
	return s
}

func (s *redisServer) Kill() { s.t.Helper(); require.NoError(s.t, s.Server.Kill()) }
func (s *redisServer) Start() {
	s.t.Helper()
	require.NoError(s.t, s.Server.Start(context.Background()))
}

func (s *redisServer) Flush() { require.NoError(s.t, s.Admin.FlushAll(context.Background()).Err()) }

// Config is the default configuration with this server.
func (s *redisServer) Config() Config {
	var cfg Config
	require.NoError(s.t, env.ParseWithOptions(&cfg, env.Options{Environment: map[string]string{}}))
	cfg.URL = s.URL
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
