import { expect, it } from "vitest";
import { poorOf } from "./poor";

const edges = Array.from({ length: 41 }, (_, i) => -1 + i * 0.05); // as reports hold them, with their rounding
const histogram = (at: Record<number, number>) => ({ edges, counts: edges.slice(1).map((_, i) => at[i] ?? 0) });

it("counts the elements below 0.2, and says when the worst is hardly there", () => {
  expect(poorOf({ min: 0.13, histogram: histogram({ 22: 3, 23: 4, 24: 5, 39: 900 }) })).toEqual({
    count: 7,
    worst: 0.13,
    flat: false,
    bins: [0, 24],
  });
  expect(poorOf({ min: 0.01, histogram: histogram({ 20: 1 }) })?.flat).toBe(true);
});

it("says nothing where all are well", () => {
  expect(poorOf({ min: 0.2, histogram: histogram({ 24: 5 }) })).toBeUndefined();
  expect(poorOf(undefined)).toBeUndefined();
});
