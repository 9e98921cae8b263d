package queue

import (
	"context"
	"fmt"
	"sync"
)

// Hub lets many followers share one connection. A message is parsed once, and a follower that does not keep up is left
// behind alone: it fetches what it missed from the stream.
type Hub struct {
	q   *Queue
	sub *subscriber

	mu        sync.Mutex
	topics    map[string]*topic // by key of the stream, which is the name of the channel
	followers int
}

// topic is a channel with at least one follower.
type topic struct {
	key       string
	ready     chan struct{} // closed when messages flow for the first time
	live      bool          // messages flow
	lost      bool          // the connection went since they flowed
	followers map[*Follower]struct{}
}

// HubStats are a hub's numbers.
type HubStats struct {
	Followers int  // open followers
	Channels  int  // channels that they share
	Connected bool // the connection is up
}

// Hub returns the process's hub.
func (q *Queue) Hub() *Hub {
	q.hubOnce.Do(func() {
		q.hub = &Hub{q: q, topics: map[string]*topic{}}
		q.hub.sub = newSubscriber(q.client, q.hub, q.log)
		q.work.Go(func() { q.hub.sub.run(q.life) })
	})
	return q.hub
}

// Stats returns the hub's numbers.
func (h *Hub) Stats() HubStats {
	h.mu.Lock()
	defer h.mu.Unlock()
	return HubStats{Followers: h.followers, Channels: len(h.topics), Connected: h.sub.up.Load()}
}

// Follow returns a follower of a subject's events after an id, or FromStart, or FromNow. An id from which the kept events
// do not continue is treated as FromNow, and Known says so. From the moment that Follow returns, no event is missed. It
// needs Redis, and fails after Config.Timeout without it.
func (h *Hub) Follow(ctx context.Context, subject string, after int64) (*Follower, error) {
	f, err := h.follow(ctx, h.q.keys.events(subject), after)
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", subject, err)
	}
	return f, nil
}

// FollowTenant is Follow for all subjects of a tenant, logs excepted. Its ids are a sequence of their own.
func (h *Hub) FollowTenant(ctx context.Context, tenant string, after int64) (*Follower, error) {
	f, err := h.follow(ctx, h.q.keys.tenantEvents(tenant), after)
	if err != nil {
		return nil, fmt.Errorf("follow tenant %s: %w", tenant, err)
	}
	return f, nil
}

func (h *Hub) follow(ctx context.Context, key string, after int64) (*Follower, error) {
	f, t := h.join(key)
	err := f.start(ctx, t, after)
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// join adds a follower to its topic.
func (h *Hub) join(key string) (*Follower, *topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[key]
	if t == nil {
		t = &topic{key: key, ready: make(chan struct{}), followers: map[*Follower]struct{}{}}
		h.topics[key] = t
		if t.live = h.sub.add(key); t.live {
			close(t.ready)
		}
	}
	f := &Follower{hub: h, topic: t, wake: make(chan struct{}, 1)}
	t.followers[f] = struct{}{}
	h.followers++
	return f, t
}

// leave takes a follower from its topic, and the topic from the connection if it was the last.
func (h *Hub) leave(f *Follower) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := f.topic.followers[f]; !ok {
		return
	}
	delete(f.topic.followers, f)
	h.followers--
	if len(f.topic.followers) == 0 {
		delete(h.topics, f.topic.key)
		h.sub.drop(f.topic.key)
	}
}

func (h *Hub) live(channel string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[channel]
	if t == nil {
		return
	}
	select {
	case <-t.ready:
		// What was published while nobody listened is in the stream; what could not be published is nowhere.
		for f := range t.followers {
			f.refill(t.lost)
		}
	default:
		close(t.ready) // the followers wait for it before they read the stream
	}
	t.live, t.lost = true, false
}

func (h *Hub) down() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.topics {
		t.lost = t.lost || t.live
		t.live = false
	}
}

func (h *Hub) message(channel, payload string) {
	e, err := parseMessage(payload)
	if err != nil {
		h.q.log.Warn("message on a channel of events is not an event", "channel", channel, "error", err)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[channel]; t != nil {
		for f := range t.followers {
			f.push(e)
		}
	}
}
