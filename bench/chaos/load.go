package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"meshgen/internal/api/types"
	"meshgen/internal/spec"
)

// order is one job as its client sees it.
type order struct {
	key      string
	body     types.CreateMesh
	fault    bool
	cancelIn time.Duration // after it was created; 0 for never

	mesh     types.Mesh // as it was seen last
	err      error      // of the client, which has given up then
	canceled time.Duration
	faults   []string // were under way while it was canceled
	again    bool     // it was asked for twice
}

// load is all jobs of a run.
type load struct {
	s      *site
	o      options
	orders []*order
	begun  int // how many were asked for
}

// newLoad draws the jobs: seven in eight are meshed, some are the same as one before, some are canceled, and two in a hundred
// kill or hang each engine that they meet.
func newLoad(s *site, o options, parts []part) *load {
	pick := rand.New(rand.NewPCG(o.seed, 3))
	l := &load{s: s, o: o}
	for i := range o.jobs {
		w := &order{key: fmt.Sprintf("chaos-%d-%d", o.seed, i), again: pick.IntN(20) == 0}
		p := parts[0]
		if pick.IntN(50) == 0 {
			p = parts[1+pick.IntN(len(parts)-1)]
		}
		sizes := spec.Size{Max: 20 + float64(pick.IntN(1e6))/1e5, Curvature: 4}
		if i > 0 && !p.fault && pick.IntN(10) == 0 {
			sizes = l.orders[pick.IntN(i)].body.Spec.Size // it may be reused, or run together with the other
		}
		w.fault = p.fault
		w.body = types.CreateMesh{GeometryID: p.id, Spec: spec.Spec{Size: sizes, Formats: []string{"msh", "vtk"}, TimeLimit: "20s"}}
		if p.fault {
			w.body.Spec.TimeLimit = "2s"
		}
		if pick.IntN(20) == 0 {
			w.cancelIn = time.Duration(1+pick.IntN(400)) * time.Millisecond
		}
		if pick.IntN(3) == 0 {
			w.body.Class = "batch"
		}
		l.orders = append(l.orders, w)
	}
	return l
}

// run has the clients ask for all jobs and wait for each.
func (l *load) run(ctx context.Context) {
	until := time.Now().Add(l.o.limit)
	var next atomic.Int64
	var clients sync.WaitGroup
	stopTelling := l.tell(&next)
	for range l.o.clients {
		clients.Go(func() {
			for ctx.Err() == nil && time.Now().Before(until) {
				i := int(next.Add(1)) - 1
				if i >= len(l.orders) {
					return
				}
				l.place(ctx, l.orders[i])
			}
		})
	}
	clients.Wait()
	stopTelling()
	l.begun = min(int(next.Load()), len(l.orders))
	l.orders = l.orders[:l.begun]
}

// tell says how far the run is.
func (l *load) tell(next *atomic.Int64) (stop func()) {
	ticker, done := time.NewTicker(30*time.Second), make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				say("%d of %d", next.Load(), len(l.orders))
			case <-done:
				return
			}
		}
	}()
	return func() { ticker.Stop(); close(done) }
}

// place asks for a job and waits for its end, as a careful client does: with a key, again after every failure.
func (l *load) place(ctx context.Context, w *order) {
	if w.mesh, w.err = l.s.client.CreateMesh(ctx, w.body, w.key); w.err != nil {
		return
	}
	if w.again {
		second, err := l.s.client.CreateMesh(ctx, w.body, w.key)
		if err == nil && second.ID != w.mesh.ID {
			err = fmt.Errorf("the same key made %s and %s", w.mesh.ID, second.ID)
		}
		if err != nil {
			w.err = err
			return
		}
	}
	if w.cancelIn > 0 {
		time.Sleep(w.cancelIn) // at any stage of the work
		began, end := time.Now(), l.s.weather.watch()
		w.mesh, w.err = l.s.client.CancelMesh(ctx, w.mesh.ID)
		if w.faults = end(); w.err == nil && w.mesh.Status == "canceled" {
			w.canceled = time.Since(began)
		}
	}
	l.await(ctx, w, time.Now().Add(patience))
}

// await looks at the mesh until it has ended. It tells those who wait for a mesh that was made.
func (l *load) await(ctx context.Context, w *order, until time.Time) {
	for w.err == nil && !ended(w.mesh) && ctx.Err() == nil && time.Now().Before(until) {
		time.Sleep(100 * time.Millisecond) // as a client that polls
		w.mesh, w.err = l.s.client.Mesh(ctx, w.mesh.ID)
	}
	if w.err == nil && w.mesh.Status == "succeeded" {
		l.s.made.ring()
	}
}

// settle waits for the jobs whose clients have given up, now that nothing fails any more.
func (l *load) settle(ctx context.Context) {
	var waiting sync.WaitGroup
	slots := make(chan struct{}, l.o.clients)
	for _, w := range l.orders {
		if w.mesh.ID == "" || ended(w.mesh) {
			continue
		}
		slots <- struct{}{}
		waiting.Go(func() {
			defer func() { <-slots }()
			w.err = nil
			l.await(ctx, w, time.Now().Add(patience))
		})
	}
	waiting.Wait()
}

func ended(m types.Mesh) bool {
	return m.Status == "succeeded" || m.Status == "failed" || m.Status == "canceled"
}

// bell rings whenever a mesh is made.
type bell struct {
	mu      sync.Mutex
	waiters []chan time.Time
}

// next returns a channel that gets the time of the next mesh.
func (b *bell) next() <-chan time.Time {
	c := make(chan time.Time, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiters = append(b.waiters, c)
	return c
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.waiters {
		c <- time.Now()
	}
	b.waiters = nil
}
