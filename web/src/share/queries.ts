/** What the page knows of share links. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ApiError, api, final, gone, take } from "../api/client";
import type { components } from "../api/schema";

export type Share = components["schemas"]["Share"];
export type NewShare = components["schemas"]["NewShare"];
export type Shared = components["schemas"]["Shared"];

const keys = {
  shares: (mesh: string) => ["shares", mesh] as const,
  shared: (word: string) => ["shared", word] as const,
};

export function useShares(mesh: string) {
  return useQuery<{ items: Share[] }, ApiError>({
    queryKey: keys.shares(mesh),
    queryFn: () => take(api.GET("/v1/shares", { params: { query: { mesh_id: mesh, limit: 100 } } })),
    staleTime: 0, // no event tells of them
  });
}

export function useShare(mesh: string) {
  const client = useQueryClient();
  return useMutation<NewShare, ApiError, Date | undefined>({
    mutationFn: (until) => take(api.POST("/v1/shares", { body: { mesh_id: mesh, expires_at: until?.toISOString() } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.shares(mesh) }); // the link is shown without waiting for the list
    },
  });
}

export function useRevokeShare(mesh: string) {
  const client = useQueryClient();
  return useMutation<void, ApiError, string>({
    mutationFn: (id) => gone(api.DELETE("/v1/shares/{id}", { params: { path: { id } } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.shares(mesh) });
    },
  });
}

const FRESH = 30 * 60_000; // milliseconds: the addresses of files hold for an hour
const SOON = 3_000; // while the mesh is made: no events are shared

/** again returns how long after an answer a link is asked once more. */
function again(shared: Shared | undefined, error: ApiError | null): number | false {
  if (!shared || error?.status === 404) return false;
  return final(shared.mesh.status) ? FRESH : SOON;
}

/** useShared returns what a link shows. */
export function useShared(word: string) {
  return useQuery<Shared, ApiError>({
    queryKey: keys.shared(word),
    queryFn: () => take(api.GET("/v1/shared", { headers: { Authorization: `Bearer ${word}` }, credentials: "omit" })),
    enabled: word !== "",
    refetchInterval: ({ state: { data, error } }) => again(data, error),
  });
}
