/**
 * The tree of boxes that finds the triangles on a ray.
 *
 * Triangles that follow each other in a file lie beside each other: so many of them are a leaf, as they are. It takes half a byte a
 * triangle and some milliseconds to make, where a tree that sorts them takes nine bytes and a second. What it gives away is little:
 * one ray at a time is asked for.
 */
import { type Ray, Vector3 } from "three";
import { type Corners, vertexOf } from "./corners";
import type { Surface } from "./surfaceFile";

const LEAF = 32; // triangles
const FAN = 8; // boxes in a box

export interface Tree {
  /** The leaves, so that those beside each other come together: the leaf of a number has the triangles from LEAF times it on. */
  leaves: Uint32Array;
  /** The box around each leaf, then those around each FAN of them, and so on up to one: the least x y z, and the greatest. */
  boxes: Uint16Array;
}

/** A triangle on a ray, and where. */
export interface OnRay {
  triangle: number;
  distance: number;
  point: Vector3;
}

/** growTree returns the tree of a surface. */
export function growTree(s: Pick<Surface, "positions" | "corners">): Tree {
  const around = leafBoxes(s);
  const leaves = alongCurve(around);
  const sizes = levels(leaves.length);
  const boxes = new Uint16Array(6 * sizes.reduce((sum, n) => sum + n, 0));
  leaves.forEach((leaf, i) => {
    boxes.set(around.subarray(6 * leaf, 6 * leaf + 6), 6 * i);
  });
  let below = 0;
  for (let level = 1; level < sizes.length; level++) {
    const start = below + sizes[level - 1];
    boxes.fill(65535, 6 * start, 6 * (start + sizes[level]));
    for (let i = 0; i < sizes[level]; i++) for (let k = 3; k < 6; k++) boxes[6 * (start + i) + k] = 0;
    for (let i = 0; i < sizes[level - 1]; i++) {
      const at = 6 * (below + i);
      const to = 6 * (start + Math.floor(i / FAN));
      for (let k = 0; k < 3; k++) {
        boxes[to + k] = Math.min(boxes[to + k], boxes[at + k]);
        boxes[to + 3 + k] = Math.max(boxes[to + 3 + k], boxes[at + 3 + k]);
      }
    }
    below = start;
  }
  return { leaves, boxes };
}

/** meetAll returns all triangles on a ray, the nearest first. The ray is one among positions of the surface. */
export function meetAll(
  { leaves, boxes }: Tree,
  { positions, corners }: { positions: Uint16Array; corners: Corners },
  ray: Ray,
): OnRay[] {
  const out: OnRay[] = [];
  const [a, b, c] = [new Vector3(), new Vector3(), new Vector3()];
  const place = (v: Vector3, corner: number) => v.fromArray(positions, 3 * vertexOf(corners, corner));
  const triangles = corners.length / 3;
  const sizes = levels(leaves.length);
  const starts = sizes.map((_, level) => sizes.slice(0, level).reduce((sum, n) => sum + n, 0));
  const look = (level: number, i: number) => {
    if (!meets(ray, boxes, 6 * (starts[level] + i))) return;
    if (level > 0) {
      const end = Math.min((i + 1) * FAN, sizes[level - 1]);
      for (let child = i * FAN; child < end; child++) look(level - 1, child);
      return;
    }
    const first = LEAF * leaves[i];
    for (let t = first; t < Math.min(first + LEAF, triangles); t++) {
      const point = new Vector3();
      if (!ray.intersectTriangle(place(a, 3 * t), place(b, 3 * t + 1), place(c, 3 * t + 2), false, point)) continue;
      out.push({ triangle: t, distance: ray.origin.distanceTo(point), point });
    }
  };
  if (leaves.length > 0) look(sizes.length - 1, 0);
  return out.sort((one, other) => one.distance - other.distance);
}

/** levels returns how many boxes there are on each level, from the leaves up. */
function levels(leaves: number): number[] {
  const out = [leaves];
  while (out[out.length - 1] > 1) out.push(Math.ceil(out[out.length - 1] / FAN));
  return out;
}

function leafBoxes({ positions, corners }: Pick<Surface, "positions" | "corners">): Uint16Array {
  const out = new Uint16Array(6 * Math.ceil(corners.length / (3 * LEAF)));
  for (let leaf = 0; 6 * leaf < out.length; leaf++) {
    const end = Math.min(3 * LEAF * (leaf + 1), corners.length);
    let [x0, y0, z0, x1, y1, z1] = [65535, 65535, 65535, 0, 0, 0];
    for (let i = 3 * LEAF * leaf; i < end; i++) {
      const at = 3 * corners[i];
      const [x, y, z] = [positions[at], positions[at + 1], positions[at + 2]];
      if (x < x0) x0 = x;
      if (y < y0) y0 = y;
      if (z < z0) z0 = z;
      if (x > x1) x1 = x;
      if (y > y1) y1 = y;
      if (z > z1) z1 = z;
    }
    out.set([x0, y0, z0, x1, y1, z1], 6 * leaf);
  }
  return out;
}

/** alongCurve returns boxes by their middles along a curve through space (Morton's). */
function alongCurve(boxes: Uint16Array): Uint32Array {
  const keys = new Float64Array(boxes.length / 6);
  for (let i = 0; i < keys.length; i++) {
    let key = 0;
    for (let k = 0; k < 3; k++) key |= spaced((boxes[6 * i + k] + boxes[6 * i + 3 + k]) >> 7) << k;
    keys[i] = key * keys.length + i;
  }
  return Uint32Array.from(keys.sort(), (key) => key % keys.length);
}

/** spaced puts two zeros between any of ten bits. */
function spaced(bits: number): number {
  let x = bits;
  x = (x | (x << 16)) & 0x030000ff;
  x = (x | (x << 8)) & 0x0300f00f;
  x = (x | (x << 4)) & 0x030c30c3;
  return (x | (x << 2)) & 0x09249249;
}

const ROUND = 0.5; // by which boxes are larger, so that a ray within a flat one meets it

/** meets tells whether a ray goes through a box. */
function meets({ origin, direction }: Ray, boxes: Uint16Array, at: number): boolean {
  let near = 0;
  let far = Number.POSITIVE_INFINITY;
  for (let k = 0; k < 3; k++) {
    const from = origin.getComponent(k);
    const along = 1 / direction.getComponent(k);
    const one = (boxes[at + k] - ROUND - from) * along;
    const other = (boxes[at + 3 + k] + ROUND - from) * along;
    // What is not a number, of a ray along a side, limits nothing.
    if (Math.min(one, other) > near) near = Math.min(one, other);
    if (Math.max(one, other) < far) far = Math.max(one, other);
  }
  return near <= far;
}
