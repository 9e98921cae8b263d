/** What was made of a part: listed with what differs, run again with changes, deleted. */
import { describe, expect, it } from "vitest";
import { drawn } from "./browser";
import { person } from "./person";

const p = person();
const meshes = () => p.page.getByRole("region", { name: "Meshes" });

describe("the history of a part", () => {
  it("says what each run was asked for and what came of it, and runs one again with changes", async () => {
    await p.open();
    await p.page.getByRole("button", { name: "Coarse" }).click();
    await p.mesh();
    await meshes().getByText("fineness 3").waitFor();
    await meshes()
      .getByText(/γ ≥ 0\.\d+, /)
      .waitFor();

    await p.page.getByRole("button", { name: "Standard" }).click();
    await p.page.getByText("All settings").click();
    await p.page.locator("summary", { hasText: "Sizes" }).last().click();
    await p.page.getByLabel("Growth").fill("1.2");
    await p.page.getByRole("button", { name: "Mesh", exact: true }).click();
    await meshes().getByText("fineness 5, growth 1.2").waitFor();
    await meshes().getByText(/γ ≥/).nth(1).waitFor();

    // The first one again, which this page has not seen yet: the pointer is on it before.
    await p.page.reload();
    await meshes().getByText(/γ ≥/).nth(1).waitFor();
    const asked: string[] = [];
    p.page.on("request", (r) => /\/v1\/meshes\/msh_[^/]*$/.test(r.url()) && asked.push(r.url()));
    const answered = p.page.waitForResponse(/\/v1\/meshes\/msh_[^/]*$/);
    await meshes().getByText("fineness 3").hover();
    await answered;
    await meshes().getByText("fineness 3").click();
    await meshes().locator("[aria-current]", { hasText: "fineness 3" }).waitFor();
    await drawn(p.page);
    expect(asked, "it is there by then").toHaveLength(1);
    await p.page.getByRole("button", { name: "Change and run again" }).click();
    expect(await p.page.getByRole("button", { name: "Coarse" }).getAttribute("aria-pressed")).toBe("true");
    expect(await p.page.getByLabel("Growth").inputValue()).toBe("");

    // What fails while the pointer is only near is asked for again once it is chosen.
    await p.page.reload();
    await p.page.waitForSelector("[data-status=succeeded]");
    const row = meshes().getByText("fineness 5, growth 1.2");
    await row.waitFor();
    let tries = 0;
    let fail = () => {};
    const chosen = new Promise<void>((resolve) => {
      fail = resolve;
    });
    const mesh = /\/v1\/meshes\/msh_[^/]*$/;
    await p.context.route(mesh, async (route) => {
      await chosen;
      const status = tries++ === 0 ? 500 : 429;
      await route.fulfill({ status, json: { title: "Failed", detail: `This was try ${tries}.`, status } });
    });
    const near = p.page.waitForRequest(mesh);
    await row.hover();
    await near;
    await row.click();
    await meshes().locator("[aria-current]", { hasText: "fineness 5" }).waitFor();
    fail();
    const failed = p.page.getByRole("alert").filter({ hasText: "This was try 2." });
    await failed.waitFor();
    await p.context.unroute(mesh);
    await failed.getByRole("button", { name: "Try again" }).press("Enter");
    await p.page.waitForSelector("#result[data-status=succeeded]");
    const focused = () => p.page.locator("#result:focus").count();
    await expect.poll(focused, { message: "the result has the focus of the button that has gone" }).toBe(1);
  });

  it("can be deleted, a mesh or all of it, and asks before", async () => {
    await p.open();
    const part = new URL(p.page.url()).pathname;
    await p.page.getByRole("button", { name: "Coarse" }).click();
    await p.mesh();
    const remove = meshes().getByRole("button", { name: /^Delete this mesh/ });
    await meshes().getByText(/γ ≥/).waitFor(); // until then the row changes, and what lies over it moves
    await remove.click({ force: true });
    await p.clean();
    await p.page.keyboard.press("Enter"); // Keep has the focus
    await p.page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await meshes().getByRole("listitem").count()).toBe(1);
    await remove.click({ force: true });
    await p.page.getByRole("button", { name: "Delete", exact: true }).click();
    await meshes().getByText("None is left.").waitFor(); // with the focus, until one goes on
    await p.page.waitForURL(`**${part}`);

    await p.page.getByRole("link", { name: "Meshgen" }).click();
    const row = p.page.locator("li", { has: p.page.locator(`a[href="${part}"]`) });
    await row.getByRole("button", { name: /^Delete/ }).click();
    await p.page.getByRole("button", { name: "Delete", exact: true }).click();
    await row.waitFor({ state: "detached" });
    await p.page.goto(p.base + part);
    await p.page.getByText("There is no such part").waitFor();
  });
});
