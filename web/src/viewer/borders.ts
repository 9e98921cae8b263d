/** Where the faces of a model end, and which of them go over into each other without an edge. */
import type { Surface } from "./surfaceFile";

/** An edge of a triangle that no other triangle of its face has. */
export interface Border {
  a: number;
  b: number;
  triangle: number;
  face: number;
}

/**
 * bordersOf returns the borders of all faces. An edge waits at its lower vertex until a second triangle of the face has it; what
 * still waits when the face is through is its border.
 */
export function bordersOf(s: Surface): Border[] {
  const out: Border[] = [];
  const { corners } = s;
  const heads = new Int32Array(s.positions.length / 3).fill(NONE); // the first edge that waits at a vertex: its number is its corner
  // By the corners of the present face: there is room for the largest.
  const most = 3 * s.faces.reduce((n, f) => Math.max(n, f.count), 0);
  const next = new Int32Array(most);
  const matched = new Uint8Array(most); // more than one triangle of the face has it
  s.faces.forEach((f, face) => {
    const from = 3 * f.first;
    const end = from + 3 * f.count;
    for (let i = from; i < end; i++) {
      const a = corners[i];
      const b = corners[following(i)];
      const low = Math.min(a, b);
      let other = heads[low];
      while (other !== NONE && corners[other] + corners[following(other)] !== a + b) other = next[other - from];
      if (other !== NONE) {
        matched[other - from] = 1;
        continue;
      }
      next[i - from] = heads[low];
      heads[low] = i;
      matched[i - from] = 0;
    }
    // In the order in which they came; and the vertices are free for the next face.
    for (let i = from; i < end; i++) {
      const a = corners[i];
      const b = corners[following(i)];
      let at = heads[Math.min(a, b)];
      while (at !== NONE && at !== i) at = next[at - from];
      if (at === i && !matched[i - from]) out.push({ a, b, triangle: Math.floor(i / 3), face });
    }
    for (let i = from; i < end; i++) heads[corners[i]] = NONE;
  });
  return out;
}

const NONE = -1;

/** following is the corner after a corner, around its triangle. */
function following(corner: number): number {
  return corner % 3 === 2 ? corner - 2 : corner + 1;
}

// Degrees. A fillet of two elements turns by 45 degrees from one to the next, and by half of that to what it goes over into.
const SMOOTH = 25;
const FLAT = 2; // planes with less between their normals are one
const SAMPLES = 64; // triangles of a face that tell whether it is flat

/**
 * smoothPairs returns pairs of faces that go on from each other all along their common border: at less than 25 degrees where
 * one of them is curved, hardly at an angle where both are flat. Faces point to either side, so normals alone do not tell.
 */
export function smoothPairs(s: Surface, borders: Border[]): Uint16Array {
  // Vertices of faces may lie in one place without being shared.
  const places = new Map<number, number>();
  const place = (v: number) => {
    const key = (s.positions[3 * v] * 65536 + s.positions[3 * v + 1]) * 65536 + s.positions[3 * v + 2];
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, v);
    return v;
  };
  const vertices = s.positions.length / 3;
  const meeting = new Map<number, Border[]>();
  for (const border of borders) {
    const [a, b] = [place(border.a), place(border.b)];
    const key = a < b ? a * vertices + b : b * vertices + a;
    const there = meeting.get(key);
    if (there) there.push(border);
    else meeting.set(key, [border]);
  }
  const flatness: boolean[] = [];
  const flat = (face: number) => {
    flatness[face] ??= isFlat(s, face);
    return flatness[face];
  };
  // Long borders of a coarse mesh are uneven: what counts is how much they turn on the whole.
  const pairs = new Map<number, { turned: number; edges: number }>();
  for (const [one, other, more] of meeting.values()) {
    if (!other || one.face === other.face) continue;
    const key = Math.min(one.face, other.face) * 65536 + Math.max(one.face, other.face);
    const pair = pairs.get(key) ?? { turned: 0, edges: 0 };
    pair.turned += more ? 180 : degrees(-dot(inwards(s, one), inwards(s, other)));
    pair.edges++;
    pairs.set(key, pair);
  }
  const out: number[] = [];
  for (const [key, { turned, edges }] of pairs) {
    const [one, other] = [Math.floor(key / 65536), key % 65536];
    if (turned / edges <= (flat(one) && flat(other) ? FLAT : SMOOTH)) out.push(one, other);
  }
  return Uint16Array.from(out);
}

/** inwards is the direction in the plane of a triangle from its border, square to that. */
function inwards(s: Surface, { a, b, triangle }: Border): number[] {
  const at = (v: number) => [0, 1, 2].map((k) => s.positions[3 * v + k]);
  const third = [0, 1, 2].map((k) => s.corners[3 * triangle + k]).find((v) => v !== a && v !== b) as number;
  const from = at(a);
  const along = at(b).map((x, k) => x - from[k]);
  const to = at(third).map((x, k) => x - from[k]);
  const share = dot(to, along) / (dot(along, along) || 1);
  const square = to.map((x, k) => x - share * along[k]);
  const length = Math.hypot(...square) || 1;
  return square.map((x) => x / length);
}

function isFlat(s: Surface, face: number): boolean {
  const { first, count } = s.faces[face];
  const step = Math.max(1, Math.floor(count / SAMPLES));
  const one = normal(s, first);
  for (let t = first + step; t < first + count; t += step) if (degrees(Math.abs(dot(one, normal(s, t)))) > FLAT) return false;
  return true;
}

function normal(s: Surface, triangle: number): number[] {
  const [a, b, c] = [0, 1, 2].map((k) => [0, 1, 2].map((i) => s.positions[3 * s.corners[3 * triangle + k] + i]));
  const u = b.map((x, k) => x - a[k]);
  const v = c.map((x, k) => x - a[k]);
  const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  const length = Math.hypot(...n) || 1;
  return n.map((x) => x / length);
}

const degrees = (cosine: number): number => (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
const dot = (a: number[], b: number[]): number => a.reduce((sum, x, k) => sum + x * b[k], 0);

/** spread returns what is reached over pairs from where one begins. */
export function spread(from: number[], pairs: Uint16Array): number[] {
  const next = new Map<number, number[]>();
  const link = (a: number, b: number) => next.set(a, [...(next.get(a) ?? []), b]);
  for (let i = 0; i < pairs.length; i += 2) {
    link(pairs[i], pairs[i + 1]);
    link(pairs[i + 1], pairs[i]);
  }
  const reached = new Set(from);
  for (const at of reached) for (const to of next.get(at) ?? []) reached.add(to);
  return [...reached];
}
