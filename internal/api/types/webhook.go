package types

import (
	"encoding/json"
	"time"
)

// WebhookSecret is what webhooks are signed with.
type WebhookSecret struct {
	Secret string `json:"secret" doc:"as the libraries of Standard Webhooks take it" example:"whsec_…"`
}

// WebhookDelivery is one piece of news for the webhook_url of a mesh or batch.
type WebhookDelivery struct {
	ID        string          `json:"id" doc:"the receiver has it as the header webhook-id" example:"whk_0190163d-8694-739b-aea5-966c26f8ad91"`
	MeshID    string          `json:"mesh_id,omitempty" doc:"of which it tells; absent where it tells of a batch"`
	BatchID   string          `json:"batch_id,omitempty" doc:"of which it tells; absent where it tells of a mesh"`
	URL       string          `json:"url"`
	Status    string          `json:"status" enum:"pending,delivered,dead" doc:"dead: given up, after three days or because it can never arrive"`
	Attempts  int             `json:"attempts"`
	Answer    string          `json:"answer,omitempty" doc:"to the last attempt: the HTTP status, or what went wrong"`
	NextAt    *time.Time      `json:"next_at,omitempty" doc:"of the next attempt, while it is pending"`
	CreatedAt time.Time       `json:"created_at" doc:"when what it tells of happened"`
	EndedAt   *time.Time      `json:"ended_at,omitempty"`
	Payload   json.RawMessage `json:"payload" doc:"what is sent"`
}

// WebhookDeliveryList is a page of deliveries.
type WebhookDeliveryList struct {
	Items      []WebhookDelivery `json:"items"`
	NextCursor string            `json:"next_cursor,omitempty" doc:"cursor of the next page; absent on the last"`
}
