/** What drawing needs beside the picture, and what of the tools is seen beside it on a phone. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { changed, drawn, sceneImage } from "./browser";
import { person } from "./person";

const p = person();

it("takes samples while it draws, lets go of them when it rests, and draws the same again", async () => {
  const page = await p.context.newPage(); // with as many samples a pixel as people have
  page.on("pageerror", (e) => p.problems.push(e.message));
  await page.addInitScript(() => {
    const seen = { live: new Set<unknown>(), most: 0, samples: 0 };
    (window as unknown as { seen: typeof seen }).seen = seen;
    const gl = WebGL2RenderingContext.prototype;
    const { createRenderbuffer, deleteRenderbuffer, renderbufferStorageMultisample } = gl;
    gl.createRenderbuffer = function () {
      const made = createRenderbuffer.call(this);
      seen.live.add(made);
      seen.most = Math.max(seen.most, seen.live.size);
      return made;
    };
    gl.deleteRenderbuffer = function (buffer) {
      seen.live.delete(buffer);
      deleteRenderbuffer.call(this, buffer);
    };
    gl.renderbufferStorageMultisample = function (target, samples, ...rest) {
      seen.samples = samples;
      renderbufferStorageMultisample.call(this, target, samples, ...rest);
    };
  });
  p.page = page;
  await p.open();
  const live = () => page.evaluate(() => (window as unknown as { seen: { live: Set<unknown> } }).seen.live.size);
  expect(await page.evaluate(() => (window as unknown as { seen: { samples: number } }).seen.samples)).toBe(4);
  await expect.poll(live, { message: "it rests" }).toBe(0);
  const picture = await sceneImage(page);
  expect(picture.covered).toBeGreaterThan(0.1);
  await page.locator("canvas").focus();
  await page.evaluate(() => {
    (window as unknown as { seen: { most: number } }).seen.most = 0;
  });
  await page.keyboard.press("j");
  const most = () => page.evaluate(() => (window as unknown as { seen: { most: number } }).seen.most);
  await expect.poll(most, { message: "colours and depths" }).toBe(2);
  await page.keyboard.press("0");
  await drawn(page);
  await expect.poll(live).toBe(0);
  await page.locator("canvas").blur();
  await expect.poll(async () => changed(picture, await sceneImage(page))).toBe(0);
});

/**
 * inkOf returns how strongly lines between two alike parts of the surface stand out from them: the contrast that half of their pixels reach. At
 * the rims of lines pixels are mixed, and what differs by 3 % or less is taken for the surface.
 */
async function inkOf(): Promise<number> {
  await drawn(p.page);
  const style = "section[aria-label=Scene] > :not(:first-child), [data-triad] { visibility: hidden }";
  const png = await p.page.locator("canvas").screenshot({ style });
  return p.page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d") as OffscreenCanvasRenderingContext2D;
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const ground = data.slice(0, 3);
    const light = (x: number, y: number) => {
      const at = 4 * (y * width + x);
      const [r, g, b] = [0, 1, 2].map((k) => (data[at + k] / 255) ** 2.2);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const covered = (x: number, y: number) => [0, 1, 2].some((k) => Math.abs(data[4 * (y * width + x) + k] - ground[k]) > 40);
    const contrasts: number[] = [];
    for (let y = 0; y < height; y += 2) {
      for (let x = 6; x < width - 6; x++) {
        const sides = [x - 6, x - 5, x + 5, x + 6];
        if (!sides.every((s) => covered(s, y))) continue;
        const [a, b] = [light(x - 5, y), light(x + 5, y)];
        const own = light(x, y);
        if (own > Math.min(a, b) * 0.97 && own < Math.max(a, b) * 1.03) continue; // part of the surface, or of a shade between
        const against = (other: number) => (Math.max(own, other) + 0.05) / (Math.min(own, other) + 0.05);
        contrasts.push(Math.min(against(a), against(b)));
      }
    }
    return contrasts.sort((m, n) => n - m)[Math.floor(contrasts.length / 2)] ?? 0;
  }, png.toString("base64"));
}

