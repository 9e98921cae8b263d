/** New entries, begun with what will do for most: a person changes what matters, and need not know the rest. */
import type { Geometry, Spec } from "../api/client";
import { show } from "./draft";
import { freeName, type Group } from "./spec";

const FINER = 3; // a refinement begins with edges this much shorter than the longest
const FLAT = 10; // the first prism begins this much lower than the longest edge is long

/** nice rounds to one or two digits that a person would have typed. */
export function nice(x: number): number {
  return Number(x.toPrecision(x.toPrecision(1)[0] === "1" ? 2 : 1));
}

export type Proposals = ReturnType<typeof proposals>;

/** proposals begins entries for faces that are picked, and goes to what a person will want to change of them. */
export function proposals(geometry: Geometry, spec: Spec, change: (spec: Spec) => void) {
  const taken = [...(spec.groups ?? []), ...geometry.groups].map((g) => g.name);
  const after = (path: string) => requestAnimationFrame(() => show(path));
  const size = longest(spec.size?.fineness, spec.size?.max, geometry.estimates);

  const group = (faces: readonly number[], name: string): Group => ({
    name: freeName(name, taken),
    dim: 2,
    entities: [...faces],
  });
  return {
    group(faces: readonly number[], name = "group") {
      const groups = [...(spec.groups ?? []), group(faces, name)];
      change({ ...spec, groups });
      after(`groups[${groups.length - 1}].name`);
    },
    refinement(faces: readonly number[]) {
      const place = faces.length ? { faces: [...faces] } : { sphere: middle(geometry.bounding_box) };
      const refine = [...(spec.refine ?? []), { ...place, size: nice(size / FINER) }];
      change({ ...spec, refine });
      after(`refine[${refine.length - 1}].size`);
    },
    layer(faces: readonly number[]) {
      const wall = faces.length ? (named(spec.groups, faces) ?? group(faces, "wall")) : undefined;
      const groups = wall && !spec.groups?.includes(wall) ? [...(spec.groups ?? []), wall] : spec.groups;
      const layers = [...(spec.layers ?? []), { groups: wall ? [wall.name] : [], first_height: nice(size / FLAT) }];
      change({ ...spec, groups, layers });
      after(`layers[${layers.length - 1}].first_height`);
    },
  };
}

/** named returns the group that holds just these faces. */
function named(groups: Group[] | undefined, faces: readonly number[]): Group | undefined {
  const key = (f: readonly number[]) => [...f].sort((a, b) => a - b).join();
  return groups?.find((g) => g.dim === 2 && key(g.entities) === key(faces));
}

function longest(fineness = 5, max: number | undefined, estimates: { fineness: number; max_edge: number }[]): number {
  return max ?? estimates.find((e) => e.fineness === Math.round(fineness))?.max_edge ?? 1;
}

function middle(box: { min: number[]; max: number[] } | undefined) {
  const [low, high] = [box?.min ?? [0, 0, 0], box?.max ?? [1, 1, 1]];
  const diagonal = Math.hypot(...low.map((x, k) => high[k] - x));
  return { center: low.map((x, k) => Number(((x + high[k]) / 2).toPrecision(4))), radius: nice(diagonal / 10) };
}
