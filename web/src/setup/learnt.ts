/** What the meshes of a part tell of its next one: an estimate does not see how slender faces are, or what is hidden in corners. */
import type { Estimate, MeshSummary, Spec } from "../api/client";
import { elementsOf } from "../api/elements";
import { DEFAULTS } from "./spec";

/** like returns the last mesh that was made in the manner of a spec, whatever its sizes; undefined where there is none. */
export function like<M extends Pick<MeshSummary, "counts" | "spec" | "status">>(
  meshes: readonly M[],
  spec: Spec,
): M | undefined {
  const wanted = manner(spec);
  return meshes.find((m) => m.status === "succeeded" && elementsOf(m) > 0 && manner(m.spec) === wanted);
}

/** manner is what decides how far off an estimate may be, but for the sizes. */
function manner({ strategy = DEFAULTS.strategy, element = DEFAULTS.element, size, layers, refine }: Spec): string {
  return [
    strategy,
    element,
    size?.wall_elements ?? 0,
    size?.target_elements ?? 0,
    layers?.length ?? 0,
    refine?.length ?? 0,
  ].join();
}

const MOST = 3; // further off, one is no measure of the other

/** corrected returns how many elements to expect where a mesh that was made had so many, and what an estimate says of that one. */
export function corrected(estimate: Estimate, had = 0, ofThat?: Estimate): number {
  const share = had / (ofThat?.tetrahedra.expected ?? 0);
  return estimate.tetrahedra.expected * (share < MOST && share > 1 / MOST ? share : 1);
}
