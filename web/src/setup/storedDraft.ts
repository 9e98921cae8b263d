/** The half-made set-up of each part is kept in the browser: a reload loses none of it. */
import { useCallback, useState } from "react";
import type { Spec } from "../api/client";
import { misshapen } from "./shape";

const KEY = "meshgen.drafts";
const KEPT = 50; // parts whose drafts are remembered; the oldest go first

type Stored = Record<string, Spec>;

function stored(): Stored {
  try {
    const kept = Object.entries(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Stored);
    return Object.fromEntries(kept.filter(([, spec]) => !misshapen(spec)));
  } catch {
    return {};
  }
}

/** store remembers the draft of a part; one that says nothing is forgotten. */
export function store(geometry: string, spec: Spec): void {
  const { [geometry]: _, ...others } = stored();
  const all = Object.keys(spec).length ? { ...others, [geometry]: spec } : others;
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(Object.entries(all).slice(-KEPT))));
  } catch {
    // The browser keeps nothing: the draft lives as long as the page.
  }
}

export function useStoredDraft(geometry: string): [Spec, (spec: Spec) => void] {
  const [spec, setSpec] = useState<Spec>(() => stored()[geometry] ?? {});
  const set = useCallback(
    (to: Spec) => {
      setSpec(to);
      store(geometry, to);
    },
    [geometry],
  );
  return [spec, set];
}
