import { expect, it } from "vitest";
import { packCorners, vertexOf, verticesOf, WINDOW } from "./corners";
import { WIDTH } from "./texels";

/** same tells whether what is packed comes out as it went in; a matcher would look at each of a million numbers. */
const same = (vertices: Uint32Array) =>
  Buffer.compare(Buffer.from(verticesOf(packCorners(vertices)).buffer), Buffer.from(vertices.buffer)) === 0;

it("are the same again where triangles follow their vertices", () => {
  const strip = Uint32Array.from({ length: 3 * 20_000 }, (_, i) => Math.floor(i / 3) + (i % 3));
  expect(same(strip)).toBe(true);
  const packed = packCorners(strip);
  expect(new Set(packed.listed), "nothing is listed").toEqual(new Set([0]));
  expect(packed.offsets.byteLength).toBeLessThan(0.52 * strip.byteLength);
});

it("are the same again where faces use vertices of faces long ago", () => {
  const count = 400_000;
  const vertices = Uint32Array.from({ length: count }, (_, i) => (i % 50 === 7 ? i % 1000 : i));
  expect(same(vertices)).toBe(true);
});

it("are the same again in any order at all", () => {
  let dice = 1;
  const next = () => {
    dice = (dice * 48271) % 2147483647;
    return dice;
  };
  const vertices = Uint32Array.from({ length: 3 * (2 * WIDTH + 5) }, () => next() % 3_000_000_000);
  expect(same(vertices)).toBe(true);
  // All corners of a block but one stand in its list: there is room for that.
  const far = new Uint32Array(3 * WIDTH).fill(1);
  far[5] = WINDOW + 5;
  expect(same(far)).toBe(true);
  expect(vertexOf(packCorners(far), 5)).toBe(WINDOW + 5);
});
