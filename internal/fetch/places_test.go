package fetch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// office is the places, and who has asked for one. Its clock is that of a bubble.
type office struct {
	places
	t *testing.T
}

func newOffice(t *testing.T) *office {
	return &office{t: t, places: places{held: map[string][]*place{}}}
}

// guest is one who asks for a place, and holds it until it is told to leave or to yield.
type guest struct {
	leave func()

	mu    sync.Mutex
	taken *place
	why   error // it has none, or no longer
}

func (g *guest) has() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.taken != nil && g.why == nil
}

func (g *guest) err() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.why
}

// comes has somebody ask for a place in the name of its first letter's tenant.
func (o *office) comes(name string) *guest {
	g := &guest{}
	ctx, cancel := context.WithCancelCause(o.t.Context())
	g.leave = func() { cancel(nil); synctest.Wait() }
	go func() {
		taken, err := o.take(ctx, name[:1], cancel)
		g.mu.Lock()
		g.taken, g.why = taken, err
		g.mu.Unlock()
		if err != nil {
			return
		}
		<-ctx.Done()
		g.mu.Lock()
		g.why = context.Cause(ctx)
		g.mu.Unlock()
		o.give(taken)
	}()
	synctest.Wait()
	return g
}

// full has four tenants hold all places with servers that never end; of the last file of each the least has come.
func (o *office) full() (guests []*guest) {
	for _, tenant := range []string{"a", "b", "c", "d"} {
		for n := range Share {
			g := o.comes(fmt.Sprint(tenant, n))
			require.True(o.t, g.has())
			g.taken.came.Store(int64(1000 - n))
			guests = append(guests, g)
		}
	}
	return guests
}

// shares says how many places each tenant has, as "a4 b1".
func (o *office) shares() string {
	var words []string
	for tenant, held := range o.held {
		words = append(words, fmt.Sprint(tenant, len(held)))
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

func (o *office) empty(guests ...*guest) {
	for _, g := range guests {
		g.leave()
	}
	require.Zero(o.t, o.all)
	require.Empty(o.t, o.held)
	require.Empty(o.t, o.waiting)
}

func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestTenantBeyondItsShare_IsRefusedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		all := o.full()
		require.ErrorIs(t, o.comes("a").err(), ErrShare)
		o.empty(all...)
	})
}

// Four tenants with slow servers have all places. A fifth and a sixth get theirs within the patience, from who has most, and of
// what was under way the least is lost.
func TestTenantsThatHoldAllPlaces_YieldToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		all := o.full()
		e := o.comes("e")
		pass(patience - 1)
		require.False(t, e.has(), "a place may come free by itself")
		pass(1)
		require.True(t, e.has())
		require.Equal(t, "a3 b4 c4 d4 e1", o.shares())
		require.ErrorIs(t, all[3].err(), ErrYielded)
		f := []*guest{o.comes("f0"), o.comes("f1"), o.comes("f2"), o.comes("f3")}
		pass(2 * patience)
		require.Equal(t, "a3 b3 c3 d3 e1 f3", o.shares(), "as many as the others, and no more")
		require.Equal(t, []*guest{f[3]}, slices.DeleteFunc(slices.Clone(f), func(g *guest) bool { return g.has() }))
		pass(longestWait)
		require.ErrorIs(t, f[3].err(), ErrBusy)
		require.Equal(t, "a3 b3 c3 d3 e1 f3", o.shares(), "and none is taken from who has no more than others")
		o.empty(append(append(all, e), f...)...)
	})
}

func TestPlaceThatComesFree_GoesToWhoHasTheFewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		all := o.full()
		all[0].leave()
		a := o.comes("a4") // had four and takes it back: nobody else waits
		require.True(t, a.has())
		all[4].leave()
		e := o.comes("e0")
		require.True(t, e.has())
		b, f := o.comes("b4"), o.comes("f0")
		all[8].leave()
		require.False(t, b.has())
		require.True(t, f.has(), "though it came later")
		require.Equal(t, "a4 b3 c3 d4 e1 f1", o.shares())
		o.empty(append(all, a, e, b, f)...)
	})
}

// Each file of a place that was taken away ends for itself, so no more are taken than there are who wait, however long that takes.
func TestPlaceIsNotTakenTwiceForOneWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		told := 0
		for n := range atOnce { // who is told to yield and takes its time
			_, err := o.take(t.Context(), fmt.Sprint(n/Share), func(error) { told++ })
			require.NoError(t, err)
		}
		g := o.comes("e")
		pass(longestWait - 1)
		require.Equal(t, 1, told)
		require.NoError(t, g.err())
		pass(1)
		require.ErrorIs(t, g.err(), ErrBusy)
		require.Equal(t, atOnce, o.all)
	})
}

func TestWhoeverLeavesWhileWaiting_IsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		all := o.full()
		e := o.comes("e")
		e.leave()
		require.ErrorIs(t, e.err(), context.Canceled)
		pass(longestWait)
		require.Equal(t, "a4 b4 c4 d4", o.shares())
		o.empty(all...)
	})
}
