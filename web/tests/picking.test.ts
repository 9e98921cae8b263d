/** Picking faces in the scene, and what is made of them. */
import { describe, expect, it } from "vitest";
import { sceneImage } from "./browser";
import { person } from "./person";

const p = person();
const card = () => p.page.getByRole("region", { name: "Picked faces" });

/** click clicks at a share of the scene. */
async function click(x: number, y: number, options: { modifiers?: ["Shift"] } = {}) {
  const box = await p.page.locator("canvas").boundingBox();
  if (!box) throw new Error("there is no scene");
  await p.page.mouse.move(box.x + x * box.width, box.y + y * box.height);
  await p.page.locator("canvas").click({ position: { x: x * box.width, y: y * box.height }, ...options });
}

const orange = async () => (await sceneImage(p.page)).colors.filter(([r, , b]) => r > b + 40).length;

describe("faces", () => {
  it("are picked by a click, more with shift, and named, refined and grown on", async () => {
    await p.open();
    await click(0.34, 0.4); // the upright plate
    await card().waitFor();
    await expect.poll(orange, { message: "what is picked is seen" }).toBeGreaterThan(30);
    await click(0.5, 0.75, { modifiers: ["Shift"] }); // the plate that lies
    await card().getByRole("heading", { name: "2 faces" }).waitFor();
    await p.clean();
    const [own, ...buttons] = await Promise.all(
      [card(), ...(await card().getByRole("button").all())].map((l) => l.boundingBox()),
    );
    const right = (b: typeof own) => (b ? b.x + b.width : 0);
    for (const b of buttons) expect(right(b), "they lie in the card, off its rim").toBeLessThan(right(own) - 3);

    const tools = p.page.getByRole("button", { name: /^Copy a link/ });
    for (const tree of ["without the tree", "with it"]) {
      const [above, below] = await Promise.all([tools, card()].map((l) => l.boundingBox()));
      if (!above || !below) throw new Error("there are no tools, or no card");
      const apart = above.x + above.width < below.x || above.y + above.height < below.y;
      expect(apart, `the card hides no tools, ${tree}`).toBe(true);
      await p.page.keyboard.press("t");
    }

    await card().getByRole("button", { name: "Name a group" }).click();
    const name = p.page.getByLabel("Name");
    await expect.poll(() => name.evaluate((e) => e === document.activeElement)).toBe(true);
    await name.fill("plates");
    await card().getByRole("button", { name: "Grow layers" }).click();
    await p.page.getByRole("checkbox", { name: "plates" }).waitFor();
    expect(await p.page.getByRole("checkbox", { name: "plates" }).isChecked(), "a group of the same faces is used").toBe(true);
    await p.page.keyboard.press("Tab"); // out of the field
    await p.page.locator("canvas").press("Escape");
    await card().waitFor({ state: "detached" });

    await p.mesh();
    await p.page.getByText("Prisms", { exact: true }).waitFor();
  });

  it("that go over into each other are picked together", async () => {
    await p.open();
    await click(0.34, 0.4);
    await card().getByRole("button", { name: "Tangent" }).click();
    await card().getByRole("heading", { name: "3 faces" }).waitFor();
    await card().getByRole("button", { name: "Invert" }).click();
    await card().getByRole("heading", { name: "8 faces" }).waitFor();
    await card().getByRole("button", { name: "Refine here" }).click();
    expect(await p.page.getByLabel("Numbers of faces").inputValue()).toMatch(/\d/);
  });
});
