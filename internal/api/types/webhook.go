package types

import (
	"encoding/json"
	"time"
)

// WebhookSecret is what webhooks are signed with.
type WebhookSecret struct {
	Secret string `json:"secret" doc:"as the libraries of Standard Webhooks take it" example:"whsec_…"`
}

// CreateWebhookEndpoint asks for an endpoint.
type CreateWebhookEndpoint struct {
	URL    string   `json:"url" minLength:"1" maxLength:"2048" format:"uri" doc:"what is told: of the public internet, and not an address that redirects" example:"https://example.com/hooks/meshgen"`
	Events []string `json:"events,omitempty" enum:"mesh.succeeded,mesh.failed,mesh.canceled,batch.done" maxItems:"20" doc:"what it is told of; by default everything"`
}

// WebhookEndpoint is an address that is told of everything of some types.
type WebhookEndpoint struct {
	ID         string     `json:"id" example:"whe_0190163d-8694-739b-aea5-966c26f8ad91"`
	URL        string     `json:"url"`
	Events     []string   `json:"events" enum:"mesh.succeeded,mesh.failed,mesh.canceled,batch.done"`
	Status     string     `json:"status" enum:"active,paused"`
	RestsUntil *time.Time `json:"rests_until,omitempty" doc:"nothing is sent before, since nobody answered there many times in a row; absent where it is told"`
	CreatedAt  time.Time  `json:"created_at"`
}

// NewWebhookEndpoint is an endpoint that was made this moment.
type NewWebhookEndpoint struct {
	WebhookEndpoint
	Secret string `json:"secret" doc:"what its webhooks are signed with, as the libraries of Standard Webhooks take it; shown only now" example:"whsec_…"`
}

// WebhookEndpointList is all endpoints.
type WebhookEndpointList struct {
	Items   []WebhookEndpoint `json:"items"`
	Sending bool              `json:"sending" doc:"whether this service sends webhooks at all"`
}

// WebhookDelivery is one piece of news for an endpoint, or for the webhook_url of a mesh or batch.
type WebhookDelivery struct {
	ID         string          `json:"id" doc:"the receiver has it as the header webhook-id" example:"whk_0190163d-8694-739b-aea5-966c26f8ad91"`
	MeshID     string          `json:"mesh_id,omitempty" doc:"of which it tells; absent where it tells of something else"`
	BatchID    string          `json:"batch_id,omitempty" doc:"of which it tells; absent where it tells of something else"`
	EndpointID string          `json:"endpoint_id,omitempty" doc:"which it is for; absent where the request of the mesh or batch named the address"`
	URL        string          `json:"url" doc:"that is told; of an endpoint's, without the scope admin, what it begins with: https://example.com"`
	Status     string          `json:"status" enum:"pending,delivered,dead" doc:"dead: given up, after the last attempt or because it can never arrive"`
	Attempts   int             `json:"attempts"`
	Answer     string          `json:"answer,omitempty" doc:"to the last attempt: the HTTP status, or what went wrong"`
	NextAt     *time.Time      `json:"next_at,omitempty" doc:"of the next attempt, while it is pending and its endpoint is not paused"`
	CreatedAt  time.Time       `json:"created_at" doc:"when what it tells of happened"`
	EndedAt    *time.Time      `json:"ended_at,omitempty"`
	Payload    json.RawMessage `json:"payload" doc:"what is sent"`
}

// WebhookDeliveryList is a page of deliveries.
type WebhookDeliveryList struct {
	Items      []WebhookDelivery `json:"items"`
	NextCursor string            `json:"next_cursor,omitempty" doc:"cursor of the next page; absent on the last"`
}
