/** A mesh of a million triangles and one of a million tetrahedra, and what is left of them when the page is left. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changed, colorAt, sceneImage } from "../browser";
import { bracket, person } from "../person";
import { Samples } from "../samples";

const p = person();
const folder = mkdtempSync(join(tmpdir(), "meshgen-million-"));
let samples: Samples;
beforeAll(async () => {
  execFileSync(join(import.meta.dirname, "../../../bin/samples"), [folder]);
  samples = await Samples.serve(folder);
});
afterAll(() => {
  samples.close();
  rmSync(folder, { recursive: true });
});

/** made meshes a part whose files are those of a sample, and shows it. */
async function made(files: Record<string, string>, triangles: number): Promise<void> {
  await samples.replace(p.context, files);
  await p.open();
  await p.page.getByRole("button", { name: "Coarse" }).click();
  await p.mesh();
  await p.page.waitForFunction(
    (n) => Number(document.querySelector("[data-triangles]")?.getAttribute("data-triangles")) >= n,
    triangles,
  );
}

/** holdFacts has workers find out more of a surface than a test has time for, until what it returns lets them tell. */
async function holdFacts(): Promise<(surfaces?: number) => Promise<void>> {
  await p.page.addInitScript(() => {
    const held: (() => void)[] = [];
    Object.assign(window, { held });
    window.Worker = class extends Worker {
      set onmessage(f: (e: MessageEvent) => void) {
        this.addEventListener("message", (e) => ("facts" in e.data ? held.push(() => f(e)) : f(e)));
      }
    };
  });
  type Held = { held: (() => void)[] };
  return async (surfaces = 1) => {
    await p.page.waitForFunction((n) => (window as unknown as Held).held.length >= n, surfaces);
    await p.page.evaluate(() => {
      for (const go of (window as unknown as Held).held.splice(0)) go();
    });
  };
}

const middle = async () => {
  const box = await p.page.locator("canvas").boundingBox();
  if (!box) throw new Error("There is no canvas.");
  return { x: Math.round(box.width / 2), y: Math.round(box.height / 2) };
};

