package testenv

import (
	"context"
	"testing"

	"meshgen/internal/devservers"
)

// RedisServer is a Redis; tests that share one use prefixes of their own.
type RedisServer struct {
	URL    string
	Server *devservers.Redis
}

// Redis returns the shared Redis.
func Redis(t testing.TB) *RedisServer {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.redis == nil {
		shared.redis = startRedis(t)
	}
	return &RedisServer{URL: shared.redis.URL(), Server: shared.redis}
}

// NewRedis returns a Redis of the test's own, with settings as on its command line: "--maxmemory-policy", "allkeys-lru".
func NewRedis(t testing.TB, settings ...string) *RedisServer {
	t.Helper()
	server := startRedis(t, settings...)
	t.Cleanup(func() { _ = server.Kill() })
	return &RedisServer{URL: server.URL(), Server: server}
}

func startRedis(t testing.TB, settings ...string) *devservers.Redis {
	t.Helper()
	server, err := devservers.NewRedis(context.Background(), devservers.Options{Dir: folder(t, "redis")}, settings...)
	if err != nil {
		t.Fatal(err)
	}
	return server
}
