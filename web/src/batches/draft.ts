/** A batch that is being put together: kept in the browser's tab until it is asked for. */
import { useSyncExternalStore } from "react";

export interface Draft {
  parts: readonly string[];
  presets: readonly string[];
  /** Settings of one's own, beside the presets. */
  own: readonly Own[];
  name: string;
}

/** Settings as they are typed. */
export interface Own {
  key: string;
  name: string;
  text: string;
}

const KEY = "meshgen.batch";
const EMPTY: Draft = { parts: [], presets: ["Standard"], own: [], name: "" };

let draft = read();
const listeners = new Set<() => void>();

function read(): Draft {
  try {
    return { ...EMPTY, ...JSON.parse(sessionStorage.getItem(KEY) ?? "{}") };
  } catch {
    return EMPTY;
  }
}

export function changeDraft(change: (before: Draft) => Draft): void {
  draft = change(draft);
  sessionStorage.setItem(KEY, JSON.stringify(draft));
  for (const f of listeners) f();
}

export function clearDraft(): void {
  changeDraft(() => EMPTY);
}

/** addPart takes a part into the batch, once. */
export function addPart(id: string): void {
  changeDraft((d) => (d.parts.includes(id) ? d : { ...d, parts: [...d.parts, id] }));
}

export function useDraft(): Draft {
  return useSyncExternalStore(
    (f) => {
      listeners.add(f);
      return () => listeners.delete(f);
    },
    () => draft,
  );
}
