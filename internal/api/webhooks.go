package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/id"
	"meshgen/internal/store"
)

func (s *Server) addWebhooks() {
	tags := []string{tagWebhooks}
	add(s, huma.Operation{
		OperationID: "get-webhook-secret", Method: http.MethodGet, Path: "/v1/webhooks/secret", Tags: tags, Metadata: needs(auth.Admin),
		Summary:     "Get the secret of webhooks",
		Description: "What the header webhook-signature is made with, of what goes to an address that a request named, as Standard Webhooks has it (HMAC-SHA256 of id.timestamp.body).",
		Errors:      []int{409},
	}, s.getWebhookSecret)
	add(s, huma.Operation{
		OperationID: "list-webhook-deliveries", Method: http.MethodGet, Path: "/v1/webhooks/deliveries", Tags: tags,
		Summary: "List deliveries of webhooks", Description: "By when what they tell of happened, newest first. Those that were delivered are kept for a week, dead ones for a month. " +
			"Of the address of an endpoint, which may hold a secret, only whoever has the scope admin sees more than the host.",
		Errors: []int{422}, RejectUnknownQueryParameters: true,
	}, s.listDeliveries)
	add(s, huma.Operation{
		OperationID: "redeliver-webhook", Method: http.MethodPost, Path: "/v1/webhooks/deliveries/{id}/redeliver", Tags: tags,
		Summary: "Send a webhook again", Description: "At once, and from the first attempt on, whatever came of it. Those for endpoints need the scope admin.", Errors: []int{404, 409},
	}, s.redeliver)
}

// checkWebhook says what is wrong with the address that a request names.
func (s *Server) checkWebhook(address string) error {
	if address == "" {
		return nil
	}
	at := types.FieldError{Location: "body.webhook_url", Value: address}
	if !s.webhooks.Enabled() {
		at.Message = "this service sends no webhooks: the operator has to set MESHGEN_WEBHOOK_SECRET"
		return invalid(at)
	}
	if err := s.webhooks.CheckURL(address); err != nil {
		at.Message = err.Error()
		return invalid(at)
	}
	return nil
}

func noWebhooks() *types.Problem {
	return refuse(http.StatusConflict, types.CodeNoWebhooks, "This service sends no webhooks: the operator has to set MESHGEN_WEBHOOK_SECRET.")
}

type webhookSecretOutput struct{ Body types.WebhookSecret }

func (s *Server) getWebhookSecret(ctx context.Context, _ *struct{}) (*webhookSecretOutput, error) {
	if !s.webhooks.Enabled() {
		return nil, noWebhooks()
	}
	return &webhookSecretOutput{types.WebhookSecret{Secret: s.webhooks.TenantSecret(tenant(ctx))}}, nil
}

// toDelivery shows a delivery. Endpoints are for who has the scope admin: of their addresses others see the host, which no secret is in.
func toDelivery(ctx context.Context, d store.Delivery) types.WebhookDelivery {
	if d.EndpointID != "" && !isAdmin(ctx) {
		d.URL = originOf(d.URL)
	}
	t := types.WebhookDelivery{
		ID: d.ID, MeshID: d.MeshID, BatchID: d.BatchID, EndpointID: d.EndpointID, URL: d.URL, Status: string(d.Status), Attempts: d.Attempts, Answer: d.Answer,
		CreatedAt: d.CreatedAt, EndedAt: d.EndedAt, Payload: json.RawMessage(d.Payload),
	}
	if d.Status == store.Pending {
		t.NextAt = d.DueAt
	}
	return t
}

func isAdmin(ctx context.Context) bool { return callerOf(ctx).Scope.Includes(auth.Admin) }

// originOf is what an address begins with: https://example.com:8443.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
}

type listDeliveriesInput struct {
	Paging
	Status string `query:"status" enum:"pending,delivered,dead" doc:"only those"`
}

type deliveryListOutput struct{ Body types.WebhookDeliveryList }

func (s *Server) listDeliveries(ctx context.Context, in *listDeliveriesInput) (*deliveryListOutput, error) {
	page, err := in.page(id.Delivery)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.Deliveries(ctx, tenant(ctx), store.DeliveryStatus(in.Status), ask(page))
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, page.Limit, func(d store.Delivery) string { return d.ID })
	out := &deliveryListOutput{types.WebhookDeliveryList{Items: make([]types.WebhookDelivery, len(rows)), NextCursor: next}}
	for i, d := range rows {
		out.Body.Items[i] = toDelivery(ctx, d)
	}
	return out, nil
}

// DeliveryPath names a delivery.
type DeliveryPath struct {
	ID string `path:"id" doc:"delivery" example:"whk_0190163d-8694-739b-aea5-966c26f8ad91"`
}

type deliveryOutput struct{ Body types.WebhookDelivery }

func (s *Server) redeliver(ctx context.Context, in *DeliveryPath) (*deliveryOutput, error) {
	if err := pathID(id.Delivery, in.ID); err != nil {
		return nil, err
	}
	d, err := s.db.Redeliver(ctx, tenant(ctx), in.ID, isAdmin(ctx))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, notFound(noun[id.Delivery])
	case errors.Is(err, store.ErrForEndpoint):
		return nil, refuse(http.StatusForbidden, types.CodeForbidden, fmt.Sprintf("To send again what is for an endpoint needs the scope admin; the key has %s.", callerOf(ctx).Scope))
	case errors.Is(err, store.ErrEndpointGone):
		return nil, refuse(http.StatusConflict, types.CodeEndpointGone, "The endpoint that it is for was removed.")
	case err != nil:
		return nil, endpointFault(err)
	}
	return &deliveryOutput{toDelivery(ctx, d)}, nil
}
