package jobs_test

import (
	"container/heap"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/store"
)

// factory is a bench with a clock that only the test moves: time passes by making all rows older. Its workers take what the
// claim gives them, each for as long as the job's tenant has its jobs take.
type factory struct {
	bench
	now     time.Duration
	running ends
	slots   int
	long    map[string]time.Duration // how long a job of a tenant takes
	parts   map[string]store.Geometry
	started map[string]time.Duration // by mesh
	served  map[string]time.Duration // slot time of each tenant
	sql     *pgx.Conn
}

type end struct {
	at    time.Duration
	claim store.Claim
}

type ends []end

func (e ends) Len() int           { return len(e) }
func (e ends) Less(i, j int) bool { return e[i].at < e[j].at }
func (e ends) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *ends) Push(x any)        { *e = append(*e, x.(end)) }
func (e *ends) Pop() any          { old := *e; last := old[len(old)-1]; *e = old[:len(old)-1]; return last }

func newFactory(t *testing.T, slots int, long map[string]time.Duration) *factory {
	b := newBench(t, time.Hour)
	f := &factory{
		bench: b, slots: slots, long: long, parts: map[string]store.Geometry{},
		started: map[string]time.Duration{}, served: map[string]time.Duration{},
	}
	var err error
	f.sql, err = pgx.Connect(t.Context(), b.url)
	require.NoError(t, err)
	t.Cleanup(func() { f.sql.Close(context.Background()) })
	for name := range long {
		b.exec(`INSERT INTO tenants (id, name) VALUES ($1, $1)`, name)
		n := b.newGeometry()
		n.TenantID = name
		g, err := b.CreateGeometry(t.Context(), n)
		require.NoError(t, err)
		require.NoError(t, b.Finish(t.Context(), b.claim(), store.Outcome{Model: &engine.Model{}}))
		f.parts[name] = g
	}
	return f
}

func (f *factory) ask(owner string, class store.Class) string {
	f.t.Helper()
	n := newMesh(f.t, f.parts[owner], class)
	n.TenantID = owner
	c, err := f.db.CreateMesh(f.t.Context(), n)
	require.NoError(f.t, err)
	return c.Mesh.ID
}

// pass lets time pass until at, while the workers work.
func (f *factory) pass(at time.Duration) {
	f.t.Helper()
	f.fill()
	for f.now < at {
		next := at
		if len(f.running) > 0 {
			next = min(next, f.running[0].at)
		}
		_, err := f.sql.Exec(f.t.Context(), `
			UPDATE jobs SET queued_at = queued_at - $1::interval, rank_at = rank_at - $1::interval,
				not_before = not_before - $1::interval, started_at = started_at - $1::interval`, next-f.now)
		require.NoError(f.t, err)
		f.now = next
		for len(f.running) > 0 && f.running[0].at <= f.now {
			ended := heap.Pop(&f.running).(end)
			_, err := f.db.Finish(f.t.Context(), ended.claim, made(), nil)
			require.NoError(f.t, err)
		}
		f.fill()
	}
}

func (f *factory) fill() {
	for len(f.running) < f.slots {
		c, ok, err := f.Claim(f.t.Context(), "worker")
		require.NoError(f.t, err)
		if !ok {
			return
		}
		took := f.long[c.TenantID]
		f.started[*c.MeshID] = f.now
		f.served[c.TenantID] += took
		heap.Push(&f.running, end{f.now + took, c})
	}
}

// One tenant asks for two hundred meshes, another now and then for one: that one waits for a slot, not for the queue.
func TestLongQueueOfOne_DoesNotHoldUpAnother(t *testing.T) {
	for _, slots := range []int{1, 2} {
		t.Run(fmt.Sprint(slots), func(t *testing.T) {
			f := newFactory(t, slots, map[string]time.Duration{"many": 10 * time.Second, "few": 2 * time.Second})
			for range 200 {
				f.ask("many", store.Interactive)
			}
			for i := range 10 {
				asked := time.Duration(i) * 35 * time.Second
				f.pass(asked)
				m := f.ask("few", store.Interactive)
				f.pass(asked + 12*time.Second)
				require.Contains(t, f.started, m, "asked at %s", asked)
				require.LessOrEqual(t, f.started[m]-asked, 10*time.Second)
			}
		})
	}
}

// Both have more work than there are slots, in jobs of very different lengths: each gets its part.
func TestTwoWithLongQueues_ShareTheSlots(t *testing.T) {
	f := newFactory(t, 4, map[string]time.Duration{"long": 40 * time.Second, "short": 4 * time.Second})
	for range 150 {
		f.ask("short", store.Interactive)
	}
	for range 30 {
		f.ask("long", store.Interactive)
	}
	f.pass(4 * time.Minute)
	share := f.served["long"].Seconds() / (f.served["long"] + f.served["short"]).Seconds()
	require.InDelta(t, 0.5, share, 0.1)
}

// People ask for more than can be done, all the time; a batch, of one of them or of somebody else, goes on all the same. While
// people ask for less, they do not wait for the batch.
func TestBatchUnderPeople_NeitherStarves(t *testing.T) {
	f := newFactory(t, 2, map[string]time.Duration{"people": 5 * time.Second, "batch": 5 * time.Second})
	var batch []string
	for range 10 {
		batch = append(batch, f.ask("batch", store.Batch), f.ask("people", store.Batch))
	}
	var asked []time.Duration
	var people []string
	for at := time.Duration(0); at < 40*time.Second; at += 5 * time.Second { // half of what can be done
		f.pass(at)
		asked, people = append(asked, f.now), append(people, f.ask("people", store.Interactive))
	}
	f.pass(45 * time.Second)
	for i, m := range people {
		require.LessOrEqual(t, f.started[m]-asked[i], 5*time.Second, "no batch job goes before it")
	}
	for at := 45 * time.Second; at < 5*time.Minute; at += 2 * time.Second { // a quarter more than can be done
		f.pass(at)
		f.ask("people", store.Interactive)
	}
	for _, m := range batch {
		require.Contains(t, f.started, m)
		require.LessOrEqual(t, f.started[m], store.BatchDelay+2*time.Minute)
	}
}
