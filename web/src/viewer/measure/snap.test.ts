import { Vector2, Vector3 } from "three";
import { expect, it } from "vitest";
import { type Edge, snap } from "./snap";

// A square of 100 pixels, one length a pixel, seen from above.
const corners = [
  [0, 0],
  [100, 0],
  [100, 100],
  [0, 100],
].map(([x, y]) => new Vector3(x, y, 0));
const square: Edge[] = corners.map((from, i) => ({ from, to: corners[(i + 1) % 4], corners: [true, true] }));
const seen = (p: Vector3) => new Vector2(p.x, p.y);
const at = (x: number, y: number, edges = square) => {
  const { place, on } = snap(new Vector3(x, y, 0), edges, 1, seen);
  return [on, place.x, place.y];
};

it("takes a corner before an edge, an edge before the face", () => {
  expect(at(4, 3)).toEqual(["corner", 0, 0]);
  expect(at(40, 5)).toEqual(["edge", 40, 0]);
  expect(at(40, 40)).toEqual(["face", 40, 40]);
});

it("takes the nearest of several", () => {
  expect(at(96, 97)).toEqual(["corner", 100, 100]);
  expect(at(40, 95, [...square, { from: new Vector3(0, 98, 0), to: new Vector3(90, 98, 0), corners: [false, false] }])).toEqual(
    ["edge", 40, 98],
  );
});

it("does not take what lies behind, nor ends that are no corners", () => {
  const behind = { from: new Vector3(40, 40, -90), to: new Vector3(60, 40, -90), corners: [true, true] as const };
  expect(at(40, 40, [behind])).toEqual(["face", 40, 40]);
  const smooth = { from: new Vector3(40, 40, 0), to: new Vector3(60, 40, 0), corners: [false, false] as const };
  expect(at(39, 41, [smooth])).toEqual(["edge", 40, 40]);
});
