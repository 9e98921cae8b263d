/** Which faces are picked, and which belong with them. */
import type { Geometry } from "../api/client";

/** pickedNow is what is picked after a click on a face, or beside the part; add is the click with shift. */
export function pickedNow(before: readonly number[], tag: number | undefined, add: boolean): readonly number[] {
  if (tag === undefined) return add ? before : [];
  if (!add) return before.length === 1 && before[0] === tag ? before : [tag];
  return before.includes(tag) ? before.filter((t) => t !== tag) : [...before, tag];
}

/** sameColor returns the faces of the colours of those that are picked; none where that says nothing. */
export function sameColor(geometry: Geometry, picked: readonly number[]): number[] {
  const color = new Map(geometry.faces.map((f) => [f.tag, f.color]));
  const wanted = new Set(picked.map((t) => color.get(t)));
  if (new Set(color.values()).size < 2) return [];
  return geometry.faces.filter((f) => wanted.has(f.color)).map((f) => f.tag);
}

/** wholeSolid returns the solid whose faces are just those that are picked. */
export function wholeSolid(geometry: Geometry, picked: readonly number[]): Geometry["solids"][number] | undefined {
  const chosen = new Set(picked);
  return geometry.solids.find((s) => (s.faces?.length ?? 0) === chosen.size && s.faces?.every((f) => chosen.has(f)));
}
