/** What a part and its elements are coloured by, and how the legend says so. */
import { describe, expect, it } from "vitest";
import { categoryHue, drawn, sceneHues } from "../browser";
import { person } from "../person";

const p = person();
const legend = () => p.page.getByRole("figure");
const colourBy = async (value: string) => {
  await p.page.getByLabel("Colour by").selectOption(value);
  await drawn(p.page);
};

describe("a mesh", () => {
  it("is coloured by groups, types and sizes of its elements, also where it is cut, with a legend", async () => {
    await p.open();
    await p.page.getByText("All settings").click();
    await p.page.locator("summary", { hasText: "As JSON" }).last().click();
    await p.page
      .getByLabel("The spec as JSON")
      .fill('{"size": {"fineness": 3}, "groups": [{"name": "base", "dim": 2, "entities": [1, 2, 3, 4]}]}');
    await p.mesh();
    await p.page.waitForFunction(
      () => Number(document.querySelector("[data-triangles]")?.getAttribute("data-triangles")) > 500,
    );

    await colourBy("group");
    await expect.poll(() => legend().getByRole("listitem").allTextContents()).toEqual(["base", "in no group"]);
    const [base] = (await sceneHues(p.page, [categoryHue(0)])).shares;
    expect(base, "faces of the group").toBeGreaterThan(0.01);
    expect(base, "and no others").toBeLessThan(0.3);
    await p.clean();

    await colourBy("type");
    await expect.poll(() => legend().getByRole("listitem").allTextContents()).toEqual(["Triangles"]);
    const [tetrahedra, triangles] = [categoryHue(0), categoryHue(4)];
    expect((await sceneHues(p.page, [triangles])).shares[0], "all of it").toBeGreaterThan(0.1);
    expect((await sceneHues(p.page, [tetrahedra])).shares[0]).toBeLessThan(0.001);
    await p.page.keyboard.press("c");
    await p.page.waitForSelector("[data-cut]");
    await expect.poll(() => legend().getByRole("listitem").allTextContents()).toEqual(["Tetrahedra", "Triangles"]);
    await drawn(p.page);
    expect((await sceneHues(p.page, [tetrahedra])).shares[0], "the inside").toBeGreaterThan(0.005);

    await colourBy("measure:size");
    await legend()
      .getByText(/^Element size,\s*mm/)
      .waitFor();
    const marks = (await legend().locator("span").allTextContents()).map(Number.parseFloat);
    expect(marks).toHaveLength(3);
    expect(marks[1]).toBeCloseTo(Math.sqrt(marks[0] * marks[2]), 0);
    expect(marks[2], "the bracket is 60 mm long").toBeLessThan(20);
    await p.page.locator("canvas").hover({ position: { x: 330, y: 300 } });
    await p.page.locator("output", { hasText: /Element size \d.*mm/ }).waitFor();

    // On a phone what colours mean stands below the part.
    await p.page.setViewportSize({ width: 390, height: 844 });
    for (const colours of ["measure:size", "type"]) {
      await colourBy(colours);
      const below = async () => {
        const [canvas, scale] = await Promise.all([p.page.locator("canvas").boundingBox(), legend().boundingBox()]);
        return canvas !== null && scale !== null && scale.width > 300 && scale.y >= canvas.y + canvas.height - 1; // which is whole pixels
      };
      await expect.poll(below, { message: colours }).toBe(true);
    }
    await p.clean();
  });
});
