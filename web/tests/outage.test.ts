/** A service that goes away and comes back while a person works. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Gate } from "./gate";
import { Held } from "./held";
import { bracket, person } from "./person";

const p = person();
let gate: Gate;
beforeEach(async () => {
  gate = await Gate.to(p.base);
});
afterEach(() => gate.shut());

const banner = () => p.page.getByRole("alert").filter({ hasText: "The service cannot be reached" });

/** open shows the part through the gate, and is ready to mesh. */
async function open(): Promise<void> {
  await p.page.goto(gate.base);
  await p.page.setInputFiles("input[type=file]", bracket());
  await p.page.waitForURL("**/parts/geo_*");
  await p.shown();
  await p.page.getByText(/about/).waitFor();
}

const mesh = () => p.page.getByRole("button", { name: "Mesh", exact: true }).click();

describe("a service that goes away", () => {
  it("is told of while a mesh is made, and what it made meanwhile is there when it is back", async () => {
    await open();
    await p.page.getByRole("button", { name: "Fine", exact: true }).click();
    await p.page.route("**/v1/meshes", async (route) => {
      const response = await route.fetch();
      await gate.shut(); // before the mesh can be finished
      await route.fulfill({ response });
    });
    await mesh();
    await p.page.waitForURL("**/msh_*");
    await banner().waitFor();
    await p.clean();
    // Meanwhile it is finished, for whoever looks from elsewhere.
    const id = new URL(p.page.url()).pathname.split("/").at(-1);
    await expect.poll(async () => (await (await fetch(`${p.base}/v1/meshes/${id}`)).json()).status).toBe("succeeded");
    await gate.open();
    await banner().waitFor({ state: "detached" });
    await p.page.waitForSelector("[data-status=succeeded]");
    await p.page.getByText("No element is inside out").waitFor();
  });

  it("is followed again where a gateway answered for it", async () => {
    await open();
    await p.page.getByText("All settings").click();
    await p.page.getByText("Sizes", { exact: true }).click();
    await p.page.getByLabel(/Longest edge/).fill("0.55"); // which takes minutes
    await mesh();
    await p.page.waitForURL("**/msh_*");
    await p.page.locator("[data-status=running]").waitFor();
    await gate.answer("502 Bad Gateway");
    await banner().waitFor();
    await gate.open();
    await banner()
      .getByRole("button", { name: "Try now" })
      .click({ timeout: 2000 })
      .catch(() => {}); // it may be back by itself
    await banner().waitFor({ state: "detached" });
    const id = new URL(p.page.url()).pathname.split("/").at(-1);
    await fetch(`${p.base}/v1/meshes/${id}/cancel`, { method: "POST" }); // as somebody else does
    await p.page.waitForSelector("[data-status=canceled]");
  });

  it("gets the one mesh that was asked for while it was away", async () => {
    await open();
    const part = new URL(p.page.url()).pathname.split("/")[2];
    await gate.shut();
    await p.page.getByRole("button", { name: "Coarse" }).click();
    await mesh();
    await banner().waitFor();
    await gate.answer("503 Service Unavailable");
    await banner()
      .getByText(/^again in \d+\ss$/)
      .waitFor();
    await gate.open();
    await p.page.waitForSelector("[data-status=succeeded]");
    const { items } = await (await fetch(`${p.base}/v1/meshes?geometry_id=${part}`)).json();
    expect(items).toHaveLength(1);
  });

  it("says at once why there is no list, asks again by itself, and is asked at once where somebody wants", async () => {
    await p.page.clock.install();
    const held = new Held();
    let broken = true;
    await p.page.route("**/v1/geometries?*", async (route) => {
      await held.wait();
      if (!broken) return route.continue();
      await route.fulfill({ status: 500, json: { title: "Broken", detail: "Something of ours went wrong.", status: 500 } });
    });
    await p.page.goto(p.base);
    const why = p.page.getByRole("alert").filter({ hasText: "Something of ours went wrong." });
    await expect.poll(() => held.asked).toBe(1);
    held.answer();
    await why.waitFor(); // by the first answer, for there is no second
    await p.clean();
    for (const [after, tries] of [
      ["00:01", 2],
      ["00:02", 3],
      ["00:04", 4],
      ["00:08", 5],
      ["00:15", 6],
    ] as const) {
      await p.page.clock.runFor(after);
      await expect.poll(() => held.asked, { message: after }).toBe(tries);
      expect(await why.isVisible()).toBe(true);
      if (tries < 6) held.answer();
    }
    const now = why.getByRole("button", { name: "Try now" });
    await now.press("Enter");
    await expect.poll(() => held.asked).toBe(7);
    expect(await now.evaluate((e) => e === document.activeElement), "the focus stays").toBe(true);
    await now.press("Enter");
    await expect.poll(() => held.asked).toBe(8);
    broken = false;
    held.answer();
    await why.waitFor({ state: "detached" });
  });

  it("is waited for by an upload, and by a page that was opened without it", async () => {
    await p.page.goto(gate.base);
    await p.page.getByText("Drop a part here").waitFor();
    await gate.shut();
    await p.page.setInputFiles("input[type=file]", bracket());
    await banner().waitFor();
    await gate.open();
    await p.page.waitForURL("**/parts/geo_*");
    await p.shown();

    await p.page.route("**/v1/geometries*", (route) => route.abort("connectionrefused"));
    await p.page.getByRole("link", { name: /Meshgen/ }).click();
    await p.page.reload();
    await banner().waitFor();
    await p.page.unroute("**/v1/geometries*");
    await p.page
      .getByRole("link", { name: /filleted-bracket/ })
      .first()
      .waitFor();
    await banner().waitFor({ state: "detached" });
  });

  it("leaves a part as it is looked at, also where it goes away again while it is asked", async () => {
    await open();
    await p.page.getByRole("button", { name: "Coarse" }).click();
    await mesh();
    await p.page.getByText("No element is inside out").waitFor();
    await p.page.keyboard.press("e");
    const canvas = await p.page.locator("canvas").elementHandle();
    await cutOff("**/v1/geometries/geo_*");
    for (const shown of ["No element is inside out", "1 solid"]) await p.page.getByText(shown).waitFor();
    expect(await canvas?.evaluate((c) => c.isConnected), "the picture is the same one").toBe(true);
    expect(await p.page.getByRole("button", { name: "Edges of elements" }).getAttribute("aria-pressed")).toBe("false");
    await p.clean();
    await back();
    expect(await canvas?.evaluate((c) => c.isConnected)).toBe(true);
  });

  it("leaves a batch that is looked at, and tells of what ended meanwhile when it is back", async () => {
    await open();
    const part = new URL(p.page.url()).pathname.split("/")[2];
    // Many times as long as it takes to open the page of the batch: without a stream nothing tells that the service is away.
    const specs = [{ name: "fine", spec: { size: { fineness: 9.5 } } }];
    const answer = await fetch(`${p.base}/v1/batches`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name: "one", geometry_ids: [part], specs }),
    });
    const { id } = await answer.json();
    await p.page.goto(`${gate.base}/batches/${id}`);
    const row = p.page.getByRole("row", { name: /filleted-bracket/ });
    await row.waitFor();
    await gate.shut();
    await banner().waitFor(); // its stream has ended
    expect(await row.isVisible()).toBe(true);
    await p.clean();
    await expect.poll(async () => (await (await fetch(`${p.base}/v1/batches/${id}`)).json()).done).toBe(true);
    await gate.open();
    await p.page.waitForSelector("[data-batch=done]");
    await banner().waitFor({ state: "detached" });
    await cutOff("**/v1/batches/bat_*");
    expect(await row.getByText("succeeded").isVisible()).toBe(true);
    expect(await p.page.getByRole("button", { name: "Download ZIP" }).isVisible()).toBe(true);
    await p.clean();
    await back();
    expect(await row.isVisible()).toBe(true);
  });
});

/** cutOff lets the network go away and come back, and go away again as something is asked for. */
async function cutOff(path: string): Promise<void> {
  await p.context.setOffline(true);
  await banner().waitFor();
  let refused = 0;
  await p.page.route(path, (route) => {
    refused++;
    return route.abort("connectionrefused");
  });
  await p.context.setOffline(false);
  await expect.poll(() => refused).toBeGreaterThan(0);
  await banner().waitFor();
}

/** back ends that. */
async function back(): Promise<void> {
  await p.page.unrouteAll();
  await banner().waitFor({ state: "detached" });
}
