package webhooks_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"meshgen/internal/store"
	"meshgen/internal/webhooks"
)

// waits writes down deliveries that wait: so many for each of the addresses, by an endpoint of each where one is named.
func (b bench) waits(tenant, name string, n int, url, endpoint string) {
	b.t.Helper()
	_, err := b.sql.Exec(b.t.Context(), `
		INSERT INTO webhook_deliveries (id, tenant_id, mesh_id, endpoint_id, url, payload, due_at)
		SELECT 'whk_' || $2 || n, $1, 'msh_' || $2 || n, $5, $4, '{}', now() - interval '1 hour' FROM generate_series(1, $3::int) n`, tenant, name, n, url, endpoint)
	require.NoError(b.t, err)
}

func (b bench) count(where string) (n int) {
	b.t.Helper()
	require.NoError(b.t, b.sql.QueryRow(b.t.Context(), `SELECT count(*) FROM webhook_deliveries WHERE `+where).Scan(&n))
	return n
}

// A tenant whose server never answers has a thousand deliveries waiting, all due before the one of another tenant, and before its own for
// a server that does answer. Neither waits for any of them.
func TestTenantWhoseServerNeverAnswers_HoldsUpNobody(t *testing.T) {
	b := newBench(t)
	b.exec(`INSERT INTO tenants (id, name) VALUES ('other', 'Other')`)
	held := make(chan struct{})
	asked := make(chan string, 100)
	silent := newReceiver(t, func(http.ResponseWriter, int) { asked <- "silent"; <-held })
	t.Cleanup(func() { close(held) })
	answers := newReceiver(t, func(http.ResponseWriter, int) { asked <- "answers" })
	b.waits("default", "silent", 1000, silent.URL, "")
	b.exec(`UPDATE webhook_deliveries SET due_at = due_at - interval '1 day'`)
	b.waits("default", "own", 1, answers.URL, "")
	b.waits("other", "theirs", 1, answers.URL, "")

	ctx, stop := context.WithCancel(t.Context())
	s := b.sender(func(c *webhooks.Config) { c.Timeout = time.Minute })
	begun, err := s.Begin(ctx)
	require.NoError(t, err)
	require.Equal(t, 4, begun, "two for the silent server, one for each that answers")
	got := map[string]int{}
	for range 4 {
		got[<-asked]++
	}
	require.Equal(t, map[string]int{"silent": 2, "answers": 2}, got)
	require.Eventually(t, func() bool { return b.count(`status = 'delivered'`) == 2 }, time.Minute, time.Millisecond)
	b.waits("other", "more", 5, answers.URL, "")
	for told := 2; told < 7; { // its slots are refilled though the silent server still has not answered
		_, err := s.Begin(ctx)
		require.NoError(t, err)
		told = b.count(`status = 'delivered'`)
	}
	require.Equal(t, 2, b.count(`attempts > 0 AND status = 'pending'`), "and the silent one has no more than its own")
	stop()
}

// Each tenant has its turn before any has two, and beside what is on its way no more than its slots.
func TestTenantsAndTheirServers_HaveTurns(t *testing.T) {
	b := newBench(t)
	b.exec(`INSERT INTO tenants (id, name) SELECT 't' || n, 't' FROM generate_series(1, 20) n`)
	for n := range 20 {
		b.waits(fmt.Sprintf("t%d", n+1), fmt.Sprintf("x%d-", n+1), 500, "https://example.com/", "")
	}
	b.exec(`ANALYZE webhook_deliveries`)
	for _, most := range []store.AtOnce{{More: 7, Tenant: 4, Lane: 2}, {More: 20, Tenant: 1, Lane: 1}} {
		taken, err := b.db.TakeDeliveries(t.Context(), nil, most, time.Minute)
		require.NoError(t, err)
		require.Len(t, taken, most.More)
		of := map[string]int{}
		for _, d := range taken {
			of[d.TenantID]++
			require.Equal(t, 1, of[d.TenantID], "each tenant once, before any twice")
		}
	}
	busy := []store.Delivery{}
	for {
		taken, err := b.db.TakeDeliveries(t.Context(), busy, store.AtOnce{More: 1000, Tenant: 4, Lane: 2}, time.Minute)
		require.NoError(t, err)
		if len(taken) == 0 {
			break
		}
		busy = append(busy, taken...)
	}
	require.Len(t, busy, 40, "two for the one server of each of twenty tenants")
}

