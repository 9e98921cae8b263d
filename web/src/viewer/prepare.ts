/** What is computed from a surface before it is drawn. It takes long on a million triangles: it runs in a worker. */
import { type Border, bordersOf, smoothPairs } from "./borders";
import { surfaceSizes } from "./sizes";
import type { Surface } from "./surfaceFile";
import type { Triangles } from "./triangleLayer";

export interface Prepared {
  surface: Surface;
  triangles: Triangles;
  /** Where faces of the model meet or end, a line for each of both faces: x y z, as positions of the surface, and the face at both ends. */
  outlines: Uint16Array;
  /** Triangle that each such line is an edge of. */
  outlineOf: Uint32Array;
  /** The box around each face, as positions of the surface: its least x y z, then its greatest. */
  boxes: Uint16Array;
  /** Pairs of faces that go over into each other without an edge: two indices a pair. */
  smooth: Uint16Array;
}

/** prepare makes what a TriangleLayer draws, the outlines of the faces, and the sizes of elements as one more measure. */
export function prepare(surface: Surface): Prepared {
  const faceOf = new Uint16Array(surface.corners.length / 3);
  surface.faces.forEach((f, i) => {
    faceOf.fill(i, f.first, f.first + f.count);
  });
  if (surface.elements) surface.measures.push(surfaceSizes(surface));
  const borders = bordersOf(surface);
  return {
    surface,
    triangles: { corners: unshare(surface), faceOf },
    outlines: outlines(surface, borders),
    outlineOf: Uint32Array.from(borders, (b) => b.triangle),
    boxes: boxes(surface),
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
    p.boxes,
    p.smooth,
    ...p.surface.measures.map((m) => m.values),
  ];
  return [...new Set(arrays.filter((a) => a !== undefined).map((a) => a.buffer as ArrayBuffer))];
}

const ALL_EDGES = 7;

/** unshare returns the corners that a TriangleLayer draws. */
export function unshare(s: Surface): Uint16Array {
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

function outlines(s: Surface, borders: Border[]): Uint16Array {
  const out = new Uint16Array(borders.length * 8);
  borders.forEach(({ a, b, face }, i) => {
    out.set(s.positions.subarray(3 * a, 3 * a + 3), 8 * i);
    out.set(s.positions.subarray(3 * b, 3 * b + 3), 8 * i + 4);
    out[8 * i + 3] = face;
    out[8 * i + 7] = face;
  });
  return out;
}

function boxes(s: Surface): Uint16Array {
  const out = new Uint16Array(s.faces.length * 6);
  s.faces.forEach((f, i) => {
    out.fill(65535, 6 * i, 6 * i + 3);
    for (let c = 3 * f.first; c < 3 * (f.first + f.count); c++) {
      const at = 3 * s.corners[c];
      for (let k = 0; k < 3; k++) {
        const x = s.positions[at + k];
        if (x < out[6 * i + k]) out[6 * i + k] = x;
        if (x > out[6 * i + 3 + k]) out[6 * i + 3 + k] = x;
      }
    }
  });
  return out;
}
