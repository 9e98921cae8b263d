package client

import (
	"context"
	"net/http"

	"meshgen/internal/api/types"
)

// Endpoints returns all endpoints of webhooks.
func (c *Client) Endpoints(ctx context.Context) (types.WebhookEndpointList, error) {
	return get[types.WebhookEndpointList](ctx, c, nil, "webhooks", "endpoints")
}

// CreateEndpoint adds an endpoint of webhooks. It is sent once: of one whose answer was lost nobody knows the secret, and a second one
// would be told everything too.
func (c *Client) CreateEndpoint(ctx context.Context, e types.CreateWebhookEndpoint) (types.NewWebhookEndpoint, error) {
	var made types.NewWebhookEndpoint
	err := c.do(ctx, call{method: http.MethodPost, path: []string{"webhooks", "endpoints"}, body: e, once: true}, &made)
	return made, err
}

// PauseEndpoint has an endpoint told nothing until ResumeEndpoint.
func (c *Client) PauseEndpoint(ctx context.Context, id string) (types.WebhookEndpoint, error) {
	return c.changeEndpoint(ctx, id, "pause")
}

// ResumeEndpoint has an endpoint told again.
func (c *Client) ResumeEndpoint(ctx context.Context, id string) (types.WebhookEndpoint, error) {
	return c.changeEndpoint(ctx, id, "resume")
}

func (c *Client) changeEndpoint(ctx context.Context, id, how string) (types.WebhookEndpoint, error) {
	var e types.WebhookEndpoint
	err := c.do(ctx, call{method: http.MethodPost, path: []string{"webhooks", "endpoints", id, how}}, &e)
	return e, err
}

// TestEndpoint has news of type test sent to an endpoint.
func (c *Client) TestEndpoint(ctx context.Context, id string) (types.WebhookDelivery, error) {
	var d types.WebhookDelivery
	err := c.do(ctx, call{method: http.MethodPost, path: []string{"webhooks", "endpoints", id, "test"}}, &d)
	return d, err
}

// RemoveEndpoint removes an endpoint of webhooks, with what it was still to be told.
func (c *Client) RemoveEndpoint(ctx context.Context, id string) error {
	return c.remove(ctx, "webhooks", "endpoints", id)
}
