/** Which elements are poor, in words: a histogram alone says so to those who know the measure. */
import { type Bins, countIn, type Histogram } from "./histogram";

export const POOR_SICN = 0.2; // docs/quality.md
const FLAT_SICN = 0.05;
const ROUNDING = 1e-9;

export interface Poor {
  count: number;
  worst: number;
  /** The worst one is hardly there. */
  flat: boolean;
  /** Those that are poor, in the histogram. */
  bins: Bins;
}

/** poorOf returns what is poor by SICN; undefined where nothing is. */
export function poorOf(d: { min: number; histogram: Histogram } | undefined): Poor | undefined {
  if (!d || d.min >= POOR_SICN) return undefined;
  const { edges, counts } = d.histogram;
  const end = edges.findIndex((e) => e >= POOR_SICN - ROUNDING);
  const bins: Bins = [0, end < 0 ? counts.length : end];
  const count = countIn(d.histogram, bins);
  return count > 0 ? { count, worst: d.min, flat: d.min < FLAT_SICN, bins } : undefined;
}