func TestEndpointThatNobodyAnswers_RestsAndIsToldWhenItIsBack(t *testing.T) {
	b := newBench(t)
	r := newReceiver(t, well)
	url := r.URL
	r.Close() // nobody is there
	e := b.endpoint(url, store.Events...)
	b.waits("default", "w", 20, url, e.ID)
	s := b.sender()
	sent := 0
	for range 50 {
		sent += b.pass(s)
		b.exec(`UPDATE webhook_deliveries SET due_at = now() WHERE due_at < now() + interval '20 seconds'`)
	}
	require.Equal(t, 10, sent)
	list, err := b.db.Endpoints(store.ForTenant(t.Context(), "default"), "default")
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(time.Minute), *list[0].RestsUntil, 30*time.Second)
	for _, d := range b.deliveries() {
		require.False(t, d.DueAt.Before(*list[0].RestsUntil), "they all wait for it")
	}
	b.ended("")
	require.Zero(t, b.pass(s), "and so does what happens meanwhile")
	require.Equal(t, 21, b.count(`status = 'pending' AND attempts <= 10`))

	rested := func() { // its time is over
		b.exec(`UPDATE webhook_endpoints SET rests_until = now(); UPDATE webhook_deliveries SET due_at = now()`)
	}
	rested()
	require.Equal(t, 2, b.pass(s))
	list, err = b.db.Endpoints(store.ForTenant(t.Context(), "default"), "default")
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(2*time.Minute), *list[0].RestsUntil, 30*time.Second, "it is asked again, and rests longer")
	rested()
	b.exec(`UPDATE webhook_deliveries SET url = '` + newReceiver(t, well).URL + `'`)
	require.Equal(t, 2, b.pass(s))
	list, err = b.db.Endpoints(store.ForTenant(t.Context(), "default"), "default")
	require.NoError(t, err)
	require.Nil(t, list[0].RestsUntil)
	for b.pass(s) > 0 {
	}
	require.Equal(t, 21, b.count(`status = 'delivered'`))
}

func TestWhatWaitsForAPausedEndpoint_IsOutOfTheWayAndGivenUpAfterAMonth(t *testing.T) {
	b := newBench(t)
	ctx := store.ForTenant(t.Context(), "default")
	e := b.endpoint("https://example.com/", store.Events...)
	b.waits("default", "w", 3, "https://example.com/", e.ID)
	_, err := b.db.PauseEndpoint(ctx, "default", e.ID, true)
	require.NoError(t, err)
	require.Nil(t, b.deliveries()[0].DueAt)
	_, err = b.db.TestEndpoint(ctx, "default", e.ID)
	require.ErrorIs(t, err, store.ErrEndpointPaused)
	_, err = b.db.Redeliver(ctx, "default", "whk_w1", true)
	require.ErrorIs(t, err, store.ErrEndpointPaused)
	b.waits("default", "late", 1, "https://example.com/", e.ID) // written by whoever still saw it told
	require.Zero(t, b.pass(b.sender()))
	require.NoError(t, b.db.SweepDeliveries(t.Context()))
	require.Equal(t, 4, b.count(`status = 'pending'`))
	b.exec(`UPDATE webhook_deliveries SET since = now() - interval '31 days' WHERE id = 'whk_w1'`)
	require.NoError(t, b.db.SweepDeliveries(t.Context()))
	require.Equal(t, 1, b.count(`id = 'whk_w1' AND status = 'dead' AND answer = 'not sent within 30 days'`))
	_, err = b.db.PauseEndpoint(ctx, "default", e.ID, false)
	require.NoError(t, err)
	taken, err := b.db.TakeDeliveries(t.Context(), nil, store.AtOnce{More: 9, Tenant: 9, Lane: 9}, time.Minute)
	require.NoError(t, err)
	require.Len(t, taken, 3)
}

// Neither what pauses an endpoint nor what has it rest changes anything of what waits for it, however much that is: none of it can be changed here.
func TestEndpointsState_IsChangedAlone(t *testing.T) {
	b := newBench(t)
	ctx := store.ForTenant(t.Context(), "default")
	e := b.endpoint("https://example.com/", store.Events...)
	b.waits("default", "w", 3, "https://example.com/", e.ID)
	taken, err := b.db.TakeDeliveries(t.Context(), nil, store.AtOnce{More: 1, Tenant: 1, Lane: 1}, time.Minute)
	require.NoError(t, err)
	require.Len(t, taken, 1)
	other, err := pgx.Connect(t.Context(), b.sql.Config().ConnString())
	require.NoError(t, err)
	t.Cleanup(func() { other.Close(context.Background()) })
	tx, err := other.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `SELECT FROM webhook_deliveries WHERE id <> $1 FOR UPDATE`, taken[0].ID)
	require.NoError(t, err)

	b.exec(`UPDATE webhook_endpoints SET misses = 9`)
	require.NoError(t, b.db.EndAttempt(t.Context(), taken[0], store.DeliveryEnd{Status: store.Pending, Answer: "no answer in time", Missed: true}))
	list, err := b.db.Endpoints(ctx, "default")
	require.NoError(t, err)
	require.NotNil(t, list[0].RestsUntil)
	for _, paused := range []bool{true, false} {
		changed, err := b.db.PauseEndpoint(ctx, "default", e.ID, paused)
		require.NoError(t, err)
		require.Equal(t, paused, changed.Paused)
	}
	require.NoError(t, tx.Rollback(t.Context()))
}

