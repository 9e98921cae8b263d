package queue

import (
	"log/slog"
	"testing"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/stretchr/testify/require"

	"meshgen/internal/testenv"
)

func TestCheck_AServerThatKeepsWhatItIsGivenPasses(t *testing.T) {
	require.NoError(t, startRedis(t).Queue().Check(deadline(t)))
}

func TestCheck_SnapshotsArePersistenceToo(t *testing.T) {
	server := startRedis(t, "--appendonly", "no", "--save", "60 1000")
	require.NoError(t, server.Queue().Check(deadline(t)))
}

func TestCheck_SaysEverythingThatIsWrongAndHowToSetIt(t *testing.T) {
	server := startRedis(t, "--appendonly", "no", "--save", "", "--maxmemory-policy", "allkeys-lru")
	q := server.Queue()
	err := q.Check(deadline(t))
	require.ErrorContains(t, err, q.opts.Addr)
	require.ErrorContains(t, err, "appendonly yes")
	require.ErrorContains(t, err, `maxmemory-policy is "allkeys-lru"`)
	require.ErrorContains(t, err, "CONFIG SET maxmemory-policy noeviction")
	require.ErrorContains(t, err, "MESHGEN_REDIS_ALLOW_VOLATILE")
	require.False(t, IsTemporary(err))
}

func TestCheck_AVolatileServerCanBeAcceptedWithAWarning(t *testing.T) {
	server := startRedis(t, "--appendonly", "no", "--save", "", "--maxmemory-policy", "allkeys-lru")
	var log testenv.Log
	cfg := server.Config()
	cfg.AllowVolatile = true
	q, err := New(cfg, slog.New(slog.NewTextHandler(&log, nil)))
	require.NoError(t, err)
	defer q.Close()
	require.NoError(t, q.Check(deadline(t)))
	require.Contains(t, log.String(), "not persistent")
	require.Contains(t, log.String(), "allkeys-lru")
}

func TestCheck_AServerThatHidesItsConfigurationNeedsAOFOrReplicas(t *testing.T) {
	server := startRedis(t, "--appendonly", "no", "--save", "60 1000", "--rename-command", "CONFIG", "")
	require.ErrorContains(t, server.Queue().Check(deadline(t)), "does not tell whether it saves snapshots")

	server = startRedis(t, "--rename-command", "CONFIG", "")
	require.NoError(t, server.Queue().Check(deadline(t)), "INFO tells of the AOF")
}

func TestCheck_AServerThatIsNotThereIsNamed(t *testing.T) {
	server := startRedis(t)
	q := server.Queue(func(c *Config) { c.Timeout = 500 * time.Millisecond })
	server.Kill()
	err := q.Check(deadline(t))
	require.ErrorContains(t, err, "redis at "+q.opts.Addr+" does not answer")
	require.True(t, IsTemporary(err))
}

func TestConfig_DefaultsAreValidAndMistakesAreNamed(t *testing.T) {
	var good Config
	require.NoError(t, env.ParseWithOptions(&good, env.Options{Environment: map[string]string{}}))
	require.NoError(t, good.Validate())

	for variable, spoil := range map[string]func(*Config){
		"MESHGEN_REDIS_URL":        func(c *Config) { c.URL = "http://host" },
		"MESHGEN_REDIS_PREFIX":     func(c *Config) { c.Prefix = "" },
		"MESHGEN_REDIS_TIMEOUT":    func(c *Config) { c.Timeout = 0 },
		"MESHGEN_REDIS_TICK":       func(c *Config) { c.Tick = time.Hour },
		"MESHGEN_REDIS_BELLS":      func(c *Config) { c.Bells = 0 },
		"MESHGEN_REDIS_EVENTS":     func(c *Config) { c.Events = 1 },
		"MESHGEN_REDIS_EVENTS_TTL": func(c *Config) { c.EventsTTL = 0 },
	} {
		bad := good
		spoil(&bad)
		require.ErrorContains(t, bad.Validate(), variable)
	}
}

func TestConfig_AnErrorInTheURLDoesNotShowThePassword(t *testing.T) {
	for _, url := range []string{"redis://u:hunter2@host:port/0", "redis://u:hunter2@host\x7f", "://u:hunter2@host", "redis://u:hunter2@h/a/b/c"} {
		err := Config{URL: url}.Validate()
		require.Error(t, err)
		require.NotContains(t, err.Error(), "hunter2")
	}
}
