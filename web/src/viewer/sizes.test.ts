import { expect, it } from "vitest";
import type { Volume } from "./cut/volumeFile";
import { valueOf } from "./glb";
import { rescale, surfaceSizes, volumeSizes } from "./sizes";
import type { Surface } from "./surfaceFile";

const QUANTUM = 0.5;
// A square of 10 × 10 steps, and one of 40 × 40 beside it.
const positions = Uint16Array.from([0, 0, 0, 10, 0, 0, 10, 10, 0, 0, 10, 0, 50, 0, 0, 50, 40, 0, 10, 40, 0]);
const square = [0, 1, 2, 0, 2, 3];
const large = [1, 4, 5, 1, 5, 6];

const surface = (elements: number[]) =>
  ({
    positions,
    corners: Uint32Array.from([...square, ...large]),
    elements: Uint32Array.from(elements),
    quantum: QUANTUM,
  }) as Surface;

const sizes = (m: ReturnType<typeof surfaceSizes>) => [...m.values].map((v) => valueOf(m, v));

it("is the mean edge of a triangle, and of a quadrangle without its diagonal", () => {
  const mean = (side: number) => (side * (2 + Math.SQRT2)) / 3;
  const [a, b, c, d] = sizes(surfaceSizes(surface([1, 2, 3, 4])));
  for (const [one, side] of [
    [a, 5],
    [b, 5],
    [c, 20],
    [d, 20],
  ])
    expect(one).toBeCloseTo(mean(side), 5);
  expect(sizes(surfaceSizes(surface([1, 1, 2, 2]))).map((s) => Number(s.toFixed(5)))).toEqual([5, 5, 20, 20]);
});

it("has one scale for a surface and the volume behind it", () => {
  const corners = Uint32Array.from([0, 1, 2, 3, 4, 5, 6, 7]);
  const cube = [0, 0, 0, 80, 0, 0, 80, 80, 0, 0, 80, 0].flatMap((v) => [v]);
  const hexahedron = {
    positions: Uint16Array.from([...cube, ...cube.map((v, i) => (i % 3 === 2 ? 80 : v))]),
    count: 1,
    blocks: [{ shape: "hexahedron", first: 0, count: 1, corners }],
    quantum: QUANTUM,
  } as unknown as Volume;
  const own = surfaceSizes(surface([1, 1, 2, 2]));
  const inside = volumeSizes(hexahedron, own);
  expect([inside.low, inside.high]).toEqual([5, 40]);
  expect(sizes(inside)).toEqual([40]);
  rescale(own, inside);
  for (const [i, size] of sizes(own).entries()) expect(size / [5, 5, 20, 20][i]).toBeCloseTo(1, 2);
});

it("takes a mesh whose elements are all the same", () => {
  const s = surface([1, 2, 3, 4]);
  s.corners = s.corners.subarray(0, 3);
  s.elements = s.elements?.subarray(0, 1);
  const m = surfaceSizes(s);
  expect(m.high).toBeGreaterThan(m.low);
  expect(sizes(m)[0] / m.low).toBeCloseTo(1, 2);
});
