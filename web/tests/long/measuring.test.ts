/** Measuring between two places of the scene. */
import { describe, expect, it } from "vitest";
import { drawn, sceneHues } from "../browser";
import { person } from "../person";

// The bracket from the front: 60 mm wide and 50 high, fitted with the radius of its box and a margin (see cutting.test.ts).
const HALF = 1.12 * (Math.hypot(60, 40, 50) / 2);

const p = person();
const card = () => p.page.locator("output", { hasText: /^\d.*mm/ });
/** ruler is the share of the picture that has the colour of the ruler. */
const ruler = async () => (await sceneHues(p.page, [29])).shares[0];

/** place is where on the page the front shows a place, in mm from its middle. */
async function place(x: number, z: number): Promise<[number, number]> {
  const box = await p.page.locator("canvas").boundingBox();
  if (!box) throw new Error("There is no canvas.");
  const pixel = (2 * HALF) / box.height;
  return [box.x + box.width / 2 + x / pixel, box.y + box.height / 2 - z / pixel];
}

async function front(): Promise<void> {
  await p.open();
  for (const key of ["p", "1", "m"]) await p.page.keyboard.press(key);
  await p.page.getByText("Click two places to measure between").waitFor();
}

describe("two places", () => {
  it("are measured between: corners and edges draw the pointer, and the length stands in the scene", async () => {
    await front();
    expect(await ruler()).toBe(0);
    await p.page.mouse.click(...(await place(-29.3, -24.2)));
    await p.page.mouse.move(...(await place(29, -24.4)));
    await card().getByText("60 mm", { exact: true }).waitFor(); // before it is marked, too
    await p.page.mouse.click(...(await place(29, -24.4)));
    await card().getByText("from a corner to a corner").waitFor();
    await card().getByText("Δx 60, Δy 0, Δz 0 mm").waitFor();
    await p.page.mouse.move(...(await place(0, 20)));
    await drawn(p.page);
    expect(await ruler(), "a line along the lower edge").toBeGreaterThan(1e-3);
    await p.clean();

    // The plate that lies is 6 mm thick; a third place begins anew.
    await p.page.mouse.click(...(await place(10, -24.5)));
    await p.page.mouse.click(...(await place(10, -19.4)));
    await card().getByText("from an edge to an edge").waitFor();
    expect(Number.parseFloat((await card().locator("strong").textContent()) ?? "")).toBeCloseTo(6, 1);

    await p.page.mouse.move(...(await place(-45, 0))); // beside the part: an edge near the pointer would be marked
    await p.page.keyboard.press("Escape");
    await p.page.getByText("Click two places to measure between").waitFor();
    await expect.poll(ruler, { message: "nothing is left" }).toBe(0);
    await p.page.keyboard.press("Escape");
    await p.page.getByText("Click two places to measure between").waitFor({ state: "detached" });
    await p.page.mouse.click(...(await place(10, -22)));
    await p.page.getByRole("region", { name: "Picked faces" }).waitFor(); // clicks pick again
  });

  it("are reached by keys alone, nodes of a mesh too", async () => {
    await p.open();
    await p.page.getByRole("button", { name: "Coarse" }).click();
    await p.mesh();
    await p.page.waitForFunction(
      () => Number(document.querySelector("[data-triangles]")?.getAttribute("data-triangles")) > 500,
    );
    await p.page.locator("canvas").focus();
    await p.page.keyboard.press("m");
    const press = async (key: string, times: number) => {
      for (let i = 0; i < times; i++) await p.page.keyboard.press(key);
      await p.page.keyboard.press("Enter");
    };
    await press("ArrowLeft", 6); // the plate that stands
    await press("ArrowDown", 9); // the one that lies
    const marked = p.page.locator("output[aria-live=polite]", { hasText: /from an? (node|edge|face) to an? (node|edge|face)/ });
    await marked.waitFor();
    expect(Number.parseFloat((await marked.locator("strong").textContent()) ?? "")).toBeGreaterThan(1);
  });
});
