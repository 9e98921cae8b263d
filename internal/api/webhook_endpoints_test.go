package api_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/store"
	"meshgen/internal/webhooks"
)

const endpoints = "/v1/webhooks/endpoints"

func TestEndpoint_IsAddedPausedTestedAndRemoved(t *testing.T) {
	s := guarded(t, func(p *parts) { p.webhooks = webhooks.Config{Secret: "a secret of the installation, long enough"} })
	header, key := s.key("acme", auth.Admin)
	acme := s.as(header)
	for body, at := range map[string]string{
		`{"url": "http://10.0.0.1/"}`: "body.url", `{"url": "https://u:p@example.com/"}`: "body.url", `{"url": ""}`: "body.url", `{}`: "body",
		`{"url": "https://example.com/", "events": ["mesh.started"]}`: "body.events[0]",
	} {
		require.Contains(t, locations(acme.post(endpoints, body).problem(422, "validation_failed")), at, body)
	}
	made := decode[types.NewWebhookEndpoint](acme.post(endpoints, `{"url": "https://example.com/hook", "events": ["mesh.failed", "batch.done", "mesh.failed"]}`), 201)
	require.Regexp(t, `^whsec_\S{40,}$`, made.Secret)
	require.Equal(t, []string{"batch.done", "mesh.failed"}, made.Events)
	all := decode[types.NewWebhookEndpoint](acme.post(endpoints, `{"url": "https://example.com/all"}`), 201)
	require.ElementsMatch(t, store.Events, all.Events)
	require.NotEqual(t, made.Secret, all.Secret)

	a := acme.get(endpoints)
	list := decode[types.WebhookEndpointList](a, 200)
	require.NotContains(t, string(a.body), "whsec_", "shown once")
	require.True(t, list.Sending)
	require.Equal(t, []types.WebhookEndpoint{all.WebhookEndpoint, made.WebhookEndpoint}, list.Items)
	require.Equal(t, "paused", decode[types.WebhookEndpoint](acme.post(endpoints+"/"+all.ID+"/pause", ""), 200).Status)
	require.Contains(t, acme.post(endpoints+"/"+all.ID+"/test", "").problem(409, "endpoint_paused").Detail, "paused")
	require.Equal(t, "active", decode[types.WebhookEndpoint](acme.post(endpoints+"/"+all.ID+"/resume", ""), 200).Status)

	tested := decode[types.WebhookDelivery](acme.post(endpoints+"/"+made.ID+"/test", ""), 200)
	require.Equal(t, []string{made.ID, "https://example.com/hook", "pending", "", ""}, []string{tested.EndpointID, tested.URL, tested.Status, tested.MeshID, tested.BatchID})
	g := decode[types.Geometry](acme.upload(field{"file", "x.step", string(step(1000))}), 201)
	m := decode[types.Mesh](acme.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q}`, g.ID)), 202)
	require.Equal(t, 200, acme.post("/v1/meshes/"+m.ID+"/cancel", "").status)
	news := decode[types.WebhookDeliveryList](acme.get("/v1/webhooks/deliveries"), 200).Items
	require.Equal(t, []string{m.ID, all.ID, "", made.ID}, []string{news[0].MeshID, news[0].EndpointID, news[1].MeshID, news[1].EndpointID}, "only one asked for what was canceled")

	require.Equal(t, 204, acme.delete(endpoints+"/"+made.ID).status)
	acme.delete(endpoints+"/"+made.ID).problem(404, "not_found")
	acme.post("/v1/webhooks/deliveries/"+tested.ID+"/redeliver", "").problem(409, "endpoint_gone")
	for n := len(decode[types.WebhookEndpointList](acme.get(endpoints), 200).Items); n < store.MaxEndpoints; n++ {
		require.Equal(t, 201, acme.post(endpoints, `{"url": "https://example.com/"}`).status)
	}
	require.Contains(t, acme.post(endpoints, `{"url": "https://example.com/"}`).problem(409, "too_many_endpoints").Detail, "20 endpoints")

	require.Equal(t, []string{
		key.ID + " key create-webhook-endpoint " + made.ID + " ok", key.ID + " key test-webhook-endpoint " + made.ID + " ok",
		key.ID + " key remove-webhook-endpoint " + made.ID + " ok", key.ID + " key remove-webhook-endpoint " + made.ID + " not_found",
	}, acme.audit("&object="+made.ID))
}

func TestEndpoints_WhereThereAreNoWebhooks(t *testing.T) {
	s := start(t)
	s.post(endpoints, `{"url": "https://example.com/"}`).problem(409, "no_webhooks")
	require.Equal(t, types.WebhookEndpointList{Items: []types.WebhookEndpoint{}}, decode[types.WebhookEndpointList](s.get(endpoints), 200))
}

// Whoever has no say in endpoints sees of their addresses, which may hold a secret, the host alone, and sends nothing to them.
func TestEndpointsAddress_IsForTheScopeAdmin(t *testing.T) {
	s := guarded(t, func(p *parts) { p.webhooks = webhooks.Config{Secret: "a secret of the installation, long enough"} })
	admin, _ := s.key("acme", auth.Admin)
	acme := s.as(admin)
	made := decode[types.NewWebhookEndpoint](acme.post(endpoints, `{"url": "https://example.com:8443/services/T0/s3cret?token=s3cret"}`), 201)
	tested := decode[types.WebhookDelivery](acme.post(endpoints+"/"+made.ID+"/test", ""), 200)
	g := decode[types.Geometry](acme.upload(field{"file", "x.step", string(step(1000))}), 201)
	m := decode[types.Mesh](acme.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q, "webhook_url": "https://example.com/named"}`, g.ID)), 202)
	require.Equal(t, 200, acme.post("/v1/meshes/"+m.ID+"/cancel", "").status)
	const deliveries = "/v1/webhooks/deliveries"
	require.Contains(t, string(acme.get(deliveries).body), "s3cret")
	for _, scope := range []auth.Scope{auth.Read, auth.Write} {
		header, _ := s.key("acme", scope)
		a := s.as(header).get(deliveries)
		require.NotContains(t, string(a.body), "s3cret")
		require.Contains(t, string(a.body), "https://example.com/named")
		for _, d := range decode[types.WebhookDeliveryList](a, 200).Items {
			if d.EndpointID != "" {
				require.Equal(t, "https://example.com:8443", d.URL)
				needed := map[auth.Scope]string{auth.Read: "scope write", auth.Write: "scope admin"}[scope]
				require.Contains(t, s.as(header).post(deliveries+"/"+d.ID+"/redeliver", "").problem(403, "forbidden").Detail, needed)
			} else if scope == auth.Write { // what they named themselves they may send again
				require.Equal(t, 200, s.as(header).post(deliveries+"/"+d.ID+"/redeliver", "").status)
			}
		}
	}
	require.Equal(t, 200, acme.post(deliveries+"/"+tested.ID+"/redeliver", "").status)
	require.Equal(t, 200, acme.post(endpoints+"/"+made.ID+"/pause", "").status)
	paused := decode[types.WebhookDeliveryList](acme.get(deliveries+"?status=pending"), 200).Items
	require.Len(t, paused, 3)
	for _, d := range paused {
		require.Equal(t, d.EndpointID != "", d.NextAt == nil, "what waits for a paused endpoint has no next time")
	}
	acme.post(deliveries+"/"+tested.ID+"/redeliver", "").problem(409, "endpoint_paused")
}
