/** What the page knows of the service, and how it stays true: answers are kept, and events say when they changed. */
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import {
  ApiError,
  api,
  type Estimate,
  final,
  type Geometry,
  type GeometryList,
  gone,
  type Mesh,
  type MeshList,
  persist,
  type Spec,
  take,
} from "./client";
import { follow, followAll } from "./follow";

export const keys = {
  geometries: ["geometries"] as const,
  geometry: (id: string) => ["geometry", id] as const,
  meshes: (geometry: string) => ["meshes", geometry] as const,
  mesh: (id: string) => ["mesh", id] as const,
  batches: ["batches"] as const,
  batch: (id: string) => ["batch", id] as const,
  estimate: (geometry: string, spec: Spec) => ["estimate", geometry, spec] as const,
};

const LONGEST = 15_000; // milliseconds to the next try

/** PERSISTENT is how a page asks for what it is about: where the service has failed it is asked again, less and less often (ui/Awaiting). */
export const PERSISTENT = {
  retry: (failures: number, e: Error) => (e instanceof ApiError ? e.status >= 500 : failures < 3),
  retryDelay: (failures: number) => Math.min(1000 * 2 ** failures, LONGEST),
};

/** Much ends in many small steps: what is asked again is asked for several of them at once. */
const GATHER = 250; // milliseconds
const LIST_APART = 1000; // milliseconds from one time that the whole list is asked for to the next

/**
 * gathered returns a function that calls f once for all calls within a moment, and not before so many milliseconds have gone by since
 * the last time, and one that ends it.
 */
export function gathered(f: () => void, apart = GATHER): [call: () => void, end: () => void] {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = Number.NEGATIVE_INFINITY;
  const call = () => {
    timer ??= setTimeout(
      () => {
        timer = undefined;
        last = performance.now();
        f();
      },
      Math.max(GATHER, last + apart - performance.now()),
    );
  };
  return [call, () => clearTimeout(timer)];
}

/** useParts returns the geometries, and follows which are added and read, by whomever. */
export function useParts() {
  const client = useQueryClient();
  useEffect(() => {
    const [again, end] = gathered(() => client.invalidateQueries({ queryKey: keys.geometries }), LIST_APART);
    const leave = followAll({
      status: ({ subject }) => {
        if (subject.startsWith("geo_")) again();
      },
      resumed: again,
    });
    return () => {
      leave();
      end();
    };
  }, [client]);
  return useQuery<GeometryList, ApiError>({
    ...PERSISTENT,
    queryKey: keys.geometries,
    queryFn: () => take(api.GET("/v1/geometries", { params: { query: { limit: 100 } } })),
  });
}

/** useGeometry returns a geometry, and follows its import. */
export function useGeometry(id: string) {
  const client = useQueryClient();
  const query = useQuery<Geometry, ApiError>({
    ...PERSISTENT,
    queryKey: keys.geometry(id),
    queryFn: () => take(api.GET("/v1/geometries/{id}", { params: { path: { id } } })),
  });
  const running = query.data && !final(query.data.status);
  useEffect(() => {
    if (!running) return;
    const again = () => client.invalidateQueries({ queryKey: keys.geometry(id) });
    return follow(`/v1/geometries/${id}/events`, {
      status: (e) =>
        !final(e.status) &&
        patch<Geometry>(client, keys.geometry(id), (g) => ({
          ...g,
          status: e.status as Geometry["status"],
          progress: e.progress,
        })),
      artifact: again,
      done: () => {
        again();
        client.invalidateQueries({ queryKey: keys.geometries });
      },
    });
  }, [client, id, running]);
  return query;
}

export function useMeshes(geometry: string) {
  return useQuery({
    queryKey: keys.meshes(geometry),
    queryFn: () => take(api.GET("/v1/meshes", { params: { query: { geometry_id: geometry, limit: 100 } } })),
    select: withoutDrafts,
  });
}

/** withoutDrafts leaves out what is there to be looked at while a slider is moved. */
const withoutDrafts = (list: MeshList): MeshList => ({ ...list, items: list.items.filter((m) => !m.spec.draft) });

export interface Live {
  log: { level: string; text: string; seconds: number }[];
  detail?: string;
  connected: boolean;
}

const MAX_LINES = 5000; // of a log that are kept in the page; the whole is a file

const meshQuery = (id: string) => ({
  queryKey: keys.mesh(id),
  queryFn: () => take(api.GET("/v1/meshes/{id}", { params: { path: { id } } })),
});

/** useExpectedMesh returns a function that asks, once, for a mesh that somebody is about to look at. */
export function useExpectedMesh(): (id: string) => void {
  const client = useQueryClient();
  return (id) => void client.prefetchQuery({ ...meshQuery(id), retry: false });
}

