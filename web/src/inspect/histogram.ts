/** A histogram that is brushed by whole bins, so that the number of elements in the range is exact. */
import type { components } from "../api/schema";

export type Histogram = components["schemas"]["Histogram"];

/** Bins from the first up to, but without, the last. */
export type Bins = readonly [number, number];

/** countIn returns how many elements the bins hold. */
export function countIn(h: Histogram, [from, to]: Bins): number {
  return h.counts.slice(from, to).reduce((n, c) => n + c, 0);
}

/** shareOf returns where a bin lies on the scale of the colours: 0 is low, 1 is high. */
export function shareOf(h: Histogram, bin: number, scale: { low: number; high: number }): number {
  const middle = (h.edges[bin] + h.edges[bin + 1]) / 2;
  return Math.min(Math.max((middle - scale.low) / (scale.high - scale.low), 0), 1);
}

/** valuesOf returns the values from 0 to 255, as a file for viewing holds them, that lie in the bins: the first and the last. */
export function valuesOf(h: Histogram, [from, to]: Bins, scale: { low: number; high: number }): [number, number] {
  const at = (edge: number) => (255 * (h.edges[edge] - scale.low)) / (scale.high - scale.low);
  // What lies beyond the scale has its first or its last value.
  const within = (v: number) => Math.min(Math.max(v, 0), 255);
  const first = from === 0 ? 0 : within(Math.round(at(from)));
  const last = to === h.counts.length ? 255 : within(Math.round(at(to)) - 1);
  return [first, Math.max(first, last)];
}

/** heights returns how high to draw each bin, from 0 to 1: the root of its share, so that a few poor elements are seen. */
export function heights(h: Histogram): number[] {
  const most = Math.max(...h.counts, 1);
  return h.counts.map((c) => Math.sqrt(c / most));
}

/** spanning returns the bins between two, whichever way the hand went. */
export function spanning(a: number, b: number): Bins {
  return [Math.min(a, b), Math.max(a, b) + 1];
}
