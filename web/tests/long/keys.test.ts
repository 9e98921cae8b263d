/** The page of API keys. */
import { mkdirSync } from "node:fs";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Guarded } from "../guarded";
import { person } from "../person";

const p = person();
let service: Guarded;
beforeAll(async () => {
  service = await Guarded.start();
  service.admin("tenants", "create", "keyholders", "--name", "Keyholders");
});
afterAll(() => service.stop());

const shot = async (name: string) => {
  const dir = process.env.MESHGEN_PICTURES;
  if (!dir) return;
  mkdirSync(dir, { recursive: true });
  await p.page.screenshot({ path: `${dir}/${name}.png` });
};

const made = (name: string, scope: string) =>
  service.admin("keys", "create", "--tenant", "keyholders", "--name", name, "--scope", scope);

async function enter(key: string) {
  await p.page.goto(service.base);
  await p.page.getByLabel("API key").fill(key);
  await p.page.keyboard.press("Enter");
  await p.page.getByRole("dialog", { name: "Log in to Meshgen" }).waitFor({ state: "detached" });
}

const status = async (key: string) =>
  (await fetch(`${service.base}/v1/meshes`, { headers: { Authorization: `Bearer ${key}` } })).status;

const focused = (locator: Locator) => locator.evaluate((e) => e === document.activeElement);

/** held keeps requests of a method waiting, and returns what lets them go on. */
async function held(method: string, path: string): Promise<() => void> {
  let go = () => {};
  const until = new Promise<void>((resolve) => {
    go = resolve;
  });
  await p.page.route(path, async (route) => {
    if (route.request().method() === method) await until;
    await route.continue();
  });
  return () => go();
}

