/** How large elements are, by the mean length of their edges: on a scale of ratios, since meshes are graded by them. */
import { SHAPES, type ShapeName } from "./cut/shapes";
import type { Volume } from "./cut/volumeFile";
import { byteOf, type Measure, valueOf } from "./glb";
import type { Surface } from "./surfaceFile";
import { bytesWithRoom } from "./texels";

export const SIZE = "size";

interface Range {
  low: number;
  high: number;
}

/** surfaceSizes returns the size of each triangle of a mesh; both of a quadrangle have that of the quadrangle. */
export function surfaceSizes(s: Surface): Measure {
  const count = s.corners.length / 3;
  const sizes = new Float32Array(count);
  for (let t = 0; t < count; t++) {
    const [a, b, c] = [s.corners[3 * t], s.corners[3 * t + 1], s.corners[3 * t + 2]];
    sizes[t] = (s.quantum * (between(s.positions, a, b) + between(s.positions, b, c) + between(s.positions, c, a))) / 3;
    if (t > 0 && s.elements && s.elements[t] === s.elements[t - 1]) sizes[t] = sizes[t - 1] = quadrangle(s, t - 1, t);
  }
  return measureOf(sizes, undefined);
}

/** volumeSizes returns the size of each element of a volume, on a scale that holds another one, too. */
export function volumeSizes(v: Volume, other: Range | undefined): Measure {
  const sizes = new Float32Array(v.count);
  for (const block of v.blocks) {
    const edges = EDGES[block.shape];
    const step = SHAPES[block.shape].corners;
    for (let e = 0; e < block.count; e++) {
      let sum = 0;
      for (let k = 0; k < edges.length; k += 2) {
        sum += between(v.positions, block.corners[e * step + edges[k]], block.corners[e * step + edges[k + 1]]);
      }
      sizes[block.first + e] = (2 * v.quantum * sum) / edges.length;
    }
  }
  return measureOf(sizes, other);
}

/** rescale brings the values of a measure to a wider scale. */
export function rescale(m: Measure, to: Range): void {
  const table = Uint8Array.from({ length: 256 }, (_, byte) => byteOf({ ...m, ...to }, valueOf(m, byte)));
  for (let i = 0; i < m.values.length; i++) m.values[i] = table[m.values[i]];
  m.low = to.low;
  m.high = to.high;
}

const LEAST = 1e-4; // of the largest size: what is smaller is nothing, and nothing has no ratio

function measureOf(sizes: Float32Array, other: Range | undefined): Measure {
  let high = other?.high ?? 0;
  for (const s of sizes) if (s > high) high = s;
  let low = other?.low ?? high;
  for (const s of sizes) if (s < low) low = s;
  low = Math.max(low, high * LEAST);
  if (high < low * 1.001) high = low * 1.001; // all the same
  // As byteOf does, a million times: the scale is the same for all.
  const values = bytesWithRoom(sizes.length);
  const steps = 255 / Math.log(high / low);
  for (let i = 0; i < sizes.length; i++) values[i] = sizes[i] > low ? Math.log(sizes[i] / low) * steps + 0.5 : 0;
  return { name: SIZE, low, high, log: true, values };
}

/** quadrangle is the mean edge of two triangles without the one that both have. */
function quadrangle(s: Surface, one: number, other: number): number {
  let sum = 0;
  for (const [t, o] of [
    [one, other],
    [other, one],
  ]) {
    const others = s.corners.subarray(3 * o, 3 * o + 3);
    for (let k = 0; k < 3; k++) {
      const [a, b] = [s.corners[3 * t + k], s.corners[3 * t + ((k + 1) % 3)]];
      if (!(others.includes(a) && others.includes(b))) sum += between(s.positions, a, b);
    }
  }
  return (s.quantum * sum) / 4;
}

function between(positions: Uint16Array, a: number, b: number): number {
  const x = positions[3 * a] - positions[3 * b];
  const y = positions[3 * a + 1] - positions[3 * b + 1];
  const z = positions[3 * a + 2] - positions[3 * b + 2];
  return Math.sqrt(x * x + y * y + z * z);
}

/** The edges of each shape: two corners each. */
const EDGES = Object.fromEntries(
  Object.entries(SHAPES).map(([name, { faces }]) => {
    const known = new Set<string>();
    const edges: number[] = [];
    for (const face of faces) {
      face.forEach((a, k) => {
        const b = face[(k + 1) % face.length];
        const key = `${Math.min(a, b)}-${Math.max(a, b)}`;
        if (known.has(key)) return;
        known.add(key);
        edges.push(a, b);
      });
    }
    return [name, edges];
  }),
) as Record<ShapeName, number[]>;
