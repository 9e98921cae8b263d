package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/webhooks"
)

func TestWebhook_OfAMesh(t *testing.T) {
	s := startWith(t, parts{webhooks: webhooks.Config{Secret: "a secret of the installation, long enough"}})
	g := s.imported()
	ask := func(url string) answer {
		return s.post("/v1/meshes", fmt.Sprintf(`{"geometry_id": %q, "webhook_url": %q, "reuse": false}`, g.ID, url))
	}
	for _, bad := range []string{"http://10.0.0.1/", "ftp://example.com", "https://u:p@example.com/"} {
		require.Equal(t, []string{"body.webhook_url"}, locations(ask(bad).problem(422, "validation_failed")), bad)
	}
	m := decode[types.Mesh](ask("https://example.com/hook"), 202)
	require.Empty(t, decode[types.WebhookDeliveryList](s.get("/v1/webhooks/deliveries"), 200).Items)
	require.Equal(t, 200, s.post("/v1/meshes/"+m.ID+"/cancel", "").status)
	list := decode[types.WebhookDeliveryList](s.get("/v1/webhooks/deliveries?status=pending"), 200).Items
	require.Len(t, list, 1)
	require.Equal(t, []string{m.ID, "https://example.com/hook", "pending"}, []string{list[0].MeshID, list[0].URL, list[0].Status})
	require.Contains(t, string(list[0].Payload), `"mesh.canceled"`)
	require.Empty(t, decode[types.WebhookDeliveryList](s.get("/v1/webhooks/deliveries?status=dead"), 200).Items)
	again := decode[types.WebhookDelivery](s.post("/v1/webhooks/deliveries/"+list[0].ID+"/redeliver", ""), 200)
	require.Equal(t, list[0].ID, again.ID)
	s.post("/v1/webhooks/deliveries/whk_x/redeliver", "").problem(404, "not_found")
	secret := decode[types.WebhookSecret](s.get("/v1/webhooks/secret"), 200).Secret
	require.True(t, strings.HasPrefix(secret, "whsec_"))
}

func TestWebhook_OfABatch(t *testing.T) {
	s := startWith(t, parts{webhooks: webhooks.Config{Secret: "a secret of the installation, long enough"}})
	ask := func(url string) answer {
		return s.post("/v1/batches", fmt.Sprintf(`{"geometry_ids": [%q], "webhook_url": %q}`, s.imported().ID, url))
	}
	require.Equal(t, []string{"body.webhook_url"}, locations(ask("http://10.0.0.1/").problem(422, "validation_failed")))
	made := decode[types.Batch](ask("https://example.com/hook"), 202)
	require.NoError(t, s.db.TellBatches(t.Context()))
	require.Empty(t, decode[types.WebhookDeliveryList](s.get("/v1/webhooks/deliveries"), 200).Items)
	require.Equal(t, 200, s.post("/v1/batches/"+made.ID+"/cancel", "").status)
	for range 2 {
		require.NoError(t, s.db.TellBatches(t.Context()))
	}
	list := decode[types.WebhookDeliveryList](s.get("/v1/webhooks/deliveries"), 200).Items
	require.Len(t, list, 1)
	require.Equal(t, []string{made.ID, "", "https://example.com/hook"}, []string{list[0].BatchID, list[0].MeshID, list[0].URL})
	require.JSONEq(t, fmt.Sprintf(`{"batch_id": %q, "succeeded": 0, "failed": 0, "canceled": 1, "total": 1}`, made.ID), dataOf(t, list[0].Payload))
}

func dataOf(t *testing.T, payload json.RawMessage) string {
	var news struct{ Data json.RawMessage }
	require.NoError(t, json.Unmarshal(payload, &news))
	return string(news.Data)
}

func TestWebhook_WhereThereAreNone(t *testing.T) {
	s := guarded(t)
	admin, _ := s.key("acme", auth.Admin)
	acme := s.as(admin)
	a := acme.post("/v1/meshes", `{"geometry_id": "geo_0190163d-8694-739b-aea5-966c26f8ad91", "webhook_url": "https://example.com/"}`)
	require.NotEqual(t, http.StatusAccepted, a.status)
	acme.get("/v1/webhooks/secret").problem(409, "no_webhooks")
}
