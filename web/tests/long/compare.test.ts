/** Two meshes of a part side by side. */
import type { Route } from "playwright-core";
import { describe, expect, it } from "vitest";
import { changed, sceneImage } from "../browser";
import { person } from "../person";

const p = person();
const meshes = () => p.page.getByRole("region", { name: "Meshes" });
const address = () => new URL(p.page.url());
const sides = () => address().pathname.split("/").slice(3);

/** both makes a coarse and a finer mesh, and opens them beside each other. */
async function both(finer = "Standard"): Promise<void> {
  await p.open();
  await p.page.getByRole("button", { name: "Coarse" }).click();
  await p.mesh();
  await p.page.getByRole("button", { name: finer, exact: true }).click();
  await p.page.getByRole("button", { name: "Mesh", exact: true }).click();
  await meshes().getByText(/γ ≥/).nth(1).waitFor();
  const other = meshes().getByRole("button", { name: /^Compare with the one chosen/ });
  await other.focus();
  await p.page.keyboard.press("Enter");
  await p.page.waitForURL("**/compare/geo_*/msh_*/msh_*");
  await shown();
}

/** shown waits for both pictures. */
async function shown(): Promise<void> {
  await expect.poll(() => p.page.locator("[data-triangles]").count()).toBe(2);
}

const cell = (row: string, column: number) =>
  p.page
    .getByRole("row", { name: new RegExp(`^${row}`) })
    .getByRole("cell")
    .nth(column)
    .textContent();

