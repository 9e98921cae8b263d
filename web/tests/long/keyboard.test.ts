/** The way of a person by keys alone: no mouse, and the focus seen at every stop. */
import { beforeEach, describe, expect, it } from "vitest";
import { changed, drawn, sceneImage } from "../browser";
import { Keyboard } from "../keyboard";
import { bracket, person } from "../person";

const p = person();
let keys: Keyboard;
beforeEach(() => {
  keys = new Keyboard(p.page);
});

const button = (name: string | RegExp) => p.page.getByRole("button", { name, exact: typeof name === "string" }).first();
const region = (name: string) => p.page.getByRole("region", { name });
const summary = (text: string) => p.page.locator("summary", { hasText: text }).last();
const focused = (locator: ReturnType<typeof button>) => locator.evaluate((e) => e === document.activeElement);

/** chosen answers the dialog of the system, which a key has opened. */
async function chosen(open: () => Promise<void>, ...names: string[]): Promise<void> {
  const [chooser] = await Promise.all([p.page.waitForEvent("filechooser"), open()]);
  await chooser.setFiles(names.map(bracket));
}

/** uploaded brings a part in and waits until it can be meshed. */
async function uploaded(): Promise<void> {
  await p.page.goto(p.base);
  await chosen(() => keys.press(button("Choose files"), "Enter"), "filleted-bracket.step");
  await p.page.waitForURL("**/parts/geo_*");
  await p.shown();
  await p.page.getByText(/about/).waitFor();
}

describe("by keys alone", () => {
  it("a part is uploaded, set up, meshed, looked into, downloaded, shared, compared and deleted", async () => {
    await uploaded();

    // Set up: every number has its field.
    await keys.press(button("Coarse"), "Enter");
    await keys.press(summary("All settings"), "Enter");
    await keys.press(summary("Sizes"), "Enter");
    await keys.type(p.page.getByLabel("Longest edge"), "9");
    await p.clean();
    await keys.press(button("Mesh"), "Enter");
    await p.page.waitForSelector("[data-status=succeeded]");
    expect(p.page.url()).toContain("/msh_");

    // Turned, moved and zoomed.
    const canvas = p.page.locator("canvas");
    await keys.reach(canvas);
    let before = await sceneImage(p.page);
    for (const key of ["Control+ArrowRight", "Control+Shift+ArrowUp", "+"]) {
      await p.page.keyboard.press(key);
      await drawn(p.page);
      await expect.poll(async () => changed(before, await sceneImage(p.page)), { message: key }).toBeGreaterThan(20);
      before = await sceneImage(p.page);
    }
    await p.page.keyboard.press("f");

    // Cut, and the plane is moved.
    await keys.press(button("Cut (C)"), "Enter");
    await p.page.waitForSelector("[data-cut]");
    const place = p.page.getByLabel("Place of the cut");
    const was = await place.inputValue();
    await keys.press(place, "ArrowRight", "ArrowRight");
    expect(await place.inputValue()).not.toBe(was);
    await p.page.keyboard.press("c");

    // The tree: a face is hidden, and all are shown again.
    await p.page.keyboard.press("t");
    const tree = p.page.getByRole("tree");
    await keys.press(tree, "ArrowDown", "ArrowDown", "h");
    await p.page.locator("[role=treeitem][aria-description=hidden]").first().waitFor();
    await p.page.keyboard.press("Shift+h");
    await expect.poll(() => p.page.locator("[role=treeitem][aria-description=hidden]").count()).toBe(0);

    // The histogram, and the worst elements.
    await keys.press(p.page.getByRole("slider", { name: /up to$/ }), "PageDown");
    await p.page.locator("[data-brushed]").waitFor();
    await p.page.keyboard.press("Escape");
    await expect.poll(() => p.page.locator("[data-brushed]").count()).toBe(0);
    await keys.press(summary("worst elements"), "Enter");
    await keys.press(p.page.getByRole("list", { name: "Worst elements" }).getByRole("button").first(), "Enter");
    await p.page.waitForSelector("[data-marked=true]");

    // A file, and a link for others.
    const [download] = await Promise.all([
      p.page.waitForEvent("download"),
      keys.press(p.page.getByRole("link", { name: "mesh.msh" }), "Enter"),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.msh$/);
    await keys.press(button("Share"), "Enter");
    const dialog = p.page.getByRole("dialog", { name: "Share this mesh" });
    await keys.press(dialog.getByRole("button", { name: "Make a link" }), "Enter");
    await dialog.getByLabel(/Copy it now/).waitFor();
    await p.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => focused(button("Share")), { message: "where it was before the dialog" }).toBe(true);

    // Once more with changes, and both beside each other.
    await keys.press(button("Change and run again"), "Enter");
    await keys.press(button("Standard"), "Enter");
    await keys.press(button("Mesh"), "Enter");
    await region("Meshes").getByText(/γ ≥/).nth(1).waitFor();
    await keys.press(button(/^Compare with the one chosen/), "Enter");
    await p.page.waitForURL("**/compare/geo_*/msh_*/msh_*");
    await expect.poll(() => p.page.locator("[data-triangles]").count()).toBe(2);
    const [left] = new URL(p.page.url()).pathname.split("/").slice(3);
    await keys.press(button("Swap"), "Enter");
    await expect.poll(() => new URL(p.page.url()).pathname.split("/")[4]).toBe(left);
    await keys.press(p.page.getByRole("heading", { name: /^Two meshes of/ }).getByRole("link"), "Enter");
    await p.page.waitForURL("**/parts/geo_*/msh_*");

    // Deleted: the focus goes on from there.
    await p.shown();
    await keys.press(button(/^Delete this mesh/), "Enter");
    await keys.press(p.page.getByRole("dialog").getByRole("button", { name: "Delete" }), "Enter");
    await expect.poll(() => region("Meshes").getByRole("listitem").count()).toBe(1);
    await expect.poll(() => focused(region("Meshes").getByRole("heading"))).toBe(true);
  });

  it("several files become a batch, and the sheet of keys opens and closes", async () => {
    await p.page.goto(p.base);
    await chosen(() => keys.press(button("Choose files"), "Enter"), "one.step", "two.step");
    await p.page.waitForURL("**/batches/new");
    for (const name of ["one.step", "two.step"]) await p.page.getByRole("checkbox", { name, checked: true }).first().waitFor();

    await p.page.keyboard.press("?");
    const sheet = p.page.getByRole("dialog", { name: "Keys" });
    await keys.press(sheet.getByRole("button", { name: "Close" }), "Escape");
    await sheet.waitFor({ state: "detached" });

    const coarse = p.page.getByRole("checkbox", { name: /^Coarse/ });
    if (!(await coarse.isChecked())) await keys.press(coarse, "Space");
    for (const name of [/^Standard/, /^Fine/]) {
      const other = p.page.getByRole("checkbox", { name });
      if (await other.isChecked()) await keys.press(other, "Space");
    }
    await keys.type(p.page.getByRole("textbox", { name: "Name" }), "by keys");
    await keys.press(button("Make 2 meshes"), "Enter");
    await p.page.waitForSelector("[data-batch=done]");
    await keys.reach(p.page.getByRole("row").nth(1).getByRole("link").first());

    // All that else can be reached: the queue, and the page of keys.
    await keys.press(p.page.getByRole("link", { name: "Queue" }), "Enter");
    await p.page.getByRole("heading", { name: "Engines" }).waitFor();
    await keys.reach(button("Look again"));
    await p.page.goto(`${p.base}/keys`);
    await keys.reach(button("Make a key"));
  });
});
