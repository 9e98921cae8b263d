package queue

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// receiver is told what happens on a channel. Its methods are called one at a time and must not block.
type receiver interface {
	// live is called when messages flow from now on: first, and again after each reconnect.
	live(channel string)
	// down is called when the connection is lost.
	down()
	message(channel, payload string)
}

// subscriber keeps one pub/sub connection and the channels that are wanted on it, through outages of Redis.
type subscriber struct {
	client *redis.Client
	to     receiver
	log    *slog.Logger
	up     atomic.Bool // Redis has answered on the connection

	mu     sync.Mutex
	wanted map[string]bool
	wake   chan struct{} // wanted has changed
}

const (
	// pingEvery finds out a connection whose other end vanished without a word.
	pingEvery  = 5 * time.Second
	pongWithin = 3 * pingEvery
)

func newSubscriber(client *redis.Client, to receiver, log *slog.Logger) *subscriber {
	return &subscriber{client: client, to: to, log: log, wanted: map[string]bool{}, wake: make(chan struct{}, 1)}
}

// want adds or drops a channel. It returns at once; live tells when messages flow.
func (s *subscriber) want(channel string, wanted bool) {
	s.mu.Lock()
	if wanted {
		s.wanted[channel] = true
	} else {
		delete(s.wanted, channel)
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run connects, and connects again, until ctx ends.
func (s *subscriber) run(ctx context.Context) {
	var pause backoff
	away := false
	for ctx.Err() == nil {
		err := s.session(ctx)
		up := s.up.Swap(false)
		if ctx.Err() != nil {
			return
		}
		s.to.down()
		if up {
			pause.reset()
			away = false
		}
		if !away {
			s.log.WarnContext(ctx, "subscriptions lost, connecting again", "error", err)
			away = true
		}
		sleep(ctx, pause.pause())
	}
}

// session is the life of one connection.
func (s *subscriber) session(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ps := s.client.Subscribe(ctx)
	defer ps.Close()
	defer context.AfterFunc(ctx, func() { _ = ps.Close() })() // a blocked read does not see the end of ctx

	var writing sync.WaitGroup
	writing.Go(func() { cancel(s.write(ctx, ps)) })
	defer writing.Wait()
	defer cancel(nil)

	for {
		m, err := ps.ReceiveTimeout(ctx, pongWithin)
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return err
		}
		s.up.Store(true)
		switch m := m.(type) {
		case *redis.Subscription:
			if m.Kind == "subscribe" {
				s.to.live(m.Channel)
			}
		case *redis.Message:
			s.to.message(m.Channel, m.Payload)
		}
	}
}

// write keeps what is subscribed on the connection equal to what is wanted. Changes that come together go out together.
func (s *subscriber) write(ctx context.Context, ps *redis.PubSub) error {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	if err := ps.Ping(ctx); err != nil {
		return err
	}
	have := map[string]bool{}
	for {
		s.mu.Lock()
		add := slices.Collect(maps.Keys(without(s.wanted, have)))
		drop := slices.Collect(maps.Keys(without(have, s.wanted)))
		s.mu.Unlock()
		if len(add) > 0 {
			if err := ps.Subscribe(ctx, add...); err != nil {
				return err
			}
		}
		if len(drop) > 0 { // none would mean all
			if err := ps.Unsubscribe(ctx, drop...); err != nil {
				return err
			}
		}
		for _, channel := range add {
			have[channel] = true
		}
		for _, channel := range drop {
			delete(have, channel)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.wake:
		case <-ping.C:
			if err := ps.Ping(ctx); err != nil {
				return err
			}
		}
	}
}

// without returns the members of a that are not in b.
func without(a, b map[string]bool) map[string]bool {
	left := map[string]bool{}
	for k := range a {
		if !b[k] {
			left[k] = true
		}
	}
	return left
}
