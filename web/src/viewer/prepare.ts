/**
 * What is computed from a surface: before it is drawn, and what else is asked of it. It takes long on a million triangles: it runs in a
 * worker.
 */
import { type Border, bordersOf, smoothPairs } from "./borders";
import { type Corners, packCorners, vertexOf } from "./corners";
import { type Numbers, packNumbers } from "./numbers";
import { type ElementType, typesOf } from "./palette";
import { surfaceSizes } from "./sizes";
import type { Measure, Surface } from "./surfaceFile";
import { bytesWithRoom, room } from "./texels";
import { growTree, type Tree } from "./tree";

/** A surface as it is kept. */
export type Kept = Omit<Surface, "corners" | "elements"> & { corners: Corners; elements?: Numbers };

/** What a picture takes. */
export interface Shaped {
  surface: Kept;
  /** What the card alone needs, until that has it. */
  card: ForCard | null;
  /** The box around each face, as positions of the surface: its least x y z, then its greatest. */
  boxes: Uint16Array;
}

/** What else there is to know of a surface. */
export interface Facts {
  elements?: Numbers;
  measures: Measure[];
  /** The edges to draw of each triangle (bit k: the edge opposite to corner k); absent where that is all of them. */
  edges?: Uint8Array;
  types: ElementType[];
  /** Where faces of the model meet or end, a line for each of both faces: x y z, as positions of the surface, and the face at both ends. */
  outlines: Uint16Array;
  /** Triangle that each such line is an edge of. */
  outlineOf: Uint32Array;
  /** Pairs of faces that go over into each other without an edge: two indices a pair. */
  smooth: Uint16Array;
  /** What it is picked by. */
  tree: Tree;
}

export interface Prepared extends Shaped, Omit<Facts, "elements" | "measures"> {
  /** The facts are there; until they are, they are empty. */
  known: boolean;
  /** It is that of a mesh whose solids are being filled: its triangles are elements that have no numbers yet. */
  faces?: boolean;
}

/** Whole rows of texels: four numbers a vertex, x y z and nothing; and the index of the face of each triangle. */
export interface ForCard {
  positions: Uint16Array;
  faceOf: Uint8Array | Uint16Array;
}

/** prepare makes what a TriangleLayer draws, the outlines of the faces, and the sizes of elements as one more measure. */
export function prepare(surface: Surface): Prepared {
  return complete(begun(shape(surface)), facts(surface));
}

/** shape makes what a picture takes, from what a file says before its elements and measures are read. */
export function shape(surface: Surface): Shaped {
  const { elements: _, ...more } = surface; // they are among the facts
  const kept = { ...more, corners: packCorners(surface.corners) };
  return { surface: kept, card: forCard(kept), boxes: boxes(surface) };
}

/** facts finds out the rest. */
export function facts(surface: Surface): Facts {
  const borders = bordersOf(surface);
  const { elements, measures } = surface;
  return {
    elements: elements && packNumbers(elements),
    measures: elements ? [...measures, surfaceSizes(surface)] : measures,
    edges: edgesOf(surface),
    types: typesOf(surface),
    outlines: outlines(surface, borders),
    outlineOf: Uint32Array.from(borders, (b) => b.triangle),
    smooth: smoothPairs(surface, borders),
    tree: growTree(surface),
  };
}

/** begun is a surface that can be drawn, and of which nothing is known yet. */
export function begun(shaped: Shaped): Prepared {
  return {
    ...shaped,
    known: false,
    types: [],
    outlines: new Uint16Array(),
    outlineOf: new Uint32Array(),
    smooth: new Uint16Array(),
    tree: { leaves: new Uint32Array(), boxes: new Uint16Array() },
  };
}

/** complete adds the facts to a surface that was begun: it stays the same object. */
export function complete(p: Prepared, { elements, measures, ...more }: Facts): Prepared {
  Object.assign(p.surface, { elements, measures });
  return Object.assign(p, more, { known: true });
}

/** forCard returns what a card needs that the page does not. */
export function forCard({ positions, corners, faces }: Kept): ForCard {
  const out = new Uint16Array(4 * room(positions.length / 3));
  for (let from = 0, to = 0; from < positions.length; from += 3, to += 4) {
    out[to] = positions[from];
    out[to + 1] = positions[from + 1];
    out[to + 2] = positions[from + 2];
  }
  const faceOf = new (faces.length <= 256 ? Uint8Array : Uint16Array)(room(corners.length / 3));
  faces.forEach((f, i) => {
    faceOf.fill(i, f.first, f.first + f.count);
  });
  return { positions: out, faceOf };
}

/** buffersIn lists what can be handed over to another thread. */
export function buffersIn(of: Partial<Shaped & Facts>): ArrayBuffer[] {
  const { surface, card, measures, tree } = of;
  const arrays: (ArrayBufferView | undefined)[] = [
    surface?.positions,
    surface?.corners.offsets,
    surface?.corners.blocks,
    surface?.corners.listed,
    card?.positions,
    card?.faceOf,
    of.boxes,
    of.elements?.blocks,
    of.elements?.offsets,
    of.elements?.whole,
    of.edges,
    of.outlines,
    of.outlineOf,
    of.smooth,
    tree?.leaves,
    tree?.boxes,
    ...(measures ?? []).map((m) => m.values),
  ];
  return [...new Set(arrays.filter((a) => a !== undefined).map((a) => a.buffer as ArrayBuffer))];
}

const ALL_EDGES = 7;

/** edgesOf returns which edges to draw. A quadrangle lies in the file as two triangles of one element: the edge between is none of the mesh. */
function edgesOf(s: Surface): Uint8Array | undefined {
  let out: Uint8Array | undefined;
  for (let t = 1; s.elements && t < s.elements.length; t++) {
    if (s.elements[t] !== s.elements[t - 1]) continue;
    out ??= bytesWithRoom(s.elements.length).fill(ALL_EDGES);
    hideCommonEdge(s, out, t - 1, t);
  }
  return out;
}

/** unshare returns triangles by themselves, as a TriangleLayer draws those of other places. */
export function unshare({ surface: s, edges }: Prepared, triangles: readonly number[]): Uint16Array {
  const out = new Uint16Array(12 * triangles.length);
  triangles.forEach((t, i) => {
    for (let k = 0; k < 3; k++) {
      const from = 3 * vertexOf(s.corners, 3 * t + k);
      out.set(s.positions.subarray(from, from + 3), 12 * i + 4 * k);
      out[12 * i + 4 * k + 3] = edges ? edges[t] : ALL_EDGES;
    }
  });
  return out;
}

function hideCommonEdge(s: Surface, out: Uint8Array, a: number, b: number): void {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ]) {
    const others = s.corners.subarray(3 * other, 3 * other + 3);
    for (let k = 0; k < 3; k++) {
      if (others.includes(s.corners[3 * one + k])) continue;
      out[one] &= ~(1 << k);
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

/** Where a surface lies, and how large it is. */
export type Place = Pick<Surface, "quantum" | "origin">;

/** differs tells whether a part has another size or place than the one before. */
export function differs(a: Place, b: Place): boolean {
  const near = (x: number, y: number) => Math.abs(x - y) <= 0.02 * 65535 * a.quantum;
  return Math.abs(a.quantum / b.quantum - 1) > 0.02 || !a.origin.every((x, k) => near(x, b.origin[k]));
}
