/** What the page knows of API keys. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ApiError, api, gone, take } from "../api/client";
import { PERSISTENT } from "../api/queries";
import type { components } from "../api/schema";

export type Key = components["schemas"]["Key"];
export type NewKey = components["schemas"]["NewKey"];
export type CreateKey = components["schemas"]["CreateKey"];
export type Scope = Key["scope"];

export const KEYS = ["keys"] as const;

export function useKeyList() {
  return useQuery<components["schemas"]["KeyList"], ApiError>({
    ...PERSISTENT,
    queryKey: KEYS,
    queryFn: () => take(api.GET("/v1/keys", { params: { query: { limit: 200 } } })),
    staleTime: 0, // no event tells of them
  });
}

/** useChange returns a mutation after which the list is asked for again. */
function useChange<T, V>(mutationFn: (v: V) => Promise<T>) {
  const client = useQueryClient();
  return useMutation<T, ApiError, V>({
    mutationFn,
    gcTime: 0, // what it answered may hold a secret
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: KEYS }); // what was made is shown without waiting for the list
    },
  });
}

export function useCreateKey() {
  return useChange<NewKey, CreateKey>((body) => take(api.POST("/v1/keys", { body })));
}

export function useRotateKey() {
  return useChange<NewKey, { id: string; overlap: number }>(({ id, overlap }) =>
    take(api.POST("/v1/keys/{id}/rotate", { params: { path: { id } }, body: { overlap_seconds: overlap } })),
  );
}

export function useRevokeKey() {
  return useChange<void, string>((id) => gone(api.DELETE("/v1/keys/{id}", { params: { path: { id } } })));
}
