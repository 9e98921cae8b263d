package queue

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Queue is a process's access to Redis. Its methods may be called from many goroutines.
type Queue struct {
	cfg    Config
	keys   keys
	log    *slog.Logger
	opts   redis.Options
	client *redis.Client

	// life ends with Close, and with it whatever still listens.
	life context.Context
	end  context.CancelFunc
	work sync.WaitGroup

	hubOnce sync.Once
	hub     *Hub
}

// silenceDriver stops go-redis from printing to stderr, which it does for the whole process: what it says, our errors and
// logs say again.
var silenceDriver = sync.OnceFunc(logging.Disable)

// New returns a Queue for a valid configuration. It does not connect: a Redis that is away comes back without us.
func New(cfg Config, log *slog.Logger) (*Queue, error) {
	silenceDriver()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	opts, err := redis.ParseURL(cfg.URL)
	if err != nil {
		return nil, withoutURL(err)
	}
	opts.ClientName = "meshgen"
	opts.ContextTimeoutEnabled = true
	// A dead host must show within Timeout, and pub/sub holds a lock while it dials.
	opts.DialTimeout = min(cfg.Timeout, time.Second)
	opts.DialerRetries = 1
	opts.MaxRetries = 3
	opts.MinRetryBackoff, opts.MaxRetryBackoff = 10*time.Millisecond, 250*time.Millisecond
	// A handshake of Redis Enterprise that costs every new connection a round trip elsewhere.
	opts.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	opts.DisableIdentity = true

	q := &Queue{cfg: cfg, keys: keys{cfg.Prefix}, log: log, opts: *opts}
	q.client = q.connect(func(*redis.Options) {})
	q.life, q.end = context.WithCancel(context.Background())
	return q, nil
}

// connect returns a client of its own pool; change adapts the options.
func (q *Queue) connect(change func(*redis.Options)) *redis.Client {
	opts := q.opts
	change(&opts)
	return redis.NewClient(&opts)
}

// Close ends all that listens and waits for it.
func (q *Queue) Close() error {
	q.end()
	q.work.Wait()
	return q.client.Close()
}

// bounded adds the timeout of one call.
func (q *Queue) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, q.cfg.Timeout)
}

// jitter returns d give or take a fifth, so that processes that started together do not meet each time.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}

// backoff is the pause after each further failure to reach Redis.
type backoff struct{ next time.Duration }

const (
	firstPause = 20 * time.Millisecond
	// longestPause bounds how long bells and events stay silent after Redis is back.
	longestPause = 500 * time.Millisecond
)

func (b *backoff) pause() time.Duration {
	b.next = min(max(2*b.next, firstPause), longestPause)
	return jitter(b.next)
}

func (b *backoff) reset() { b.next = 0 }

// sleep waits for d and reports whether ctx is still on.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// safePart reports whether s can be a part of a key or a field of a message.
func safePart(s string) bool {
	return s != "" && len(s) <= 200 && !strings.ContainsAny(s, "\r\n\x00")
}