describe("the page of API keys", () => {
  it("makes, replaces and revokes keys", async () => {
    await enter(made("Ada", "admin"));
    await p.page.getByRole("link", { name: "API keys" }).click();
    const row = (name: string) => p.page.getByRole("listitem").filter({ hasText: name });
    await row("Ada").getByText("(yours, now)").waitFor();

    await p.page.getByLabel("Name").fill("nightly");
    await p.page.getByLabel("It may").selectOption("read");
    await p.page.getByLabel("It works for").selectOption({ label: "30 days" });
    await p.page.getByRole("button", { name: "Make a key" }).click();
    const secret = await p.page.getByLabel(/Copy it now/).inputValue();
    expect(secret).toMatch(/^msh_live_[0-9a-z]{12}_[0-9a-z]{44}$/);
    await row("nightly").getByText("read", { exact: true }).waitFor();
    await row("nightly")
      .getByText(/^until .*never used$/)
      .waitFor(); // before it is used: the list is read again only after the secret shows
    expect(await status(secret)).toBe(200);
    await p.clean();
    await shot("keys-light");
    await p.page.getByRole("button", { name: "I have it" }).click();
    expect(await focused(p.page.getByRole("heading", { name: "Keys of Keyholders" }))).toBe(true);
    expect(await p.page.content()).not.toContain(secret);
    await p.page.reload();
    await row("nightly")
      .getByText(/used just now/)
      .waitFor();

    await p.page.getByRole("button", { name: "Replace nightly" }).click();
    const replace = p.page.getByRole("dialog", { name: "Replace nightly?" });
    await replace.getByLabel("The old one ends after").selectOption({ label: "at once" });
    await shot("keys-replace");
    const answer = await held("POST", "**/v1/keys/*/rotate");
    await replace.getByRole("button", { name: "Replace", exact: true }).click();
    await expect
      .poll(() => replace.getByRole("button", { name: "Replace", exact: true }).getAttribute("aria-disabled"))
      .toBe("true");
    await p.page.keyboard.press("Escape");
    await p.page.keyboard.press("Escape"); // with which browsers close it: the key is made all the same
    await replace.waitFor({ state: "detached" });
    answer();
    const fresh = await p.page.getByLabel(/Copy it now/).inputValue();
    expect(fresh).not.toBe(secret);
    expect([await status(secret), await status(fresh)]).toEqual([401, 200]);
    await row("expired").waitFor();

    // Another is made before that one is put away: both are shown.
    await p.page.getByLabel("Name").fill("weekly");
    const go = await held("POST", "**/v1/keys");
    const make = p.page.getByRole("button", { name: "Make a key" });
    await make.press("Enter");
    await expect.poll(() => make.getAttribute("aria-disabled")).toBe("true");
    expect(await focused(make), "the focus stays while it is made").toBe(true);
    await make.press("Enter"); // makes no second one
    go();
    const secrets = p.page.getByLabel(/Copy it now/);
    await expect.poll(() => secrets.count()).toBe(2);
    await row("weekly").waitFor();
    expect(await row("weekly").count()).toBe(1);
    expect(await secrets.nth(0).inputValue()).toBe(fresh);
    await expect.poll(() => focused(secrets.nth(1))).toBe(true);
    await p.clean();

    await p.page.getByRole("button", { name: "Revoke nightly" }).press("Enter");
    const sure = p.page.getByRole("dialog", { name: "Revoke nightly?" });
    const end = await held("DELETE", "**/v1/keys/*");
    await sure.getByRole("button", { name: "Revoke", exact: true }).press("Enter");
    for (const name of ["Keep", "Revoke"])
      await expect.poll(() => sure.getByRole("button", { name, exact: true }).getAttribute("aria-disabled")).toBe("true");
    await p.page.keyboard.press("Escape"); // it is being revoked: what comes of it is still to be told
    await shot("keys-revoking");
    expect(await sure.isVisible()).toBe(true);
    end();
    await row("revoked").waitFor();
    await expect.poll(() => focused(p.page.getByRole("heading", { name: "Keys of Keyholders" }))).toBe(true);
    expect(await status(fresh)).toBe(401);
    await expect.poll(() => secrets.count(), { message: "a key that is revoked has no secret to put away" }).toBe(1);
    await p.page.getByRole("button", { name: "Dark colours" }).click();
    await p.clean();
    await shot("keys-dark");
    await p.page.setViewportSize({ width: 390, height: 800 });
    expect(await p.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await shot("keys-narrow");

    // There what the bar has no room for is behind a button.
    const menu = p.page.getByRole("button", { name: "Menu" });
    const links = p.page.getByRole("navigation").getByRole("link");
    expect(await links.filter({ visible: true }).count()).toBe(0);
    await menu.press("Enter");
    expect(await links.filter({ visible: true }).allTextContents()).toEqual(["Webhooks", "Keys", "Queue", "API"]);
    expect(await p.page.getByRole("button", { name: "Log out" }).isVisible()).toBe(true);
    await p.clean();
    await shot("keys-menu");
    await p.page.keyboard.press("Tab");
    await p.page.keyboard.press("Escape");
    expect([await links.first().isVisible(), await focused(menu)]).toEqual([false, true]);
    await menu.click();
    await p.page.mouse.click(20, 780); // beside it
    expect(await links.first().isVisible()).toBe(false);
    await menu.click();
    await links.filter({ hasText: "Queue" }).click();
    await p.page.getByRole("heading", { name: "Engines" }).waitFor();
    expect(await links.first().isVisible()).toBe(false);
    await p.page.goBack();

    // Who revokes the key that they are logged in with is asked for another.
    await p.page.getByRole("button", { name: "Revoke Ada" }).click();
    const last = p.page.getByRole("dialog", { name: "Revoke Ada?" });
    await last.getByText("You are logged in with it").waitFor();
    await last.getByRole("button", { name: "Revoke", exact: true }).click();
    await p.page.getByRole("dialog", { name: "Log in to Meshgen" }).waitFor();
  });

  it("shows the secret of a new key while the list cannot be had, and says that the list is old", async () => {
    await enter(made("Eve", "admin"));
    await p.page.getByRole("link", { name: "API keys" }).click();
    await p.page.getByText("(yours, now)").waitFor();
    await p.page.route("**/v1/keys?*", (route) =>
      route.fulfill({ status: 500, json: { title: "Broken", detail: "Something of ours went wrong.", status: 500 } }),
    );
    await p.page.getByLabel("Name").fill("yearly");
    await p.page.getByRole("button", { name: "Make a key" }).click();
    expect(await p.page.getByLabel(/Copy it now/).inputValue()).toMatch(/^msh_live_/);
    const why = p.page.getByRole("alert").filter({ hasText: "Something of ours went wrong." });
    const now = why.getByRole("button", { name: "Try now" });
    const again = p.page.waitForResponse(async (r) => r.url().includes("/v1/keys?") && (await why.isVisible()));
    await now.press("Enter");
    await again;
    expect(await focused(now), "it stays until there is an answer").toBe(true);
    await p.clean();
    await p.page.unroute("**/v1/keys?*");
    await now.press("Enter");
    await why.waitFor({ state: "detached" });
    await p.page.getByRole("listitem").filter({ hasText: "yearly" }).waitFor();
  });

  it("forgets a secret once it is put away, or once the page is left", async () => {
    await enter(made("Fay", "admin"));
    await p.page.getByRole("link", { name: "API keys" }).click();
    /** secret makes a key and returns what of its secret is like no other. */
    const secret = async (name: string) => {
      await p.page.getByLabel("Name").fill(name);
      await p.page.getByRole("button", { name: "Make a key" }).click();
      return (await p.page.getByLabel(/Copy it now/).inputValue()).split("_")[3];
    };
    /** holds tells whether any script of the page can still come to a text. */
    const holds = async (text: string) => {
      const session = await p.context.newCDPSession(p.page);
      const chunks: string[] = [];
      session.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) => chunks.push(chunk));
      await session.send("HeapProfiler.collectGarbage");
      await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
      await session.detach();
      return chunks.join("").includes(text);
    };
    const first = await secret("put away");
    expect(await holds(first), "it is found where it is held").toBe(true);
    await p.page.getByRole("button", { name: "I have it" }).click();
    await p.page.getByLabel(/Copy it now/).waitFor({ state: "detached" });
    await expect.poll(() => holds(first), { message: "put away" }).toBe(false);

    const second = await secret("left alone");
    expect(await holds(second)).toBe(true);
    await p.page.getByRole("link", { name: "Queue" }).click();
    await p.page.getByRole("heading", { name: "Engines" }).waitFor();
    await expect.poll(() => holds(second), { message: "left" }).toBe(false);
    await p.page.goBack();
    await p.page.getByText("left alone").waitFor();
    expect(await p.page.getByLabel(/Copy it now/).count(), "and it is not shown again").toBe(0);
  });

  it("has room for a long name of a tenant on a phone", async () => {
    service.admin("tenants", "create", "long", "--name", "The Society for the Meshing of Very Large Perforated Plates");
    await enter(service.admin("keys", "create", "--tenant", "long", "--name", "Flo", "--scope", "admin"));
    await p.page.setViewportSize({ width: 390, height: 800 });
    await p.page.getByRole("button", { name: "Menu" }).click();
    const tenant = p.page.getByText("The Society for");
    await shot("menu-long-name");
    const box = await p.page.getByRole("navigation", { name: "Service" }).boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((await tenant.boundingBox())?.height, "in one line").toBeLessThan(60);
  });

  it("is for those who may", async () => {
    await enter(made("writer", "write"));
    await p.page.getByText("Keyholders", { exact: true }).waitFor();
    expect(await p.page.getByRole("link", { name: "API keys" }).count()).toBe(0);
    await p.page.goto(`${service.base}/keys`);
    await p.page.getByText("This needs the scope admin").waitFor();
  });
});
