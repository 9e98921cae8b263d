/** What is computed from a surface before it is drawn. It takes long on a million triangles: it runs in a worker. */
import { type Border, bordersOf, smoothPairs } from "./borders";
import type { Surface } from "./surfaceFile";
import type { Triangles } from "./triangleLayer";

export interface Prepared {
  surface: Surface;
  triangles: Triangles;
  /** Where faces of the model meet or end: six numbers a line, as positions of the surface. */
  outlines: Uint16Array;
  /** Triangle that each such line is an edge of. */
  outlineOf: Uint32Array;
  /** Middle of each face, as positions of the surface. */
  middles: Float32Array;
  /** Pairs of faces that go over into each other without an edge: two indices a pair. */
  smooth: Uint16Array;
}

/** prepare makes what a TriangleLayer draws, and the outlines of the faces. */
export function prepare(surface: Surface): Prepared {
  const faceOf = new Uint16Array(surface.corners.length / 3);
  surface.faces.forEach((f, i) => {
    faceOf.fill(i, f.first, f.first + f.count);
  });
  const borders = bordersOf(surface);
  return {
    surface,
    triangles: { corners: unshare(surface), faceOf, faceCount: surface.faces.length },
    outlines: outlines(surface, borders),
    outlineOf: Uint32Array.from(borders, (b) => b.triangle),
    middles: middles(surface),
    smooth: smoothPairs(surface, borders),
  };
}

/** buffers lists what can be handed over to another thread. */
export function buffers(p: Prepared): ArrayBuffer[] {
  const arrays: (ArrayBufferView | undefined)[] = [
    p.surface.positions,
    p.surface.corners,
    p.surface.elements,
    p.triangles.corners,
    p.triangles.faceOf,
    p.outlines,
    p.outlineOf,
    p.middles,
    p.smooth,
    ...p.surface.measures.map((m) => m.values),
  ];
  return [...new Set(arrays.filter((a) => a !== undefined).map((a) => a.buffer as ArrayBuffer))];
}

const ALL_EDGES = 7;

function unshare(s: Surface): Uint16Array {
  const out = new Uint16Array(s.corners.length * 4);
  for (let i = 0, to = 0; i < s.corners.length; i++, to += 4) {
    const from = 3 * s.corners[i];
    out[to] = s.positions[from];
    out[to + 1] = s.positions[from + 1];
    out[to + 2] = s.positions[from + 2];
    out[to + 3] = ALL_EDGES;
  }
  // A quadrangle lies in the file as two triangles of one element: the edge between them is not one of the mesh.
  if (s.elements) {
    for (let t = 1; t < s.elements.length; t++) {
      if (s.elements[t] !== s.elements[t - 1]) continue;
      hideCommonEdge(s, out, t - 1, t);
    }
  }
  return out;
}

function hideCommonEdge(s: Surface, out: Uint16Array, a: number, b: number): void {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ]) {
    const others = s.corners.subarray(3 * other, 3 * other + 3);
    for (let k = 0; k < 3; k++) {
      if (others.includes(s.corners[3 * one + k])) continue;
      for (let c = 0; c < 3; c++) out[4 * (3 * one + c) + 3] &= ~(1 << k);
    }
  }
}

/** outlines returns lines as positions of their ends. */
function outlines(s: Surface, borders: Border[]): Uint16Array {
  const out = new Uint16Array(borders.length * 6);
  borders.forEach(({ a, b }, i) => {
    out.set(s.positions.subarray(3 * a, 3 * a + 3), 6 * i);
    out.set(s.positions.subarray(3 * b, 3 * b + 3), 6 * i + 3);
  });
  return out;
}

function middles(s: Surface): Float32Array {
  const out = new Float32Array(s.faces.length * 3);
  s.faces.forEach((f, i) => {
    for (let c = 3 * f.first; c < 3 * (f.first + f.count); c++) {
      for (let k = 0; k < 3; k++) out[3 * i + k] += s.positions[3 * s.corners[c] + k] / (3 * f.count);
    }
  });
  return out;
}
