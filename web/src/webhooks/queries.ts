/** What the page knows of webhooks. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ApiError, api, gone, take } from "../api/client";
import type { components } from "../api/schema";

type Schemas = components["schemas"];
export type Endpoint = Schemas["WebhookEndpoint"];
export type NewEndpoint = Schemas["NewWebhookEndpoint"];
export type CreateEndpoint = Schemas["CreateWebhookEndpoint"];
export type Delivery = Schemas["WebhookDelivery"];
export type DeliveryStatus = Delivery["status"];

const ENDPOINTS = ["webhooks", "endpoints"] as const;
const DELIVERIES = ["webhooks", "deliveries"] as const;
const PAGE = 20;
// No event tells of deliveries: in ms, how soon they are asked for again while some are on their way, and else.
const SOON = 3000;
const LATER = 10_000;

export function useEndpoints() {
  return useQuery<Schemas["WebhookEndpointList"], ApiError>({
    queryKey: ENDPOINTS,
    queryFn: () => take(api.GET("/v1/webhooks/endpoints")),
    staleTime: 0,
  });
}

export function useDeliveries(status: DeliveryStatus | undefined) {
  return useInfiniteQuery({
    queryKey: [...DELIVERIES, status],
    queryFn: ({ pageParam }) =>
      take(api.GET("/v1/webhooks/deliveries", { params: { query: { limit: PAGE, cursor: pageParam, status } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor,
    staleTime: 0,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some((page) => page.items.some((d) => d.status === "pending")) ? SOON : LATER,
  });
}

/** useChange returns a mutation after which the lists are asked for again. */
function useChange<T, V>(mutationFn: (v: V) => Promise<T>) {
  const client = useQueryClient();
  return useMutation<T, ApiError, V>({
    mutationFn,
    onSuccess: () =>
      Promise.all([client.invalidateQueries({ queryKey: ENDPOINTS }), client.invalidateQueries({ queryKey: DELIVERIES })]),
  });
}

export function useCreateEndpoint() {
  return useChange<NewEndpoint, CreateEndpoint>((body) => take(api.POST("/v1/webhooks/endpoints", { body })));
}

export function usePauseEndpoint() {
  return useChange<Endpoint, Endpoint>(({ id, status }) => {
    const params = { path: { id } };
    return status === "paused"
      ? take(api.POST("/v1/webhooks/endpoints/{id}/resume", { params }))
      : take(api.POST("/v1/webhooks/endpoints/{id}/pause", { params }));
  });
}

export function useTestEndpoint() {
  return useChange<Delivery, string>((id) => take(api.POST("/v1/webhooks/endpoints/{id}/test", { params: { path: { id } } })));
}

export function useRemoveEndpoint() {
  return useChange<void, string>((id) => gone(api.DELETE("/v1/webhooks/endpoints/{id}", { params: { path: { id } } })));
}

export function useRedeliver() {
  return useChange<Delivery, string>((id) =>
    take(api.POST("/v1/webhooks/deliveries/{id}/redeliver", { params: { path: { id } } })),
  );
}

/** The secret of addresses that requests name: asked for when somebody wants to see it, as the audit log tells of it. */
export function useSecret() {
  return useMutation<Schemas["WebhookSecret"], ApiError>({ mutationFn: () => take(api.GET("/v1/webhooks/secret")) });
}
