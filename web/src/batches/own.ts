/** Settings that a person types as JSON, read as a spec. */
import type { Spec } from "../api/client";
import { misshapen } from "../setup/shape";
import type { Own } from "./draft";

/** readOwn returns the spec that is typed, or what is wrong with it. */
export function readOwn({ text }: Pick<Own, "text">): { spec: Spec } | { problem: string } {
  try {
    const read: unknown = text.trim() === "" ? {} : JSON.parse(text);
    const other = misshapen(read);
    return other ? { problem: other } : { spec: read as Spec };
  } catch (e) {
    return { problem: e instanceof Error ? e.message : String(e) };
  }
}

/** nameOf is what files are called after: what is typed, or a number among one's own. */
export function nameOf(own: Pick<Own, "name">, at: number): string {
  return own.name.trim() || `own ${at + 1}`;
}
