package queue

import (
	"context"
	"log/slog"
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
	have   map[string]bool // subscribed on the connection; true once Redis has confirmed it
	wake   chan struct{}   // wanted has changed
}

const (
	// pingEvery finds out a connection whose other end vanished without a word.
	pingEvery  = 5 * time.Second
	pongWithin = 3 * pingEvery
)

func newSubscriber(client *redis.Client, to receiver, log *slog.Logger) *subscriber {
	return &subscriber{client: client, to: to, log: log, wanted: map[string]bool{}, have: map[string]bool{}, wake: make(chan struct{}, 1)}
}

// add asks for a channel. It returns at once; live tells when messages flow, unless add reports that they do already.
func (s *subscriber) add(channel string) (flowing bool) {
	s.mu.Lock()
	s.wanted[channel] = true
	flowing = s.have[channel]
	s.mu.Unlock()
	s.changed()
	return flowing
}

// drop gives a channel up.
func (s *subscriber) drop(channel string) {
	s.mu.Lock()
	delete(s.wanted, channel)
	s.mu.Unlock()
	s.changed()
}

func (s *subscriber) changed() {
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
		s.mu.Lock()
		clear(s.have)
		s.mu.Unlock()
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
			if m.Kind == "subscribe" && s.confirm(m.Channel) {
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
	for {
		add, drop := s.changes()
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

// changes returns what has to be subscribed and unsubscribed, and takes it as done: what is wanted from now on will be
// sent after it.
func (s *subscriber) changes() (add, drop []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for channel := range s.wanted {
		if _, ok := s.have[channel]; !ok {
			add = append(add, channel)
			s.have[channel] = false
		}
	}
	for channel := range s.have {
		if !s.wanted[channel] {
			drop = append(drop, channel)
			delete(s.have, channel)
		}
	}
	return add, drop
}

// confirm notes that a channel is subscribed, and reports whether it still is. A channel that was dropped and added again
// may be confirmed by the first of two answers; the second then calls live again, which has the gap filled.
func (s *subscriber) confirm(channel string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.have[channel]; !ok {
		return false
	}
	s.have[channel] = true
	return true
}
