package queue

import (
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Config says which Redis to use and how much it may hold.
type Config struct {
	// URL as in redis://user:password@host:6379/0; rediss:// for TLS.
	URL string `env:"MESHGEN_REDIS_URL" envDefault:"redis://127.0.0.1:6379/0"`
	// Prefix of all keys and channels. Installations that share a Redis need different ones: a database number does
	// not separate channels.
	Prefix string `env:"MESHGEN_REDIS_PREFIX" envDefault:"meshgen:"`
	// AllowVolatile turns a Redis that may forget (no persistence, or an eviction policy) from an error into a warning.
	AllowVolatile bool `env:"MESHGEN_REDIS_ALLOW_VOLATILE" envDefault:"false"`
	// Timeout bounds each call to Redis, its retries included.
	Timeout time.Duration `env:"MESHGEN_REDIS_TIMEOUT" envDefault:"2s"`
	// Tick is how long Listener.Next waits for a bell at most, give or take a fifth.
	Tick time.Duration `env:"MESHGEN_REDIS_TICK" envDefault:"4s"`
	// Bells kept; read ones are not removed by themselves. More than are ever queued unread.
	Bells int64 `env:"MESHGEN_REDIS_BELLS" envDefault:"100000"`
	// Events kept for each subject, and for each tenant; Redis drops them in blocks of about a hundred.
	Events int64 `env:"MESHGEN_REDIS_EVENTS" envDefault:"5000"`
	// EventsTTL is how long a stream of events outlives its last event.
	EventsTTL time.Duration `env:"MESHGEN_REDIS_EVENTS_TTL" envDefault:"24h"`
}

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	if _, err := redis.ParseURL(c.URL); err != nil {
		return fmt.Errorf("MESHGEN_REDIS_URL: %w", withoutURL(err))
	}
	switch {
	case c.Prefix == "":
		return errors.New("MESHGEN_REDIS_PREFIX must not be empty")
	case c.Timeout < 10*time.Millisecond:
		return errors.New("MESHGEN_REDIS_TIMEOUT must be at least 10ms")
	case c.Tick < 10*time.Millisecond || c.Tick > 30*time.Second:
		return errors.New("MESHGEN_REDIS_TICK must be between 10ms and 30s")
	case c.Bells < 100:
		return errors.New("MESHGEN_REDIS_BELLS must be at least 100")
	case c.Events < 100:
		return errors.New("MESHGEN_REDIS_EVENTS must be at least 100")
	case c.EventsTTL < time.Minute:
		return errors.New("MESHGEN_REDIS_EVENTS_TTL must be at least 1m")
	}
	return nil
}
