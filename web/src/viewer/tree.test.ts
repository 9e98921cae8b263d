import { readFileSync } from "node:fs";
import { Ray, Vector3 } from "three";
import { expect, it } from "vitest";
import { packCorners } from "./corners";
import { readSurface, type Surface } from "./surfaceFile";
import { growTree, meetAll } from "./tree";

/** sheets is a wavy sheet of triangles above another one, row by row. */
function sheets(n: number): Pick<Surface, "positions" | "corners"> {
  const positions: number[] = [];
  const corners: number[] = [];
  for (const height of [1000, 40_000])
    for (let y = 0; y <= n; y++)
      for (let x = 0; x <= n; x++) positions.push(x * 100, y * 100, height + Math.round(300 * Math.sin(x + 2 * y)));
  for (const first of [0, (n + 1) ** 2])
    for (let y = 0; y < n; y++)
      for (let x = 0; x < n; x++) {
        const a = first + y * (n + 1) + x;
        corners.push(a, a + 1, a + n + 2, a, a + n + 2, a + n + 1);
      }
  return { positions: Uint16Array.from(positions), corners: Uint32Array.from(corners) };
}

/** looked is what one finds who looks at every triangle. */
function looked({ positions, corners }: Pick<Surface, "positions" | "corners">, ray: Ray): number[] {
  const at = (c: number) => new Vector3().fromArray(positions, 3 * corners[c]);
  const out: { t: number; away: number }[] = [];
  for (let t = 0; t < corners.length / 3; t++) {
    const point = ray.intersectTriangle(at(3 * t), at(3 * t + 1), at(3 * t + 2), false, new Vector3());
    if (point) out.push({ t, away: point.distanceTo(ray.origin) });
  }
  return out.sort((a, b) => a.away - b.away).map(({ t }) => t);
}

const found = (s: Pick<Surface, "positions" | "corners">, ray: Ray) =>
  meetAll(growTree(s), { positions: s.positions, corners: packCorners(s.corners) }, ray).map(({ triangle }) => triangle);

const towards = (from: Vector3, to: Vector3) => new Ray(from, to.clone().sub(from).normalize());

it("finds what one finds who looks at every triangle, the nearest first", () => {
  const s = sheets(60);
  for (let i = 0; i < 40; i++) {
    const ray = towards(new Vector3(i * 311, -9000, 65_000), new Vector3(150 * i + 7, 83 * i + 11, 1000));
    expect(found(s, ray)).toEqual(looked(s, ray));
  }
  const down = towards(new Vector3(2531, 1317, 60_000), new Vector3(2531, 1317, 0));
  expect(found(s, down), "along an axis").toEqual(looked(s, down));
  expect(found(s, down)).toHaveLength(2);
});

it("finds what lies flat, and nothing behind or beside", () => {
  const flat = {
    positions: Uint16Array.from([0, 0, 9, 100, 0, 9, 0, 100, 9]),
    corners: Uint32Array.from([0, 1, 2]),
  };
  expect(found(flat, towards(new Vector3(20, 20, 100), new Vector3(20, 20, 0)))).toEqual([0]);
  expect(found(flat, towards(new Vector3(20, 20, 100), new Vector3(20, 20, 200)))).toEqual([]);
  expect(found(flat, towards(new Vector3(90, 90, 100), new Vector3(90, 90, 0)))).toEqual([]);
  expect(
    found({ positions: new Uint16Array(), corners: new Uint32Array() }, towards(new Vector3(), new Vector3(1, 0, 0))),
  ).toEqual([]);
});

it("of a real part is small", async () => {
  const b = readFileSync(new URL("./testdata/surface.glb", `file://${__dirname}/`));
  const s = await readSurface(b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength) as ArrayBuffer);
  const ray = towards(new Vector3(-5, 30_001, 70_000), new Vector3(32_003, 9_000, 1000));
  expect(found(s, ray)).toEqual(looked(s, ray));
  expect(found(s, ray).length).toBeGreaterThan(0);
  const { leaves, boxes } = growTree(s);
  expect((leaves.byteLength + boxes.byteLength) / (s.corners.length / 3)).toBeLessThan(0.7);
});
