/** A mesh that is shared by a link with somebody who has no key. */
import { mkdirSync } from "node:fs";
import type { Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Guarded } from "../guarded";
import { Held } from "../held";
import { bracket, clean, person } from "../person";

const p = person();
let service: Guarded;
beforeAll(async () => {
  service = await Guarded.start();
});
afterAll(() => service.stop());

const shot = async (page: typeof p.page, name: string) => {
  const dir = process.env.MESHGEN_PICTURES;
  if (!dir) return;
  mkdirSync(dir, { recursive: true });
  await page.screenshot({ path: `${dir}/${name}.png` });
};

describe("a mesh that is shared", () => {
  it("is seen by whoever has the link, until it is revoked", async () => {
    await p.page.goto(service.base);
    await p.page.getByLabel("API key").fill(service.admin("keys", "create", "--name", "sharer", "--scope", "write"));
    await p.page.keyboard.press("Enter");
    await p.page.getByRole("dialog", { name: "Log in to Meshgen" }).waitFor({ state: "detached" });
    await p.page.setInputFiles("input[type=file]", bracket("shared-bracket.step"));
    await p.page.waitForURL("**/parts/geo_*");
    await p.shown();
    await p.page.getByRole("button", { name: "Coarse" }).click();
    await p.mesh();
    const owned = p.page.url();

    await p.page.getByRole("button", { name: "Share" }).click();
    const dialog = p.page.getByRole("dialog", { name: "Share this mesh" });
    await dialog.getByLabel("It works for").selectOption({ label: "a day" });
    await dialog.getByRole("button", { name: "Make a link" }).click();
    const field = dialog.getByLabel("Copy it now");
    const link = await field.inputValue();
    expect(await field.evaluate((e) => e === document.activeElement), "it is at hand").toBe(true);
    expect(link).toMatch(new RegExp(`^${service.base}/shared#msh_share_[0-9a-z]{12}_[0-9a-z]{44}$`));
    await dialog.getByText("never used").waitFor();
    await p.clean();
    await shot(p.page, "share-dialog");

    // Somebody else, in a browser of their own.
    const theirs = await p.browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
    const visitor = await p.newPage(theirs);
    const asked: string[] = [];
    visitor.on("request", (r) => asked.push(`${r.url()} ${r.headers().referer ?? ""}`));
    await visitor.goto(link);
    await visitor.waitForSelector("[data-triangles]");
    await visitor.getByRole("heading", { name: "shared-bracket.step" }).waitFor();
    await visitor.getByText("Every solid is filled").waitFor();
    await visitor.getByRole("region", { name: "Quality" }).waitFor();
    const [file] = await Promise.all([
      visitor.waitForEvent("download"),
      visitor.getByRole("link", { name: "mesh.msh" }).click(),
    ]);
    expect(file.suggestedFilename()).toBe("shared-bracket.msh");
    // Nothing leads elsewhere, and the word of the link went nowhere but into the header.
    const links = await visitor.locator("a").evaluateAll((all) => all.map((a) => new URL((a as HTMLAnchorElement).href).host));
    expect(links).not.toContain(new URL(service.base).host);
    for (const name of ["Mesh", "Share", "Change and run again", "Log out"]) {
      expect(await visitor.getByRole("button", { name, exact: true }).count()).toBe(0);
    }
    expect(asked.filter((a) => a.includes("msh_share_"))).toEqual([]);
    const ours = asked.filter((a) => a.startsWith(`${service.base}/v1/`)).map((a) => new URL(a.split(" ")[0]).pathname);
    expect(new Set(ours)).toEqual(new Set(["/v1/shared"]));
    expect(await theirs.cookies()).toEqual([]);
    await clean(visitor);
    await shot(visitor, "shared-light");
    await visitor.getByRole("button", { name: "Dark colours" }).click();
    await clean(visitor);
    await shot(visitor, "shared-dark");
    await visitor.setViewportSize({ width: 390, height: 800 });
    await clean(visitor);
    await shot(visitor, "shared-narrow");

    // The part itself is not theirs.
    const stranger = await p.newPage(theirs);
    await stranger.goto(owned);
    await stranger.getByRole("dialog", { name: "Log in to Meshgen" }).waitFor();
    await stranger.close();

    await dialog.getByRole("button", { name: /^Revoke msh_share_/ }).press("Enter");
    await dialog.getByText("revoked").waitFor();
    expect(await dialog.evaluate((e) => e === document.activeElement), "the button has gone").toBe(true);
    await visitor.reload();
    await visitor.getByRole("heading", { name: "This link shows nothing" }).waitFor();
    await clean(visitor);
    await shot(visitor, "shared-revoked");
    await theirs.close();
  });

  it("is shown once it is made, with what there is to know of it, and stays where it cannot be asked for again", async () => {
    // As the service answers while it is made and after, told by this test.
    await p.open(bracket("shared-later.step"));
    await p.mesh();
    const id = new URL(p.page.url()).pathname.split("/").at(-1);
    const mesh = await (await fetch(`${p.base}/v1/meshes/${id}`)).json();
    const geometry = await (await fetch(`${p.base}/v1/geometries/${mesh.geometry_id}`)).json();
    const warned = {
      expires_at: "2999-01-01T00:00:00Z",
      mesh: { ...mesh, warnings: [{ code: "x", message: "It is coarse.", hint: "Ask for a finer one." }] },
      geometry: {
        ...geometry,
        warnings: [
          { code: "y", message: "It was mended." },
          { code: "x", message: "It is coarse.", hint: "Ask for a finer one." },
        ],
      },
    };
    const running = { ...warned, mesh: { ...warned.mesh, status: "running", artifacts: [] } };
    let answer: Parameters<Route["fulfill"]>[0] = { json: running };
    let held: Held | null = null;
    await p.page.clock.install();
    await p.page.route("**/v1/shared", async (route) => {
      await held?.wait();
      await route.fulfill(answer);
    });
    await p.page.goto(`${p.base}/shared#msh_share_7q2k9d4m1x0v_word`);
    await p.page.getByText("The mesh is being made.").waitFor();
    await p.clean();
    answer = { json: warned };
    await p.page.getByText("Every solid is filled").waitFor();
    await p.page.getByText("It is coarse. Ask for a finer one.").first().waitFor();
    expect(await p.page.getByText("It is coarse.").count(), "what is said of both is said once").toBe(1);
    await p.page.getByText("It was mended.").waitFor();

    const problem = { title: "Internal Server Error", status: 500, detail: "The database is full." };
    answer = { status: 500, contentType: "application/problem+json", json: problem };
    const failing = new Held();
    held = failing;
    await p.page.clock.fastForward("30:01");
    // It is tried four times, more and more seconds apart.
    for (let tries = 1; tries <= 4; tries++) {
      await expect.poll(() => failing.asked).toBe(tries);
      failing.answer();
      await p.page.clock.fastForward("00:10");
    }
    await p.page.getByText(/out of date.*The database is full/).waitFor();
    expect(await p.page.getByText("Every solid is filled").count()).toBe(1);
    await p.clean();
    held = null;
    answer = { json: warned };
    await p.page.clock.fastForward("30:01");
    await p.page.getByText(/out of date/).waitFor({ state: "detached" });
    answer = { status: 404, contentType: "application/problem+json", json: { title: "Not Found", status: 404 } };
    await p.page.clock.fastForward("30:01");
    await p.page.getByRole("heading", { name: "This link shows nothing" }).waitFor();
  });

  it("says so where a link is not whole", async () => {
    for (const hash of ["", "#nothing", "#msh_share_7q2k9d4m1x0v_"]) {
      await p.page.goto("about:blank");
      await p.page.goto(`${service.base}/shared${hash}`);
      await p.page.getByRole("heading", { name: "This link shows nothing" }).waitFor();
      expect(await p.page.getByRole("dialog").count()).toBe(0);
    }
    await p.clean();
  });
});
