/** A mesh that is cut open, in a real browser against the whole service. */
import { describe, expect, it } from "vitest";
import { colorAt, drawn, sceneImage } from "./browser";
import { person } from "./person";

// Of the bracket: half the diagonal of its box, and how far below its middle the middle of its base lies, in mm.
const RADIUS = Math.hypot(60, 40, 50) / 2;
const BELOW = 22;
const MARGIN = 1.12; // that the viewer leaves around a part

const p = person();

/** open meshes the bracket and looks at it from the right, in parallel, without its edges. */
async function open() {
  await p.open();
  await p.mesh();
  await p.page.waitForFunction(() => Number(document.querySelector("[data-triangles]")?.getAttribute("data-triangles")) > 1000);
  for (const key of ["p", "4", "e"]) await p.page.keyboard.press(key);
}

/** cutShown waits for a cut other than one of so many triangles, and for its picture, and returns how many it has. */
async function cutShown(other = 0): Promise<number> {
  const handle = await p.page.waitForFunction((other) => {
    const n = Number((document.querySelector("[data-cut]") as HTMLElement | null)?.dataset.cut ?? other);
    return n !== other && n;
  }, other);
  await drawn(p.page);
  return handle.jsonValue() as Promise<number>;
}

/** middleOfBase is where on the canvas the middle of the base's section lies. */
async function middleOfBase(): Promise<{ x: number; y: number }> {
  const box = await p.page.locator("canvas").boundingBox();
  if (!box) throw new Error("There is no canvas.");
  return { x: box.width / 2, y: (box.height / 2) * (1 + BELOW / (MARGIN * RADIUS)) };
}

const blue = ([r, , b]: [number, number, number]) => b > r + 40;

describe("a mesh that is cut", () => {
  it("makes no shader anew for a cut: the page would wait for the card", async () => {
    await p.context.addInitScript(() => {
      const real = WebGL2RenderingContext.prototype.linkProgram;
      const page = window as unknown as { linked: number };
      page.linked = 0;
      WebGL2RenderingContext.prototype.linkProgram = function (program) {
        page.linked++;
        real.call(this, program);
      };
    });
    await open();
    const linked = () => p.page.evaluate(() => (window as unknown as { linked: number }).linked);
    const before = await linked();
    expect(before).toBeGreaterThan(0);
    await p.page.keyboard.press("c");
    const first = await cutShown();
    await p.page.getByLabel("Place of the cut").press("PageUp");
    const second = await cutShown(first);
    await p.page.getByLabel("whole elements").check();
    await cutShown(second);
    expect(await linked()).toBe(before);
  });

  it("shows its inside, coloured by solid and by quality, and names what the pointer meets there", async () => {
    await open();
    const at = await middleOfBase();
    expect(blue(await colorAt(p.page, at)), "the outside is plain").toBe(false);
    await p.page.keyboard.press("c");
    await cutShown();
    expect(blue(await colorAt(p.page, at)), "the inside has the colour of its solid").toBe(true);
    // The base is 40 mm wide and 6 mm high: so much of the picture is its section, and nothing else of that colour.
    const image = await sceneImage(p.page);
    const { width, height } = (await p.page.locator("canvas").boundingBox()) as { width: number; height: number };
    const pixel = (MARGIN * RADIUS * 2) / height;
    const expected = (40 / pixel / width) * (6 / pixel / height);
    expect(image.colors.filter(blue).length / image.colors.length).toBeGreaterThan(0.6 * expected);
    expect(image.colors.filter(blue).length / image.colors.length).toBeLessThan(1.4 * expected);

    await p.page.locator("canvas").hover({ position: at });
    const card = p.page.locator("output", { hasText: "Solid 1" });
    await card.getByText(/^element \d+/).waitFor();
    await card.getByText(/^gamma 0\.\d/i).waitFor();

    await p.page.getByLabel("Colour by").selectOption("measure:gamma");
    await drawn(p.page);
    const [r, g, b] = await colorAt(p.page, at);
    expect(g, "good elements are green").toBeGreaterThan(Math.max(r, b));
  });

  it("lets whole elements stand, follows the slider, and is whole again when the cut ends", async () => {
    await open();
    const at = await middleOfBase();
    const whole = await sceneImage(p.page);
    await p.page.keyboard.press("c");
    const section = await cutShown();
    await p.page.getByLabel("whole elements").check();
    const crinkle = await cutShown(section);
    expect(blue(await colorAt(p.page, at)), "the inside is seen").toBe(true);
    await p.page.getByLabel("Place of the cut").fill("0.05");
    const moved = await cutShown(crinkle);
    expect(moved, "the wall has a larger section than the base").toBeGreaterThan(crinkle);
    await p.page.getByLabel("Direction of the cut").selectOption("as seen");
    await p.page.getByLabel("Place of the cut").fill("0.5");
    await cutShown(moved);
    expect(blue(await colorAt(p.page, at)), "from here, that is the same as along x").toBe(true);

    await p.page.keyboard.press("c");
    await p.page.waitForSelector("[data-cut]", { state: "detached" });
    await drawn(p.page);
    const after = await sceneImage(p.page);
    expect(after.colors.filter(blue).length).toBe(whole.colors.filter(blue).length);
    expect(after.covered).toBeCloseTo(whole.covered, 3);
  });

  it("is fetched once there is a cut, and let go of with the page", async () => {
    const fetched: string[] = [];
    p.context.on("request", (r) => {
      if (r.url().includes("volume.glb")) fetched.push(r.url());
    });
    await open();
    expect(fetched).toEqual([]);
    await expect.poll(() => p.page.workers().length, { message: "what decoded the surface is done" }).toBe(0);
    await p.page.keyboard.press("c");
    await cutShown();
    expect(fetched).toHaveLength(1);
    expect(p.page.workers()).toHaveLength(1);
    await p.page.keyboard.press("c");
    await p.page.keyboard.press("c");
    await cutShown();
    expect(fetched, "it is still there").toHaveLength(1);
    await p.page.getByRole("link", { name: /Meshgen/ }).click();
    await p.page.waitForFunction(() => !document.querySelector("canvas"));
    await expect.poll(() => p.page.workers().length).toBe(0);
  });

  it("is cut by its surface where its elements cannot be had, and says so", async () => {
    await p.context.route(/volume\.glb/, (route) => route.abort());
    await open();
    await p.page.keyboard.press("c");
    await p.page.getByText("The elements could not be loaded").waitFor();
    const cut = await sceneImage(p.page);
    expect(cut.covered).toBeGreaterThan(0.01);
  });
});
