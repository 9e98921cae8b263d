/** Judging a mesh: a range of the histogram is brushed, and the worst elements are flown to. */
import { describe, expect, it } from "vitest";
import { changed, drawn, sceneHues, sceneImage } from "./browser";
import { person } from "./person";

const p = person();

async function made(): Promise<void> {
  await p.open();
  await p.page.getByRole("button", { name: "Coarse" }).click();
  await p.mesh();
  await p.page.getByRole("region", { name: "Quality" }).waitFor();
}

/** counted returns how many elements the panel says to be in the range. */
async function counted(): Promise<number> {
  const text = await p.page.getByRole("region", { name: "Quality" }).locator("output strong").textContent();
  return Number((text ?? "").replace(/[^0-9]/g, ""));
}

describe("the histogram", () => {
  it("is brushed by keys: fewer elements stand out, and Escape shows all again", async () => {
    await made();
    const all = await counted();
    const measure = p.page.getByRole("combobox", { name: "Measure" });
    await measure.selectOption("gamma");
    const before = await sceneImage(p.page);
    const upTo = p.page.getByRole("slider", { name: /up to$/ });
    await upTo.focus();
    for (let i = 0; i < 4; i++) await p.page.keyboard.press("PageDown");
    await expect.poll(counted).toBeLessThan(all);
    await expect.poll(async () => changed(before, await sceneImage(p.page))).toBeGreaterThan(20);
    await p.clean();
    await p.page.keyboard.press("Escape");
    await expect.poll(counted).toBe(all);
    await expect.poll(async () => changed(before, await sceneImage(p.page))).toBe(0);
  });

  it("is brushed by dragging across it", async () => {
    await made();
    const all = await counted();
    const plot = p.page.getByRole("region", { name: "Quality" }).locator("[class*=plot]").first();
    await plot.scrollIntoViewIfNeeded();
    const box = await plot.boundingBox();
    if (!box) throw new Error("There is no histogram.");
    await p.page.mouse.move(box.x + box.width * 0.2, box.y + box.height / 2);
    await p.page.mouse.down();
    await p.page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2, { steps: 4 });
    await p.page.mouse.up();
    await expect.poll(counted).toBeGreaterThan(0);
    expect(await counted()).toBeLessThan(all);
    await p.page.getByRole("button", { name: "Clear" }).click();
    await expect.poll(counted).toBe(all);
  });
});

describe("the histogram over a cut", () => {
  it("has the elements inside stand out, too", async () => {
    await made();
    for (const key of ["p", "4", "e"]) await p.page.keyboard.press(key); // from the right, in parallel, without edges
    await p.page.keyboard.press("c");
    await p.page.waitForSelector("[data-cut]");
    await p.page.getByRole("combobox", { name: "Measure" }).selectOption("gamma");
    const good = async () => {
      await p.page.mouse.move(1, 1);
      await drawn(p.page);
      return (await sceneHues(p.page, [90])).shares[0]; // the upper end of the scale
    };
    const all = await good();
    expect(all, "elements are good inside").toBeGreaterThan(0.002);
    const upTo = p.page.getByRole("slider", { name: /up to$/ });
    for (let i = 0; i < 3; i++) await upTo.press("PageDown");
    await expect.poll(good, { message: "only poor ones stand out" }).toBeLessThan(0.1 * all);
    await upTo.press("End");
    await p.page.getByRole("slider", { name: /from$/ }).press("PageUp");
    await expect.poll(good, { message: "the good ones again" }).toBeGreaterThan(0.5 * all);
  });
});

describe("the worst elements", () => {
  it("are listed, worst first, and choosing one leads there", async () => {
    await made();
    await p.page.getByText(/worst elements$/).click();
    const rows = p.page.getByRole("list", { name: "Worst elements" }).getByRole("button");
    await rows.first().waitFor();
    const scores = await rows.locator("strong").allTextContents();
    expect(scores.map(Number)).toEqual(scores.map(Number).sort((a, b) => a - b));
    const cutOff = (all: Element[]) => all.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent);
    expect(await rows.locator("span:nth-child(2)").evaluateAll(cutOff), "their numbers are read in full").toEqual([]);
    const before = await sceneImage(p.page);
    await rows.first().press("Enter");
    await p.page.waitForSelector("[data-marked=true]");
    await expect.poll(async () => changed(before, await sceneImage(p.page))).toBeGreaterThan(50);
    await p.clean();

    // On a phone the list lies far below the picture.
    await p.page.setViewportSize({ width: 390, height: 844 });
    await rows.nth(3).press("Enter");
    const inView = async () => {
      const box = await p.page.locator("canvas").boundingBox();
      return box !== null && box.y >= 0 && box.y + box.height <= 844;
    };
    await expect.poll(inView, { message: "where it leads is seen" }).toBe(true);
  });
});
