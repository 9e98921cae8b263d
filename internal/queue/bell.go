package queue

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Bell tells that a job is queued.
type Bell struct {
	JobID       string
	Traceparent string // W3C trace context of who queued it; may be empty
	// Workers are woken by name beside the one that waits longest: they are the ones that should have it.
	Workers []string
}

// Ring wakes one listening worker for each bell, and those that it names, in one round trip.
func (q *Queue) Ring(ctx context.Context, bells ...Bell) error {
	ctx, cancel := q.bounded(ctx)
	defer cancel()
	if len(bells) == 0 {
		return nil
	}
	_, err := q.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, b := range bells {
			q.ring(ctx, p, b)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("ring: %w", err)
	}
	return nil
}

// ring adds what rings a bell to a pipeline, which returns the errors.
func (q *Queue) ring(ctx context.Context, p redis.Pipeliner, b Bell) {
	values := []any{fieldJob, b.JobID, fieldTraceparent, b.Traceparent}
	for _, worker := range b.Workers { // before the common bell, which any of them may hear too
		key := q.keys.bellsOf(worker)
		p.XAdd(ctx, &redis.XAddArgs{Stream: key, MaxLen: ownBells, Approx: true, Values: values})
		p.PExpire(ctx, key, ownBellsTTL)
	}
	p.XAdd(ctx, &redis.XAddArgs{Stream: q.keys.bells(), MaxLen: q.cfg.Bells, Approx: true, Values: values})
}

const (
	// ownBells are kept for a worker by its name: any of them has it look for work.
	ownBells = 100
	// ownBellsTTL is how long they outlive the worker's last report and the last of them.
	ownBellsTTL = time.Minute
)

// Lag returns how many bells nobody has heard yet. Workers also take jobs without a bell, so it is at least the number
// of queued jobs whose bells were not lost.
func (q *Queue) Lag(ctx context.Context) (int64, error) {
	ctx, cancel := q.bounded(ctx)
	defer cancel()
	groups, err := q.client.XInfoGroups(ctx, q.keys.bells()).Result()
	if redis.HasErrorPrefix(err, "no such key") {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("bells: %w", err)
	}
	for _, g := range groups {
		if g.Name == group {
			return max(g.Lag, 0), nil
		}
	}
	n, err := q.client.XLen(ctx, q.keys.bells()).Result() // rung, and no worker has ever listened
	if err != nil {
		return 0, fmt.Errorf("bells: %w", err)
	}
	return n, nil
}

// Listener waits for bells, those for its name included, on a connection of its own. Only one goroutine may call Next at a time.
type Listener struct {
	// Has tells of a job whether whoever listens has it already; nil is of none. Its bells are passed over: a job is rung for by name and in
	// common, and who hears the one has the job when the other is heard. It is set before the first call of Next.
	Has func(jobID string) bool

	q      *Queue
	name   string
	client *redis.Client
	conn   connSlot
	life   context.Context
	end    context.CancelFunc
	away   atomic.Bool
	joined bool // the group was there at least once
	pause  backoff
}

// Listen returns a listener for the worker of a name, which also shows in the CLIENT LIST of Redis. Bells are taken one by one, by
// whoever waits longest.
func (q *Queue) Listen(name string) *Listener {
	l := &Listener{q: q, name: name}
	l.life, l.end = context.WithCancel(q.life)
	l.client = q.connect(func(o *redis.Options) {
		o.ClientName = "meshgen-" + name
		o.Dialer = l.conn.dialer(o)
		o.PoolSize, o.PipelinePoolSize = 1, -1
		o.MaxRetries = -1 // Next retries, and tells
	})
	return l
}

// Close ends Next.
func (l *Listener) Close() error {
	l.end()
	return l.client.Close()
}

// Away reports whether Redis could not be reached when last tried.
func (l *Listener) Away() bool { return l.away.Load() }

// Next returns the next bell. It returns an error that is ErrTick if none rang for Config.Tick, if bells may have been
// lost, or, after trying for a while, if Redis is away: the caller then looks into Postgres and calls Next again. Other
// errors are those of ctx, at once when it ends, and ErrClosed.
func (l *Listener) Next(ctx context.Context) (Bell, error) { return l.NextWithin(ctx, l.q.cfg.Tick*2) }

