import { expect, it } from "vitest";
import { soonest, waits, withNewest } from "./newest";
import type { Delivery, DeliveryList } from "./queries";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const delivery = (id: string, more: Partial<Delivery> = {}): Delivery => ({
  id,
  attempts: 0,
  created_at: "2026-01-01T00:00:00Z",
  payload: {},
  status: "delivered",
  url: "https://example.com",
  ...more,
});
const pending = (s: number, more: Partial<Delivery> = {}) =>
  delivery("d", { status: "pending", next_at: new Date(NOW + 1000 * s).toISOString(), ...more });
const list = (ids: string, next_cursor?: string): DeliveryList => ({ items: [...ids].map((id) => delivery(id)), next_cursor });
const pages = (known: { pages: DeliveryList[] }) => known.pages.map((p) => [p.items.map((d) => d.id).join(""), p.next_cursor]);

const PAUSED = new Set(["paused"]);

it("asks again where something is on its way, when it is tried next", () => {
  expect(soonest([], PAUSED, NOW)).toBeNull();
  expect(soonest([delivery("a"), delivery("b", { status: "dead" })], PAUSED, NOW)).toBeNull();
  expect(soonest([pending(90), pending(20), delivery("a")], PAUSED, NOW)).toBe(20_000);
  expect(soonest([pending(1)], PAUSED, NOW)).toBe(3000);
  expect(soonest([pending(-60)], PAUSED, NOW)).toBe(3000);
});

it("does not for what waits until its endpoint is resumed", () => {
  const waiting = [pending(5, { endpoint_id: "paused" }), pending(5, { next_at: undefined })];
  expect(waiting.map((d) => waits(d, PAUSED))).toEqual([true, true]);
  expect(soonest(waiting, PAUSED, NOW)).toBeNull();
  expect(soonest([...waiting, pending(8, { endpoint_id: "other" })], PAUSED, NOW)).toBe(8000);
});

it("puts the newest before what is known", () => {
  const known = { pages: [list("fed", "d"), list("cba", "a")], pageParams: [undefined, "d"] };
  expect(pages(withNewest(known, list("fed", "d")))).toEqual([
    ["fed", "d"],
    ["cba", "a"],
  ]);
  expect(pages(withNewest(known, list("hgf", "f"))), "nothing is lost between").toEqual([
    ["hgfed", "d"],
    ["cba", "a"],
  ]);
  expect(pages(withNewest(known, list("fdc", "c"))), "what is of another kind by now goes").toEqual([
    ["fdc", "d"],
    ["ba", "a"],
  ]);
  expect(pages(withNewest(known, list("zyx", "x"))), "there may be others between").toEqual([["zyx", "x"]]);
  expect(pages(withNewest(known, list("f"))), "there are no more").toEqual([["f", undefined]]);
  expect(pages(withNewest({ pages: [list("fed", "d")] }, list("fed", "d")))).toEqual([["fed", "d"]]);
});
