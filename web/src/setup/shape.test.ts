import { expect, it } from "vitest";
import { misshapen } from "./shape";

it("a spec may hold anything, in its place", () => {
  expect(misshapen({})).toBeUndefined();
  expect(misshapen({ unheard: 1, size: { max: "two" }, groups: [{ name: "a", entities: [1] }] })).toBeUndefined();
  expect(misshapen({ refine: [{ box: [[0, null, 1]], size: 1 }] })).toBeUndefined();
});

it("what the panel could not show is told with its place", () => {
  expect(misshapen([])).toBe("a spec is an object: { … }");
  expect(misshapen({ layers: 5 })).toBe("layers is a list");
  expect(misshapen({ layers: [{ groups: "wall" }] })).toBe("layers[0].groups is a list");
  expect(misshapen({ groups: [null] })).toBe("groups[0] is an object: { … }");
  expect(misshapen({ refine: [{ near: { faces: ["1"] } }] })).toBe("refine[0].near.faces[0] is a number");
});
