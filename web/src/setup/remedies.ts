/** What a person can try after a failure, as specs that need no more than a press of a button. */
import type { Spec } from "../api/client";
import { number, seconds } from "../format";
import { bare, clean, DEFAULTS, secondsOf } from "./spec";

type Refinement = NonNullable<Spec["refine"]>[number];

export interface Remedy {
  label: string;
  spec: Spec;
}

const LONGEST = 1800; // seconds that a mesh may take

/** remedies returns what may help against a failure of a mesh, the likeliest first; nothing where only another file helps. */
export function remedies(code: string, resolved: Spec, unit = "", noInside = false): Remedy[] {
  const spec = bare(resolved);
  const filled = noInside ? undefined : latticed(spec);
  const tries: Record<string, (Remedy | undefined)[]> = {
    time_limit: [longer(spec), coarser(spec, unit)],
    out_of_memory: [coarser(spec, unit)],
    too_large: [coarser(spec, unit)],
    surface_meshing_failed: [mended(spec), finer(spec, unit), automatic(spec)],
    boundary_recovery_failed: [automatic(spec), finer(spec, unit), strategy(spec, "hxt", "HXT")],
    quality_below_threshold: [straight(spec), unlayered(spec), automatic(spec), finer(spec, unit)],
    engine_crashed: [automatic(spec), strategy(spec, "delaunay", "Delaunay"), coarser(spec, unit)],
    unfit_spec: [nameless(spec)],
    not_watertight: [mended(spec), filled],
    degenerate_geometry: [mended(spec)],
    non_manifold: [mended(spec), filled],
    self_intersecting: [mended(spec), filled],
    internal: [{ label: "Try again", spec }],
  };
  return (tries[code] ?? []).filter((r): r is Remedy => r !== undefined).slice(0, 3);
}

const changed = (spec: Spec, change: Partial<Spec>): Spec => clean({ ...spec, ...change });

function finer(spec: Spec, unit: string): Remedy | undefined {
  return sized(spec, unit, "Finer", 0.5, Math.min(10, fineness(spec) + 2));
}

function coarser(spec: Spec, unit: string): Remedy | undefined {
  const target = spec.size?.target_elements;
  if (target && target >= 200) {
    return {
      label: `Coarser: ${number(Math.round(target / 2))} elements`,
      spec: changed(spec, { size: { ...spec.size, target_elements: Math.round(target / 2) } }),
    };
  }
  return sized(spec, unit, "Coarser", 2, Math.max(1, fineness(spec) - 2));
}

const fineness = (spec: Spec): number => spec.size?.fineness ?? DEFAULTS.size.fineness;

function sized(spec: Spec, unit: string, label: string, factor: number, to: number): Remedy | undefined {
  const { max, min, ...size } = spec.size ?? {};
  if (max) {
    const edge = Number((max * factor).toPrecision(3));
    const shortest = min && Math.min(min, edge);
    return {
      label: `${label}: edges up to ${number(edge)}${unit && `\u202f${unit}`}`,
      spec: changed(spec, { size: { ...size, max: edge, min: shortest } }),
    };
  }
  if (to === fineness(spec)) return undefined;
  return {
    label: `${label}: fineness ${to}`,
    spec: changed(spec, { size: { ...size, min, fineness: to === DEFAULTS.size.fineness ? undefined : to } }),
  };
}

function longer(spec: Spec): Remedy | undefined {
  const now = secondsOf(spec.time_limit ?? DEFAULTS.time_limit);
  const to = Math.min(LONGEST, 4 * now);
  if (!(to > now)) return undefined;
  return { label: `Allow ${seconds(to)}`, spec: changed(spec, { time_limit: `${to}s` }) };
}

function automatic(spec: Spec): Remedy | undefined {
  return spec.strategy && { label: "Automatic strategy", spec: changed(spec, { strategy: undefined }) };
}

function strategy(spec: Spec, to: Spec["strategy"], name: string): Remedy | undefined {
  return spec.strategy === to ? undefined : { label: `Strategy ${name}`, spec: changed(spec, { strategy: to }) };
}

function straight(spec: Spec): Remedy | undefined {
  return spec.order ? { label: "Straight elements", spec: changed(spec, { order: undefined }) } : undefined;
}

function unlayered(spec: Spec): Remedy | undefined {
  return spec.layers && { label: "Without layers", spec: changed(spec, { layers: undefined }) };
}

function mended(spec: Spec): Remedy | undefined {
  return spec.heal && { label: "Mend the part", spec: changed(spec, { heal: undefined }) };
}

function latticed(spec: Spec): Remedy | undefined {
  return spec.strategy === "lattice" ? undefined : byLattice(spec);
}

/** byLattice fills what nothing else does: triangles that do not close. What a lattice cannot do is left out. */
export function byLattice(spec: Spec): Remedy {
  const { wall_elements: _, ...size } = spec.size ?? {};
  const less = { order: undefined, element: undefined, layers: undefined, heal: undefined };
  const left = (group?: string) => spec.groups?.some((g) => g.name === group && (g.dim ?? 2) < 2);
  const atEdges = ({ group, points, edges }: NonNullable<Refinement["near"]>) =>
    left(group) || !!points?.length || !!edges?.length;
  return {
    label: "Mesh by lattice",
    spec: changed(spec, {
      ...less,
      strategy: "lattice",
      size,
      refine: spec.refine?.filter((r) => !atEdges(r.near ?? r)),
      groups: spec.groups?.filter((g) => (g.dim ?? 2) >= 2),
    }),
  };
}

function nameless(spec: Spec): Remedy | undefined {
  if (!spec.groups && !spec.refine && !spec.layers && !spec.units) return undefined;
  return {
    label: "Without groups, finer places and layers",
    spec: changed(spec, { groups: undefined, refine: undefined, layers: undefined, units: undefined }),
  };
}
