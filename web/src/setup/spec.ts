/** What a spec holds: defaults, what a person changed of them, and formats. The service alone says what is right. */
import type { Spec } from "../api/client";

export type Size = NonNullable<Spec["size"]>;
export type Refinement = NonNullable<Spec["refine"]>[number];
export type Layer = NonNullable<Spec["layers"]>[number];
export type Group = NonNullable<Spec["groups"]>[number];
export type Format = NonNullable<Spec["formats"]>[number];

/** Kinds of entities, by their dimension. */
export const KINDS = ["point", "edge", "face", "solid"] as const;

/** What stands where nothing is said (docs/spec.md). */
export const DEFAULTS = {
  strategy: "auto",
  element: "tet",
  order: 1,
  size: { fineness: 5, growth: 1.3 },
  heal: "auto",
  device: "auto",
  time_limit: "120s",
  formats: ["msh", "vtk"] as Format[],
  layer: { ratio: 1.2, count: 5 },
} as const;

/** The formats, with the highest order of elements that each holds (docs/formats.md). */
export const FORMATS: Record<Format, { title: string; order: 1 | 2 | 3 }> = {
  msh: { title: "Gmsh 4.1", order: 3 },
  msh2: { title: "Gmsh 2.2", order: 3 },
  vtk: { title: "VTK legacy", order: 3 },
  vtu: { title: "VTK XML, compressed", order: 3 },
  stl: { title: "STL of the surface", order: 3 },
  unv: { title: "I-deas universal", order: 2 },
  inp: { title: "Abaqus, CalculiX", order: 2 },
  bdf: { title: "Nastran", order: 2 },
  su2: { title: "SU2", order: 1 },
  cgns: { title: "CGNS", order: 3 },
  med: { title: "MED: Salome, Code_Aster", order: 2 },
  fluent: { title: "Ansys Fluent", order: 1 },
  openfoam: { title: "OpenFOAM, zipped", order: 1 },
  glb: { title: "glTF of the surface", order: 3 },
};

/** clean drops what was not set, so that equal wishes are equal. Entries of lists stay as they are: they are being made. */
export function clean(spec: Spec): Spec {
  return (drop(spec) ?? {}) as Spec;
}

function drop(value: unknown, listed = false): unknown {
  if (Array.isArray(value)) return value.length || listed ? value.map((v) => drop(v, true) ?? null) : undefined;
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value)
    .map(([k, v]) => [k, drop(v, listed)] as const)
    .filter(([, v]) => v !== undefined);
  return kept.length || listed ? Object.fromEntries(kept) : undefined;
}

/** bare returns a resolved spec without what stands for itself: what a person would have to say to get it. */
export function bare(resolved: Spec): Spec {
  const unless = <T>(value: T | undefined, usual: T) => (value === usual ? undefined : value);
  const { size = {} } = resolved;
  return clean({
    ...resolved,
    strategy: unless(resolved.strategy, DEFAULTS.strategy),
    element: unless(resolved.element, DEFAULTS.element),
    order: unless(resolved.order, DEFAULTS.order),
    heal: unless(resolved.heal, DEFAULTS.heal),
    device: unless(resolved.device, DEFAULTS.device),
    time_limit: sameTime(resolved.time_limit, DEFAULTS.time_limit) ? undefined : resolved.time_limit,
    formats: sameSet(resolved.formats, DEFAULTS.formats) ? undefined : resolved.formats,
    size: {
      ...size,
      fineness: unless(size.fineness, DEFAULTS.size.fineness),
    },
    layers: resolved.layers?.map((l) => ({
      ...l,
      ratio: unless(l.ratio, DEFAULTS.layer.ratio),
      count: unless(l.count, DEFAULTS.layer.count),
    })),
  });
}

export function sameSet<T>(a: readonly T[] | undefined, b: readonly T[] | undefined): boolean {
  return JSON.stringify([...(a ?? [])].sort()) === JSON.stringify([...(b ?? [])].sort());
}

/** secondsOf reads a duration such as 120s, 2m0s or 1.5m; NaN where it is none. */
export function secondsOf(duration: string | undefined): number {
  const parts = [...(duration ?? "").matchAll(/([\d.]+)(ms|h|m|s)/g)];
  if (parts.length === 0 || parts.map((p) => p[0]).join("") !== duration) return Number.NaN;
  return parts.reduce((sum, [, n, unit]) => sum + Number(n) * { ms: 0.001, s: 1, m: 60, h: 3600 }[unit as "s"], 0);
}

function sameTime(a: string | undefined, b: string): boolean {
  return secondsOf(a) === secondsOf(b);
}

/** freeName returns a name for a group that none has: inlet, then inlet_2. */
export function freeName(wanted: string, taken: Iterable<string>): string {
  const names = new Set(taken);
  if (!names.has(wanted)) return wanted;
  for (let n = 2; ; n++) if (!names.has(`${wanted}_${n}`)) return `${wanted}_${n}`;
}

/** tagsOf reads numbers of entities such as "3, 5 8-10"; null where something else is said. */
export function tagsOf(text: string): number[] | null {
  const out = new Set<number>();
  for (const word of text.split(/[\s,;]+/).filter(Boolean)) {
    const m = /^(\d+)(?:[-–](\d+))?$/.exec(word);
    if (!m) return null;
    const [from, to] = [Number(m[1]), Number(m[2] ?? m[1])];
    if (to < from || to - from > 100_000) return null;
    for (let t = from; t <= to; t++) out.add(t);
  }
  return [...out].sort((a, b) => a - b);
}

/** tagsText is the inverse: 3, 5, 8-10. */
export function tagsText(tags: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const t of [...tags].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && t === last[1] + 1) last[1] = t;
    else runs.push([t, t]);
  }
  return runs.flatMap(([a, b]) => (b > a + 1 ? [`${a}-${b}`] : b > a ? [`${a}`, `${b}`] : [`${a}`])).join(", ");
}

/** curl returns the command that asks for the same. */
export function curl(origin: string, geometry: string, spec: Spec): string {
  const body = JSON.stringify({ geometry_id: geometry, spec: clean(spec) }).replaceAll("'", "'\\''");
  return `curl -X POST ${origin}/v1/meshes -H 'Content-Type: application/json' -d '${body}'`;
}
