/** What can be done with the entities of a part: hide, isolate, show. */
import { useMemo } from "react";
import type { Geometry } from "../api/client";
import { type Entities, type Hiding, hiding, NONE, Structure } from "../viewer/structure";

export interface Visibility {
  structure: Structure;
  hidden: Hiding;
  /** There is something to show again. */
  any: boolean;
  /** How much of an entity is seen. */
  seen: (entities: Entities) => "all" | "some" | "none";
  /** Hides what is seen of entities, or shows them where nothing is. */
  toggle: (entities: Entities) => void;
  hide: (entities: Entities) => void;
  isolate: (entities: Entities) => void;
  showAll: () => void;
}

export function useVisibility(
  geometry: Geometry | undefined,
  before: Entities,
  change: (hidden: Entities) => void,
): Visibility {
  const solids = geometry?.solids;
  const faces = geometry?.faces;
  const structure = useMemo(
    () =>
      new Structure(
        (solids ?? []).map((s) => ({ tag: s.tag, faces: s.faces ?? [] })),
        (faces ?? []).map((f) => f.tag),
      ),
    [solids, faces],
  );
  return useMemo(() => {
    const hidden = hiding(before);
    const seen = ({ solids, faces }: Entities) => {
      const shown = [...solids.map((s) => solidSeen(structure, s, hidden)), ...faces.map((f) => structure.isShown(f, hidden))];
      if (shown.every((s) => s === true)) return "all";
      return shown.every((s) => s === false) ? "none" : "some";
    };
    return {
      structure,
      hidden,
      any: before.solids.length + before.faces.length > 0,
      seen,
      toggle: (e) => change(seen(e) === "none" ? structure.show(before, e) : structure.hide(before, e)),
      hide: (e) => change(structure.hide(before, e)),
      isolate: (e) => change(structure.isolate(e)),
      showAll: () => change(NONE),
    };
  }, [structure, before, change]);
}

/** solidSeen tells whether a solid is seen: undefined where some of its faces are. */
function solidSeen(structure: Structure, solid: number, hidden: Hiding): boolean | undefined {
  if (!structure.isSolidShown(solid, hidden)) return false;
  return structure.facesOf(solid).some((f) => hidden.faces.has(f)) ? undefined : true;
}
