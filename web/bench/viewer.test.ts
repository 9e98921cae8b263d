/**
 * Measures how soon a million triangles are seen, and cut elements, in the page and in other viewers: make bench-viewer.
 *
 * A real part is meshed; where the page asks for the files of its mesh, it is given those of a mesh of known size.
 */
import { writeFileSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { expect, inject, it } from "vitest";
import { launch } from "../tests/browser";
import { bracket } from "../tests/person";
import { Samples } from "../tests/samples";
import { type CutTimes, measureCut } from "./cut";
import { less, type Memory, memory, type Watched, watch, watched } from "./watch";

const { SAMPLES = "", PEERS = "", RESULTS = "", ROUNDS = "5" } = process.env;
const VERTICES = 3_000_000;
const SCREEN = { viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" as const, deviceScaleFactor: 1 };

interface Round {
  surface: Watched;
  /** Beyond a blank page; before is the same without the mesh. */
  memory: Memory;
  before: Memory;
}

/** round shows a mesh in a page that is there, and returns what that took. */
async function round(browser: Browser, page: Page, blank: Memory, show: () => Promise<void>): Promise<Round> {
  const before = less(await memory(browser, page), blank);
  const surface = await watched(page, VERTICES, show);
  return { surface, memory: less(await memory(browser, page), blank), before };
}

async function fresh<T>(f: (browser: Browser, context: BrowserContext, page: Page, blank: Memory) => Promise<T>): Promise<T> {
  const browser = await launch({ asForPeople: true });
  try {
    const context = await browser.newContext(SCREEN);
    const page = await context.newPage();
    await page.goto("about:blank");
    const blank = await memory(browser, page);
    await watch(page);
    return await f(browser, context, page, blank);
  } finally {
    await browser.close();
  }
}

/** meshed opens the page of a part with a mesh that is not shown yet, and returns what shows it. */
async function meshed(page: Page, part: string): Promise<() => Promise<void>> {
  await page.goto(part);
  await page.waitForSelector("[data-triangles]");
  await page.getByText(/about/).waitFor();
  const row = page
    .getByRole("region", { name: "Meshes" })
    .getByRole("button", { name: /elements/ })
    .first();
  await row.waitFor();
  return () => row.click();
}

it("is measured", async () => {
  const base = inject("base");
  const samples = await Samples.serve(SAMPLES, PEERS);
  const part = await fresh(async (_, __, page) => {
    await page.goto(base);
    await page.setInputFiles("input[type=file]", bracket());
    await page.waitForURL("**/parts/geo_*");
    const address = page.url();
    await page.getByText(/about/).waitFor();
    await page.getByRole("button", { name: "Coarse" }).click();
    await page.getByRole("button", { name: "Mesh", exact: true }).click();
    await page.waitForSelector("[data-status=succeeded]");
    return address;
  });

  const surfaces: Record<string, () => Promise<Round>> = {
    meshgen: () =>
      fresh(async (browser, context, page, blank) => {
        await samples.replace(context, { "surface.glb": "surface.glb" });
        return round(browser, page, blank, await meshed(page, part));
      }),
  };
  for (const [name, path] of Object.entries({ vtk: "/vtk.html", "three-glb": "/three.html", "three-stl": "/three.html?stl" }))
    surfaces[name] = () =>
      fresh(async (browser, _, page, blank) => {
        await page.goto(samples.base + path);
        return round(browser, page, blank, () => page.getByRole("button").click());
      });

  const rounds: Record<string, Round[]> = {};
  for (let i = 0; i < Number(ROUNDS); i++)
    for (const [name, f] of Object.entries(surfaces)) {
      const round = await f();
      console.log(name, JSON.stringify(round));
      rounds[name] = [...(rounds[name] ?? []), round];
    }

  const cut: Record<string, CutTimes & { memory: Memory }> = {};
  for (const manner of ["crinkle", "section"] as const) {
    cut[manner] = await fresh(async (browser, context, page, blank) => {
      await samples.replace(context, { "surface.glb": "ball.glb", "volume.glb": "volume.glb" });
      const show = await meshed(page, part);
      await show();
      const times = await measureCut(page, manner);
      return { ...times, memory: less(await memory(browser, page), blank) };
    });
    console.log(manner, JSON.stringify(cut[manner]));
  }
  samples.close();
  if (RESULTS) writeFileSync(RESULTS, JSON.stringify({ rounds, cut }));
  expect(Object.keys(rounds)).toHaveLength(4);
});
