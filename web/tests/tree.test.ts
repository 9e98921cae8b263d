/** The tree of solids, faces and groups, in a real browser against the whole service. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { categoryHue, drawn, sceneHues, sceneImage } from "./browser";
import { person } from "./person";

const step = readFileSync(join(import.meta.dirname, "testdata/named-coloured.step"));
const named = () => ({
  name: "coloured.step",
  mimeType: "model/step",
  buffer: Buffer.concat([step, Buffer.from(`/* ${randomUUID()} */\n`)]),
});

const p = person();

/** covered returns the share of the picture that shows something. */
async function covered(): Promise<number> {
  await p.page.mouse.move(0, 0);
  await drawn(p.page);
  return (await sceneImage(p.page)).covered;
}

describe("the tree of entities", () => {
  it("names what the file names, finds it, and hides and shows it", async () => {
    await p.open(named());
    await p.page.keyboard.press("t");
    const tree = p.page.getByRole("tree", { name: "Entities" });
    await tree.waitFor();
    const solids = p.page.locator("[role=treeitem][data-kind=solid]");
    expect(await solids.count()).toBeGreaterThan(1);
    await p.clean();
    const name = "base plate";

    const whole = await covered();
    await solids.first().hover();
    await solids.first().getByTitle(`Hide ${name} (H)`).click();
    await expect.poll(covered).toBeLessThan(whole * 0.98);
    expect(await solids.first().getAttribute("aria-description")).toBe("hidden");
    await p.page.getByRole("button", { name: "Show all", exact: true }).click();
    await expect.poll(covered).toBeCloseTo(whole, 2);

    await solids.first().hover();
    await solids.first().getByTitle(`Show ${name} alone (I)`).click();
    await expect.poll(covered).toBeLessThan(whole * 0.98);
    expect(await covered()).toBeGreaterThan(0.001);
    await p.page.getByRole("button", { name: "Show all (⇧H)" }).click();

    await p.page.getByRole("searchbox").fill("no such name");
    await p.page.getByText("Nothing is called that").waitFor();
    await p.page.getByRole("searchbox").fill(name);
    await p.page.locator("[role=treeitem]", { hasText: name }).first().waitFor();
  });

  it("is at hand by keys alone", async () => {
    await p.open(named());
    await p.page.keyboard.press("t");
    const tree = p.page.getByRole("tree", { name: "Entities" });
    await tree.focus();
    const whole = await covered();
    await p.page.keyboard.press("Home");
    await p.page.keyboard.press("ArrowDown");
    await p.page.keyboard.press("h");
    await expect.poll(covered).toBeLessThan(whole * 0.98);
    await p.page.keyboard.press("h");
    await expect.poll(covered).toBeCloseTo(whole, 2);
    await p.page.keyboard.press("Enter");
    await p.page.locator("[role=treeitem][aria-selected=true]").first().waitFor();
  });

  it("has the colours that solids have in the picture, and their own where that has those", async () => {
    await p.open(named());
    await p.page.keyboard.press("t");
    const inked = (marks: Element[]) => marks.map((m) => getComputedStyle(m).backgroundColor);
    const rows = p.page.locator("[role=treeitem][data-kind=solid] i");
    await rows.nth(1).waitFor();
    const own = await rows.evaluateAll(inked);
    await p.page.getByLabel("Colour by").selectOption("solid");
    const legend = p.page.getByRole("figure").locator("li span");
    await legend.first().waitFor();
    await expect.poll(() => rows.evaluateAll(inked)).toEqual(await legend.evaluateAll(inked));
    expect(await rows.evaluateAll(inked)).not.toEqual(own);
    await p.page.getByLabel("Colour by").selectOption("cad");
    await expect.poll(() => rows.evaluateAll(inked)).toEqual(own);
  });

  it("draws solids apart, all of them in view, however far", async () => {
    await p.open(named());
    await p.page.keyboard.press("t");
    await p.page.getByRole("tree").waitFor();
    const solids = await p.page.locator("[role=treeitem][data-kind=solid]").count();
    await p.page.keyboard.press("t");
    await p.page.getByLabel("Colour by").selectOption("solid");
    const hues = Array.from({ length: solids }, (_, i) => categoryHue(i));
    const seen = async () => {
      await p.page.mouse.move(0, 0);
      await drawn(p.page);
      return sceneHues(p.page, hues);
    };
    const together = await seen();
    await p.page.keyboard.press("d");
    const slider = p.page.getByRole("slider", { name: "How far solids are apart" });
    await slider.waitFor();
    for (const [key, apart] of [
      ["0", "0.3"],
      ["3", "1"],
      ["p", "0.9"],
      ["0", "1"],
    ]) {
      await p.page.keyboard.press("f");
      await p.page.keyboard.press(key);
      await slider.fill("0");
      await slider.fill(apart);
      const { shares, cutOff } = await seen();
      expect(cutOff, `${apart} apart, key ${key}`).toBe(false);
      for (const [i, share] of shares.entries()) expect(share, `solid ${i}, ${apart} apart, key ${key}`).toBeGreaterThan(2e-4);
    }
    await p.page.keyboard.press("p");
    await p.page.keyboard.press("0");
    await p.page.keyboard.press("d");
    const back = await seen();
    for (const [i, share] of back.shares.entries()) expect(share).toBeCloseTo(together.shares[i], 3);
  });
});
