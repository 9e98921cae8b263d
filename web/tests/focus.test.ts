/** The focus in the scene and beside it: keys that no system takes, and where it goes from what is gone. */
import { expect, it } from "vitest";
import { person } from "./person";

const p = person();

it("turns the part by letters, and what the keys point at is named anew", async () => {
  await p.open();
  const canvas = p.page.locator("canvas");
  expect(await canvas.getAttribute("role")).toBe("application");
  expect(await p.page.getByText(/^Arrow keys move a pointer/).count()).toBe(1);
  await canvas.focus();
  const card = p.page.locator("output").filter({ hasText: /\d/ });
  for (let i = 0; i < 6; i++) await p.page.keyboard.press("ArrowLeft"); // the plate that stands
  await card.waitFor();
  await p.clean();
  for (const key of ["j", "l", "u", "k", "Shift+L"]) {
    const before = await card.allTextContents(); // none beside the part
    await p.page.keyboard.press(key);
    await expect.poll(() => card.allTextContents(), { message: key }).not.toEqual(before);
  }
});

it("names anew what a mouse that rests is on, when keys or a drag have turned the part", async () => {
  await p.open();
  const canvas = p.page.locator("canvas");
  const box = await canvas.boundingBox();
  if (!box) throw new Error("There is no picture.");
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await p.page.mouse.move(middle.x - 66, middle.y);
  const card = p.page.locator("output").filter({ hasText: /\d/ });
  await card.waitFor();
  for (const key of ["6", "2", "0"]) {
    const before = await card.allTextContents();
    await p.page.keyboard.press(key);
    await expect.poll(() => card.allTextContents(), { message: key }).not.toEqual(before);
  }
  await p.page.mouse.down();
  await p.page.mouse.move(middle.x - 96, middle.y, { steps: 3 });
  await card.waitFor({ state: "detached" });
  await p.page.mouse.up();
  await card.waitFor();
});

it("stays beside the meshes when the only one is deleted", async () => {
  await p.open();
  await p.page.getByRole("button", { name: "Coarse" }).click();
  await p.mesh();
  const meshes = p.page.getByRole("region", { name: "Meshes" });
  await meshes.getByRole("button", { name: /^Delete this mesh/ }).press("Enter");
  await p.page.getByRole("dialog").getByRole("button", { name: "Delete" }).press("Enter");
  await meshes.getByText("None is left.").waitFor();
  await expect.poll(() => meshes.getByRole("heading").evaluate((e) => e === document.activeElement)).toBe(true);
  await p.clean();
});
