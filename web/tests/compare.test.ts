/** Two meshes of a part side by side. */
import { describe, expect, it } from "vitest";
import { changed, sceneImage } from "./browser";
import { person } from "./person";

const p = person();
const meshes = () => p.page.getByRole("region", { name: "Meshes" });
const address = () => new URL(p.page.url());
const sides = () => address().pathname.split("/").slice(3);

/** both makes a coarse and a finer mesh, and opens them beside each other. */
async function both(finer = "Standard"): Promise<void> {
  await p.open();
  await p.page.getByRole("button", { name: "Coarse" }).click();
  await p.mesh();
  await p.page.getByRole("button", { name: finer, exact: true }).click();
  await p.page.getByRole("button", { name: "Mesh", exact: true }).click();
  await meshes().getByText(/γ ≥/).nth(1).waitFor();
  const other = meshes().getByRole("button", { name: /^Compare with the one chosen/ });
  await other.focus();
  await p.page.keyboard.press("Enter");
  await p.page.waitForURL("**/compare/geo_*/msh_*/msh_*");
  await shown();
}

/** shown waits for both pictures. */
async function shown(): Promise<void> {
  await expect.poll(() => p.page.locator("[data-triangles]").count()).toBe(2);
  await p.page.waitForLoadState("networkidle");
}

const cell = (row: string, column: number) =>
  p.page
    .getByRole("row", { name: new RegExp(`^${row}`) })
    .getByRole("cell")
    .nth(column)
    .textContent();

describe("two meshes of a part", () => {
  it("stand side by side with their figures, and one camera and one cut serve both", async () => {
    await both();
    const [fine, coarse] = sides();
    expect(fine).not.toBe(coarse);
    const [left, right] = [await cell("Tetrahedra", 0), await cell("Tetrahedra", 1)].map((t) => Number(t?.replace(/\D/g, "")));
    expect(left, "the one that was shown stands left").toBeGreaterThan(right);
    expect(await cell("Tetrahedra", 2)).toMatch(/^−\d/);
    await p.page.getByText("The right one was asked for fineness 3").waitFor();
    await p.clean();

    // A hand on the right one turns the left one too.
    const before = await sceneImage(p.page, 0);
    const box = await p.page.locator("canvas").nth(1).boundingBox();
    if (!box) throw new Error("There is no second picture.");
    await p.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await p.page.mouse.down();
    await p.page.mouse.move(box.x + box.width / 2 + 90, box.y + box.height / 2 - 40, { steps: 4 });
    await p.page.mouse.up();
    await expect.poll(async () => changed(before, await sceneImage(p.page, 0))).toBeGreaterThan(100);

    await p.page.getByLabel("Colour by").selectOption("measure:gamma");
    await p.page.keyboard.press("e");
    await p.page.locator("canvas").first().focus();
    await p.page.keyboard.press("c");
    await expect.poll(() => p.page.locator("[data-cut]").count()).toBe(2);
    await expect.poll(() => address().search).toMatch(/color=measure:gamma.*cut=1,0,0,0.5,this,section&camera=perspective/);

    // The address is all that is needed to see the same again.
    await p.page.mouse.move(1, 1);
    const pictures = [await sceneImage(p.page, 0), await sceneImage(p.page, 1)];
    await p.page.reload();
    await shown();
    await expect.poll(() => p.page.locator("[data-cut]").count()).toBe(2);
    for (const i of [0, 1]) await expect.poll(async () => changed(pictures[i], await sceneImage(p.page, i))).toBeLessThan(12);
  });

  it("are coloured by the size of their elements on one scale, also where they are cut", async () => {
    await both("Fine");
    await p.page.getByLabel("Colour by").selectOption("measure:size");
    await p.page.keyboard.press("e");
    await p.page.locator("figcaption").waitFor();
    // Dark purple is small and yellow is large: the finer one is on the left.
    const green = async (side: number) => {
      const { colors } = await sceneImage(p.page, side);
      const shades = colors.filter(([r, g, b]) => Math.max(r, g, b) - Math.min(r, g, b) > 40).map(([, g]) => g);
      return shades.reduce((sum, g) => sum + g, 0) / shades.length;
    };
    const apart = async () => (await green(1)) - (await green(0));
    await expect.poll(apart).toBeGreaterThan(25);
    await p.page.locator("canvas").first().focus();
    await p.page.keyboard.press("c");
    await expect.poll(() => p.page.locator("[data-cut]").count()).toBe(2);
    await expect.poll(apart).toBeGreaterThan(25);
  });

  it("change sides by a key, are chosen anew, and lie one below the other where it is narrow", async () => {
    await both();
    const [left, right] = sides();
    const few = await cell("Tetrahedra", 1);
    await p.page.keyboard.press("s");
    await expect.poll(sides).toEqual([right, left]);
    await expect.poll(() => cell("Tetrahedra", 0)).toBe(few);
    await p.page.getByRole("combobox", { name: "Left mesh" }).selectOption(left);
    await p.page.getByText("Both were asked for the same.").waitFor();

    await p.page.setViewportSize({ width: 390, height: 844 });
    const below = async () => {
      const [a, b] = await Promise.all([0, 1].map((i) => p.page.locator("canvas").nth(i).boundingBox()));
      return a !== null && b !== null && b.y >= a.y + a.height;
    };
    await expect.poll(below).toBe(true);
    expect(await p.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    const tools = await p.page.getByRole("toolbar").first().boundingBox();
    const picture = await p.page.locator("canvas").first().boundingBox();
    expect((tools?.y ?? 0) + (tools?.height ?? 0), "the tools are above the pictures").toBeLessThanOrEqual(picture?.y ?? 0);
    await p.clean();
    await p.page
      .getByRole("heading", { name: /^Two meshes of/ })
      .getByRole("link")
      .click();
    await p.page.waitForURL("**/parts/geo_*/msh_*");
  });
});
