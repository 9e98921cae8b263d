package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/id"
	"meshgen/internal/store"
)

// EndpointPath names an endpoint.
type EndpointPath struct {
	ID string `path:"id" doc:"endpoint" example:"whe_0190163d-8694-739b-aea5-966c26f8ad91"`
}

func (s *Server) addWebhookEndpoints() {
	const path = "/v1/webhooks/endpoints"
	op := func(operation, method, path, summary, description string, errors ...int) huma.Operation {
		return huma.Operation{
			OperationID: operation, Method: method, Path: path, Tags: []string{tagWebhooks}, Metadata: needs(auth.Admin),
			Summary: summary, Description: description, Errors: errors,
		}
	}
	create := op("create-webhook-endpoint", http.MethodPost, path, "Add an endpoint of webhooks",
		"An address that is told of everything of some types that happens to the tenant, whatever requests name. "+
			"The answer holds the secret that its webhooks are signed with, which is shown only then.", 409, 422)
	create.DefaultStatus = http.StatusCreated
	add(s, create, s.createEndpoint)
	add(s, op("list-webhook-endpoints", http.MethodGet, path, "List endpoints of webhooks", fmt.Sprintf("All of them, newest first; there are %d at most.", store.MaxEndpoints)), s.listEndpoints)
	add(s, op("pause-webhook-endpoint", http.MethodPost, path+"/{id}/pause", "Pause an endpoint of webhooks",
		"It is told nothing until it is resumed, and never of what happens meanwhile. What it was to be told before waits.", 404), s.pauseEndpoint(true))
	add(s, op("resume-webhook-endpoint", http.MethodPost, path+"/{id}/resume", "Resume an endpoint of webhooks", "", 404), s.pauseEndpoint(false))
	add(s, op("test-webhook-endpoint", http.MethodPost, path+"/{id}/test", "Send a test to an endpoint of webhooks",
		"News of type test, which the list of deliveries shows as any other.", 404, 409), s.testEndpoint)
	remove := op("remove-webhook-endpoint", http.MethodDelete, path+"/{id}", "Remove an endpoint of webhooks", "What it was still to be told is given up.", 404)
	add(s, remove, s.removeEndpoint)
}

func toEndpoint(e store.Endpoint) types.WebhookEndpoint {
	t := types.WebhookEndpoint{ID: e.ID, URL: e.URL, Events: e.Events, Status: "active", RestsUntil: e.RestsUntil, CreatedAt: e.CreatedAt}
	if e.Paused {
		t.Status = "paused"
	}
	return t
}

type newEndpointOutput struct {
	Body types.NewWebhookEndpoint
}

func (s *Server) createEndpoint(ctx context.Context, in *struct{ Body types.CreateWebhookEndpoint }) (*newEndpointOutput, error) {
	if !s.webhooks.Enabled() {
		return nil, noWebhooks()
	}
	if err := s.webhooks.CheckURL(in.Body.URL); err != nil {
		return nil, invalid(types.FieldError{Location: "body.url", Message: err.Error(), Value: in.Body.URL})
	}
	events := in.Body.Events
	if len(events) == 0 {
		events = store.Events
	}
	events = slices.Compact(slices.Sorted(slices.Values(events)))
	e, err := s.db.CreateEndpoint(ctx, tenant(ctx), in.Body.URL, events)
	if errors.Is(err, store.ErrManyEndpoints) {
		return nil, refuse(http.StatusConflict, types.CodeManyEndpoints, fmt.Sprintf("There are %d endpoints, which is as many as may be. Remove one first.", store.MaxEndpoints))
	}
	if err != nil {
		return nil, err
	}
	noteOf(ctx).object = e.ID
	return &newEndpointOutput{types.NewWebhookEndpoint{WebhookEndpoint: toEndpoint(e), Secret: s.webhooks.EndpointSecret(tenant(ctx), e.ID)}}, nil
}

type endpointListOutput struct {
	Body types.WebhookEndpointList
}

func (s *Server) listEndpoints(ctx context.Context, _ *struct{}) (*endpointListOutput, error) {
	rows, err := s.db.Endpoints(ctx, tenant(ctx))
	if err != nil {
		return nil, err
	}
	out := &endpointListOutput{types.WebhookEndpointList{Items: make([]types.WebhookEndpoint, len(rows)), Sending: s.webhooks.Enabled()}}
	for i, e := range rows {
		out.Body.Items[i] = toEndpoint(e)
	}
	return out, nil
}

type endpointOutput struct{ Body types.WebhookEndpoint }

func (s *Server) pauseEndpoint(paused bool) func(context.Context, *EndpointPath) (*endpointOutput, error) {
	return func(ctx context.Context, in *EndpointPath) (*endpointOutput, error) {
		if err := pathID(id.Endpoint, in.ID); err != nil {
			return nil, err
		}
		e, err := s.db.PauseEndpoint(ctx, tenant(ctx), in.ID, paused)
		if err != nil {
			return nil, endpointFault(err)
		}
		return &endpointOutput{toEndpoint(e)}, nil
	}
}

func (s *Server) testEndpoint(ctx context.Context, in *EndpointPath) (*deliveryOutput, error) {
	if err := pathID(id.Endpoint, in.ID); err != nil {
		return nil, err
	}
	d, err := s.db.TestEndpoint(ctx, tenant(ctx), in.ID)
	if err != nil {
		return nil, endpointFault(err)
	}
	return &deliveryOutput{toDelivery(ctx, d)}, nil
}

func (s *Server) removeEndpoint(ctx context.Context, in *EndpointPath) (*struct{}, error) {
	if err := pathID(id.Endpoint, in.ID); err != nil {
		return nil, err
	}
	return nil, endpointFault(s.db.RemoveEndpoint(ctx, tenant(ctx), in.ID))
}

func endpointFault(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return notFound(noun[id.Endpoint])
	}
	if errors.Is(err, store.ErrEndpointPaused) {
		return refuse(http.StatusConflict, types.CodeEndpointPaused, "The endpoint is paused, so nothing would be sent. Resume it first.")
	}
	return err
}