describe("two meshes of a part", () => {
  it("stand side by side with their figures, and one camera and one cut serve both", async () => {
    await both();
    const [fine, coarse] = sides();
    expect(fine).not.toBe(coarse);
    const [left, right] = [await cell("Tetrahedra", 0), await cell("Tetrahedra", 1)].map((t) => Number(t?.replace(/\D/g, "")));
    expect(left, "the one that was shown stands left").toBeGreaterThan(right);
    expect(await cell("Tetrahedra", 2)).toMatch(/^−\d/);
    await p.page.getByText("The right one was asked for fineness 3").waitFor();
    await p.clean();

    // A hand on the right one turns the left one too.
    const before = await sceneImage(p.page, 0);
    const box = await p.page.locator("canvas").nth(1).boundingBox();
    if (!box) throw new Error("There is no second picture.");
    await p.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await p.page.mouse.down();
    await p.page.mouse.move(box.x + box.width / 2 + 90, box.y + box.height / 2 - 40, { steps: 4 });
    await p.page.mouse.up();
    await expect.poll(async () => changed(before, await sceneImage(p.page, 0))).toBeGreaterThan(100);

    await p.page.getByLabel("Colour by").selectOption("measure:gamma");
    await p.page.keyboard.press("e");
    await p.page.locator("canvas").first().focus();
    await p.page.keyboard.press("c");
    await expect.poll(() => p.page.locator("[data-cut]").count()).toBe(2);
    await expect.poll(() => address().search).toMatch(/color=measure:gamma.*cut=1,0,0,0.5,this,section&camera=perspective/);

    // The address is all that is needed to see the same again.
    await p.page.mouse.move(1, 1);
    const pictures = [await sceneImage(p.page, 0), await sceneImage(p.page, 1)];
    await p.page.reload();
    await shown();
    await expect.poll(() => p.page.locator("[data-cut]").count()).toBe(2);
    for (const i of [0, 1]) await expect.poll(async () => changed(pictures[i], await sceneImage(p.page, i))).toBeLessThan(12);
  });

  it("are coloured by the size of their elements on one scale, also where they are cut", async () => {
    await both("Fine");
    await p.page.getByLabel("Colour by").selectOption("measure:size");
    await p.page.keyboard.press("e");
    await p.page.locator("figcaption").waitFor();
    // Dark purple is small and yellow is large: the finer one is on the left.
    const green = async (side: number) => {
      const { colors } = await sceneImage(p.page, side);
      const shades = colors.filter(([r, g, b]) => Math.max(r, g, b) - Math.min(r, g, b) > 40).map(([, g]) => g);
      return shades.reduce((sum, g) => sum + g, 0) / shades.length;
    };
    const apart = async () => (await green(1)) - (await green(0));
    await expect.poll(apart).toBeGreaterThan(25);
    await p.page.locator("canvas").first().focus();
    await p.page.keyboard.press("c");
    await expect.poll(() => p.page.locator("[data-cut]").count()).toBe(2);
    await expect.poll(apart).toBeGreaterThan(25);
  });

  it("change sides by a key, are chosen anew, and lie one below the other where it is narrow", async () => {
    await both();
    const [left, right] = sides();
    const few = await cell("Tetrahedra", 1);
    await p.page.keyboard.press("s");
    await expect.poll(sides).toEqual([right, left]);
    await expect.poll(() => cell("Tetrahedra", 0)).toBe(few);
    await p.page.getByRole("combobox", { name: "Left mesh" }).selectOption(left);
    await p.page.getByText("Both were asked for the same.").waitFor();

    await p.page.setViewportSize({ width: 390, height: 844 });
    const below = async () => {
      const [a, b] = await Promise.all([0, 1].map((i) => p.page.locator("canvas").nth(i).boundingBox()));
      return a !== null && b !== null && b.y >= a.y + a.height;
    };
    await expect.poll(below).toBe(true);
    expect(await p.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    const tools = await p.page.getByRole("toolbar").first().boundingBox();
    const picture = await p.page.locator("canvas").first().boundingBox();
    expect((tools?.y ?? 0) + (tools?.height ?? 0), "the tools are above the pictures").toBeLessThanOrEqual(picture?.y ?? 0);
    await p.page.getByLabel("Colour by").selectOption("measure:gamma");
    const legend = p.page.getByRole("figure");
    await expect.poll(async () => (await legend.boundingBox())?.width).toBeGreaterThan(300);
    const scale = await legend.boundingBox();
    for (const i of [0, 1]) {
      const canvas = await p.page.locator("canvas").nth(i).boundingBox();
      expect((scale?.y ?? 0) + (scale?.height ?? 0), "the scale covers no picture").toBeLessThanOrEqual(canvas?.y ?? 0);
    }
    await p.clean();
    await p.page
      .getByRole("heading", { name: /^Two meshes of/ })
      .getByRole("link")
      .click();
    await p.page.waitForURL("**/parts/geo_*/msh_*");
  });
});

/** held keeps what is asked for at an address waiting, and returns what lets it go on. */
async function held(url: RegExp): Promise<() => void> {
  let go = () => {};
  const until = new Promise<void>((resolve) => {
    go = resolve;
  });
  await p.context.route(url, async (route) => {
    await until;
    await route.continue();
  });
  return go;
}

describe("meshes that come late", () => {
  const ask = async (path: string, body?: object) =>
    (
      await fetch(`${p.base}${path}`, {
        ...(body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
      })
    ).json();

  /** made makes meshes of several sizes of one part, and returns where it is and which they are. */
  async function made(...fineness: number[]): Promise<[part: string, ...meshes: string[]]> {
    await p.open();
    const part = address().pathname.split("/")[2];
    const meshes = await Promise.all(
      fineness.map(async (f) => (await ask("/v1/meshes", { geometry_id: part, spec: { size: { fineness: f } } })).id as string),
    );
    for (const id of meshes) await expect.poll(async () => (await ask(`/v1/meshes/${id}`)).status).toBe("succeeded");
    return [part, ...meshes];
  }

  const pane = (side: string) => p.page.getByRole("region", { name: `${side} mesh` });
  const triangles = (side: string) => pane(side).locator("[data-triangles]").getAttribute("data-triangles");
  /** seen is what the page says of both. */
  const seen = async () => [
    await triangles("Left"),
    await triangles("Right"),
    await cell("Tetrahedra", 0),
    await cell("Tetrahedra", 1),
  ];
  const fileOf = async (mesh: string) => {
    const { artifacts } = (await ask(`/v1/meshes/${mesh}`)) as {
      artifacts: { format: string; preview?: boolean; url: string }[];
    };
    const url = artifacts.find((a) => a.format === "surface" && !a.preview)?.url ?? "";
    return new RegExp(new URL(url).pathname.replaceAll(".", "\\."));
  };

  it("stand on the side that they were asked for, whatever was chosen meanwhile", async () => {
    const [part, left, first, second] = await made(1, 2, 3);
    await p.page.goto(`${p.base}/compare/${part}/${left}/${second}`);
    await shown();
    const wanted = await seen();
    expect(new Set(wanted).size, "they can be told apart").toBe(4);

    const late = { "its answer": new RegExp(`/v1/meshes/${left}$`), "its picture": await fileOf(left) };
    for (const [what, url] of Object.entries(late)) {
      const others = await held(await fileOf(first));
      const go = await held(url);
      await p.page.goto(`${p.base}/compare/${part}/${left}/${first}`);
      await p.page.getByRole("combobox", { name: "Right mesh" }).selectOption(second);
      await expect.poll(() => triangles("Right"), { message: what }).toBe(wanted[1]);
      expect(await pane("Left").locator("[data-triangles]").count(), what).toBe(0);
      await pane("Left").getByText("Loading the picture").waitFor({ state: "attached" });
      others(); // of a mesh that nobody looks at any more
      go();
      await expect.poll(() => pane("Left").locator("[data-triangles]").count()).toBe(1);
      expect(await seen(), what).toEqual(wanted);
      expect(await pane("Left").getByText("Loading the picture").count(), what).toBe(0);
      await p.context.unrouteAll();
    }
  });

  it("are shown beside one whose picture cannot be loaded, which is tried again by itself alone", async () => {
    const [part, left, right] = await made(1, 2);
    const file = await fileOf(left);
    const refuse = (route: Route) => route.fulfill({ status: 503 });
    await p.context.route(file, refuse);
    const go = await held(await fileOf(right));
    await p.page.goto(`${p.base}/compare/${part}/${left}/${right}`);
    const failed = pane("Left").getByText("The picture could not be loaded: The store answered 503.");
    await failed.waitFor();
    await pane("Right").getByText("Loading the picture").waitFor({ state: "attached" });
    await p.clean();
    go();
    await pane("Right").locator("[data-triangles]").waitFor({ state: "attached" });
    expect(await failed.isVisible(), "what went wrong is still told").toBe(true);
    expect(await cell("Tetrahedra", 0), "figures are there all the same").toMatch(/^\d/);
    expect(
      await p.page.getByLabel("Colour by").getByRole("option", { name: "Element size" }).count(),
      "no scale for one alone",
    ).toBe(0);

    const drawn = await pane("Right").locator("canvas").elementHandle();
    const asked: string[] = [];
    p.page.on("request", (r) => r.url().includes(".glb") && asked.push(r.url()));
    await p.context.unroute(file, refuse);
    await pane("Left").getByRole("button", { name: "Try again" }).press("Enter");
    await shown();
    expect(asked.filter((url) => !file.test(url))).toEqual([]);
    expect(await drawn?.evaluate((c) => c.isConnected)).toBe(true);
  });

  it("are asked for again where the service fails for one, beside the other", async () => {
    const [part, left, right, other] = await made(1, 2, 3);
    const answer = new RegExp(`/v1/meshes/${left}$`);
    let problem = { title: "Broken", detail: "Something of ours went wrong.", status: 500 };
    await p.context.route(answer, (route) => route.fulfill({ status: problem.status, json: problem }));
    await p.page.goto(`${p.base}/compare/${part}/${left}/${right}`);
    const why = pane("Left").getByRole("alert").filter({ hasText: "Something of ours went wrong." });
    await why.waitFor();
    await pane("Right").locator("[data-triangles]").waitFor({ state: "attached" });
    await p.page.getByText("The figures come with both meshes.").waitFor();
    await p.clean();

    // What went wrong with one is not told of another.
    const go = await held(new RegExp(`/v1/meshes/${other}$`));
    const choice = p.page.getByRole("combobox", { name: "Left mesh" });
    await choice.selectOption(other);
    await why.waitFor({ state: "detached" });
    await pane("Left").getByText("Loading the picture").waitFor({ state: "attached" });
    await choice.selectOption(left);
    await why.waitFor();
    go();

    // It is asked for again by itself, until it is answered otherwise, and then where somebody wants it.
    problem = { title: "Busy", detail: "Too much was asked for.", status: 429 };
    const last = pane("Left").getByRole("alert").filter({ hasText: problem.detail });
    await last.waitFor();
    await p.context.unroute(answer);
    await last.getByRole("button", { name: "Try again" }).press("Enter");
    await shown();
    await last.waitFor({ state: "detached" });
    expect(await cell("Tetrahedra", 0)).toMatch(/^\d/);
    const focused = () => pane("Left").locator("canvas:focus").count();
    await expect.poll(focused, { message: "the picture has the focus of the button that has gone" }).toBe(1);
  });

  it("are not missed where the other is no more", async () => {
    const [part, left, right] = await made(1, 2);
    await p.context.route(new RegExp(`/v1/meshes/${left}$`), (route) => route.fulfill({ status: 404, json: { status: 404 } }));
    const go = await held(new RegExp(`/v1/meshes/${right}$`));
    await p.page.goto(`${p.base}/compare/${part}/${left}/${right}`);
    await p.page.getByText("One of the two is not there.").waitFor();
    go();
    await p.page.getByRole("link", { name: "Back to the part" }).click();
    await p.page.waitForURL(`**/parts/${part}`);
    await p.shown();
  });
});
