package fetch

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

var (
	// ErrBusy says that as many files are on their way as may be, no tenant has more than its part of the places, and none came free.
	ErrBusy = errors.New("too many files are being fetched")
	// ErrShare says that as many are on their way for one tenant as may be.
	ErrShare = errors.New("too many files of one tenant are being fetched")
	// ErrYielded says that a file was given up so that a tenant that had fewer places got one.
	ErrYielded = errors.New("given up for another tenant")
)

const (
	// atOnce is how many files one process fetches side by side.
	atOnce = 16
	// Share is how many files one process fetches side by side for one tenant, or has wait for a place.
	Share = 4
	// patience is how long one waits until a place is taken from a tenant that has more: most files come in less.
	patience = 2 * time.Second
	// longestWait is how long one waits for a place in all.
	longestWait = 10 * time.Second
)

// places are where files are fetched, shared fairly among tenants: one that comes free goes to whoever has the fewest, and who waits
// is given one of those of which others have more. So slow servers hold up the tenant that names them, and keep nobody who has no place
// from one for longer than patience, as long as there are fewer tenants than places.
type places struct {
	mu      sync.Mutex
	held    map[string][]*place // by tenant
	all     int                 // of them
	waiting []*waiter           // first come first
}

// place is one that is taken.
type place struct {
	tenant  string
	yield   context.CancelCauseFunc
	yielded bool         // it has been told to, and is about to come free
	came    atomic.Int64 // bytes
}

// waiter waits for a place.
type waiter struct {
	place *place
	ready chan struct{} // closed when it has it
}

// take takes a place for a tenant, whose work is to end when yield is called. What is returned gives it back.
func (p *places) take(ctx context.Context, tenant string, yield context.CancelCauseFunc) (taken *place, err error) {
	w := &waiter{place: &place{tenant: tenant, yield: yield}, ready: make(chan struct{})}
	p.mu.Lock()
	if p.of(tenant, nil) >= Share {
		p.mu.Unlock()
		return nil, ErrShare
	}
	p.waiting = append(p.waiting, w)
	p.grant()
	p.mu.Unlock()

	again := time.NewTicker(patience)
	defer again.Stop()
	end := time.NewTimer(longestWait)
	defer end.Stop()
	for err == nil {
		select {
		case <-w.ready:
			return w.place, nil
		case <-ctx.Done():
			err = ctx.Err()
		case <-end.C:
			err = ErrBusy
		case <-again.C:
			p.press(w)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.waiting, w)
	if i < 0 { // it was given one this moment
		return w.place, nil
	}
	p.waiting = slices.Delete(p.waiting, i, i+1)
	return nil, err
}

// of returns how many places a tenant has and waits for, up to a waiter.
func (p *places) of(tenant string, until *waiter) int {
	n := len(p.held[tenant])
	for _, w := range p.waiting {
		if w == until {
			break
		}
		if w.place.tenant == tenant {
			n++
		}
	}
	return n
}

// grant gives free places to those whose tenants have the fewest.
func (p *places) grant() {
	for p.all < atOnce && len(p.waiting) > 0 {
		first := 0
		for i, w := range p.waiting {
			if len(p.held[w.place.tenant]) < len(p.held[p.waiting[first].place.tenant]) {
				first = i
			}
		}
		w := p.waiting[first]
		p.waiting = slices.Delete(p.waiting, first, first+1)
		p.held[w.place.tenant] = append(p.held[w.place.tenant], w.place)
		p.all++
		close(w.ready)
	}
}

// press has the tenant with the most places yield one to a waiter, unless that would leave it with fewer than the waiter's then has.
func (p *places) press(w *waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Contains(p.waiting, w) {
		return
	}
	most, coming := []*place(nil), 0
	for _, held := range p.held {
		stays := slices.DeleteFunc(slices.Clone(held), func(h *place) bool { return h.yielded })
		coming += len(held) - len(stays)
		if len(stays) > len(most) || len(stays) == len(most) && len(stays) > 0 && stays[0].tenant < most[0].tenant {
			most = stays
		}
	}
	if coming >= len(p.waiting) || len(most) < p.of(w.place.tenant, w)+2 {
		return // there is one on its way for each who waits, or no fairer share
	}
	least := slices.MinFunc(most, func(a, b *place) int { return cmp.Compare(a.came.Load(), b.came.Load()) }) // of which the least is lost
	least.yielded = true
	least.yield(ErrYielded)
}

// give gives a place back.
func (p *places) give(taken *place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	held := p.held[taken.tenant]
	if held = slices.DeleteFunc(held, func(h *place) bool { return h == taken }); len(held) == 0 {
		delete(p.held, taken.tenant)
	} else {
		p.held[taken.tenant] = held
	}
	p.all--
	p.grant()
}