/** useMesh returns a mesh, and follows the work on it: live is what only events tell. */
export function useMesh(id: string | undefined) {
  const client = useQueryClient();
  const [live, setLive] = useState<Live>({ log: [], connected: true });
  const query = useQuery<Mesh, ApiError>({
    ...PERSISTENT,
    ...meshQuery(id ?? ""),
    enabled: id !== undefined,
  });
  // Where the service fails, this is asked again without an end: what ended so was asked when it was expected only.
  const { error, refetch } = query;
  useEffect(() => {
    if (error && error.status >= 500) void refetch();
  }, [error, refetch]);
  const running = query.data && !final(query.data.status);
  const geometry = query.data?.geometry_id;
  useEffect(() => {
    setLive({ log: [], connected: true });
    if (!running || !id) return;
    const key = keys.mesh(id);
    /** listed has the list say the same. */
    const listed = (status: Mesh["status"], progress: number) =>
      geometry &&
      patch<MeshList>(client, keys.meshes(geometry), (l) => ({
        ...l,
        items: l.items.map((m) => (m.id === id ? { ...m, status, progress } : m)),
      }));
    return follow(`/v1/meshes/${id}/events`, {
      // That it has ended is said with what came of it, when that has been asked for.
      status: (e) => {
        if (final(e.status)) return;
        const status = e.status as Mesh["status"];
        patch<Mesh>(client, key, (m) => ({ ...m, status, stage: e.stage as Mesh["stage"], progress: e.progress }));
        listed(status, e.progress);
      },
      stage: (e) => {
        listed("running", e.progress);
        patch<Mesh>(client, key, (m) => ({ ...m, status: "running", stage: e.stage as Mesh["stage"], progress: e.progress }));
        setLive((l) => ({ ...l, detail: e.detail }));
      },
      log: (lines) => setLive((l) => ({ ...l, log: [...l.log, ...lines].slice(-MAX_LINES) })),
      artifact: (e) => {
        if (!e.preview) return;
        // Of the answer the file alone is news: where the work stands, events have told since it was written.
        persist(meshQuery(id).queryFn).then(
          ({ artifacts }) => patch<Mesh>(client, key, (m) => (final(m.status) ? m : { ...m, artifacts })),
          () => {}, // it is gone, and the end will say so
        );
      },
      connection: (connected) => setLive((l) => ({ ...l, connected })),
      done: () => {
        client.invalidateQueries({ queryKey: key });
        if (geometry) client.invalidateQueries({ queryKey: keys.meshes(geometry) });
      },
    });
  }, [client, id, running, geometry]);
  return { ...query, live };
}

const ADDRESSED: readonly unknown[] = ["geometry", "mesh", "shared"]; // what tells where files are

/**
 * useFreshAddresses returns a function that asks anew where the files are that are shown: addresses hold for an hour. What it returns
 * finds the address of a file in the answers, which a page that is not drawn yet does not know.
 */
export function useFreshAddresses(): () => Promise<(file: string) => string | undefined> {
  const client = useQueryClient();
  const shown = {
    type: "active" as const,
    predicate: ({ queryKey: [kind] }: { queryKey: readonly unknown[] }) => ADDRESSED.includes(kind),
  };
  return async () => {
    await client.refetchQueries(shown);
    const answers = client.getQueryCache().findAll(shown);
    return (file) =>
      addressIn(
        answers.map(({ state }) => state.data),
        file,
      );
  };
}

/** addressIn returns the address of a file, wherever in an answer it is. */
export function addressIn(answer: unknown, file: string): string | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const { id, url } = answer as { id?: unknown; url?: unknown };
  if (id === file && typeof url === "string") return url;
  for (const part of Object.values(answer)) {
    const found = addressIn(part, file);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** useEstimate returns what a mesh would cost; while the answer comes, the one before stays. */
export function useEstimate(geometry: string, spec: Spec, ready: boolean) {
  return useQuery<Estimate, ApiError>({
    queryKey: keys.estimate(geometry, spec),
    queryFn: () => take(api.POST("/v1/estimate", { body: { geometry_id: geometry, spec } })),
    enabled: ready,
    placeholderData: (before) => before,
    retry: false,
  });
}

export function useCreateMesh(geometry: string) {
  const client = useQueryClient();
  return useMutation<Mesh, ApiError, Spec>({
    mutationFn: (spec) => {
      // The same press of the button makes one mesh, however often the network needs it to be sent.
      const header = { "Idempotency-Key": crypto.randomUUID() };
      return persist(() => take(api.POST("/v1/meshes", { body: { geometry_id: geometry, spec }, params: { header } })));
    },
    onSuccess: (mesh) => {
      client.setQueryData(keys.mesh(mesh.id), mesh);
      client.invalidateQueries({ queryKey: keys.meshes(geometry) });
    },
  });
}

export function useCancelMesh() {
  const client = useQueryClient();
  return useMutation<Mesh, ApiError, string>({
    mutationFn: (id) => persist(() => take(api.POST("/v1/meshes/{id}/cancel", { params: { path: { id } } }))),
    onSuccess: (mesh) => {
      client.setQueryData(keys.mesh(mesh.id), mesh);
      client.invalidateQueries({ queryKey: keys.meshes(mesh.geometry_id) });
    },
  });
}

export function useDeleteMesh() {
  const client = useQueryClient();
  return useMutation<void, ApiError, { id: string; geometry_id: string }>({
    mutationFn: ({ id }) => gone(api.DELETE("/v1/meshes/{id}", { params: { path: { id } } })),
    onSuccess: (_, { id, geometry_id }) => {
      client.removeQueries({ queryKey: keys.mesh(id) });
      client.setQueryData<MeshList>(
        keys.meshes(geometry_id),
        (before) => before && { ...before, items: before.items.filter((m) => m.id !== id) },
      );
    },
  });
}

export function useDeleteGeometry() {
  const client = useQueryClient();
  return useMutation<void, ApiError, string>({
    mutationFn: (id) => gone(api.DELETE("/v1/geometries/{id}", { params: { path: { id } } })),
    onSuccess: (_, id) => {
      client.setQueryData<GeometryList>(
        keys.geometries,
        (before) => before && { ...before, items: before.items.filter((g) => g.id !== id) },
      );
    },
  });
}

function patch<T>(client: QueryClient, key: readonly string[], change: (before: T) => T): void {
  client.setQueryData<T>(key, (before) => (before ? change(before) : before));
}
