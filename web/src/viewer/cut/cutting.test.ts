import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FaceTable } from "../faceTable";
import { readSurface } from "../surfaceFile";
import { TriangleLayer } from "../triangleLayer";
import { Cutting } from "./cutting";
import { cubeOf } from "./samples";
import { connect, NONE } from "./topology";
import { readVolume, type Volume } from "./volumeFile";

const VOLUME = 24599.07; // mm³, as the engine reported

/** Files that an engine wrote: examples/filleted-bracket.step, coarse. */
function sample(name: string): ArrayBuffer {
  const b = readFileSync(new URL(`./testdata/${name}.glb`, `file://${__dirname}/`));
  return b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength) as ArrayBuffer;
}

/** volumeOf returns the volume of each tetrahedron. */
function volumeOf(v: Volume): number[] {
  const out: number[] = [];
  const { corners } = v.blocks[0];
  const at = (c: number) => [0, 1, 2].map((k) => v.positions[3 * corners[c] + k] * v.quantum);
  for (let c = 0; c < corners.length; c += 4) {
    const [o, ...rest] = [0, 1, 2, 3].map((k) => at(c + k));
    const [a, b, d] = rest.map((p) => p.map((x, k) => x - o[k]));
    out.push(
      (a[0] * (b[1] * d[2] - b[2] * d[1]) + a[1] * (b[2] * d[0] - b[0] * d[2]) + a[2] * (b[0] * d[1] - b[1] * d[0])) / 6,
    );
  }
  return out;
}

describe("a volume file", () => {
  it("holds every element, the right way round, and they fill the part", async () => {
    const v = await readVolume(sample("volume"));
    expect(v.blocks.map((b) => b.shape)).toEqual(["tetrahedron"]);
    expect(v.parts).toEqual([{ solid: 1, shape: "tetrahedron", first: 0, count: v.count }]);
    expect(new Set(v.elements).size).toBe(v.count);
    const volumes = volumeOf(v);
    expect(Math.min(...volumes)).toBeGreaterThan(0);
    expect(volumes.reduce((a, b) => a + b, 0) / VOLUME).toBeCloseTo(1, 3);
    expect(v.measures.map((m) => m.name)).toEqual(["gamma", "sicn", "jacobian", "skewness", "min_dihedral"]);
    for (const m of v.measures) expect(m.values).toHaveLength(v.count);
  });

  it("lies where its surface does, and each triangle of that has an element behind it", async () => {
    const v = await readVolume(sample("volume"));
    const s = await readSurface(sample("surface"));
    expect([v.quantum, ...v.origin]).toEqual([s.quantum, ...s.origin]);
    v.surface?.forEach((node, i) => {
      expect(v.positions.subarray(3 * node, 3 * node + 3)).toEqual(s.positions.subarray(3 * i, 3 * i + 3));
    });
    const { neighbours, behind } = connect(v, s);
    expect(neighbours.filter((n) => n === NONE)).toHaveLength(s.corners.length / 3);
    for (let t = 0; t < behind.length; t += 2) expect([behind[t] === NONE, behind[t + 1]]).toEqual([false, NONE]);
    // the measures of a triangle are those of the element behind it
    v.measures.forEach((m, i) => {
      expect(s.measures[i].values).toEqual(Uint8Array.from(s.measures[i].values, (_, t) => m.values[behind[2 * t]]));
    });
  });

  it("that is a surface says so", async () => {
    await expect(readVolume(sample("surface"))).rejects.toThrow("a surface, not a volume");
  });
});

describe("a volume that is cut", () => {
  it("says of each triangle which element it is of, in which solid, and what that is worth", () => {
    const volume = cubeOf("tetrahedron", 4);
    volume.parts = [
      { solid: 7, name: "left", shape: "tetrahedron", first: 0, count: 200 },
      { solid: 9, shape: "tetrahedron", first: 200, count: volume.count - 200 },
    ];
    const cutting = new Cutting(volume);
    expect(cutting.facts.solids).toEqual([{ tag: 7, name: "left" }, { tag: 9 }]);
    for (const manner of ["section", "crinkle"] as const) {
      const cut = cutting.cut({ direction: [0, 1, 0], depth: 31_000, manner, hidden: [] });
      expect(cut.elements.length).toBeGreaterThan(30);
      cut.elements.forEach((number, i) => {
        expect(cut.solids[i]).toBe(number <= 200 ? 0 : 1);
        expect(cut.values[0][i]).toBe((number - 1) % 256);
      });
    }
  });

  it("shows nothing of a solid that is hidden, nor where another touched it", () => {
    const volume = cubeOf("hexahedron", 2);
    volume.parts = [
      { solid: 1, shape: "hexahedron", first: 0, count: 4 }, // the lower half
      { solid: 2, shape: "hexahedron", first: 4, count: 4 },
    ];
    const cut = (manner: "section" | "crinkle", hidden: number[], direction: [number, number, number]) =>
      new Cutting(volume).cut({ direction, depth: manner === "section" ? 20_000 : 30_000, manner, hidden });
    expect(cut("section", [], [1, 0, 0]).elements).toHaveLength(8);
    expect([...new Set(cut("section", [2], [1, 0, 0]).solids)]).toEqual([0]);
    expect(cut("crinkle", [], [0, 0, 1]).elements, "where the halves meet").toHaveLength(8);
    expect(cut("crinkle", [2], [0, 0, 1]).elements, "that is the surface of what is left").toHaveLength(0);
    expect(cut("crinkle", [1], [0, 0, 1]).elements).toHaveLength(0);
  });

  it("tells how deep the surface lies once for each direction", async () => {
    const cutting = new Cutting(await readVolume(sample("volume")), await readSurface(sample("surface")));
    const cut = (x: number, depth: number, manner: "section" | "crinkle" = "crinkle") =>
      cutting.cut({ direction: [x, 0, 0], depth, manner, hidden: [] }).surface;
    expect(cut(1, 20_000, "section")).toBeUndefined();
    expect(cut(1, 20_000)).toBeDefined();
    expect(cut(1, 30_000)).toBeUndefined();
    expect(cut(-1, -30_000)).toBeDefined();
    expect(cut(1, 20_000)).toBeDefined();
  });
});

describe("what is drawn of a cut", () => {
  it("is let go of whole", () => {
    const { corners, solids } = new Cutting(cubeOf("tetrahedron", 3)).cut({
      direction: [1, 0, 0],
      depth: 9_000,
      manner: "section",
      hidden: [],
    });
    const table = new FaceTable(1);
    const layer = new TriangleLayer({ corners, faceOf: solids }, table);
    let held = 0;
    const watch = (o: { addEventListener(name: "dispose", f: () => void): void }) => {
      held++;
      o.addEventListener("dispose", () => held--);
    };
    watch(layer.object.geometry);
    watch(layer.object.material);
    const textures = () => Object.values(layer.object.material.uniforms).flatMap((u) => (u.value?.isTexture ? [u.value] : []));
    expect(textures()).toHaveLength(6);
    for (const t of textures()) watch(t);
    layer.depths(new Float32Array(layer.count));
    expect(held, "the depths before are let go of").toBe(7);
    watch(layer.object.material.uniforms.depths.value);
    layer.dispose();
    table.dispose();
    expect(held).toBe(0);
  });
});
