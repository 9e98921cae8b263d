/** Batches, and how they stay true while their meshes are made. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ApiError, api, type Batch, final, persist, type Spec, take } from "../api/client";
import { followAll } from "../api/follow";
import { gathered, keys, PERSISTENT } from "../api/queries";
import { PRESETS, presetSpec } from "../setup/presets";
import type { Draft, Own } from "./draft";
import { nameOf, readOwn } from "./own";

export function useBatches() {
  return useQuery({
    ...PERSISTENT,
    queryKey: keys.batches,
    queryFn: () => take(api.GET("/v1/batches", { params: { query: { limit: 20 } } })),
  });
}

/** useBatch returns a batch, and follows its meshes until the last has ended. */
export function useBatch(id: string) {
  const client = useQueryClient();
  const query = useQuery<Batch, ApiError>({
    ...PERSISTENT,
    queryKey: keys.batch(id),
    queryFn: () => take(api.GET("/v1/batches/{id}", { params: { path: { id } } })),
  });
  const running = query.data && !query.data.done;
  useEffect(() => {
    if (!running) return;
    const [again, end] = gathered(() => client.invalidateQueries({ queryKey: keys.batch(id) }));
    const stands = (mesh: string, status: string, progress: number, stage?: string) => {
      client.setQueryData<Batch>(keys.batch(id), (b) => {
        const i = b?.items.findIndex((item) => item.mesh_id === mesh) ?? -1;
        if (!b || i < 0 || final(b.items[i].status)) return b;
        if (final(status)) {
          again(); // with what came of it
          return b;
        }
        const items = b.items.slice();
        items[i] = { ...items[i], status: status as Batch["items"][number]["status"], progress, stage };
        return { ...b, items };
      });
    };
    const leave = followAll({
      status: (e) => stands(e.subject, e.status, e.progress),
      progress: (e) => stands(e.subject, "running", e.progress, e.stage),
      resumed: again,
    });
    return () => {
      leave();
      end();
    };
  }, [client, id, running]);
  // The list says how many have ended.
  const done = query.data?.done;
  useEffect(() => {
    if (done) client.invalidateQueries({ queryKey: keys.batches });
  }, [client, done]);
  return query;
}

function specOf(own: Own): Spec {
  const read = readOwn(own);
  if ("problem" in read) throw new Error(read.problem); // the button that leads here is disabled then
  return read.spec;
}

export function useCreateBatch() {
  const client = useQueryClient();
  return useMutation<Batch, ApiError, { draft: Draft; parts: string[]; key: string }>({
    mutationFn: ({ draft, parts, key }) => {
      const chosen = PRESETS.filter((p) => draft.presets.includes(p.name));
      const send = () =>
        take(
          api.POST("/v1/batches", {
            body: {
              ...(draft.name.trim() ? { name: draft.name.trim() } : {}),
              geometry_ids: parts,
              specs: [
                ...chosen.map((p) => ({ name: p.name.toLowerCase(), spec: presetSpec(p.fineness) })),
                ...draft.own.map((o, i) => ({ name: nameOf(o, i), spec: specOf(o) })),
              ],
            },
            // The same press of the button makes one batch, however often it has to be sent.
            params: { header: { "Idempotency-Key": key } },
          }),
        );
      return persist(send);
    },
    retry: (failures, e) => failures < 3 && e.status >= 500,
    onSuccess: (batch) => {
      client.setQueryData(keys.batch(batch.id), batch);
      client.invalidateQueries({ queryKey: keys.batches });
      for (const geometry of new Set(batch.items.map((i) => i.geometry_id))) {
        client.invalidateQueries({ queryKey: keys.meshes(geometry) });
      }
    },
  });
}

export function useCancelBatch(id: string) {
  const client = useQueryClient();
  return useMutation<Batch, ApiError>({
    mutationFn: () => take(api.POST("/v1/batches/{id}/cancel", { params: { path: { id } } })),
    onSuccess: (batch) => client.setQueryData(keys.batch(id), batch),
  });
}

/** useArchive has the files of a batch written that are not there yet, and then lets the browser fetch the archive. */
export function useArchive(id: string) {
  return useMutation<void, ApiError, string[]>({
    mutationFn: async (formats) => {
      const path = `/v1/batches/${id}/archive?format=${formats.join(",")}`;
      for (;;) {
        const answer = await fetch(path, { method: "HEAD" }).catch(() => undefined);
        if (answer?.ok) break;
        const later = Number(answer?.headers.get("Retry-After"));
        if (answer?.status !== 503 || !later) {
          await take(api.GET("/v1/batches/{id}", { params: { path: { id } } })); // says what is wrong, if all is
          throw new ApiError(answer?.status ?? 0, undefined);
        }
        await new Promise((done) => setTimeout(done, 1000 * later));
      }
      const link = document.createElement("a");
      link.href = path;
      link.download = "";
      link.click();
    },
  });
}

export function useDeleteBatch(id: string) {
  const client = useQueryClient();
  return useMutation<void, ApiError>({
    mutationFn: async () => {
      const { response, error } = await api.DELETE("/v1/batches/{id}", { params: { path: { id } } });
      if (!response.ok && response.status !== 404) throw new ApiError(response.status, error);
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.batches });
    },
  });
}
