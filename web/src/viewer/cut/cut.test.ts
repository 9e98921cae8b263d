import { describe, expect, it } from "vitest";
import { crinkle, triangleDepths } from "./crinkle";
import { type Direction, Extents } from "./extents";
import type { Faces } from "./faces";
import { ball, cubeOf } from "./samples";
import { section } from "./section";
import { SHAPES, type ShapeName } from "./shapes";
import { connect, NONE } from "./topology";
import { blockOf, type Volume } from "./volumeFile";

const SIDE = 60_000;
const X: Direction = [1, 0, 0];
const OBLIQUE: Direction = [0.48, -0.6, 0.64];

function area(f: Faces): number {
  let sum = 0;
  for (let t = 0; t < f.elements.length; t++) {
    const at = (c: number) => Array.from(f.corners.subarray(12 * t + 4 * c, 12 * t + 4 * c + 3));
    const [a, b, c] = [at(0), at(1), at(2)];
    const u = b.map((x, k) => x - a[k]);
    const v = c.map((x, k) => x - a[k]);
    sum += Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]) / 2;
  }
  return sum;
}

/** rim returns how long the edges are that are drawn of one triangle only: the outline of a section. */
function rim(f: Faces): number {
  const seen = new Map<string, { length: number; times: number }>();
  for (let t = 0; t < f.elements.length; t++) {
    for (let k = 0; k < 3; k++) {
      if (!(f.corners[12 * t + 3] & (1 << k))) continue;
      const at = (c: number) => Array.from(f.corners.subarray(12 * t + 4 * (c % 3), 12 * t + 4 * (c % 3) + 3));
      const ends = [at(k + 1), at(k + 2)];
      const key = ends
        .map((p) => p.map((x) => x.toFixed(1)).join())
        .sort()
        .join("/");
      const edge = seen.get(key) ?? { length: Math.hypot(...ends[0].map((x, i) => x - ends[1][i])), times: 0 };
      edge.times++;
      seen.set(key, edge);
    }
  }
  let sum = 0;
  for (const e of seen.values()) if (e.times === 1) sum += e.length;
  return sum;
}

const SHAPED: ShapeName[] = ["tetrahedron", "hexahedron", "prism"];

describe("the capped section", () => {
  it.each(SHAPED)("of a cube of %ss is the square, wherever the plane is", (shape) => {
    const cube = cubeOf(shape, 5);
    const extents = new Extents(cube, X);
    for (const depth of [0, 1, 7_000, 12_000, 29_999.5, 48_000, 59_999]) {
      expect(area(section(cube, extents, depth)) / SIDE ** 2, `at ${depth}`).toBeCloseTo(1, 6);
    }
    expect(section(cube, extents, SIDE).elements).toHaveLength(0);
    expect(section(cube, extents, -1).elements).toHaveLength(0);
  });

  it.each(SHAPED)("of a cube of %ss across a corner is the triangle", (shape) => {
    const cube = cubeOf(shape, 4);
    const n = 1 / Math.sqrt(3);
    const depth = 0.4 * SIDE * n; // x + y + z = 0.4 sides
    const cut = section(cube, new Extents(cube, [n, n, n]), depth);
    expect(area(cut) / SIDE ** 2).toBeCloseTo((Math.sqrt(3) / 4) * 2 * 0.4 ** 2, 5);
  });

  it("of a ball is the disc", () => {
    const volume = cubeOf("tetrahedron", 24, ball);
    for (const [direction, middle] of [
      [X, 0.5],
      [OBLIQUE, 0.5 * (OBLIQUE[0] + OBLIQUE[1] + OBLIQUE[2])],
    ] as const) {
      for (const beside of [0, 0.2, -0.37]) {
        const cut = section(volume, new Extents(volume, direction), (middle + beside) * SIDE);
        const radius = Math.sqrt(0.25 - beside ** 2);
        // A polyhedron within the ball: a little less.
        expect(area(cut) / SIDE ** 2 / (Math.PI * radius ** 2)).toBeGreaterThan(0.985);
        expect(area(cut) / SIDE ** 2 / (Math.PI * radius ** 2)).toBeLessThanOrEqual(1.0001);
      }
    }
  });

  it("has no gaps: the edges of polygons meet, and what is left is the outline", () => {
    const cube = cubeOf("tetrahedron", 6);
    const cut = section(cube, new Extents(cube, X), 0.43 * SIDE);
    expect(rim(cut) / SIDE).toBeCloseTo(4, 4);
  });
});

/** removed tells by looking at every element. */
function removed(volume: Volume, extents: Extents, depth: number): Uint8Array {
  return Uint8Array.from({ length: volume.count }, (_, e) => (extents.middles[e] > depth ? 1 : 0));
}

