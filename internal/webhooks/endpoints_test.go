package webhooks_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/spec"
	"meshgen/internal/store"
)

// types returns the kinds of news that a receiver got, in order of their names, and checks how each is signed.
func (r *receiver) types(t *testing.T, secret string) []string {
	t.Helper()
	var types []string
	for _, got := range r.all() {
		got.signed(t, secret)
		var news struct{ Type string }
		require.NoError(t, json.Unmarshal([]byte(got.body), &news))
		types = append(types, news.Type)
	}
	slices.Sort(types)
	return types
}

func well(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusOK) }

func (b bench) endpoint(url string, events ...string) store.Endpoint {
	b.t.Helper()
	e, err := b.db.CreateEndpoint(store.ForTenant(b.t.Context(), "default"), "default", url, events)
	require.NoError(b.t, err)
	return e
}

// batch makes a batch of one mesh that names no address.
func (b bench) batch() {
	b.t.Helper()
	resolved, err := spec.Spec{Size: spec.Size{Fineness: 3}}.Resolve()
	require.NoError(b.t, err)
	_, _, err = b.db.CreateBatch(b.t.Context(), store.NewBatch{TenantID: "default", GeometryIDs: []string{"geo_1"}, Specs: []store.BatchSpec{{Spec: resolved}}, MaxAttempts: 3})
	require.NoError(b.t, err)
}

func TestEndpoints_AreToldOfWhatTheyAskedFor(t *testing.T) {
	b := newBench(t)
	b.exec(`INSERT INTO tenants (id, name) VALUES ('other', 'Other')`)
	named, all, batches, theirs := newReceiver(t, well), newReceiver(t, well), newReceiver(t, well), newReceiver(t, well)
	b.batch() // it has ended before anybody asks to be told
	b.exec(`UPDATE jobs SET status = 'succeeded', finished_at = now() WHERE status = 'queued'`)
	everything, some := b.endpoint(all.URL, store.Events...), b.endpoint(batches.URL, "batch.done", "mesh.failed")
	_, err := b.db.CreateEndpoint(store.ForTenant(t.Context(), "other"), "other", theirs.URL, store.Events)
	require.NoError(t, err)

	b.ended(named.URL)
	b.ended("") // no request needs to name an address
	b.batch()
	b.exec(`UPDATE jobs SET status = 'failed', finished_at = now() WHERE status = 'queued'`)
	s := b.sender()
	for b.pass(s) > 0 {
	}
	require.Equal(t, []string{"mesh.succeeded"}, named.types(t, config().TenantSecret("default")))
	require.Equal(t, []string{"batch.done", "mesh.failed", "mesh.succeeded", "mesh.succeeded"}, all.types(t, config().EndpointSecret("default", everything.ID)))
	require.Equal(t, []string{"batch.done", "mesh.failed"}, batches.types(t, config().EndpointSecret("default", some.ID)))
	require.Empty(t, theirs.all())
	require.NotEqual(t, config().EndpointSecret("default", everything.ID), config().EndpointSecret("default", some.ID))
}

func TestEndpointThatIsPaused_IsToldNothingAndKeepsWhatItWasToBeTold(t *testing.T) {
	b := newBench(t)
	r := newReceiver(t, well)
	e := b.endpoint(r.URL, store.Events...)
	ctx := store.ForTenant(t.Context(), "default")
	before := b.ended("")
	_, err := b.db.PauseEndpoint(ctx, "default", e.ID, true)
	require.NoError(t, err)
	b.ended("")
	s := b.sender()
	require.Zero(t, b.pass(s))
	_, err = b.db.PauseEndpoint(ctx, "default", e.ID, false)
	require.NoError(t, err)
	require.Equal(t, 1, b.pass(s))
	require.Len(t, r.all(), 1)
	require.Contains(t, r.all()[0].body, before)
	after := b.ended("")
	require.Equal(t, 1, b.pass(s))
	require.Contains(t, r.all()[1].body, after)
}

func TestEndpointThatIsRemoved_IsToldNoMore(t *testing.T) {
	b := newBench(t)
	r := newReceiver(t, well)
	e, other := b.endpoint(r.URL, store.Events...), b.endpoint(r.URL, "mesh.failed")
	ctx := store.ForTenant(t.Context(), "default")
	b.ended("")
	require.ErrorIs(t, b.db.RemoveEndpoint(store.ForTenant(t.Context(), "strangers"), "strangers", e.ID), store.ErrNotFound)
	require.NoError(t, b.db.RemoveEndpoint(ctx, "default", e.ID))
	require.Zero(t, b.pass(b.sender()))
	require.NoError(t, b.db.SweepDeliveries(t.Context()))
	d := b.deliveries()[0]
	require.Equal(t, []any{store.Dead, "the endpoint was removed", e.ID}, []any{d.Status, d.Answer, d.EndpointID})
	_, err := b.db.Redeliver(ctx, "default", d.ID, true)
	require.ErrorIs(t, err, store.ErrEndpointGone)

	tested, err := b.db.TestEndpoint(ctx, "default", other.ID)
	require.NoError(t, err)
	s := b.sender()
	require.Equal(t, 1, b.pass(s))
	_, err = b.db.Redeliver(ctx, "default", tested.ID, true)
	require.NoError(t, err)
	require.Equal(t, 1, b.pass(s))
	require.Equal(t, []string{"test", "test"}, r.types(t, config().EndpointSecret("default", other.ID)))
	require.Equal(t, r.all()[0].header.Get("webhook-id"), r.all()[1].header.Get("webhook-id"))
}

func TestEndpoints_AreAsManyAsMayBe(t *testing.T) {
	b := newBench(t)
	for range store.MaxEndpoints {
		b.endpoint("https://example.com/", "mesh.failed")
	}
	_, err := b.db.CreateEndpoint(store.ForTenant(t.Context(), "default"), "default", "https://example.com/", store.Events)
	require.ErrorIs(t, err, store.ErrManyEndpoints)
}
