/**
 * How far elements reach along a direction, sorted so that those that a plane passes through are found without looking at the
 * others: in classes whose elements are about as long as each other, and within a class by where they begin. A plane that moves
 * costs what it passes.
 *
 * Depths are single precision throughout, here as on the graphics card: whoever compares them comes to the same answer.
 */
import { SHAPES } from "./shapes";
import type { Volume } from "./volumeFile";

export type Direction = readonly [number, number, number];

const CLASSES = 18; // by powers of two: no part is longer than √3 · 2¹⁶ steps
const BUCKETS = 2048; // of a class, at most

export class Extents {
  /** Depth of each node: how far it lies along the direction, in steps. */
  readonly nodes: Float32Array;
  /** Depth of the middle of each element. */
  readonly middles: Float32Array;
  private readonly low: number;
  private readonly order: Uint32Array;
  /** For each class: width of a bucket, buckets, and where the first begins in starts. */
  private readonly classes: { width: number; longest: number; buckets: number; at: number }[] = [];
  private readonly starts: Uint32Array;

  constructor(volume: Volume, direction: Direction) {
    const [x, y, z] = direction;
    const p = volume.positions;
    this.nodes = new Float32Array(p.length / 3);
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = 0, from = 0; i < this.nodes.length; i++, from += 3) {
      const d = x * p[from] + y * p[from + 1] + z * p[from + 2];
      this.nodes[i] = d;
      if (d < low) low = d;
      if (d > high) high = d;
    }
    this.low = Math.fround(low);

    this.middles = new Float32Array(volume.count);
    const begins = new Float32Array(volume.count);
    const classOf = new Uint8Array(volume.count);
    const longest = new Float64Array(CLASSES);
    for (const block of volume.blocks) {
      const size = SHAPES[block.shape].corners;
      const { corners } = block;
      for (let e = 0, c = 0; e < block.count; e++) {
        let least = Number.POSITIVE_INFINITY;
        let most = Number.NEGATIVE_INFINITY;
        let sum = 0;
        for (let k = 0; k < size; k++, c++) {
          const d = this.nodes[corners[c]];
          sum += d;
          if (d < least) least = d;
          if (d > most) most = d;
        }
        const at = block.first + e;
        this.middles[at] = sum / size;
        begins[at] = least;
        const length = most - least;
        const own = length < 1 ? 0 : Math.min(32 - Math.clz32(length), CLASSES - 1);
        classOf[at] = own;
        if (length > longest[own]) longest[own] = length;
      }
    }

    let total = 0;
    for (let i = 0; i < CLASSES; i++) {
      const width = Math.max(2 ** i / 4, (high - low) / BUCKETS, 1);
      const buckets = Math.floor((high - low) / width) + 1;
      this.classes.push({ width, longest: longest[i], buckets, at: total });
      total += buckets;
    }
    const bucketOf = new Uint32Array(volume.count);
    this.starts = new Uint32Array(total + 1);
    for (let e = 0; e < volume.count; e++) {
      const own = this.classes[classOf[e]];
      bucketOf[e] = own.at + Math.min(Math.floor((begins[e] - this.low) / own.width), own.buckets - 1);
      this.starts[bucketOf[e] + 1]++;
    }
    for (let i = 0; i < total; i++) this.starts[i + 1] += this.starts[i];
    const at = this.starts.slice();
    this.order = new Uint32Array(volume.count);
    for (let e = 0; e < volume.count; e++) this.order[at[bucketOf[e]]++] = e;
  }

  /** near calls f with every element that a plane at a depth may pass through, and with a few that it just misses. */
  near(depth: number, f: (element: number) => void): void {
    for (const c of this.classes) {
      const first = Math.max(0, Math.floor((depth - c.longest - this.low) / c.width));
      const last = Math.min(c.buckets - 1, Math.floor((depth - this.low) / c.width));
      if (last < first) continue;
      const end = this.starts[c.at + last + 1];
      for (let i = this.starts[c.at + first]; i < end; i++) f(this.order[i]);
    }
  }
}
