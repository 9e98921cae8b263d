/** The page of a service that asks for a key. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Guarded } from "../guarded";
import { bracket, person } from "../person";

const p = person();
let service: Guarded;
beforeAll(async () => {
  service = await Guarded.start();
  service.admin("tenants", "create", "acme", "--name", "Acme");
});
afterAll(() => service.stop());

const asked = () => p.page.getByRole("dialog", { name: "Log in to Meshgen" });
const key = (tenant: string) => service.admin("keys", "create", "--tenant", tenant, "--name", "person", "--scope", "write");

describe("a service that asks for a key", () => {
  it("is entered and left by keyboard", async () => {
    await p.page.goto(service.base);
    await asked().waitFor();
    await p.clean();
    await expect.poll(() => p.page.evaluate(() => document.activeElement?.id)).toBe("login-key");
    await p.page.keyboard.type("msh_live_nothing");
    await p.page.keyboard.press("Enter");
    await p.page.getByText("What was sent is not an API key").waitFor();
    await p.clean();
    const secret = key("acme");
    await p.page.keyboard.press("Control+A");
    await p.page.keyboard.type(` ${secret} `);
    await p.page.keyboard.press("Enter");
    await asked().waitFor({ state: "detached" });
    await p.page.getByText("None yet.").waitFor();
    await p.page.getByText("Acme", { exact: true }).waitFor();
    await p.clean();

    const [cookie] = await p.context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict" });
    expect(await p.page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain(
      "msh_",
    );

    await p.page.setInputFiles("input[type=file]", bracket());
    await p.page.waitForURL("**/parts/geo_*");
    await p.shown();
    const part = p.page.url();

    await p.page.getByRole("button", { name: "Log out" }).focus();
    await p.page.keyboard.press("Enter");
    await p.page.waitForURL(`${service.base}/`); // the page that is left may ask, too
    await asked().waitFor();
    expect(await p.context.cookies()).toEqual([]);

    // Another tenant does not find it.
    await p.page.goto(part);
    await p.page.getByLabel("API key").fill(key("default"));
    await p.page.keyboard.press("Enter");
    await p.page.getByText("There is no such part").waitFor();
  });

  it("asks again when the key is revoked, and the page goes on where it was", async () => {
    const secret = key("acme");
    await p.page.goto(service.base);
    await p.page.getByLabel("API key").fill(secret);
    await p.page.keyboard.press("Enter");
    await asked().waitFor({ state: "detached" });
    await p.page.setInputFiles("input[type=file]", bracket());
    await p.page.waitForURL("**/parts/geo_*");
    await p.shown();
    await p.page.getByText(/about/).waitFor();

    const { items } = JSON.parse(service.admin("keys", "ls", "--tenant", "acme", "--json"));
    service.admin("keys", "revoke", "--tenant", "acme", items[0].id);
    await p.page.getByRole("button", { name: "Mesh", exact: true }).click();
    await asked().waitFor();
    await p.page.getByLabel("API key").fill(key("acme"));
    await p.page.keyboard.press("Enter");
    await asked().waitFor({ state: "detached" });
    await p.page.waitForSelector("[data-status=succeeded]"); // the mesh that was asked for
  });

  it("shows after the login what was asked for before it, though the answer to that comes later still", async () => {
    await p.context.clearCookies();
    const enter = async () => {
      await p.page.getByLabel("API key").fill(key("acme"));
      await p.page.keyboard.press("Enter");
      await asked().waitFor({ state: "detached" });
    };
    await p.page.goto(service.base);
    await enter();
    await p.page.setInputFiles("input[type=file]", bracket());
    await p.page.waitForURL("**/parts/geo_*");
    await p.shown();
    await p.context.clearCookies();
    let answer = () => {};
    const late = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let held = 0;
    await p.page.route(/\/v1\/geometries\/geo_[^/]*$/, async (route) => {
      if (held++ > 0) return route.continue();
      const response = await route.fetch();
      expect(response.status()).toBe(401);
      await late;
      await route.fulfill({ response }).catch(() => {}); // nobody may listen any more
    });
    await p.page.reload();
    await expect.poll(() => held).toBe(1);
    await enter();
    answer();
    await p.shown();
    expect(held).toBeGreaterThan(1);
  });
});