/** boundary returns the faces of the kept elements whose other side is `beyond`: removed, or outside of all. */
function boundary(volume: Volume, gone: Uint8Array, beyond: "removed" | "outside"): string[] {
  const sides = new Map<string, number[]>();
  for (let e = 0; e < volume.count; e++) {
    const b = blockOf(volume, e);
    const s = SHAPES[b.shape];
    for (const face of s.faces) {
      const key = face
        .map((k) => b.corners[(e - b.first) * s.corners + k])
        .sort((x, y) => x - y)
        .join();
      sides.set(key, [...(sides.get(key) ?? []), e]);
    }
  }
  const out: string[] = [];
  for (const [key, [a, b]] of sides) {
    if (b === undefined ? beyond === "outside" && !gone[a] : beyond === "removed" && gone[a] !== gone[b]) out.push(key);
  }
  return out.sort();
}

/** facesOf returns the faces of a cut by their nodes, putting the triangles of quadrangles together. */
function facesOf(volume: Volume, cut: Faces): string[] {
  const node = new Map<string, number>();
  for (let i = 0; i < volume.positions.length / 3; i++) node.set(volume.positions.subarray(3 * i, 3 * i + 3).join(), i);
  const out: string[] = [];
  for (let t = 0; t < cut.elements.length; t++) {
    const nodes = new Set<number>();
    const take = (t: number) => {
      for (let c = 0; c < 3; c++)
        nodes.add(node.get(cut.corners.subarray(12 * t + 4 * c, 12 * t + 4 * c + 3).join()) as number);
    };
    take(t);
    if (cut.corners[12 * t + 3] !== 7) take(++t);
    out.push([...nodes].sort((a, b) => a - b).join());
  }
  return out.sort();
}

describe("the crinkle cut", () => {
  it.each(SHAPED)("of %ss shows the faces between what stays and what is left out, each once", (shape) => {
    const volume = cubeOf(shape, 5);
    const topology = connect(volume);
    for (const direction of [X, OBLIQUE]) {
      const extents = new Extents(volume, direction);
      for (const depth of [-40_000, 0, 12_000, 13_000, 31_000, 47_000, 90_000]) {
        const gone = removed(volume, extents, depth);
        const cut = crinkle(volume, topology, extents, depth);
        expect(facesOf(volume, cut)).toEqual(boundary(volume, gone, "removed"));
        for (const e of cut.elements) expect(gone[e]).toBe(0);
      }
    }
  });

  it("is watertight together with the outside of what stays", () => {
    const volume = cubeOf("tetrahedron", 6, ball);
    const extents = new Extents(volume, OBLIQUE);
    const depth = 0.31 * SIDE;
    const gone = removed(volume, extents, depth);
    const cut = facesOf(volume, crinkle(volume, connect(volume), extents, depth));
    expect(cut.length).toBeGreaterThan(50);
    const edges = new Map<string, number>();
    for (const face of [...cut, ...boundary(volume, gone, "outside")]) {
      const nodes = face.split(",");
      for (let k = 0; k < 3; k++) {
        const key = [nodes[k], nodes[(k + 1) % 3]].sort().join();
        edges.set(key, (edges.get(key) ?? 0) + 1);
      }
    }
    for (const [edge, times] of edges) expect(times % 2, `edge ${edge}`).toBe(0);
  });

  it("asks elements of very different size, and misses none", () => {
    const volume = cubeOf("tetrahedron", 8, (x, y, z) => [x ** 5, y ** 3, z ** 4]);
    const topology = connect(volume);
    const extents = new Extents(volume, X);
    for (const depth of [0, 2, 100, 9_000, 40_000]) {
      expect(crinkle(volume, topology, extents, depth).elements.length).toBe(
        boundary(volume, removed(volume, extents, depth), "removed").length,
      );
    }
  });
});

describe("the topology", () => {
  it("joins elements over every inner face", () => {
    const { neighbours } = connect(cubeOf("hexahedron", 3));
    expect(neighbours.filter((n) => n === NONE)).toHaveLength(6 * 9);
  });

  it("finds the elements behind a surface, also between two solids and under quadrangles", () => {
    const volume = cubeOf("hexahedron", 2);
    volume.surface = Uint32Array.from({ length: 27 }, (_, i) => i);
    // the square x = 1, y 0-1, z 0-1 in the middle of the cube, and one at x = 0
    const inside = [1, 4, 13, 1, 13, 10];
    const outside = [0, 3, 12, 0, 12, 9];
    const corners = new Uint32Array([...inside, ...outside]);
    const topology = connect(volume, { corners, elements: new Uint32Array([5, 5, 6, 6]) });
    const of = (t: number) => Array.from(topology.behind.subarray(2 * t, 2 * t + 2)).sort((a, b) => a - b);
    expect([0, 1, 2, 3].map(of)).toEqual([
      [0, 1],
      [0, 1],
      [NONE, 0],
      [NONE, 0],
    ]);
    const depths = (tag: (element: number) => number) =>
      Array.from(triangleDepths(topology, new Extents(volume, X), tag).subarray(2, 6));
    expect(
      depths((e) => e),
      "the element of the lower solid first",
    ).toEqual([15_000, 45_000, 15_000, 15_000]);
    expect(depths((e) => -e)).toEqual([45_000, 15_000, 15_000, 15_000]);
  });
});
