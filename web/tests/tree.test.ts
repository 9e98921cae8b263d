/** The tree of solids, faces and groups, in a real browser against the whole service. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { drawn, sceneImage } from "./browser";
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
    await expect.poll(covered, { timeout: 20_000 }).toBeLessThan(whole * 0.98);
    expect(await solids.first().getAttribute("aria-description")).toBe("hidden");
    await p.page.getByRole("button", { name: "Show all", exact: true }).click();
    await expect.poll(covered, { timeout: 20_000 }).toBeCloseTo(whole, 2);

    await solids.first().hover();
    await solids.first().getByTitle(`Show ${name} alone (I)`).click();
    await expect.poll(covered, { timeout: 20_000 }).toBeLessThan(whole * 0.98);
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
    await expect.poll(covered, { timeout: 20_000 }).toBeLessThan(whole * 0.98);
    await p.page.keyboard.press("h");
    await expect.poll(covered, { timeout: 20_000 }).toBeCloseTo(whole, 2);
    await p.page.keyboard.press("Enter");
    await p.page.locator("[role=treeitem][aria-selected=true]").first().waitFor();
  });

  it("draws solids apart", async () => {
    await p.open(named());
    const together = (await sceneImage(p.page)).colors;
    await p.page.keyboard.press("d");
    const slider = p.page.getByRole("slider", { name: "How far solids are apart" });
    await slider.fill("1");
    const differs = async () => {
      await drawn(p.page);
      const { colors } = await sceneImage(p.page);
      return colors.filter((c, i) => c.some((v, k) => Math.abs(v - together[i][k]) > 12)).length / colors.length;
    };
    await expect.poll(differs, { timeout: 20_000 }).toBeGreaterThan(0.01);
    await p.page.keyboard.press("d");
    await expect.poll(differs, { timeout: 20_000 }).toBeLessThan(0.001);
  });
});
