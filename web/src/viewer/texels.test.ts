import { expect, it } from "vitest";
import { bytesWithRoom, filled, mostTriangles, rowsOf, WIDTH } from "./texels";

it("takes an array with room behind it as it is, and copies another", () => {
  const own = bytesWithRoom(5).fill(3);
  expect(filled(own).buffer).toBe(own.buffer);
  expect(filled(own)).toHaveLength(WIDTH);
  const short = Uint8Array.from([1, 2]);
  expect([...filled(short).subarray(0, 3)]).toEqual([1, 2, 0]);
  expect(filled(new Uint8Array(WIDTH + 1))).toHaveLength(2 * WIDTH);
});

it("knows how many triangles a card can draw", () => {
  const most = mostTriangles(2);
  expect([rowsOf(3 * most), rowsOf(3 * (most + 1))]).toEqual([2, 3]);
  expect(mostTriangles(4096)).toBe(5_592_405);
});
