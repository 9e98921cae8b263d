import { expect, it } from "vitest";
import { packCorners } from "../corners";
import { packNumbers } from "../numbers";
import type { Prepared } from "../prepare";
import { EdgeFinder } from "./edges";

const lengths = (finder: EdgeFinder, triangle: number) =>
  finder
    .at(triangle)
    .map(({ from, to }) => Math.round(from.distanceTo(to)))
    .sort((a, b) => a - b);

it("are the sides of an element, without the diagonal of a quadrangle", () => {
  const positions = Uint16Array.from([0, 0, 0, 30, 0, 0, 30, 40, 0, 0, 40, 0]);
  const of = (elements: number[]) =>
    new EdgeFinder({
      surface: {
        positions,
        corners: packCorners(Uint32Array.from([0, 1, 2, 0, 2, 3])),
        elements: packNumbers(Uint32Array.from(elements)),
      },
    } as unknown as Prepared);
  expect(lengths(of([7, 8]), 0)).toEqual([30, 40, 50]);
  expect(lengths(of([7, 7]), 0)).toEqual([30, 40]);
  expect(lengths(of([7, 7]), 1)).toEqual([30, 40]);
});

it("are the outline of a face where there are no elements, with corners where three faces meet", () => {
  const line = (face: number, a: number[], b: number[]) => [...a, face, ...b, face];
  const [o, x, y, z] = [
    [0, 0, 0],
    [10, 0, 0],
    [0, 10, 0],
    [0, 0, 10],
  ];
  const outlines = Uint16Array.from([
    ...line(0, o, x),
    ...line(1, o, x),
    ...line(0, o, y),
    ...line(2, o, y),
    ...line(1, o, z),
    ...line(2, o, z),
  ]);
  const faces = [0, 0, 0].map((first) => ({ first })); // the first two have no triangles
  const finder = new EdgeFinder({ surface: { faces }, outlines } as unknown as Prepared);
  expect(finder.at(0).map(({ corners }) => corners)).toEqual([
    [true, false],
    [true, false],
  ]);
});
