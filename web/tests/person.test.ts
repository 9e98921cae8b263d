/** The way of a person through the page, in a real browser against the whole service. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { launch, sceneImage } from "./browser";

const base = inject("base");
const bracket = join(import.meta.dirname, "../../examples/filleted-bracket.step");
const axe = readFileSync(join(import.meta.dirname, "../node_modules/axe-core/axe.min.js"), "utf8");

let browser: Browser;
let context: BrowserContext;
let page: Page;
let problems: string[];

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light", reducedMotion: "reduce" });
  page = await context.newPage();
  problems = [];
  page.on("pageerror", (e) => problems.push(e.message));
});
afterEach(async () => {
  await context.close();
  expect(problems, "no script failed").toEqual([]);
});

/** open uploads a file and returns when its part is shown. */
async function open(file: Parameters<Page["setInputFiles"]>[1] = bracket) {
  await page.goto(base);
  await page.setInputFiles("input[type=file]", file);
  await page.waitForURL("**/parts/geo_*");
}

const shown = () => page.waitForSelector("[data-triangles]");
const ended = (status: string) => page.waitForSelector(`[data-status=${status}]`);
const mesh = () => page.getByRole("button", { name: "Mesh", exact: true }).click();

describe("a person", () => {
  it("drops a part, sees it, meshes it, judges it and takes it away", async () => {
    await open();
    await shown();
    await page.getByText("1 solid, 11 faces").waitFor();
    const part = await sceneImage(page);
    expect(part.covered, "the part is seen").toBeGreaterThan(0.1);

    await page.getByText(/about/).waitFor();
    await mesh();
    await ended("succeeded");
    await page.getByText("No element is inside out").waitFor();
    await page.waitForFunction(() => Number(document.querySelector("[data-triangles]")?.getAttribute("data-triangles")) > 1000);

    await page.getByLabel("Colour by").selectOption("measure:gamma");
    await page.waitForTimeout(300); // a frame
    const colored = await sceneImage(page);
    const greens = colored.colors.filter(([r, g, b]) => g > r + 20 && g > b + 20);
    expect(greens.length, "good elements are green").toBeGreaterThan(20);

    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "mesh.msh" }).click()]);
    expect(readFileSync(await download.path(), "latin1").slice(0, 22)).toBe("$MeshFormat\n4.1 1 8\n\u0001\u0000");

    // The address is all that is needed to see the same again.
    const address = page.url();
    const other = await context.newPage();
    await other.goto(address);
    await other.getByText("No element is inside out").waitFor();
    await other.close();
  });

  it("cuts the part open and sees through it", async () => {
    await open();
    await shown();
    const whole = await sceneImage(page);
    await page.keyboard.press("c");
    await page.getByLabel("Place of the cut").waitFor();
    await page.waitForTimeout(200);
    const cut = await sceneImage(page);
    expect(cut.covered).toBeLessThan(0.9 * whole.covered);
    await page.keyboard.press("c");
    await page.keyboard.press("1");
    await page.waitForTimeout(200);
    expect((await sceneImage(page)).covered).not.toBeCloseTo(whole.covered, 2);
  });

  it("reloads in the middle of the work, and nothing is lost", async () => {
    await open();
    await shown();
    await page.getByRole("button", { name: "Fine", exact: true }).click();
    await mesh();
    await page.waitForURL("**/msh_*");
    await page.reload();
    await ended("succeeded");
    expect(await page.getByRole("list", { name: "Checks" }).getByRole("listitem").count()).toBeGreaterThanOrEqual(5);
  });

  it("cancels what takes too long", async () => {
    await open();
    await shown();
    await page.getByText("All settings").click();
    await page.getByText("Sizes", { exact: true }).click();
    await page.getByLabel(/Longest edge/).fill("0.55");
    await mesh();
    await page.getByRole("button", { name: "Cancel" }).click();
    await ended("canceled");
  });

  it("is told what is wrong with a file, and where", async () => {
    // a cube that lacks a side
    const corners = [
      [0, 0, 0],
      [9, 0, 0],
      [9, 9, 0],
      [0, 9, 0],
      [0, 0, 9],
      [9, 0, 9],
      [9, 9, 9],
      [0, 9, 9],
    ];
    const sides = [
      [0, 3, 2, 1],
      [0, 1, 5, 4],
      [1, 2, 6, 5],
      [2, 3, 7, 6],
      [3, 0, 4, 7],
    ];
    const facet = (t: number[]) =>
      `facet normal 0 0 0\nouter loop\n${t.map((v) => `vertex ${corners[v].join(" ")}`).join("\n")}\nendloop\nendfacet`;
    const text = `solid open\n${sides.flatMap(([a, b, c, d]) => [facet([a, b, c]), facet([a, c, d])]).join("\n")}\nendsolid open\n`;
    await open({ name: "open.stl", mimeType: "model/stl", buffer: Buffer.from(text) });
    await page.getByText("The file could not be read").waitFor();
    await page.getByRole("list", { name: "Places" }).waitFor();
    expect(await page.getByRole("button", { name: "Mesh", exact: true }).isDisabled()).toBe(true);
  });

  it("loses the network in the middle of an upload, and it goes on", async () => {
    let refused = 0;
    await page.route(
      (url) => url.searchParams.has("X-Amz-Signature"),
      (route) => (route.request().method() === "PUT" && refused++ < 2 ? route.abort("internetdisconnected") : route.continue()),
    );
    await open();
    await shown();
    expect(refused).toBeGreaterThan(2);
  });

  it("loses the graphics card for a moment, and the picture comes back", async () => {
    await open();
    await shown();
    const before = await sceneImage(page);
    await page.evaluate(() => {
      const gl = document.querySelector("canvas")?.getContext("webgl2");
      const lose = gl?.getExtension("WEBGL_lose_context");
      lose?.loseContext();
      setTimeout(() => lose?.restoreContext(), 300);
    });
    await page.getByText("the picture comes back by itself").waitFor();
    await page.getByText("the picture comes back by itself").waitFor({ state: "detached" });
    await page.waitForTimeout(300);
    expect((await sceneImage(page)).covered).toBeCloseTo(before.covered, 2);
  });
});

describe("the page", () => {
  it("is clean for screen readers, light and dark, wide and narrow", async () => {
    await open();
    await shown();
    await mesh();
    await ended("succeeded");
    for (const path of [page.url(), base]) {
      await page.goto(path);
      await page.waitForLoadState("networkidle");
      for (const [scheme, width] of [
        ["light", 1280],
        ["dark", 390],
      ] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.setViewportSize({ width, height: 800 });
        await page.waitForTimeout(300); // colours change within a moment
        await page.evaluate(axe);
        const found = await page.evaluate(async () => {
          const { violations } = await (window as unknown as { axe: typeof import("axe-core") }).axe.run();
          return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html} ${n.failureSummary}`));
        });
        expect(found, `${path} in ${scheme}`).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide, "nothing hangs over the side").toBeLessThanOrEqual(width);
      }
    }
  });

  it("asks for nothing while nothing happens", async () => {
    await open();
    await shown();
    await page.waitForLoadState("networkidle");
    const asked: string[] = [];
    page.on("request", (r) => asked.push(r.url()));
    await page.waitForTimeout(3000);
    expect(asked).toEqual([]);
  });

  it("says so where there is no such part", async () => {
    await page.goto(`${base}/parts/geo_01a211aa-de5e-750f-af29-b5dc1a34eff2`);
    await page.getByText("There is no such part").waitFor();
    await page.goto(`${base}/nowhere`);
    await page.getByText("There is no such page").waitFor();
  });
});
