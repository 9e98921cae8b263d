/** After a mesh: files in any format, the next thing to try after a failure; and the sheet of keys. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { person } from "./person";

const p = person();

describe("a mesh that was made", () => {
  it("can be had in a format that nobody asked for before", async () => {
    await p.open();
    await p.page.getByRole("button", { name: "Coarse" }).click();
    await p.mesh();
    await p.page.getByText("Other formats").click();
    const [download] = await Promise.all([
      p.page.waitForEvent("download"),
      p.page.getByRole("button", { name: /^inp/ }).click(),
    ]);
    expect(readFileSync(await download.path(), "latin1").slice(0, 200)).toContain("*");
    await p.page.getByRole("link", { name: "mesh.inp" }).waitFor(); // listed now, with its size
    await p.clean();
  });
});

describe("a mesh that failed", () => {
  it("offers the next thing to try, and a press tries it", async () => {
    await p.open();
    await p.page.getByText("All settings").click();
    await p.page.locator("summary", { hasText: "As JSON" }).last().click();
    await p.page.getByLabel("The spec as JSON").fill('{"size": {"max": 0.4}, "time_limit": "1s"}');
    await p.mesh("failed");
    await p.page.getByRole("button", { name: "Coarser: edges up to 0.8" }).waitFor();
    await p.clean();
    await p.page.getByRole("button", { name: "Allow 4.0" }).click();
    await p.page.getByRole("region", { name: "Meshes" }).getByText("within 4s").waitFor();
    const spec = async () => JSON.parse(await p.page.getByLabel("The spec as JSON").inputValue());
    await expect.poll(async () => (await spec()).time_limit).toBe("4s");
  });
});

describe("the sheet of keys", () => {
  it("opens by ? and closes by Escape, and keys do nothing behind it", async () => {
    await p.open();
    await p.page.keyboard.press("?");
    const sheet = p.page.getByRole("dialog", { name: "Keys" });
    await sheet.getByText("fit the part into view").waitFor();
    await p.clean();
    await p.page.keyboard.press("c");
    expect(await p.page.getByLabel("Place of the cut").count()).toBe(0);
    await p.page.keyboard.press("Escape");
    await sheet.waitFor({ state: "detached" });
    await p.page.keyboard.press("c");
    await p.page.getByLabel("Place of the cut").waitFor();
  });
});
