/** How two meshes are looked at, as it stands in the address: whoever opens it sees the same. */

import type { ColorBy, Cut, Point } from "../viewer/types";
import type { CameraState } from "../viewer/viewState";

export interface Shown {
  coloring: ColorBy;
  edges: boolean;
  xray: boolean;
  cut: Cut | null;
  camera: CameraState | null;
}

const DIGITS = 6; // more than a picture shows

/** writeShown returns the query of an address; what is as at first is left out. */
export function writeShown({ coloring, edges, xray, cut, camera }: Shown): string {
  const q = new URLSearchParams();
  if (coloring.by === "measure") q.set("color", `measure:${coloring.name}`);
  else if (coloring.by !== "plain") q.set("color", coloring.by);
  if (!edges) q.set("edges", "0");
  if (xray) q.set("xray", "1");
  if (cut) q.set("cut", [...cut.normal.map(short), short(cut.offset), cut.flipped ? "other" : "this", cut.manner].join(","));
  if (camera) {
    const { projection, target, towardsEye, height } = camera;
    q.set("camera", [projection, ...[...target, ...towardsEye, height].map(short)].join(","));
  }
  return q.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
}

/** readShown returns what an address says; what is missing or makes no sense is as at first. */
export function readShown(query: string): Shown {
  const q = new URLSearchParams(query);
  return {
    coloring: readColoring(q.get("color") ?? ""),
    edges: q.get("edges") !== "0",
    xray: q.get("xray") === "1",
    cut: readCut((q.get("cut") ?? "").split(",")),
    camera: readCamera((q.get("camera") ?? "").split(",")),
  };
}

function readColoring(text: string): ColorBy {
  const name = /^measure:([a-z_]+)$/.exec(text)?.[1];
  if (name) return { by: "measure", name };
  return text === "face" || text === "cad" ? { by: text } : { by: "plain" };
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
