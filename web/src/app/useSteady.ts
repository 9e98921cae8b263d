/** A list that stays as it is while somebody looks: what others add would push down the row that one is about to press. */
import { useState } from "react";

interface Steady<T> {
  shown: readonly T[];
  /** How many others there are by now. */
  more: number;
  showAll: () => void;
}

/** useSteady holds back what was not in a list when that had first been asked for, unless it is one's own. */
export function useSteady<T extends { id: string }>(
  items: readonly T[] | undefined,
  asked: boolean,
  own: ReadonlySet<string>,
): Steady<T> {
  const [seen, setSeen] = useState<ReadonlySet<string> | null>(null);
  const all = items ?? [];
  const showAll = () => setSeen(new Set(all.map((i) => i.id)));
  if (seen === null && asked && all.length > 0) showAll(); // what comes into an empty list pushes nothing
  const shown = seen ? all.filter((i) => seen.has(i.id) || own.has(i.id)) : all;
  return { shown, more: all.length - shown.length, showAll };
}
