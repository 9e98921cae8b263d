import { expect, it } from "vitest";
import { nameOf, readOwn } from "./own";

it("reads a spec, and says what is wrong where it is none", () => {
  expect(readOwn({ text: '{"size": {"max": 2}, "order": 2}' })).toEqual({ spec: { size: { max: 2 }, order: 2 } });
  expect(readOwn({ text: " " })).toEqual({ spec: {} });
  expect(readOwn({ text: '{"size": 3}' })).toEqual({ problem: "size is an object: { … }" });
  expect(readOwn({ text: '{"size": ' })).toHaveProperty("problem");
});

it("is named by a number where nobody named it", () => {
  expect(nameOf({ name: " fine walls " }, 0)).toBe("fine walls");
  expect(nameOf({ name: "" }, 1)).toBe("own 2");
});