// NextWithin is Next with an ErrTick after d, if that is sooner.
func (l *Listener) NextWithin(ctx context.Context, d time.Duration) (Bell, error) {
	tick := min(jitter(l.q.cfg.Tick), d)
	deadline := time.Now().Add(tick)
	for {
		bell, err := l.read(ctx, time.Until(deadline))
		switch {
		case ctx.Err() != nil:
			return Bell{}, ctx.Err()
		case l.life.Err() != nil:
			return Bell{}, ErrClosed
		case err == nil && bell.JobID == "":
			l.back(ctx)
			continue
		case err == nil:
			l.back(ctx)
			return bell, nil
		case errors.Is(err, redis.Nil):
			l.back(ctx)
			return Bell{}, ErrTick
		case redis.HasErrorPrefix(err, "NOGROUP"), redis.HasErrorPrefix(err, "UNBLOCKED"):
			lost := l.joined
			if err = l.join(ctx); err == nil && lost {
				return Bell{}, ErrTick // bells went with the stream
			}
			if err == nil {
				continue
			}
		}
		if err := l.wait(ctx, err, deadline); err != nil {
			return Bell{}, err
		}
	}
}

// read takes one bell of each stream, waiting for one for at most d. The bell is of no job where whoever listens has those that it is for.
func (l *Listener) read(ctx context.Context, d time.Duration) (Bell, error) {
	if l.Away() {
		d = 0 // if Redis is back, the caller must look into Postgres soon
	}
	d = max(d, time.Millisecond) // 0 would block for ever
	ctx, cancel := context.WithTimeout(ctx, d+l.q.cfg.Timeout)
	defer cancel()
	// A blocking read heeds the deadline of a context, but not its end.
	l.conn.allow()
	defer context.AfterFunc(ctx, l.conn.cut)()
	defer context.AfterFunc(l.life, l.conn.cut)()

	streams, err := l.client.XReadGroup(ctx, &redis.XReadGroupArgs{
		Group: group, Consumer: consumer, Streams: []string{l.q.keys.bells(), l.q.keys.bellsOf(l.name), ">", ">"},
		Count: 1, Block: d, NoAck: true,
	}).Result()
	if err != nil {
		return Bell{}, err
	}
	l.joined = true
	// The common one comes first.
	for _, stream := range streams {
		for _, message := range stream.Messages {
			bell := Bell{}
			bell.JobID, _ = message.Values[fieldJob].(string)
			bell.Traceparent, _ = message.Values[fieldTraceparent].(string)
			if l.Has == nil || !l.Has(bell.JobID) {
				return bell, nil
			}
		}
	}
	return Bell{}, nil
}

// join makes the groups. They begin with the first bell there is: some may have been rung since the stream was lost.
func (l *Listener) join(ctx context.Context) error {
	ctx, cancel := l.q.bounded(ctx)
	defer cancel()
	own := l.q.keys.bellsOf(l.name)
	for _, key := range []string{l.q.keys.bells(), own} {
		err := l.q.client.XGroupCreateMkStream(ctx, key, group, "0").Err()
		if err != nil && !redis.HasErrorPrefix(err, "BUSYGROUP") { // another listener was first
			return err
		}
	}
	if err := l.q.client.PExpire(ctx, own, ownBellsTTL).Err(); err != nil {
		return err
	}
	l.joined = true
	return nil
}

// wait pauses after a failure; it returns an error once the deadline has passed.
func (l *Listener) wait(ctx context.Context, cause error, deadline time.Time) error {
	if !l.away.Swap(true) {
		l.q.log.WarnContext(ctx, "redis is away, jobs are looked for in Postgres", "error", cause)
	}
	// Postgres is looked at more often than while bells ring, but not in a rush.
	deadline = deadline.Add(-l.q.cfg.Tick / 2)
	sleeping, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.life, cancel)()
	sleep(sleeping, l.pause.pause())
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case l.life.Err() != nil:
		return ErrClosed
	case time.Now().After(deadline):
		return &awayError{cause}
	}
	return nil
}

func (l *Listener) back(ctx context.Context) {
	l.joined = true
	l.pause.reset()
	if l.away.Swap(false) {
		l.q.log.InfoContext(ctx, "redis is back")
	}
}

// connSlot remembers the connection of a client that has one, so that it can be cut under a blocking read.
type connSlot struct {
	mu   sync.Mutex
	conn net.Conn
	off  bool // cut, also for a connection that is only being made
}

func (s *connSlot) dialer(o *redis.Options) func(ctx context.Context, network, addr string) (net.Conn, error) {
	dial := redis.NewDialer(o)
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.conn = conn
		if s.off {
			_ = conn.Close()
		}
		return conn, nil
	}
}

func (s *connSlot) allow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = false
}

func (s *connSlot) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = true
	if s.conn != nil {
		_ = s.conn.Close()
	}
}
