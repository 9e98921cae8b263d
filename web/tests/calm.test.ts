/** Nothing jumps while a person looks: how far things move by themselves, as browsers measure it. */
import { describe, expect, it } from "vitest";
import { bracket, person } from "./person";

const p = person();

interface Shift {
  value: number;
  sources: string[];
}

/** watched notes what moves without a person having done anything. */
async function watched(): Promise<() => Promise<Shift[]>> {
  await p.page.addInitScript(() => {
    const shifts: Shift[] = [];
    Object.assign(window, { shifts });
    type Entry = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node?: Element }[] };
    new PerformanceObserver((list) => {
      for (const e of list.getEntries() as Entry[]) {
        if (e.hadRecentInput) continue;
        shifts.push({ value: e.value, sources: e.sources.map((s) => s.node?.outerHTML?.slice(0, 120) ?? "") });
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  return () => p.page.evaluate(() => (window as unknown as { shifts: Shift[] }).shifts);
}

const GOOD = 0.1; // what web.dev calls good

describe("the page", () => {
  it.each([
    [1280, 800],
    [390, 844],
  ])("keeps still at %i pixels: from an empty page to a mesh that is made", async (width, height) => {
    await p.page.setViewportSize({ width, height });
    const shifts = await watched();
    await p.open();
    await p.mesh();
    await p.page.getByText("No element is inside out").waitFor();
    await p.page.waitForLoadState("networkidle");
    const moved = await shifts();
    expect(
      moved.reduce((n, s) => n + s.value, 0),
      JSON.stringify(moved, null, 1),
    ).toBeLessThan(GOOD);
  });

  it.each([
    [1280, 800, "/", "Your parts"],
    [390, 844, "/", "Your parts"],
    [1280, 800, "/batches/new", "Parts"],
  ])(
    "keeps still at %i × %i pixels on %s while others add parts, and shows them when it is told to",
    async (width, height, path, list) => {
      await p.open();
      await p.open();
      await p.page.setViewportSize({ width, height });
      const shifts = await watched();
      const told = p.page.waitForResponse((r) => new URL(r.url()).pathname === "/v1/events");
      await p.page.goto(p.base + path);
      await told;
      const parts = p.page.getByRole(path === "/" ? "region" : "group", { name: list });
      await parts.getByRole("listitem").first().waitFor();
      await p.page.waitForLoadState("load");
      const before = (await shifts()).length;
      const name = `others-${width}${path.replaceAll("/", "-")}.step`;
      const form = new FormData();
      form.append("file", new Blob([bracket().buffer]), name);
      expect((await fetch(`${p.base}/v1/upload`, { method: "POST", body: form })).ok).toBe(true);
      const show = p.page.getByRole("button", { name: /^Show .* more parts?$/ });
      await show.waitFor();
      await p.clean();
      expect((await shifts()).slice(before)).toEqual([]);
      expect(await parts.getByText(name).count()).toBe(0);
      await show.click();
      await parts.getByText(name).waitFor();
    },
  );
});
