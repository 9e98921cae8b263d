package client

import (
	"context"
	"net/http"

	"meshgen/internal/api/types"
)

// Deliveries returns a page of the deliveries of webhooks, newest first; status "" does not narrow it.
func (c *Client) Deliveries(ctx context.Context, status string, p Page) (types.WebhookDeliveryList, error) {
	return get[types.WebhookDeliveryList](ctx, c, p.with("status", status), "webhooks", "deliveries")
}

// Redeliver sends a webhook again. The receiver knows a repetition by its id.
func (c *Client) Redeliver(ctx context.Context, id string) (types.WebhookDelivery, error) {
	var d types.WebhookDelivery
	err := c.do(ctx, call{method: http.MethodPost, path: []string{"webhooks", "deliveries", id, "redeliver"}}, &d)
	return d, err
}

// WebhookSecret returns what webhooks are signed with.
func (c *Client) WebhookSecret(ctx context.Context) (types.WebhookSecret, error) {
	return get[types.WebhookSecret](ctx, c, nil, "webhooks", "secret")
}
