/** Setting up a mesh: every field of a spec, what is wrong with it at its place, and the spec as text. */
import { describe, expect, it } from "vitest";
import { changed, hears, sceneImage } from "../browser";
import { person } from "../person";

const p = person();
const clipboard = () => p.page.evaluate(() => navigator.clipboard.readText());
const json = async () => JSON.parse(await p.page.getByLabel("The spec as JSON").inputValue());
const all = () => p.page.getByText("All settings").click();
const section = (name: string) => p.page.locator("summary", { hasText: name }).last().click();

/** drafts counts those that there are of the part. */
const drafts = async () => {
  const id = new URL(p.page.url()).pathname.split("/")[2];
  const { items } = await (await fetch(`${p.base}/v1/meshes?geometry_id=${id}`)).json();
  return (items as { spec: { draft?: boolean } }[]).filter((m) => m.spec.draft).length;
};
/** unanswered returns what the browser keeps of drafts that are to be deleted yet. */
const unanswered = () => p.page.evaluate(() => JSON.parse(localStorage.getItem("meshgen.unanswered") ?? "null") as unknown);
const slide = () => p.page.getByRole("slider", { name: "Fineness" }).press("Home");

describe("the set-up", () => {
  it("sends only what was changed, and keeps it over a reload", async () => {
    await p.open();
    const lines = p.page.locator("#setup [aria-live=polite] p");
    const high = (all: Element[]) => all.map((e) => Math.round(e.getBoundingClientRect().height / 20));
    expect(await lines.evaluateAll(high), "what a mesh would be stands on two lines").toEqual([1, 1]);
    await all();
    await section("As JSON");
    await expect.poll(json).toEqual({});
    await section("Sizes");
    await p.page.getByLabel("Shortest edge").fill("0,5");
    await section("Elements");
    await p.page.getByLabel("Strategy").selectOption("hxt");
    await p.page.getByLabel("Order").selectOption("2");
    await p.page.getByLabel("Order").selectOption("1");
    await expect.poll(json).toEqual({ size: { min: 0.5 }, strategy: "hxt" });

    await p.page.reload();
    await p.shown();
    await all();
    await section("As JSON");
    await expect.poll(json).toEqual({ size: { min: 0.5 }, strategy: "hxt" });
    await p.page.getByRole("button", { name: "Back to the defaults" }).click();
    await expect.poll(json).toEqual({});
  });

  it("says at the field what is wrong with it, and leads there", async () => {
    await p.open();
    await all();
    await section("Sizes");
    await p.page.getByLabel("Longest edge").fill("2");
    await p.page.getByLabel("Shortest edge").fill("3");
    const wrong = p.page.locator("#spec-size-min-wrong");
    await wrong.waitFor();
    expect(await wrong.textContent()).toBe("Must not be greater than size.max (2)");
    await section("Sizes");
    await p.page.getByRole("button", { name: /size\.min/ }).click();
    expect(await p.page.evaluate(() => document.activeElement?.id)).toBe("spec-size-min");
    await p.page.keyboard.press("ArrowDown"); // a tenth less, as often as it is pressed
    for (let i = 0; i < 9; i++) await p.page.keyboard.press("ArrowDown");
    await wrong.waitFor({ state: "detached" });
    expect(await p.page.getByLabel("Shortest edge").inputValue()).toBe("2");
  });

  it("makes groups, finer places and layers, and the mesh has them", async () => {
    await p.open();
    await all();
    await section("Groups");
    await p.page.getByRole("button", { name: "New group" }).click();
    await p.page.getByLabel("Name").fill("base");
    await p.page.getByLabel("Their numbers").fill("1-2");
    await section("Finer places");
    await p.page.getByRole("button", { name: "New place" }).click();
    await p.page.getByLabel("Where").selectOption("group");
    await p.page.getByLabel("Group", { exact: true }).selectOption("base");
    await section("Boundary layers");
    await p.page.getByRole("button", { name: "New layers" }).click();
    await p.page.getByRole("checkbox", { name: "base" }).check();
    await p.page.getByLabel("First height").fill("0.2");
    await section("As JSON");
    await expect.poll(json).toEqual({
      groups: [{ name: "base", dim: 2, entities: [1, 2] }],
      refine: [{ group: "base", size: 1.5 }],
      layers: [{ groups: ["base"], first_height: 0.2 }],
    });
    await p.clean();
    const panel = p.page.getByRole("complementary", { name: "Part and meshes" });
    expect(await panel.evaluate((e) => e.scrollWidth - e.clientWidth), "nothing hangs over its side").toBe(0);
    await p.mesh();
    await p.page.getByText("Prisms", { exact: true }).waitFor();

    // Flat prisms are told of in words, and shown.
    await p.page.getByText(/poorly shaped: SICN below 0.2, the worst 0\.\d+/).waitFor();
    await p.clean();
    await p.page.getByRole("region", { name: "Quality" }).getByRole("button", { name: "Show them" }).click();
    await p.page.getByRole("slider", { name: "SICN, up to" }).waitFor();
    expect(Number(await p.page.getByRole("slider", { name: "SICN, up to" }).getAttribute("aria-valuenow"))).toBeCloseTo(0.2, 6);

    // What was made of it can be changed and asked for again.
    await p.page.getByRole("button", { name: "Back to the defaults" }).click();
    await p.page.getByRole("button", { name: "Change and run again" }).click();
    await expect.poll(async () => (await json()).layers).toEqual([{ groups: ["base"], first_height: 0.2 }]);
  });

  it("takes a spec as text and gives it as a command", async () => {
    await p.open();
    await all();
    await section("As JSON");
    const text = p.page.getByLabel("The spec as JSON");
    await text.fill('{"size": {"fineness": 3}, "colour": 1}');
    await p.page.getByRole("button", { name: /colour unexpected/ }).waitFor(); // the service knows no such field
    await text.fill('{"size": {"fineness": 3}');
    await p.page.getByText(/This is no spec/).waitFor();
    await text.fill('{"size": {"fineness": 3}}');
    expect(await p.page.getByRole("button", { name: "Coarse" }).getAttribute("aria-pressed")).toBe("true");
    const copied = await hears(p.page, "Copied");
    await p.page.getByRole("button", { name: "Copy as curl" }).click();
    await copied();
    expect(await clipboard()).toMatch(/^curl -X POST http:.*\/v1\/meshes .*"spec":\{"size":\{"fineness":3\}\}\}'$/);
  });

  it("is followed by a draft while the slider is moved, which is in no list and gone once there is a mesh", async () => {
    await p.open();
    const part = await sceneImage(p.page);
    await p.page.getByRole("slider", { name: "Fineness" }).focus();
    await p.page.keyboard.press("Home");
    const draft = p.page.getByRole("region", { name: "Draft" });
    await draft.waitFor();
    await expect.poll(async () => changed(part, await sceneImage(p.page)), { message: "it is seen" }).toBeGreaterThan(60);
    const coarse = await sceneImage(p.page);
    expect(await p.page.getByRole("region", { name: "Meshes" }).count()).toBe(0);
    await p.clean();
    const removed = p.page.waitForResponse((r) => r.request().method() === "DELETE" && r.status() === 204);
    await p.page.keyboard.press("End");
    await expect.poll(async () => changed(coarse, await sceneImage(p.page)), { message: "it follows" }).toBeGreaterThan(60);
    await removed; // the first one

    await p.page.getByRole("button", { name: "Coarse" }).click();
    await p.mesh();
    await draft.waitFor({ state: "detached" });
    await p.page.reload();
    await p.page.waitForSelector("[data-status=succeeded]");
    const meshes = p.page.getByRole("region", { name: "Meshes" });
    await expect.poll(() => meshes.getByRole("listitem").count(), { message: "the list comes by itself" }).toBe(1);
  });

  it("leaves no draft behind where the page is left before there is an answer", async () => {
    await p.open();
    const part = p.page.url();
    // The service hears of it, and the page is never told.
    await p.page.route("**/v1/meshes", (route) => void route.fetch().catch(() => {}));
    await p.page.getByRole("slider", { name: "Fineness" }).focus();
    await p.page.keyboard.press("Home");
    await expect.poll(drafts).toBe(1);
    await p.page.goto(p.base);
    await p.page.unroute("**/v1/meshes");
    await p.page.goto(part);
    await expect.poll(drafts).toBe(0);
    await expect.poll(unanswered).toBeNull();
  });

  it("leaves no draft behind where its answer is lost, and the page stays", async () => {
    await p.open();
    let lost = 0;
    await p.page.route("**/v1/meshes", async (route) => {
      await route.fetch();
      if (lost++ === 0) await route.fulfill({ status: 502, contentType: "text/html", body: "Bad Gateway" });
      else await route.fulfill({ status: 500, contentType: "application/problem+json", json: { status: 500 } });
    });
    await slide();
    await expect.poll(() => lost, { message: "it is asked for again when the service is back" }).toBe(2);
    expect(await drafts()).toBe(1);
    expect(await unanswered(), "what is not answered then is kept").toHaveLength(1);
    await p.page.unroute("**/v1/meshes");
    await p.page.reload();
    await expect.poll(drafts).toBe(0);
    await expect.poll(unanswered).toBeNull();
  });

  it("leaves no draft behind where it could not be deleted", async () => {
    await p.open();
    await slide();
    await p.page.getByRole("region", { name: "Draft" }).waitFor();
    let refused = 0;
    await p.page.route("**/v1/meshes/msh_*", async (route) => {
      if (route.request().method() !== "DELETE") return route.fallback();
      refused++;
      return route.fulfill({ status: 500, contentType: "application/problem+json", json: { status: 500 } });
    });
    await p.page.getByRole("slider", { name: "Fineness" }).press("End");
    await expect.poll(() => refused).toBeGreaterThan(0);
    await expect.poll(unanswered).toHaveLength(1);
    expect(await drafts()).toBe(2);
    await p.page.unroute("**/v1/meshes/msh_*");
    await p.page.reload();
    await expect.poll(drafts, { message: "the one that is left, and the one that was shown" }).toBe(0);
    await expect.poll(unanswered).toBeNull();
  });

  it("keeps a draft that is waited for by a page that comes back as it was", async () => {
    await p.open();
    let go = () => {};
    const held = new Promise<void>((done) => {
      go = done;
    });
    await p.page.route("**/v1/meshes", async (route) => {
      const response = await route.fetch();
      await held;
      await route.fulfill({ response });
    });
    await slide();
    await expect.poll(drafts).toBe(1);
    const pass = (name: string) =>
      p.page.evaluate((n) => void window.dispatchEvent(new PageTransitionEvent(n, { persisted: true })), name);
    await pass("pagehide");
    expect(await unanswered()).toHaveLength(1);
    await pass("pageshow");
    expect(await unanswered()).toBeNull();
    go();
    await expect.poll(drafts, { message: "nobody wishes for it any more" }).toBe(0);
    await expect.poll(unanswered).toBeNull();
  });

  it("shows the draft until what was asked for is there", async () => {
    await p.open();
    await p.page.getByRole("slider", { name: "Fineness" }).focus();
    await p.page.keyboard.press("Home");
    const draft = p.page.getByRole("region", { name: "Draft" });
    await draft.waitFor();
    let go = () => {};
    const held = new Promise<void>((done) => {
      go = done;
    });
    await p.page.route("**/v1/meshes/msh_*", async (route) => {
      if (route.request().method() === "GET") await held;
      await route.continue();
    });
    await p.page.getByRole("button", { name: "Mesh", exact: true }).click();
    await p.page.waitForURL("**/msh_*");
    expect(await draft.count()).toBe(1);
    go();
    await p.page.waitForSelector("[data-status=succeeded]");
    await draft.waitFor({ state: "detached" });
  });
});
