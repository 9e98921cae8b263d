/** The draft that follows the slider of a part. */
import { useEffect, useMemo, useState } from "react";
import { api, final, type Geometry, type Mesh, take } from "../api/client";
import { follow } from "../api/follow";
import { Drafting, type DraftService, draftSpec } from "./drafting";
import { ask, remove, removeLeft } from "./unanswered";

export interface DraftMesh {
  shown: Mesh | null;
  slide: (fineness: number) => void;
  drop: () => void;
}

export function useDraftMesh(geometry: Geometry | undefined): DraftMesh {
  const [shown, setShown] = useState<Mesh | null>(null);
  const id = geometry?.id;
  const drafting = useMemo(() => (id ? new Drafting(id, service, setShown) : null), [id]);
  useEffect(() => void removeLeft(), []);
  useEffect(() => {
    const leave = () => drafting?.drop();
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [drafting]);
  return {
    shown,
    slide: (fineness) => {
      const spec = geometry?.status === "succeeded" && draftSpec(geometry, fineness);
      if (spec) drafting?.want(spec);
    },
    drop: () => drafting?.drop(),
  };
}

const get = (id: string) => take(api.GET("/v1/meshes/{id}", { params: { path: { id } } }));

const service: DraftService = {
  make: ask,
  ended: async (id, signal) => {
    await new Promise<void>((resolve) => {
      const leave = follow(`/v1/meshes/${id}/events`, { done: resolve });
      signal.addEventListener("abort", () => {
        leave();
        resolve();
      });
    });
    const mesh = await get(id);
    return final(mesh.status) || signal.aborted ? mesh : service.ended(id, signal);
  },
  remove,
};
