import { describe, expect, it } from "vitest";
import { countIn, heights, shareOf, spanning, valuesOf } from "./histogram";

const h = { edges: [0.2, 0.3, 0.4, 0.5], counts: [4, 0, 16] };
const scale = { low: 0, high: 1 };

describe("a histogram", () => {
  it("counts what lies in a range of bins", () => {
    expect(countIn(h, [0, 1])).toBe(4);
    expect(countIn(h, [0, 3])).toBe(20);
    expect(countIn(h, [1, 2])).toBe(0);
  });

  it("has a range of values for bins, and neighbours share none", () => {
    expect(valuesOf(h, [1, 2], scale)).toEqual([77, 101]);
    expect(valuesOf(h, [2, 3], scale)[0]).toBe(102);
    expect(valuesOf(h, [0, 1], scale), "all that is less, too").toEqual([0, 76]);
    expect(valuesOf(h, [2, 3], scale), "all that is more, too").toEqual([102, 255]);
  });

  it("keeps to the scale where bins lie beyond it", () => {
    const wide = { edges: [-1, -0.5, 0, 0.5, 1], counts: [1, 1, 1, 1] };
    expect(valuesOf(wide, [0, 1], scale)).toEqual([0, 0]);
    expect(shareOf(wide, 0, scale)).toBe(0);
    expect(shareOf(wide, 3, scale)).toBe(0.75);
  });

  it("draws a few so that they are seen", () => {
    expect(heights(h)).toEqual([0.5, 0, 1]);
    expect(heights({ edges: [0, 1], counts: [0] })).toEqual([0]);
  });

  it("is brushed either way", () => {
    expect(spanning(5, 2)).toEqual([2, 6]);
    expect(spanning(3, 3)).toEqual([3, 4]);
  });
});
