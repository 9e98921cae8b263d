/** A link that shows the same view again. */
import { describe, expect, it } from "vitest";
import { changed, drawn, sceneImage } from "../browser";
import { person } from "../person";

const p = person();
const query = () => new URL(p.page.url()).search;

describe("the address of a part", () => {
  it("says how it is looked at, and whoever opens a copy of it sees the same", async () => {
    await p.open();
    await p.page.getByRole("button", { name: "Coarse" }).click();
    await p.mesh();
    await p.page.getByRole("region", { name: "Quality" }).waitFor();
    await p.page.waitForLoadState("networkidle");
    expect(query(), "what fits by itself needs no words").toBe("");

    await p.page.getByRole("combobox", { name: "Measure" }).selectOption("gamma");
    await p.page.getByRole("slider", { name: /up to$/ }).focus();
    await p.page.keyboard.press("PageDown");
    await p.page.locator("canvas").focus();
    for (const key of ["c", "e"]) await p.page.keyboard.press(key);
    await p.page.waitForSelector("[data-cut]");
    const box = await p.page.locator("canvas").boundingBox();
    if (!box) throw new Error("There is no canvas.");
    const at = { x: box.x + box.width * 0.3, y: box.y + box.height * 0.4 };
    await p.page.mouse.click(at.x, at.y); // the plate that stands
    await p.page.getByRole("region", { name: "Picked faces" }).waitFor();
    await p.page.keyboard.press("h");
    await p.page.mouse.move(at.x, at.y);
    await p.page.mouse.down();
    await p.page.mouse.move(at.x + 90, at.y - 40, { steps: 4 });
    await p.page.mouse.up();
    await expect
      .poll(query)
      .toMatch(/^\?color=measure:gamma&edges=0&cut=1,0,0,0.5,this,section&hide=f\d+&brush=gamma,0,\d+&camera=perspective,/);

    await p.page.getByRole("button", { name: "Copy a link to this view" }).click();
    const clipboard = () => p.page.evaluate(() => navigator.clipboard.readText());
    await expect.poll(clipboard).toContain("/parts/geo_");
    const link = await clipboard();
    await expect.poll(() => p.page.url(), { message: "the address follows when the camera rests" }).toBe(link);
    await p.page.mouse.move(1, 1);
    await drawn(p.page);
    const before = await sceneImage(p.page);
    const other = await p.newPage(p.context);
    await other.goto(link);
    await other.waitForSelector("[data-cut]");
    await expect.poll(async () => changed(before, await sceneImage(other))).toBeLessThan(12);
    const range = (page: typeof p.page) => page.getByRole("region", { name: "Quality" }).locator("output").textContent();
    expect(await range(other)).toBe(await range(p.page));
    await other.close();

    // It goes on with the next mesh, but for the range, which was that of this one.
    await p.mesh();
    await expect.poll(() => p.page.getByRole("region", { name: "Meshes" }).getByText(/γ ≥/).count()).toBe(2);
    await expect.poll(query).toMatch(/^\?color=measure:gamma&edges=0&cut=1,0,0,0.5,this,section&hide=f\d+&camera=perspective,/);
  });
});
