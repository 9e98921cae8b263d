/** How many elements a mesh has. */
import type { MeshSummary } from "./client";

const VOLUME = ["tetrahedron", "hexahedron", "prism", "pyramid"];

/** elementsOf counts the elements of volume. */
export function elementsOf(m: Pick<MeshSummary, "counts">): number {
  return VOLUME.reduce((n, k) => n + (m.counts?.elements[k] ?? 0), 0);
}