describe("a million", () => {
  it("triangles are seen, coloured and picked", async () => {
    await made({ "surface.glb": "surface.glb" }, 1_000_000);
    const plain = await sceneImage(p.page);
    expect(plain.covered, "the ball is seen").toBeGreaterThan(0.1);

    await p.page.getByLabel("Colour by").selectOption("measure:gamma");
    await expect.poll(async () => changed(plain, await sceneImage(p.page))).toBeGreaterThan(100);

    const card = p.page.locator("output", { hasText: /element \d+/ });
    const at = await middle();
    await expect
      .poll(async () => {
        at.x++; // a pointer that rests says nothing
        await p.page.locator("canvas").hover({ position: at });
        return card.count();
      })
      .toBe(1);
  });

  it("triangles are seen before all is known of them, and stay on the card as they are", async () => {
    const release = await holdFacts();
    await p.page.addInitScript(() => {
      const uploads: number[] = [];
      Object.assign(window, { uploads });
      const gl = WebGL2RenderingContext.prototype;
      const upload = gl.texSubImage2D as (...args: unknown[]) => void;
      gl.texSubImage2D = function (this: WebGL2RenderingContext, ...args: unknown[]) {
        const [, , , , width, height] = args as number[];
        uploads.push(width * height);
        upload.apply(this, args);
      } as typeof gl.texSubImage2D;
    });
    type Watched = { held: (() => void)[]; uploads: number[] };
    await samples.replace(p.context, { "surface.glb": "surface.glb" });
    await p.page.goto(p.base);
    await p.page.setInputFiles("input[type=file]", bracket());
    await p.page.waitForURL("**/parts/geo_*");
    await release();
    await p.shown();
    const part = await sceneImage(p.page);
    await p.page.getByRole("button", { name: "Coarse" }).click();
    await p.mesh();
    const shown = p.page.locator("[data-triangles]");
    const card = p.page.locator("output", { hasText: /element \d+/ });
    await expect.poll(() => shown.count(), { message: "it is not whole yet" }).toBe(0);
    let first = part;
    const drawn = async () => {
      first = await sceneImage(p.page);
      return changed(part, first);
    };
    await expect.poll(drawn, { message: "the ball is seen" }).toBeGreaterThan(400);
    expect(first.covered).toBeGreaterThan(0.1);
    await p.page.locator("canvas").hover({ position: await middle() });
    expect(await card.count(), "nothing is said of what is not known").toBe(0);
    expect(await shown.count()).toBe(0);

    await p.page.evaluate(() => (window as unknown as Watched).uploads.splice(0));
    await release();
    await p.shown();
    const large = await p.page.evaluate(() => (window as unknown as Watched).uploads.filter((texels) => texels > 100_000));
    expect(large, "nothing of it goes to the card again").toEqual([]);
    await p.page.mouse.move(1, 1);
    // Outlines are lines of a pixel, and the edges of what is seen are smoothed.
    expect(changed(first, await sceneImage(p.page)), "the picture does not jump").toBeLessThan(60);

    // What is asked for meanwhile waits for what is known, and is not of the one before.
    const meshes = p.page.getByRole("region", { name: "Meshes" });
    await p.page.getByRole("button", { name: "Standard", exact: true }).click();
    await p.page.getByRole("button", { name: "Mesh", exact: true }).click();
    await meshes.getByText(/γ ≥/).nth(1).waitFor();
    await p.page.waitForFunction(() => (window as unknown as Watched).held.length > 0);
    await expect.poll(() => shown.count(), { message: "the second is not whole yet" }).toBe(0);
    await p.page.getByLabel("Colour by").selectOption("measure:gamma");
    await p.page.getByText(/worst elements$/).click();
    await p.page.getByRole("list", { name: "Worst elements" }).getByRole("button").first().press("Enter");
    await p.page.waitForSelector("[data-marked=true]");
    const scale = p.page.locator("figcaption");
    expect(await scale.count(), "there is no scale of it yet").toBe(0);
    expect(await shown.count()).toBe(0);
    await release();
    await p.shown();
    expect(await scale.count()).toBe(1);
    expect(await p.page.locator("[data-marked=true]").count(), "the place is still marked").toBe(1);

    // Colours of a measure, and cuts, are shown with the first picture.
    await shown.evaluate((e) => e.setAttribute("data-triangles", "the second"));
    await meshes.getByText("fineness 3").click();
    await p.page.waitForFunction(() => (window as unknown as Watched).held.length > 0);
    expect(await shown.getAttribute("data-triangles"), "the one before stays").toBe("the second");
    await release();
    await expect.poll(() => shown.getAttribute("data-triangles"), { message: "the first is drawn again" }).toMatch(/^\d{7,}$/);
  });

  it("triangles of two meshes are seen beside each other, each before all is known of it", async () => {
    const ask = async (path: string, body?: BodyInit) =>
      (
        await fetch(`${p.base}${path}`, {
          method: body && "POST",
          headers: typeof body === "string" ? { "Content-Type": "application/json" } : {},
          body,
        })
      ).json();
    const form = new FormData();
    form.append("file", new Blob([bracket().buffer]), "two.step");
    const part = (await ask("/v1/upload", form)).id;
    const meshes: string[] = [];
    for (const fineness of [1, 2]) {
      const { id } = await ask("/v1/meshes", JSON.stringify({ geometry_id: part, spec: { size: { fineness } } }));
      await expect.poll(async () => (await ask(`/v1/meshes/${id}`)).status).toBe("succeeded");
      meshes.push(id);
    }
    const release = await holdFacts();
    await samples.replace(p.context, { "surface.glb": "surface.glb" });
    await p.page.goto(`${p.base}/compare/${part}/${meshes.join("/")}`);
    const shown = p.page.locator("[data-triangles]");
    const sizes = p.page.getByLabel("Colour by").getByRole("option", { name: "Element size" });
    for (const side of [0, 1])
      await expect.poll(async () => (await sceneImage(p.page, side)).covered, { message: `${side}` }).toBeGreaterThan(0.1);
    expect(await shown.count(), "neither is whole").toBe(0);
    expect(await sizes.count(), "there is no scale of what is not known").toBe(0);
    await release(2);
    await expect.poll(() => shown.count()).toBe(2);
    expect(await sizes.count()).toBe(1);
  });

  it("tetrahedra are cut, and their inside is seen where the outside was", async () => {
    await made({ "surface.glb": "ball.glb", "volume.glb": "volume.glb" }, 37_000);
    for (const key of ["p", "4", "e"]) await p.page.keyboard.press(key); // from the right, in parallel, without edges
    const at = await middle();
    const outside = await colorAt(p.page, at);
    await p.page.keyboard.press("c");
    await p.page.waitForSelector("[data-cut]");
    const blue = ([r, , b]: [number, number, number]) => b > r + 40;
    expect(blue(outside)).toBe(false);
    await expect
      .poll(async () => blue(await colorAt(p.page, at)), { message: "the inside has the colour of its solid" })
      .toBe(true);
    const section = await p.page.locator("[data-cut]").getAttribute("data-cut");
    await p.page.getByLabel("whole elements").check();
    await expect.poll(() => p.page.locator("[data-cut]").getAttribute("data-cut")).not.toBe(section);
    expect(blue(await colorAt(p.page, at))).toBe(true);
  });

  it("are let go of when the page is left: buffers, textures, workers and arrays", async () => {
    await p.page.addInitScript(() => {
      const live = { Buffer: new Set(), Texture: new Set() };
      (window as unknown as { live: typeof live }).live = live;
      const gl = WebGL2RenderingContext.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
      for (const kind of ["Buffer", "Texture"] as const) {
        const [make, drop] = [gl[`create${kind}`], gl[`delete${kind}`]];
        gl[`create${kind}`] = function (...args) {
          const made = make.apply(this, args);
          live[kind].add(made);
          return made;
        };
        gl[`delete${kind}`] = function (...args) {
          live[kind].delete(args[0]);
          return drop.apply(this, args);
        };
      }
    });
    const left = () =>
      p.page.evaluate(() => {
        const { live } = window as unknown as { live: Record<string, Set<unknown>> };
        return Object.values(live).reduce((n, s) => n + s.size, 0);
      });
    const arrays = async () => {
      const session = await p.context.newCDPSession(p.page);
      await session.send("HeapProfiler.collectGarbage");
      const { backingStorageSize } = await session.send("Runtime.getHeapUsage");
      await session.detach();
      return backingStorageSize;
    };
    await made({ "surface.glb": "surface.glb" }, 1_000_000);
    expect(await left()).toBeGreaterThan(3);
    await expect.poll(arrays, { message: "what the card alone needs is there alone" }).toBeLessThan(20.5e6);
    const shown = await arrays();
    await p.page.getByRole("link", { name: "Meshgen" }).click();
    await p.page.waitForFunction(() => !document.querySelector("canvas"));
    await expect.poll(() => p.page.workers().length).toBe(0);
    // What three.js keeps for any scene, an empty texture of each kind, goes with the context.
    await expect.poll(left).toBeLessThan(8);
    await expect.poll(async () => shown - (await arrays()), { message: "the arrays are gone" }).toBeGreaterThan(17e6);
  });
});
