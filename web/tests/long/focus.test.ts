/** The focus in the scene and beside it: keys that no system takes, and where it goes from what is gone. */
import { describe, expect, it } from "vitest";
import { person } from "../person";

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

/** at is what has the focus, by its name. */
const at = () =>
  p.page.evaluate(() => {
    const a = document.activeElement;
    if (!a || a === document.body) return "nowhere";
    return a.getAttribute("aria-label") ?? (a.textContent?.trim() || a.tagName.toLowerCase());
  });

const button = (name: string | RegExp) => p.page.getByRole("button", { name, exact: typeof name === "string" });
const PICTURE = "The part in three dimensions";

describe("where what had the focus goes, that", () => {
  it("stays at the button that makes a mesh, and goes on in the scene from its cards and tools", async () => {
    await p.open();
    await button("Mesh").press("Enter");
    await p.page.waitForSelector("[data-status=succeeded]");
    expect(await at()).toBe("Mesh");

    const canvas = p.page.locator("canvas");
    for (const name of ["Pick nothing (Esc)", "Hide (H)"]) {
      await canvas.focus();
      for (const key of [...Array<string>(6).fill("ArrowLeft"), "Enter"]) await p.page.keyboard.press(key);
      await button(name).press("Enter");
      await button(name).waitFor({ state: "detached" });
      await expect.poll(at, { message: name }).toBe(PICTURE);
    }
    await p.page.keyboard.press("Shift+H");

    await p.page.keyboard.press("c");
    await p.page.getByLabel("Place of the cut").press("c");
    await p.page.getByLabel("Place of the cut").waitFor({ state: "detached" });
    await expect.poll(at).toBe(PICTURE);

    await p.page.keyboard.press("t");
    await p.page.getByRole("tree").press("t");
    await p.page.getByRole("tree").waitFor({ state: "detached" });
    await expect.poll(at).toBe(PICTURE);

    const from = p.page.getByRole("slider", { name: /, from$/ });
    await from.press("ArrowRight");
    await button("Clear").press("Enter");
    expect(await from.evaluate((e) => e === document.activeElement)).toBe(true);
    await p.clean();
  });

  it("goes to what is around what is taken away", async () => {
    await p.open();
    await button("Coarse").press("Enter");
    await button("Back to the defaults").press("Enter");
    await expect.poll(at).toBe("Set up a mesh");
    await p.clean();
    for (const name of ["All settings", "Groups"]) await p.page.locator("summary", { hasText: name }).press("Enter");
    await button("New group").press("Enter");
    await expect.poll(() => p.page.locator("input:focus").inputValue()).toBe("group");
    await button("Remove group").press("Enter");
    await expect.poll(at).toBe("Groups");
    await p.page.keyboard.press("Tab");
    expect(await at()).not.toBe("Groups");
    await p.page.keyboard.press("Shift+Tab"); // it is one of the places where one comes by
    expect(await at()).toBe("Groups");

    // One page for another.
    await p.page.getByRole("link", { name: "Meshgen" }).focus();
    await p.page.keyboard.press("Enter");
    const part = p.page.getByRole("region", { name: "Your parts" }).getByRole("link").first();
    await part.press("Enter");
    await p.shown();
    expect(await p.page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");
    await p.page.keyboard.press("Tab");
    expect(await at()).toBe(PICTURE);
  });

  it("is not taken by what goes where nobody is", async () => {
    await p.open();
    await button("Coarse").click();
    await button("Back to the defaults").focus();
    await p.page.getByRole("heading", { name: "New mesh" }).click();
    expect(await at()).toBe("nowhere");
    await button("Back to the defaults").evaluate((e: HTMLElement) => e.click());
    await button("Back to the defaults").waitFor({ state: "detached" });
    expect(await at()).toBe("nowhere");
  });

  it("goes on in the page that a part is asked for again for", async () => {
    await p.open();
    const why = { title: "Busy", detail: "Too much was asked for.", status: 429 };
    const refuse = /\/v1\/geometries\/geo_[^/]*$/;
    await p.context.route(refuse, (route) => route.fulfill({ status: why.status, json: why }));
    await p.page.reload();
    const again = p.page.getByRole("main").getByRole("alert").getByRole("button", { name: "Try again" });
    await again.press("Enter");
    await expect.poll(at, { message: "it is refused again" }).toBe("Try again");
    await p.context.unroute(refuse);
    await again.press("Enter");
    await p.shown();
    expect(await p.page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");
    await p.clean();
  });
});

it("is named where browsers name pages", async () => {
  await p.page.goto(p.base);
  await expect.poll(() => p.page.title()).toBe("Meshgen");
  await p.open();
  await expect.poll(() => p.page.title()).toBe("filleted-bracket.step · Meshgen");
  await p.page.getByRole("link", { name: "Queue" }).click();
  await expect.poll(() => p.page.title()).toBe("The queue · Meshgen");
});