// What was on its way as a rest began waits for its end like all else; and when the endpoint answers after all, all of it is due at once.
func TestRest_HoldsWhatWasOnItsWayAndFreesAllWhenItEnds(t *testing.T) {
	b := newBench(t)
	ctx := store.ForTenant(t.Context(), "default")
	e := b.endpoint("https://example.com/", store.Events...)
	b.waits("default", "w", 5, "https://example.com/", e.ID)
	take := func() []store.Delivery {
		t.Helper()
		taken, err := b.db.TakeDeliveries(t.Context(), nil, store.AtOnce{More: 2, Tenant: 2, Lane: 2}, time.Minute)
		require.NoError(t, err)
		return taken
	}
	rest := func() { b.exec(`UPDATE webhook_endpoints SET misses = 12, rests_until = now() + interval '1 hour'`) }
	onTheirWay := take()
	require.Len(t, onTheirWay, 2)
	rest()
	require.NoError(t, b.db.EndAttempt(t.Context(), onTheirWay[0], store.DeliveryEnd{Status: store.Pending, Answer: "500 of a proxy", Missed: true}))
	require.Equal(t, 4, b.count(`due_at <= now()`))
	require.Empty(t, take())
	require.NoError(t, b.db.EndAttempt(t.Context(), onTheirWay[1], store.DeliveryEnd{Status: store.Delivered, Answer: "200"}))
	require.Len(t, take(), 2)

	for name, ask := range map[string]func() (store.Delivery, error){
		"a test":         func() (store.Delivery, error) { return b.db.TestEndpoint(ctx, "default", e.ID) },
		"one sent again": func() (store.Delivery, error) { return b.db.Redeliver(ctx, "default", onTheirWay[1].ID, true) },
	} {
		rest()
		require.Empty(t, take(), name)
		asked, err := ask()
		require.NoError(t, err, name)
		require.WithinDuration(t, time.Now(), *asked.DueAt, time.Minute, "%s is not held by a rest: whoever asks for it may know that the endpoint is back", name)
		require.NotEmpty(t, take(), name)
	}
}

// An attempt that ends after its endpoint was paused leaves what it could not deliver where that waits.
func TestEndpointThatIsPausedDuringAnAttempt_StaysPaused(t *testing.T) {
	b := newBench(t)
	e := b.endpoint("https://example.com/", store.Events...)
	b.waits("default", "w", 1, "https://example.com/", e.ID)
	taken, err := b.db.TakeDeliveries(t.Context(), nil, store.AtOnce{More: 1, Tenant: 1, Lane: 1}, time.Minute)
	require.NoError(t, err)
	_, err = b.db.PauseEndpoint(store.ForTenant(t.Context(), "default"), "default", e.ID, true)
	require.NoError(t, err)
	require.NoError(t, b.db.EndAttempt(t.Context(), taken[0], store.DeliveryEnd{Status: store.Pending, Wait: time.Second, Answer: "500"}))
	b.exec(`UPDATE webhook_deliveries SET due_at = now()`)
	require.Equal(t, 1, b.count(`status = 'pending' AND answer = '500'`))
	require.Zero(t, b.pass(b.sender()))
}

func TestOldDeliveries_AreForgottenHoweverManyTheyAre(t *testing.T) {
	b := newBench(t)
	b.waits("default", "delivered", 2500, "https://example.com/", "")
	b.exec(`UPDATE webhook_deliveries SET status = 'delivered', ended_at = now() - interval '8 days'`)
	b.waits("default", "dead", 3, "https://example.com/", "")
	b.exec(`UPDATE webhook_deliveries SET status = 'dead', ended_at = now() - interval '29 days' WHERE id LIKE 'whk_dead%'`)
	b.waits("default", "fresh", 2, "https://example.com/", "")
	b.exec(`UPDATE webhook_deliveries SET status = 'delivered', ended_at = now() - interval '6 days' WHERE id = 'whk_fresh1'`)
	b.exec(`UPDATE webhook_deliveries SET ended_at = now() - interval '31 days' WHERE id = 'whk_dead1'`)
	require.NoError(t, b.db.SweepDeliveries(t.Context()))
	require.Equal(t, []int{4, 2}, []int{b.count(`true`), b.count(`status = 'dead'`)})
}

