/** When the newest deliveries are asked for again, and what is known with them. */
import type { Delivery, DeliveryList } from "./queries";

const SOON = 3000; // ms: no sooner than that

/** waits tells whether a delivery is on its way, and will not be tried before its endpoint is resumed. */
export function waits({ status, endpoint_id: endpoint, next_at: next }: Delivery, paused: ReadonlySet<string>): boolean {
  return status === "pending" && ((endpoint !== undefined && paused.has(endpoint)) || next === undefined);
}

/** soonest is in how many ms there may be something new of deliveries; null where nothing will be. */
export function soonest(items: readonly Delivery[], paused: ReadonlySet<string>, now: number): number | null {
  const next = items
    .filter((d) => d.status === "pending" && !waits(d, paused))
    .map((d) => Date.parse(d.next_at as string) - now);
  return next.length > 0 ? Math.max(SOON, Math.min(...next)) : null;
}

/** withNewest returns what is known once the newest are: pages stay, but for what is none of them any more. */
export function withNewest<T extends { pages: DeliveryList[] }>(known: T, newest: DeliveryList): T {
  const ids = new Set(newest.items.map((d) => d.id));
  const all = known.pages.flatMap((page) => page.items.map((d) => d.id));
  const last = all.findLastIndex((id) => ids.has(id));
  // Between the newest and what is known there may be others: what is known is asked for anew, page by page.
  if (newest.next_cursor === undefined || last < 0) return { ...known, pages: [newest], pageParams: [undefined] };
  const older = new Set(all.slice(last + 1));
  const [first, ...rest] = known.pages.map((page) => ({ ...page, items: page.items.filter((d) => older.has(d.id)) }));
  const cursor = first.items.length > 0 || rest.length > 0 ? first.next_cursor : newest.next_cursor;
  return { ...known, pages: [{ items: [...newest.items, ...first.items], next_cursor: cursor }, ...rest] };
}
