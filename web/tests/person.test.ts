/** The way of a person through the page, in a real browser against the whole service. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { drawn, sceneImage } from "./browser";
import { bracket, person } from "./person";

const p = person();

/** open uploads a file, and does not wait until it has been read. */
async function open(file: Parameters<Page["setInputFiles"]>[1] = bracket()) {
  await p.page.goto(p.base);
  await p.page.setInputFiles("input[type=file]", file);
  await p.page.waitForURL("**/parts/geo_*");
}

const ended = (status: string) => p.page.waitForSelector(`[data-status=${status}]`);
const mesh = () => p.page.getByRole("button", { name: "Mesh", exact: true }).click();

describe("a person", () => {
  it("drops a part, sees it, meshes it, judges it and takes it away", async () => {
    await open();
    await p.shown();
    await p.page.getByText("1 solid, 11 faces").waitFor();
    const part = await sceneImage(p.page);
    expect(part.covered, "the part is seen").toBeGreaterThan(0.1);

    await p.page.getByText(/about/).waitFor();
    await mesh();
    await ended("succeeded");
    await p.page.getByText("No element is inside out").waitFor();
    // What is said of the next has learnt from this one.
    const digits = (text: string | null) => Number(text?.replace(/ elements.*/, "").replace(/\D/g, ""));
    const runs = p.page.getByRole("region", { name: "Meshes" });
    const made = digits(
      await runs
        .getByRole("button", { name: /elements/ })
        .first()
        .textContent(),
    );
    const next = p.page.locator("#setup [aria-live=polite] strong");
    await expect.poll(async () => digits(await next.textContent())).toBe(Number(made.toPrecision(2)));
    await p.page.waitForFunction(
      () => Number(document.querySelector("[data-triangles]")?.getAttribute("data-triangles")) > 1000,
    );

    await p.page.getByLabel("Colour by").selectOption("measure:gamma");
    await drawn(p.page);
    const colored = await sceneImage(p.page);
    const greens = colored.colors.filter(([r, g, b]) => g > r + 20 && g > b + 20);
    expect(greens.length, "good elements are green").toBeGreaterThan(20);

    const [download] = await Promise.all([
      p.page.waitForEvent("download"),
      p.page.getByRole("link", { name: "mesh.msh" }).click(),
    ]);
    expect(readFileSync(await download.path(), "latin1").slice(0, 22)).toBe("$MeshFormat\n4.1 1 8\n\u0001\u0000");

    // The address is all that is needed to see the same again.
    const address = p.page.url();
    const other = await p.context.newPage();
    await other.goto(address);
    await other.getByText("No element is inside out").waitFor();
    await other.close();
  });

  it("cuts the part open and sees through it", async () => {
    await open();
    await p.shown();
    const whole = await sceneImage(p.page);
    await p.page.keyboard.press("c");
    await p.page.getByLabel("Place of the cut").waitFor();
    await drawn(p.page);
    const cut = await sceneImage(p.page);
    expect(cut.covered).toBeLessThan(0.9 * whole.covered);
    await p.page.keyboard.press("c");
    await p.page.keyboard.press("1");
    await drawn(p.page);
    expect((await sceneImage(p.page)).covered).not.toBeCloseTo(whole.covered, 2);
  });

  it("reloads in the middle of the work, and nothing is lost", async () => {
    await open();
    await p.shown();
    await p.page.getByRole("button", { name: "Fine", exact: true }).click();
    await mesh();
    await p.page.waitForURL("**/msh_*");
    await p.page.reload();
    await ended("succeeded");
    expect(await p.page.getByRole("list", { name: "Checks" }).getByRole("listitem").count()).toBeGreaterThanOrEqual(5);
  });

  it("cancels what takes too long", async () => {
    await open();
    await p.shown();
    await p.page.getByText("All settings").click();
    await p.page.getByText("Sizes", { exact: true }).click();
    await p.page.getByLabel(/Longest edge/).fill("0.55");
    await mesh();
    await p.page.getByRole("button", { name: "Cancel" }).click();
    await ended("canceled");
  });

  it("is told what is wrong with a file", async () => {
    const text = "ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\n#1=CARTESIAN_POINT('',(0.,0.,0.));\nENDSEC;\nEND-ISO-10303-21;\n";
    await open({ name: "nothing.step", mimeType: "model/step", buffer: Buffer.from(text) });
    await p.page.getByText("The file could not be read").waitFor();
    expect(await p.page.getByRole("button", { name: "Mesh", exact: true }).isDisabled()).toBe(true);
  });

  it("loses the network in the middle of an upload, and it goes on", async () => {
    let refused = 0;
    await p.page.route(
      (url) => url.searchParams.has("X-Amz-Signature"),
      (route) => (route.request().method() === "PUT" && refused++ < 2 ? route.abort("internetdisconnected") : route.continue()),
    );
    await open();
    await p.shown();
    expect(refused).toBeGreaterThan(2);
  });

  it("loses the graphics card for a moment, and the picture comes back", async () => {
    await open();
    await p.shown();
    const before = await sceneImage(p.page);
    const card = await p.page.evaluateHandle(() => {
      const lose = document.querySelector("canvas")?.getContext("webgl2")?.getExtension("WEBGL_lose_context");
      lose?.loseContext();
      return lose;
    });
    await p.page.getByText("the picture comes back by itself").waitFor();
    await card.evaluate((lose) => lose?.restoreContext());
    await p.page.getByText("the picture comes back by itself").waitFor({ state: "detached" });
    const covered = async () => (await sceneImage(p.page)).covered; // once the card has made its shaders again
    await expect.poll(covered).toBeCloseTo(before.covered, 2);
  });
});

describe("the page", () => {
  it("is clean for screen readers, light and dark, wide and narrow", async () => {
    await open();
    await p.shown();
    await mesh();
    await ended("succeeded");
    for (const [path, there] of [
      [p.page.url(), p.page.getByText(/worst elements$/)],
      [p.base, p.page.getByRole("region", { name: "Your parts" }).getByRole("listitem").first()],
    ] as const) {
      await p.page.goto(path);
      await there.waitFor();
      for (const [scheme, width] of [
        ["light", 1280],
        ["dark", 390],
      ] as const) {
        await p.page.emulateMedia({ colorScheme: scheme });
        await p.page.setViewportSize({ width, height: 800 });
        await p.page.locator(`html[data-theme=${scheme}]`).waitFor();
        await drawn(p.page);
        await p.clean();
        const wide = await p.page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide, "nothing hangs over the side").toBeLessThanOrEqual(width);
      }
    }
  });

  it("asks for nothing while nothing happens", async () => {
    await open();
    await p.shown();
    await p.page.getByText(/about/).waitFor(); // the estimate, which on a busy machine is asked for when all else is quiet
    await p.page.waitForLoadState("networkidle");
    const asked: string[] = [];
    p.page.on("request", (r) => asked.push(r.url()));
    await p.page.waitForTimeout(3000);
    expect(asked).toEqual([]);
  });

  it("says so where there is no such part", async () => {
    await p.page.goto(`${p.base}/parts/geo_01a211aa-de5e-750f-af29-b5dc1a34eff2`);
    await p.page.getByRole("heading", { name: "There is no such part" }).waitFor();
    await p.page.goto(`${p.base}/nowhere`);
    await p.page.getByText("There is no such page").waitFor();
  });
});
