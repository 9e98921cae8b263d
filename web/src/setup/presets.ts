/** What most people ask for, by name. */
import type { Spec } from "../api/client";
import { DEFAULTS } from "./spec";

export const PRESETS: { name: string; fineness: number }[] = [
  { name: "Coarse", fineness: 3 },
  { name: "Standard", fineness: DEFAULTS.size.fineness },
  { name: "Fine", fineness: 7 },
];

/** presetSpec says only what differs from the defaults. */
export function presetSpec(fineness: number): Spec {
  return fineness === DEFAULTS.size.fineness ? {} : { size: { fineness } };
}
