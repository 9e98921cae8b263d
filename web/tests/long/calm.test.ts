/** Nothing jumps while a person looks: how far things move by themselves, as browsers measure it. */
import type { Request } from "playwright-core";
import { describe, expect, it } from "vitest";
import { drawn, sceneImage } from "../browser";
import { bracket, person } from "../person";

const p = person();

interface Shift {
  value: number;
  sources: string[];
}

/** watched notes what moves without a person having done anything. What it returns tells of it, from the last time that it was asked. */
async function watched(): Promise<() => Promise<Shift[]>> {
  await p.page.addInitScript(() => {
    type Entry = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node?: Element }[] };
    let shifts: Shift[] = [];
    const note = (entries: PerformanceEntryList) => {
      for (const e of entries as Entry[]) {
        if (e.hadRecentInput) continue;
        shifts.push({ value: e.value, sources: e.sources.map((s) => s.node?.outerHTML?.slice(0, 120) ?? "") });
      }
    };
    const observer = new PerformanceObserver((list) => note(list.getEntries()));
    observer.observe({ type: "layout-shift", buffered: true });
    const take = () => {
      note(observer.takeRecords()); // it is told with delay
      const all = shifts;
      shifts = [];
      return all;
    };
    Object.assign(window, { take });
  });
  return async () => {
    await drawn(p.page); // what is there by now has its place
    return p.page.evaluate(() => (window as unknown as { take: () => Shift[] }).take());
  };
}

/**
 * alone keeps from the page what other tests do: its list has the parts that are given, which change no more, and one of that name. A part of
 * another test may be read, or a batch of it end, while this one counts what moves.
 */
async function alone(name: string, ids: string[]): Promise<void> {
  await p.page.clock.setFixedTime(Date.now()); // what it has grows no older meanwhile: words of another length move in their place
  await p.page.route("**/v1/geometries?*", async (route) => {
    const response = await route.fetch();
    const all: { items: { id: string; filename: string }[] } = await response.json();
    const items = all.items.filter(({ id, filename }) => ids.includes(id) || filename === name);
    await route.fulfill({ response, json: { ...all, items } });
  });
  await p.page.route("**/v1/batches?*", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), items: [] } });
  });
}

/** opened opens a part of one's own and returns its id once it is read. */
async function opened(): Promise<string> {
  await p.open();
  const id = new URL(p.page.url()).pathname.split("/")[2];
  await read(id);
  return id;
}

/** other is a name of a file that no other test has. */
const other = () => `others-${Math.random().toString(36).slice(2, 8)}.step`;

/** added uploads a part as somebody else does. */
async function added(name: string): Promise<{ id: string }> {
  const form = new FormData();
  form.append("file", new Blob([bracket().buffer]), name);
  const answer = await fetch(`${p.base}/v1/upload`, { method: "POST", body: form });
  expect(answer.ok).toBe(true);
  return answer.json();
}

/** read waits until a part is: its row says something else then, which is news of it and not of the others that the next test adds. */
async function read(id: string): Promise<void> {
  const status = async () => (await (await fetch(`${p.base}/v1/geometries/${id}`)).json()).status;
  await expect.poll(status).toBe("succeeded");
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
    await p.page.getByText(/worst elements$/).waitFor();
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
      const mine = [await opened(), await opened()];
      await p.page.setViewportSize({ width, height });
      const shifts = await watched();
      const name = other();
      await alone(name, mine);
      const told = p.page.waitForResponse((r) => new URL(r.url()).pathname === "/v1/events");
      await p.page.goto(p.base + path);
      await told;
      const parts = p.page.getByRole(path === "/" ? "region" : "group", { name: list });
      await parts.getByRole("listitem").first().waitFor();
      await p.page.waitForLoadState("load");
      await shifts();
      const { id } = await added(name);
      const show = p.page.getByRole("button", { name: "Show one more part" });
      await show.waitFor();
      await p.clean();
      expect(await shifts()).toEqual([]);
      expect(await parts.getByText(name).count()).toBe(0);
      await show.click();
      await parts.getByText(name).waitFor();
      await read(id);
    },
  );

  it.each([
    ["/", "Your parts"],
    ["/batches/new", "Parts"],
  ])(
    "tells on %s of what others add where there is but one part, and by keyboard one goes on from the heading",
    async (path, list) => {
      const mine = [await opened()];
      const name = other();
      await alone(name, mine);
      const shifts = await watched();
      const told = p.page.waitForResponse((r) => new URL(r.url()).pathname === "/v1/events");
      await p.page.goto(p.base + path);
      await told;
      const parts = p.page.getByRole(path === "/" ? "region" : "group", { name: list });
      await parts.getByRole("listitem").first().waitFor();
      await shifts();
      await added(name);
      const show = p.page.getByRole("button", { name: "Show one more part" });
      await show.waitFor();
      await p.clean();
      expect(await shifts()).toEqual([]);
      await show.focus();
      await p.page.keyboard.press("Enter");
      await parts.getByText(name).waitFor();
      expect(await p.page.evaluate(() => document.activeElement?.textContent)).toBe(list);
      await p.clean();
    },
  );

  it("asks for nothing while it is hidden, and is up to date when it is seen again", async () => {
    const mine = [await opened()];
    const streams = new Set<Request>();
    const isStream = (r: Request) => new URL(r.url()).pathname === "/v1/events";
    p.page.on("request", (r) => isStream(r) && streams.add(r));
    p.page.on("requestfailed", (r) => streams.delete(r)); // as a stream that the page ends does
    p.page.on("requestfinished", (r) => streams.delete(r));
    const hide = (hidden: boolean) =>
      p.page.evaluate((hidden) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    const name = other();
    await alone(name, mine);
    await p.page.goto(p.base);
    await p.page.getByRole("region", { name: "Your parts" }).getByRole("listitem").first().waitFor();
    await expect.poll(() => streams.size).toBe(1);
    await hide(true);
    await expect.poll(() => streams.size).toBe(0);
    await added(name);
    await hide(false);
    await expect.poll(() => streams.size).toBe(1);
    await p.page.getByRole("button", { name: "Show one more part" }).click();
    await p.page.getByText(name).waitFor();
  });

  it("has the part below the tools on a phone", async () => {
    await p.page.setViewportSize({ width: 390, height: 844 });
    await p.open();
    const tools = await p.page.getByRole("toolbar").first().boundingBox();
    const picture = await p.page.locator("canvas").boundingBox();
    expect(picture?.y).toBeGreaterThanOrEqual((tools?.y ?? 0) + (tools?.height ?? 0));
    expect((await sceneImage(p.page)).covered).toBeGreaterThan(0.05);
    // The bar has room for the part's name, and the way home keeps its own.
    const name = p.page.getByRole("heading", { level: 1 });
    expect(await name.evaluate((e) => e.scrollWidth <= e.clientWidth)).toBe(true);
    expect(await p.page.getByRole("link", { name: "Meshgen" }).count()).toBe(1);
  });
});
