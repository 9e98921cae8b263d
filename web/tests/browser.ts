/** A browser for tests: Debian's Chromium, which draws in software and speaks to nobody but this machine. */
import { type Browser, chromium, type Page } from "playwright-core";

/**
 * launch starts a browser in which the scene is drawn by SwiftShader, as without a graphics card. For tests it is the one that has no
 * windows, which composes the page without GL, so that the page waits for the scene to be read back. Where waits are measured it is the
 * browser that people have, and draws as it does for them.
 */
export function launch({ asForPeople = false } = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: asForPeople ? "/usr/bin/chromium" : "/usr/bin/chromium-headless-shell",
    args: [
      "--no-sandbox",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--use-angle=swiftshader",
      "--enable-unsafe-swiftshader",
      "--ignore-gpu-blocklist",
      ...(asForPeople ? [] : ["--disable-gpu-compositing"]),
    ],
  });
}

/** oneSample has a page smooth no edges of the scene: that is a third of the work. */
export async function oneSample(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const gl = WebGL2RenderingContext.prototype;
    const store = gl.renderbufferStorageMultisample;
    gl.renderbufferStorageMultisample = function (target, _, ...rest) {
      store.call(this, target, 0, ...rest);
    };
  });
}

/** Image is what the person sees of the scene. */
export interface Image {
  /** Share of pixels that differ from the background in the corner. */
  covered: number;
  /** Colours at GRID × GRID places, row by row. */
  colors: [number, number, number][];
}

const GRID = 48;

/** What shows that the picture, or the page around it, has the focus is nothing of the picture. */
const UNFOCUSED = "canvas, main { outline: none !important } main::after { display: none } [data-triad] { visibility: hidden }";

/** sceneImage returns what a canvas shows: the first, where nothing else is said. */
export async function sceneImage(page: Page, which = 0): Promise<Image> {
  const png = await page.locator("canvas").nth(which).screenshot({ style: UNFOCUSED });
  return page.evaluate(
    async ({ base64, grid }) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const { width, height } = bitmap;
      const context = new OffscreenCanvas(width, height).getContext("2d") as OffscreenCanvasRenderingContext2D;
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, width, height);
      const at = (x: number, y: number): [number, number, number] => {
        const i = 4 * (Math.floor(y) * width + Math.floor(x));
        return [data[i], data[i + 1], data[i + 2]];
      };
      const ground = at(width - 3, height - 3);
      let differ = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (Math.abs(data[i] - ground[0]) + Math.abs(data[i + 1] - ground[1]) + Math.abs(data[i + 2] - ground[2]) > 24)
          differ++;
      }
      const colors: [number, number, number][] = [];
      for (let y = 0; y < grid; y++) {
        for (let x = 0; x < grid; x++) colors.push(at(((x + 0.5) * width) / grid, ((y + 0.5) * height) / grid));
      }
      return { covered: differ / (width * height), colors };
    },
    { base64: png.toString("base64"), grid: GRID },
  );
}

/** Hues is what a picture of the scene alone shows, without what lies over it. */
export interface Hues {
  /** Share of pixels of each wanted hue. */
  shares: number[];
  /** Something lies at the rim of the picture: it goes on beyond. */
  cutOff: boolean;
}

const RIM = 3; // pixels

/** sceneHues counts pixels by their hue, in degrees, as those are shaded. */
export async function sceneHues(page: Page, wanted: number[]): Promise<Hues> {
  const style = `section[aria-label=Scene] > :not(:first-child) { visibility: hidden } ${UNFOCUSED}`;
  const png = await page.locator("canvas").screenshot({ style });
  return page.evaluate(
    async ({ base64, wanted, rim }) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const { width, height } = bitmap;
      const context = new OffscreenCanvas(width, height).getContext("2d") as OffscreenCanvasRenderingContext2D;
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, width, height);
      const counts = wanted.map(() => 0);
      let cutOff = false;
      for (let i = 0; i < data.length; i += 4) {
        const [r, g, b] = [data[i], data[i + 1], data[i + 2]];
        const x = (i / 4) % width;
        const y = Math.floor(i / 4 / width);
        const away = Math.abs(r - data[0]) + Math.abs(g - data[1]) + Math.abs(b - data[2]) > 40;
        if (away && (x < rim || y < rim || x >= width - rim || y >= height - rim)) cutOff = true;
        if (Math.max(r, g, b) - Math.min(r, g, b) < 40) continue; // grey
        const hue = (Math.atan2(Math.sqrt(3) * (g - b), 2 * r - g - b) * 180) / Math.PI;
        wanted.forEach((w, k) => {
          if (Math.abs(((hue - w + 540) % 360) - 180) < 8) counts[k]++;
        });
      }
      return { shares: counts.map((n) => n / (width * height)), cutOff };
    },
    { base64: png.toString("base64"), wanted, rim: RIM },
  );
}

/** categoryHue is the hue of the i-th of many things that are told apart by colour (src/viewer/colors.ts). */
export const categoryHue = (i: number): number => (i * 137.508 + 210) % 360;

/** drawn waits until what was asked for before can be seen. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** hears listens to what the page says, and returns what waits until it has said that: it may be gone before anybody looks. */
export async function hears(page: Page, words: string): Promise<() => Promise<void>> {
  const heard = await page.evaluateHandle((words) => {
    const said = new Promise<void>((done, failed) => {
      setTimeout(() => failed(new Error(`never said: ${words}`)), 90_000);
      const look = (_: unknown, observer: MutationObserver) => {
        if (!document.body.textContent?.includes(words)) return;
        observer.disconnect();
        done();
      };
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    return { said };
  }, words);
  return () => heard.evaluate(({ said }) => said);
}

/** changed counts the samples whose colour is another. */
export function changed(a: Image, b: Image): number {
  return a.colors.filter((c, i) => c.reduce((sum, v, k) => sum + Math.abs(v - b.colors[i][k]), 0) > 24).length;
}

/** colorAt returns the colour of the canvas at a place, in CSS pixels: the mean of a few around it. */
export async function colorAt(page: Page, at: { x: number; y: number }): Promise<[number, number, number]> {
  const box = await page.locator("canvas").boundingBox();
  if (!box) throw new Error("There is no canvas.");
  const clip = { x: box.x + at.x - 2, y: box.y + at.y - 2, width: 5, height: 5 };
  const png = await page.screenshot({ clip });
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d") as OffscreenCanvasRenderingContext2D;
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const sum = [0, 0, 0];
    for (let i = 0; i < data.length; i += 4) for (let k = 0; k < 3; k++) sum[k] += data[i + k];
    return sum.map((s) => Math.round((4 * s) / data.length)) as [number, number, number];
  }, png.toString("base64"));
}