it("has outlines that stand out from the surface, in the dark as well, and from colours of the CAD", async () => {
  await p.open({
    name: "named-coloured.step",
    mimeType: "model/step",
    buffer: readFileSync(`${import.meta.dirname}/testdata/named-coloured.step`),
  });
  const seen: Record<string, number> = {};
  for (const theme of ["light", "dark"]) {
    if (theme === "dark") await p.page.getByLabel("Dark colours").click();
    for (const by of ["plain", "cad"]) {
      await p.page.getByLabel("Colour by").selectOption(by);
      await p.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      seen[`${theme}, ${by}`] = await inkOf();
    }
  }
  for (const theme of ["light", "dark"]) {
    expect(seen[`${theme}, plain`], theme).toBeGreaterThan(3);
    expect(seen[`${theme}, cad`], `${theme}: red is neither light nor dark`).toBeGreaterThan(2.2);
  }
});

it("shows the edges of elements that are six pixels high", async () => {
  await p.open();
  await p.page.getByRole("slider", { name: "Fineness" }).fill("8.5");
  await p.mesh();
  await expect
    .poll(async () => Number(await p.page.getAttribute("[data-triangles]", "data-triangles")))
    .toBeGreaterThan(10_000);
  await drawn(p.page);
  await p.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const edges = await sceneImage(p.page);
  await p.page.keyboard.press("e");
  await drawn(p.page);
  const plain = await sceneImage(p.page);
  const share = changed(edges, plain) / (plain.covered * plain.colors.length);
  expect(share, "of the part's pixels").toBeGreaterThan(0.2);
});

it("shows where x, y and z point, in the picture that is saved as well", async () => {
  await p.open();
  const end = async (name: string) => {
    const line = p.page.locator("[data-triad] g", { hasText: name }).locator("line").last();
    return Promise.all(["x2", "y2"].map(async (a) => Number(await line.getAttribute(a))));
  };
  const turned = (key: string, ends: Record<string, [number, number]>) =>
    expect
      .poll(
        async () => {
          const seen = await Promise.all(Object.keys(ends).map(async (name) => [name, (await end(name)).map(Math.round)]));
          return Object.fromEntries(seen);
        },
        { message: key },
      )
      .toEqual(ends);
  await p.page.keyboard.press("4");
  await turned("from the right", { y: [20, 0], z: [0, -20] });
  await p.page.keyboard.press("1");
  await turned("from the front", { x: [20, 0], z: [0, -20] });
  const [download] = await Promise.all([
    p.page.waitForEvent("download"),
    p.page.getByRole("button", { name: "Save a picture" }).click(),
  ]);
  const color = await p.page.evaluate(
    async (base64) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d") as OffscreenCanvasRenderingContext2D;
      context.drawImage(bitmap, 0, 0);
      return [...context.getImageData(50, bitmap.height - 40, 1, 1).data];
    },
    readFileSync(await download.path()).toString("base64"),
  );
  expect(color[0] - color[2], "the x axis is red").toBeGreaterThan(80);
});

it("shows on a phone that the row of tools goes on, at the end where it does", async () => {
  await p.open();
  const tools = p.page.getByRole("toolbar", { name: "View" });
  const more = () => tools.getAttribute("data-more");
  expect(await more(), "there is room for all").toBeNull();
  await p.page.setViewportSize({ width: 390, height: 844 });
  await expect.poll(more).toBe("after");
  await tools.evaluate((row) => row.scrollBy(40, 0));
  await expect.poll(more).toBe("before after");
  await tools.getByRole("button").last().focus(); // by keyboard, too
  await expect.poll(more).toBe("before");
  const mask = () => tools.evaluate((row) => getComputedStyle(row).maskImage);
  expect(await mask()).toContain("linear-gradient");
  await p.page.setViewportSize({ width: 1280, height: 800 });
  await expect.poll(more).toBeNull();
  expect(await mask()).toBe("none");
});