// An endpoint may be removed for which very much waits: it is given up in small commits, past what somebody holds this moment.
func TestLong_MuchThatWaitedForAnEndpointThatIsGone_IsGivenUpInSmallCommits(t *testing.T) {
	const waiting, atOnce = 50_000, 1000
	b := newBench(t)
	e := b.endpoint("https://example.com/", store.Events...)
	b.waits("default", "w", waiting, "https://example.com/", e.ID)
	b.waits("default", "other", 1, "https://example.com/", "")
	holding, err := pgx.Connect(t.Context(), b.sql.Config().ConnString())
	require.NoError(t, err)
	t.Cleanup(func() { holding.Close(context.Background()) })
	tx, err := holding.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `SELECT FROM webhook_deliveries WHERE id = 'whk_w7' FOR UPDATE`) // as whoever takes it
	require.NoError(t, err)
	require.NoError(t, b.db.RemoveEndpoint(store.ForTenant(t.Context(), "default"), "default", e.ID))
	began := time.Now()
	require.NoError(t, b.db.SweepDeliveries(t.Context()))
	t.Logf("%d deliveries given up in %s", waiting, time.Since(began))
	require.Equal(t, waiting-1, b.count(`status = 'dead' AND answer = 'the endpoint was removed'`))
	var most int // by one statement: each has a transaction of its own
	require.NoError(t, b.sql.QueryRow(t.Context(), `
		SELECT max(n) FROM (SELECT count(*) AS n FROM webhook_deliveries WHERE status = 'dead' GROUP BY xmin::text) AS commits`).Scan(&most))
	require.LessOrEqual(t, most, atOnce)
	require.NoError(t, tx.Rollback(t.Context()))
	require.NoError(t, b.db.SweepDeliveries(t.Context()))
	require.Equal(t, []int{waiting, 1}, []int{b.count(`status = 'dead'`), b.count(`status = 'pending'`)})
}

// What a mesh that ends at the moment writes down for an endpoint that is being removed is told to nobody.
func TestNewsOfAnEndpointThatIsGone_IsNeverSent(t *testing.T) {
	b := newBench(t)
	r := newReceiver(t, well)
	e := b.endpoint(r.URL, store.Events...)
	url := r.URL
	racing, err := pgx.Connect(t.Context(), b.sql.Config().ConnString())
	require.NoError(t, err)
	t.Cleanup(func() { racing.Close(context.Background()) })
	tx, err := racing.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `
		INSERT INTO webhook_deliveries (id, tenant_id, mesh_id, endpoint_id, url, payload) SELECT 'whk_1', 'default', 'msh_1', id, $1, '{}' FROM webhook_endpoints`, url)
	require.NoError(t, err)
	require.NoError(t, b.db.RemoveEndpoint(store.ForTenant(t.Context(), "default"), "default", e.ID))
	require.NoError(t, tx.Commit(t.Context()))
	require.Zero(t, b.pass(b.sender()))
	require.NoError(t, b.db.SweepDeliveries(t.Context()))
	require.Equal(t, 1, b.count(`status = 'dead' AND answer = 'the endpoint was removed'`))
	require.Empty(t, r.all())
}

// Batches that nobody is told of are not looked at again, and no endpoint that is added later is told of them.
func TestBatchesThatNobodyAskedToBeToldOf(t *testing.T) {
	b := newBench(t)
	untold := func() (n int) {
		require.NoError(t, b.sql.QueryRow(t.Context(), `SELECT count(*) FROM batches WHERE NOT webhook_told`).Scan(&n))
		return n
	}
	b.batch()
	b.exec(`UPDATE jobs SET status = 'succeeded', finished_at = now() WHERE status = 'queued'`)
	b.batch() // which has not ended
	require.NoError(t, b.db.TellBatches(t.Context()))
	require.Equal(t, 2, untold())
	require.NoError(t, b.db.SweepDeliveries(t.Context()))
	require.Equal(t, 1, untold())
	e := b.endpoint("https://example.com/", "batch.done")
	_, err := b.db.PauseEndpoint(store.ForTenant(t.Context(), "default"), "default", e.ID, true)
	require.NoError(t, err)
	b.exec(`UPDATE jobs SET status = 'succeeded', finished_at = now() WHERE status = 'queued'`)
	require.NoError(t, b.db.TellBatches(t.Context()))
	require.Zero(t, untold(), "it ended while the endpoint was paused: it is never told of")
	require.Zero(t, b.count(`true`))
}
