package jobs

import (
	"cmp"
	"context"
	"sync"
	"time"

	"meshgen/internal/store"
)

const (
	// limitsEvery is how often Postgres is asked for the limits of a tenant that does something.
	limitsEvery = 2 * time.Second
	// limitsFor is how long they are believed: what is asked after limitsEvery need not wait for the answer. So long is it until a change counts.
	limitsFor = 10 * time.Second
)

// limits remembers those of tenants that were here lately.
type limits struct {
	mu     sync.Mutex
	known  map[string]*knownLimits // by tenant
	tidied time.Time
	asking sync.WaitGroup // what is asked that nobody waits for but tests
}

type knownLimits struct {
	store.Limits
	at    time.Time
	asked bool // anew
}

// LimitsOf returns the limits of a tenant that are its own; all others are those of the configuration.
func (s *Service) LimitsOf(ctx context.Context, tenant string) (store.Limits, error) {
	return s.limits.get(tenant, time.Now(), func(anew bool) (store.Limits, error) {
		if anew { // for who comes next: the request may have ended
			var end func()
			ctx, end = context.WithTimeout(context.WithoutCancel(ctx), limitsFor)
			defer end()
		}
		return s.db.Limits(ctx, tenant)
	})
}

func (l *limits) get(tenant string, now time.Time, ask func(anew bool) (store.Limits, error)) (store.Limits, error) {
	l.mu.Lock()
	known := l.known[tenant]
	if known != nil && now.Sub(known.at) < limitsFor {
		defer l.mu.Unlock()
		if now.Sub(known.at) >= limitsEvery && !known.asked {
			known.asked = true
			l.asking.Go(func() {
				if asked, err := ask(true); err == nil {
					l.put(tenant, now, asked)
				} // else who comes later asks and is told
			})
		}
		return known.Limits, nil
	}
	l.mu.Unlock()
	asked, err := ask(false)
	if err != nil {
		return store.Limits{}, err
	}
	l.put(tenant, now, asked)
	return asked, nil
}

// put remembers what was asked for at a time.
func (l *limits) put(tenant string, at time.Time, asked store.Limits) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil || at.Sub(l.tidied) > time.Minute {
		fresh := map[string]*knownLimits{}
		for other, k := range l.known {
			if at.Sub(k.at) < limitsFor {
				fresh[other] = k
			}
		}
		l.known, l.tidied = fresh, at
	}
	l.known[tenant] = &knownLimits{Limits: asked, at: at}
}

// Or returns a tenant's own limit or, where it has none, what the configuration says.
func Or[T any](own *T, configured T) T { return *cmp.Or(own, &configured) }

// room returns what may wait of a tenant and of all.
func (s *Service) room(ctx context.Context, tenant string) (store.Room, error) {
	own, err := s.LimitsOf(ctx, tenant)
	return store.Room{Everybody: s.cfg.MaxQueued, Tenant: Or(own.MaxQueued, s.cfg.MaxQueuedOfTenant)}, err
}

// LargestBatch is how many meshes of a tenant's batch can have room at all; 0 for any number.
func (s *Service) LargestBatch(ctx context.Context, tenant string) (int, error) {
	room, err := s.room(ctx, tenant)
	switch {
	case room.Everybody == 0:
		return room.Tenant, err
	case room.Tenant == 0:
		return room.Everybody, err
	}
	return min(room.Everybody, room.Tenant), err
}
