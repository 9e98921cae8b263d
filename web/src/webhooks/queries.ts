/** What the page knows of webhooks. */
import { type InfiniteData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ApiError, api, gone, take } from "../api/client";
import { PERSISTENT } from "../api/queries";
import type { components } from "../api/schema";
import { soonest, withNewest } from "./newest";

type Schemas = components["schemas"];
export type Endpoint = Schemas["WebhookEndpoint"];
export type NewEndpoint = Schemas["NewWebhookEndpoint"];
export type CreateEndpoint = Schemas["CreateWebhookEndpoint"];
export type Delivery = Schemas["WebhookDelivery"];
export type DeliveryList = Schemas["WebhookDeliveryList"];
export type DeliveryStatus = Delivery["status"];

export const ENDPOINTS = ["webhooks", "endpoints"] as const;
const DELIVERIES = ["webhooks", "deliveries"] as const;
const PAGE = 20;

export function useEndpoints() {
  return useQuery<Schemas["WebhookEndpointList"], ApiError>({
    ...PERSISTENT,
    queryKey: ENDPOINTS,
    queryFn: () => take(api.GET("/v1/webhooks/endpoints")),
    staleTime: 0,
  });
}

const page = (status: DeliveryStatus | undefined, cursor?: string) =>
  take(api.GET("/v1/webhooks/deliveries", { params: { query: { limit: PAGE, cursor, status } } }));

export const listOf = (status: DeliveryStatus | undefined) => [...DELIVERIES, status];

function useList(status: DeliveryStatus | undefined) {
  return useInfiniteQuery<
    DeliveryList,
    ApiError,
    InfiniteData<DeliveryList, string | undefined>,
    readonly unknown[],
    string | undefined
  >({
    ...PERSISTENT,
    queryKey: listOf(status),
    queryFn: ({ pageParam }) => page(status, pageParam),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.next_cursor,
    staleTime: 0,
  });
}

/**
 * useDeliveries returns deliveries, newest first. No event tells of them: while some of the newest are on their way those are asked for
 * again, and what else was opened stays. Of one status alone, too: what is on its way may become one of them.
 */
export function useDeliveries(status: DeliveryStatus | undefined, paused: ReadonlySet<string>) {
  const client = useQueryClient();
  const shown = useList(status);
  const all = useList(undefined);
  const newest = [all, shown].flatMap(({ data }) => data?.pages[0]?.items ?? []);
  const wait = soonest(newest, paused, Date.now());
  useQuery({
    queryKey: ["webhooks", "newest", status],
    queryFn: async () => {
      const lists = await Promise.all([...new Set([undefined, status])].map(async (s) => [s, await page(s)] as const));
      for (const [s, list] of lists) {
        client.setQueryData<InfiniteData<DeliveryList, string | undefined>>(
          listOf(s),
          (known) => known && withNewest(known, list),
        );
      }
      return null;
    },
    initialData: null,
    enabled: wait !== null,
    refetchInterval: wait ?? false,
  });
  return shown;
}

/** useChange returns a mutation after which the lists are asked for again. */
function useChange<T, V>(mutationFn: (v: V) => Promise<T>) {
  const client = useQueryClient();
  return useMutation<T, ApiError, V>({
    mutationFn,
    gcTime: 0, // what it answered may hold a secret
    onSuccess: () => {
      // What was made is shown without waiting for the lists.
      void client.invalidateQueries({ queryKey: ENDPOINTS });
      void client.invalidateQueries({ queryKey: DELIVERIES });
    },
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
