/** How a part is looked at, as it stands in the address: whoever opens it sees the same. */
import { type Entities, NONE } from "../viewer/structure";
import type { ColorBy, Cut, Kinds, Point } from "../viewer/types";
import type { CameraState } from "../viewer/viewState";
import { FIRST_LOOK, type Look } from "./look";

export interface Shown extends Omit<Look, "orthographic"> {
  /** Where one looks from; null where nobody has turned the part yet. */
  camera: CameraState | null;
  /** Bins of the histogram of a measure that stand out. */
  brush: { name: string; bins: readonly [number, number] } | null;
}

const DIGITS = 6; // more than a picture shows
const KINDS: readonly Kinds[] = ["face", "cad", "solid", "group", "type"];

/** writeShown returns the query of an address; what is as at first is left out. */
export function writeShown({ coloring, edges, xray, cut, hidden, apart, camera, brush }: Shown): string {
  const q = new URLSearchParams();
  if (coloring.by === "measure") q.set("color", `measure:${coloring.name}`);
  else if (coloring.by !== "plain") q.set("color", coloring.by);
  if (!edges) q.set("edges", "0");
  if (xray) q.set("xray", "1");
  if (cut) q.set("cut", [...cut.normal.map(short), short(cut.offset), cut.flipped ? "other" : "this", cut.manner].join(","));
  if (apart !== null) q.set("apart", short(apart));
  const away = [...ranges("s", hidden.solids), ...ranges("f", hidden.faces)];
  if (away.length > 0) q.set("hide", away.join(","));
  if (brush) q.set("brush", [brush.name, ...brush.bins].join(","));
  if (camera) {
    const { projection, target, towardsEye, height } = camera;
    q.set("camera", [projection, ...[...target, ...towardsEye, height].map(short)].join(","));
  }
  return q.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
}

/** readShown returns what an address says; what is missing or makes no sense is as at first. */
export function readShown(query: string): Shown {
  const q = new URLSearchParams(query);
  const list = (name: string) => (q.get(name) ?? "").split(",");
  return {
    coloring: readColoring(q.get("color") ?? ""),
    edges: q.get("edges") !== "0",
    xray: q.get("xray") === "1",
    cut: readCut(list("cut")),
    apart: readShare(q.get("apart")),
    hidden: readHidden(list("hide")),
    brush: readBrush(list("brush")),
    camera: readCamera(list("camera")),
  };
}

/** lookOf is how things look in what an address says. */
export function lookOf({ camera, brush, ...look }: Shown): Look {
  return { ...FIRST_LOOK, ...look, orthographic: camera?.projection === "orthographic" };
}

/** ranges names tags in few words: s1-3, s7. */
function ranges(letter: string, tags: readonly number[]): string[] {
  const out: [number, number][] = [];
  for (const tag of [...tags].sort((a, b) => a - b)) {
    const last = out.at(-1);
    if (last && last[1] === tag - 1) last[1] = tag;
    else out.push([tag, tag]);
  }
  return out.map(([from, to]) => `${letter}${from}${to > from ? `-${to}` : ""}`);
}

const MOST = 100_000; // tags in a range: nonsense must not fill the memory

function readHidden(parts: string[]): Entities {
  const solids: number[] = [];
  const faces: number[] = [];
  for (const part of parts) {
    const [, letter, from, to] = /^([sf])(\d{1,9})(?:-(\d{1,9}))?$/.exec(part) ?? [];
    if (!letter || Number(to ?? from) - Number(from) > MOST) continue;
    for (let tag = Number(from); tag <= Number(to ?? from); tag++) (letter === "s" ? solids : faces).push(tag);
  }
  return solids.length + faces.length > 0 ? { solids, faces } : NONE;
}

function readColoring(text: string): ColorBy {
  const name = /^measure:([a-z_]+)$/.exec(text)?.[1];
  if (name) return { by: "measure", name };
  return { by: KINDS.find((k) => k === text) ?? "plain" };
}

function readCut([x, y, z, offset, side, manner]: string[]): Cut | null {
  const numbers = [x, y, z, offset].map(Number);
  if (!manner || !numbers.every(Number.isFinite) || numbers.slice(0, 3).every((v) => v === 0)) return null;
  return {
    normal: numbers.slice(0, 3) as Point,
    offset: Math.min(1, Math.max(0, numbers[3])),
    flipped: side === "other",
    manner: manner === "crinkle" ? "crinkle" : "section",
  };
}

function readShare(text: string | null): number | null {
  const share = Number(text || Number.NaN);
  return share >= 0 && share <= 1 ? share : null;
}

function readBrush([name, from, to]: string[]): Shown["brush"] {
  const bins = [Number(from), Number(to)] as const;
  if (!/^[a-z_]+$/.test(name) || !to || !bins.every(Number.isInteger) || bins[0] < 0 || bins[0] >= bins[1]) return null;
  return { name, bins };
}

function readCamera([projection, ...rest]: string[]): CameraState | null {
  const n = rest.map(Number);
  if (n.length !== 7 || !n.every(Number.isFinite) || n[6] <= 0 || n.slice(3, 6).every((v) => v === 0)) return null;
  return {
    projection: projection === "orthographic" ? "orthographic" : "perspective",
    target: n.slice(0, 3) as Point,
    towardsEye: n.slice(3, 6) as Point,
    height: n[6],
  };
}

const short = (x: number): string => String(Number(x.toPrecision(DIGITS)));
