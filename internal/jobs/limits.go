package jobs

import (
	"cmp"
	"context"
	"sync"
	"time"

	"meshgen/internal/store"
)

// limitsEvery is how often Postgres is asked for the limits of a tenant that does something: so long is it until a change counts.
const limitsEvery = 2 * time.Second

// limits remembers those of tenants that were here lately.
type limits struct {
	mu     sync.Mutex
	known  map[string]knownLimits // by tenant
	tidied time.Time
}

type knownLimits struct {
	store.Limits
	at time.Time
}

// LimitsOf returns the limits of a tenant that are its own; all others are those of the configuration.
func (s *Service) LimitsOf(ctx context.Context, tenant string) (store.Limits, error) {
	return s.limits.get(tenant, time.Now(), func() (store.Limits, error) { return s.db.Limits(ctx, tenant) })
}

func (l *limits) get(tenant string, now time.Time, ask func() (store.Limits, error)) (store.Limits, error) {
	l.mu.Lock()
	known, ok := l.known[tenant]
	l.mu.Unlock()
	if ok && now.Sub(known.at) < limitsEvery {
		return known.Limits, nil
	}
	asked, err := ask()
	if err != nil {
		return store.Limits{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil || now.Sub(l.tidied) > time.Minute {
		fresh := map[string]knownLimits{}
		for other, k := range l.known {
			if now.Sub(k.at) < limitsEvery {
				fresh[other] = k
			}
		}
		l.known, l.tidied = fresh, now
	}
	l.known[tenant] = knownLimits{asked, now}
	return asked, nil
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
