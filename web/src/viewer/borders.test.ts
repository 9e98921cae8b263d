import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bordersOf, smoothPairs, spread } from "./borders";
import { readSurface, type Surface } from "./surfaceFile";

/** strip is a row of quadrangles along x, each a face of its own, at the given heights. */
function strip(heights: number[], shared = true): Surface {
  const positions: number[] = [];
  const corners: number[] = [];
  const faces = [];
  for (let i = 0; i + 1 < heights.length; i++) {
    const first = positions.length / 3;
    for (const x of [i, i + 1]) for (const y of [0, 1000]) positions.push(1000 * x, y, heights[x]);
    corners.push(first, first + 2, first + 3, first, first + 3, first + 1);
    faces.push({ tag: i + 1, first: 2 * i, count: 2 });
  }
  const s: Surface = {
    positions: new Uint16Array(positions),
    corners: new Uint32Array(corners),
    faces,
    measures: [],
    quantum: 1,
    origin: [0, 0, 0],
  };
  if (shared) for (let i = 1; i < faces.length; i++) s.corners.set(s.corners.map((v) => (v === 4 * i ? 4 * i - 2 : v)));
  return s;
}

const smooth = (s: Surface) => [...smoothPairs(s, bordersOf(s))];

describe("faces of a model", () => {
  it("go over into each other where flat ones hardly turn", () => {
    expect(smooth(strip([0, 0, 10, 1200]))).toEqual([0, 1]); // half a degree, then 49
    expect(smooth(strip([0, 0, 200]))).toEqual([]); // a draft of 11 degrees is an edge
  });

  it("do so whether they share vertices or not, and whichever way they point", () => {
    const s = strip([0, 0, 0], false);
    s.corners.set([s.corners[0], s.corners[2], s.corners[1]]);
    expect(smooth(s)).toEqual([0, 1]);
  });

  it("do not where one folds back on the other", () => {
    const s = strip([0, 0, 0], false);
    for (const v of [6, 7]) s.positions[3 * v] = 0; // the second lies on the first
    expect(smooth(s)).toEqual([]);
  });

  it("of the bracket: the fillet joins the two plates, and nothing else is joined", async () => {
    const b = readFileSync(new URL("./testdata/surface.glb", `file://${__dirname}/`));
    const s = await readSurface(b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength) as ArrayBuffer);
    const pairs = smoothPairs(s, bordersOf(s));
    expect(pairs).toHaveLength(4);
    expect(spread([pairs[0]], pairs)).toHaveLength(3);
    expect(spread([], pairs)).toEqual([]);
  });
});
