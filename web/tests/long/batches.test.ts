/** Many files by many presets: dropped together, meshed as a batch, and fetched as one ZIP. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bracket, person } from "../person";

const p = person();

describe("several files", () => {
  it("lead to a batch, which stays over a reload and comes as one ZIP", async () => {
    await p.page.goto(p.base);
    await p.page.setInputFiles("input[type=file]", [bracket("first.step"), bracket("second.step")]);
    await p.page.waitForURL("**/batches/new");
    for (const name of ["first.step", "second.step"]) await p.page.getByRole("checkbox", { name }).first().waitFor();
    await p.page.getByRole("checkbox", { name: /^Coarse/ }).setChecked(true);
    await p.page.getByRole("checkbox", { name: /^Standard/ }).setChecked(false);
    await p.page.getByRole("textbox", { name: "Name" }).fill("two of a kind");
    await p.page.getByRole("button", { name: "Make 2 meshes" }).waitFor();
    await p.page.getByRole("button", { name: "Add settings as JSON" }).click();
    const spec = p.page.getByLabel("Spec of own 1 as JSON");
    await spec.fill('{"size": 3}');
    await p.page.getByText("This is no spec: size is an object").waitFor();
    expect(await p.page.getByRole("button", { name: "Make 4 meshes" }).isDisabled()).toBe(true);
    await p.clean();
    await spec.fill('{"size": {"fineness": 2}, "order": 2}');
    await p.page.getByLabel("Name of own 1").fill("curved");
    await p.page.reload(); // what is typed stays
    await p.page.getByRole("button", { name: "Make 4 meshes" }).press("Enter");

    await p.page.waitForURL("**/batches/bat_*");
    const main = p.page.getByRole("main");
    await expect
      .poll(() => main.evaluate((e) => e.contains(document.activeElement)), { message: "the focus stays" })
      .toBe(true);
    await p.page.reload(); // nothing is lost
    await p.page.waitForSelector("[data-batch=done]");
    expect(await p.page.locator("tr[data-status=succeeded]").count()).toBe(4);
    await p.clean();
    const [download] = await Promise.all([
      p.page.waitForEvent("download"),
      p.page.getByRole("button", { name: "Download ZIP" }).click(),
    ]);
    const zip = readFileSync(await download.path());
    expect(zip.subarray(0, 4).toString("latin1")).toBe("PK\u0003\u0004");
    expect(zip.toString("latin1")).toContain("manifest");
    expect(zip.toString("latin1")).toContain("curved");

    await p.page.goto(p.base);
    await p.page.getByRole("link", { name: /two of a kind/ }).waitFor();
    await p.clean();
  });
});
