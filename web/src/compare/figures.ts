/** What two meshes of a geometry differ in, as figures side by side. */
import type { Mesh } from "../api/client";
import { bytes, exact, measure, number, percent, seconds } from "../format";
import { measureLabel, measureUnit } from "../inspect/measures";

export interface Figure {
  name: string;
  left: string;
  right: string;
  /** From left to right; empty where they are the same or one has none. */
  difference: string;
  /** The side that is better, where one can say so. */
  better?: "left" | "right";
}

/** Of which of two values one can say that it is better. */
type Good = "more" | "less" | undefined;

/** The measures of quality, and which values of them are good (docs/quality.md). */
const MEASURES: Record<string, "more" | "less"> = {
  gamma: "more",
  sicn: "more",
  jacobian: "more",
  min_dihedral: "more",
  skewness: "less",
  aspect: "less",
};

/** figures returns a row for each figure that at least one of two meshes has. */
export function figures(left: Mesh, right: Mesh, units?: string): Figure[] {
  const out: Figure[] = [];
  const add = (name: string, of: (m: Mesh) => number | undefined, write: (v: number) => string, how: How, good?: Good) => {
    const [a, b] = [of(left), of(right)];
    if (a === undefined && b === undefined) return;
    const known = a !== undefined && b !== undefined;
    const [l, r] = [a, b].map((v) => (v === undefined ? "–" : write(v)));
    const text = known && a !== b ? difference(a, b, how) : "";
    const differs = text !== "";
    out.push({
      name,
      left: l,
      right: r,
      difference: text,
      better: known && differs && good && l !== r ? (a > b === (good === "more") ? "left" : "right") : undefined,
    });
  };

  const kinds = new Set([left, right].flatMap((m) => Object.keys(m.counts?.elements ?? {})));
  for (const kind of kinds) {
    if (kind === "point" || kind === "line") continue;
    add(KINDS[kind] ?? kind, (m) => m.counts?.elements[kind], exact, "share");
  }
  add("Nodes", (m) => m.counts?.nodes, exact, "share");
  add(
    "Off the CAD's volume",
    (m) => (m.cad_volume && m.volume ? Math.abs(m.volume / m.cad_volume - 1) : undefined),
    (v) => percent(v, 2),
    "points",
    "less",
  );
  add(
    "Volume",
    (m) => m.volume,
    (v) => measure(v, units, 3),
    "share",
  );
  for (const [name, good] of Object.entries(MEASURES)) {
    const bad = good === "less";
    const of = (m: Mesh) => {
      const d = m.measured?.volume.measures?.[name];
      return d && d.count > 0 ? d : undefined;
    };
    const write = (v: number) => `${number(Number(v.toPrecision(3)))}${measureUnit(name)}`;
    const plain = { unit: measureUnit(name) };
    add(`${measureLabel(name)}, worst`, (m) => (bad ? of(m)?.max : of(m)?.min), write, plain, good);
    add(`${measureLabel(name)}, mean`, (m) => of(m)?.mean, write, plain, good);
  }
  add("Time", (m) => (m.reused_from ? undefined : m.timings.reduce((n, t) => n + t.seconds, 0)), seconds, "share", "less");
  add("Mesh file", (m) => m.artifacts.find((a) => a.format === "msh")?.size, bytes, "share");
  return out;
}

const KINDS: Record<string, string> = {
  triangle: "Triangles",
  quadrangle: "Quadrangles",
  tetrahedron: "Tetrahedra",
  hexahedron: "Hexahedra",
  prism: "Prisms",
  pyramid: "Pyramids",
};

/** How a difference is told: as a share of the left one, in percentage points, or in its unit. */
type How = "share" | "points" | { unit: string };

function difference(a: number, b: number, how: How): string {
  const sign = b > a ? "+" : "−";
  if (how === "points") return Math.abs(b - a) < 0.00005 ? "" : `${sign}${(100 * Math.abs(b - a)).toFixed(2)}`;
  if (how !== "share") return `${sign}${number(Number(Math.abs(b - a).toPrecision(2)))}${how.unit}`;
  if (a === 0) return "";
  const share = Math.abs(b / a - 1);
  if (b / a >= 3) return `× ${number(Number((b / a).toPrecision(2)))}`;
  return share < 0.0005 ? "" : `${sign}${percent(share)}`;
}
