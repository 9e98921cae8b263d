/** What drawing needs beside the picture, and what of the tools is seen beside it on a phone. */
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
