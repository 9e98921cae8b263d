/** Meshes of known shape, for tests and benches. */
import type { ShapeName } from "./shapes";
import type { Block, Volume } from "./volumeFile";

const SIX: readonly [number, number, number][] = [
  [0, 1, 2],
  [1, 2, 0],
  [2, 0, 1],
  [1, 0, 2],
  [0, 2, 1],
  [2, 1, 0],
];

/** Moves a place of the unit cube. */
export type Move = (x: number, y: number, z: number) => [number, number, number];

/** cubeOf fills a cube with n³ cubes: as hexahedra, as two prisms each, or as six tetrahedra each. */
export function cubeOf(shape: ShapeName, n: number, move: Move = (x, y, z) => [x, y, z], side = 60_000): Volume {
  const rows = n + 1;
  const positions = new Uint16Array(3 * rows ** 3);
  for (let i = 0; i < rows ** 3; i++) {
    const p = move((i % rows) / n, (Math.floor(i / rows) % rows) / n, Math.floor(i / rows / rows) / n);
    for (let k = 0; k < 3; k++) positions[3 * i + k] = Math.round(side * p[k]);
  }
  const step = [1, rows, rows * rows];
  const corners: number[] = [];
  for (let z = 0; z < n; z++) {
    for (let y = 0; y < n; y++) {
      for (let x = 0; x < n; x++) {
        const o = x + y * rows + z * rows * rows;
        const at = (...steps: number[]) => o + steps.reduce((s, k) => s + step[k], 0);
        const base = [at(), at(0), at(0, 1), at(1)];
        const top = [at(2), at(0, 2), at(0, 1, 2), at(1, 2)];
        if (shape === "hexahedron") corners.push(...base, ...top);
        else if (shape === "prism")
          corners.push(base[0], base[1], base[2], top[0], top[1], top[2], base[0], base[2], base[3], top[0], top[2], top[3]);
        else
          SIX.forEach(([a, b, c], i) => {
            // Every other way round the diagonal is turned, so that all have a positive volume.
            const tet = [at(), at(a), at(a, b), at(a, b, c)];
            corners.push(...(i < 3 ? tet : [tet[0], tet[2], tet[1], tet[3]]));
          });
      }
    }
  }
  const size = { tetrahedron: 4, hexahedron: 8, prism: 6, pyramid: 5 }[shape];
  const count = corners.length / size;
  const block: Block = { shape, first: 0, count, corners: new Uint32Array(corners) };
  return {
    positions,
    count,
    blocks: [block],
    parts: [{ solid: 1, shape, first: 0, count }],
    elements: Uint32Array.from({ length: count }, (_, i) => i + 1),
    measures: [{ name: "gamma", low: 0, high: 1, values: Uint8Array.from({ length: count }, (_, i) => i % 256) }],
    quantum: 1 / side,
    origin: [0, 0, 0],
  };
}

/** ball moves the unit cube to the ball within it: shells of the cube become shells of the ball. */
export const ball: Move = (x, y, z) => {
  const p = [2 * x - 1, 2 * y - 1, 2 * z - 1];
  const length = Math.hypot(...p);
  const scale = length === 0 ? 0 : Math.max(...p.map(Math.abs)) / length / 2;
  return [0.5 + p[0] * scale, 0.5 + p[1] * scale, 0.5 + p[2] * scale];
};
