package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

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
		Summary: "List deliveries of webhooks", Description: "By when what they tell of happened, newest first. Those that were delivered are kept for a week, dead ones for a month.",
		Errors: []int{422}, RejectUnknownQueryParameters: true,
	}, s.listDeliveries)
	add(s, huma.Operation{
		OperationID: "redeliver-webhook", Method: http.MethodPost, Path: "/v1/webhooks/deliveries/{id}/redeliver", Tags: tags,
		Summary: "Send a webhook again", Description: "At once, and from the first attempt on, whatever came of it.", Errors: []int{404, 409},
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

func toDelivery(d store.Delivery) types.WebhookDelivery {
	t := types.WebhookDelivery{
		ID: d.ID, MeshID: d.MeshID, BatchID: d.BatchID, EndpointID: d.EndpointID, URL: d.URL, Status: string(d.Status), Attempts: d.Attempts, Answer: d.Answer,
		CreatedAt: d.CreatedAt, EndedAt: d.EndedAt, Payload: json.RawMessage(d.Payload),
	}
	if d.Status == store.Pending {
		t.NextAt = &d.DueAt
	}
	return t
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
		out.Body.Items[i] = toDelivery(d)
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
	d, err := s.db.Redeliver(ctx, tenant(ctx), in.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound(noun[id.Delivery])
	}
	if errors.Is(err, store.ErrEndpointGone) {
		return nil, refuse(http.StatusConflict, types.CodeEndpointGone, "The endpoint that it is for was removed.")
	}
	if err != nil {
		return nil, err
	}
	return &deliveryOutput{toDelivery(d)}, nil
}
