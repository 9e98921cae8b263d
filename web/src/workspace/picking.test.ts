import { expect, it } from "vitest";
import type { Geometry } from "../api/client";
import { pickedNow, sameColor, wholeSolid } from "./picking";

it("a click picks a face alone, with shift one more or one less, and beside the part none", () => {
  expect(pickedNow([1, 2], 3, false)).toEqual([3]);
  expect(pickedNow([1, 2], 3, true)).toEqual([1, 2, 3]);
  expect(pickedNow([1, 2], 1, true)).toEqual([2]);
  expect(pickedNow([1, 2], undefined, false)).toEqual([]);
  expect(pickedNow([1, 2], undefined, true)).toEqual([1, 2]);
});

it("faces of one colour belong together, where there are several colours", () => {
  const part = (colors: (string | undefined)[]) =>
    ({ faces: colors.map((color, i) => ({ tag: i + 1, color, measure: 1 })) }) as Geometry;
  expect(sameColor(part(["#ff0000", undefined, "#ff0000"]), [1])).toEqual([1, 3]);
  expect(sameColor(part(["#ff0000", "#ff0000"]), [1])).toEqual([]);
});

it("the faces of a solid are that solid, and no other faces are", () => {
  const part = {
    solids: [
      { tag: 4, faces: [1, 2] },
      { tag: 5, faces: [2, 3] },
    ],
  } as Geometry;
  expect(wholeSolid(part, [2, 1])?.tag).toBe(4);
  expect(wholeSolid(part, [1])).toBeUndefined();
  expect(wholeSolid(part, [1, 3])).toBeUndefined();
  expect(wholeSolid(part, [])).toBeUndefined();
});
