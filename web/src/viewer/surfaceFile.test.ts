import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { vertexOf } from "./corners";
import { prepare, unshare } from "./prepare";
import { faceAt, inGeometry, readSurface, tagsOf } from "./surfaceFile";

/** A surface file that an engine wrote: examples/filleted-bracket.step, coarse. */
function sample(): ArrayBuffer {
  const b = readFileSync(new URL("./testdata/surface.glb", `file://${__dirname}/`));
  return b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength) as ArrayBuffer;
}

describe("a surface file", () => {
  it("holds the triangles of every face, in the geometry's units", async () => {
    const s = await readSurface(sample());
    expect(s.faces).toHaveLength(11);
    expect(s.faces.reduce((n, f) => n + f.count, 0)).toBe(s.corners.length / 3);
    expect(s.elements).toHaveLength(s.corners.length / 3);
    expect(s.units).toBe("mm");
    expect(Math.max(...s.corners)).toBe(s.positions.length / 3 - 1);
    const high = [0, 0, 0];
    s.positions.forEach((v, i) => {
      high[i % 3] = Math.max(high[i % 3], v * s.quantum + s.origin[i % 3]);
    });
    expect(high[0]).toBeCloseTo(60, 2);
    expect(high[1]).toBeCloseTo(40, 2);
    expect(high[2]).toBeCloseTo(50, 2);
  });

  it("has the area of the part", async () => {
    const s = await readSurface(sample());
    // Faces of CAD may point to either side; the area does not care.
    let area = 0;
    const at = (v: number) => [0, 1, 2].map((k) => s.positions[3 * v + k] * s.quantum);
    for (let t = 0; t < s.corners.length; t += 3) {
      const [a, b, c] = [at(s.corners[t]), at(s.corners[t + 1]), at(s.corners[t + 2])];
      const u = b.map((x, k) => x - a[k]);
      const v = c.map((x, k) => x - a[k]);
      area += Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]) / 2;
    }
    expect(area / 10086.7).toBeGreaterThan(0.99);
    expect(area / 10086.7).toBeLessThan(1.005);
  });

  it("holds measures between their bounds", async () => {
    const s = await readSurface(sample());
    expect(s.measures.map((m) => m.name)).toContain("gamma");
    for (const m of s.measures) {
      expect(m.values).toHaveLength(s.corners.length / 3);
      expect(Math.max(...m.values)).toBeGreaterThan(128);
    }
  });

  it("names faces as the geometry does, where solids were cut", () => {
    const range = { first: 0, count: 1 };
    const read = [{ tag: 7 }, { tag: 20, of: [3, 4] }, { tag: 21, of: [] }].map((f) => inGeometry({ ...f, ...range }));
    expect(read.map((f) => f.tag)).toEqual([7, 3, 0]);
    expect(read.map(tagsOf)).toEqual([[7], [3, 4], [0]]);
  });

  it("that is cut off, or no GLB, says so", async () => {
    await expect(readSurface(sample().slice(0, 500))).rejects.toThrow("cut off");
    await expect(readSurface(new TextEncoder().encode("<html>".repeat(20)).buffer as ArrayBuffer)).rejects.toThrow("not a GLB");
  });
});

describe("what is drawn of it", () => {
  it("is every triangle with its face and edges", async () => {
    const p = prepare(await readSurface(sample()));
    const { faces, corners, positions } = p.surface;
    expect(new Set(p.card?.faceOf.subarray(0, corners.length / 3)).size).toBe(11);
    for (const t of [0, 17, corners.length / 3 - 1]) expect(p.card?.faceOf[t]).toBe(faceAt(faces, t));
    expect([...(p.card?.positions.subarray(4, 7) ?? [])]).toEqual([...positions.subarray(3, 6)]);
    expect(p.edges, "all are drawn").toBeUndefined();
    expect([...unshare(p, [5]).subarray(4, 8)]).toEqual([
      ...positions.subarray(3 * vertexOf(corners, 16), 3 * vertexOf(corners, 16) + 3),
      7,
    ]);
  });

  it("has outlines where faces meet", async () => {
    const p = prepare(await readSurface(sample()));
    const length = (i: number) =>
      Math.hypot(...[0, 1, 2].map((k) => (p.outlines[8 * i + k] - p.outlines[8 * i + 4 + k]) * p.surface.quantum));
    let total = 0;
    for (let i = 0; i < p.outlines.length / 8; i++) total += length(i);
    expect(p.outlineOf).toHaveLength(p.outlines.length / 8);
    // Each edge of the CAD is an outline of both its faces: 27 curves, about 742 mm of them without the seams.
    expect(total).toBeGreaterThan(1000);
    expect(total).toBeLessThan(2000);
  });

  it("knows a quadrangle by its element, and does not draw the line across it", () => {
    const p = prepare({
      positions: new Uint16Array([0, 0, 0, 9, 0, 0, 9, 9, 0, 0, 9, 0]),
      corners: new Uint32Array([0, 1, 2, 0, 2, 3]),
      faces: [{ tag: 1, first: 0, count: 2 }],
      elements: new Uint32Array([5, 5]),
      measures: [],
      quantum: 1,
      origin: [0, 0, 0],
    });
    expect(p.edges?.[0]).toBe(0b101); // not the edge opposite to corner 1
    expect(p.edges?.[1]).toBe(0b011); // not the edge opposite to corner 2
    expect(unshare(p, [1])[3]).toBe(0b011);
    expect(p.outlines).toHaveLength(4 * 8);
  });
});
