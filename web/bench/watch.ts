/** What a page is watched by: the same for every viewer. */
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";

export interface Watched {
  /** Milliseconds from the wish to its picture, drawn to the end. */
  picture: number;
  /** The same for the last picture: a page may show more of it soon after. */
  last: number;
  /** The longest task of the main thread meanwhile, in milliseconds; 0 where none took 50. */
  longest: number;
}

declare global {
  interface Window {
    watch: {
      /** begin waits for a frame of at least so many vertices after the next input. */
      begin: (vertices: number) => void;
      done: Promise<Watched>;
    };
  }
}

const REST = 2000; // ms without a picture after one: there is none to come, and long tasks, which are told of with delay, are known

/** watch lets a page tell what it took to draw something. It has to be called before the page is opened. */
export async function watch(page: Page): Promise<void> {
  page.on("pageerror", (e) => console.error(e));
  page.on("console", (m) => m.type() === "error" && console.error(m.text()));
  await page.addInitScript((REST) => {
    let wanted = Number.POSITIVE_INFINITY;
    let picture = Number.POSITIVE_INFINITY;
    let last = 0;
    let rest: ReturnType<typeof setTimeout> | undefined;
    let began = Number.POSITIVE_INFINITY;
    let drawn = 0;
    let longest = 0;
    let resolve: (w: Watched) => void = () => {};
    new PerformanceObserver((list) => {
      for (const e of list.getEntries()) if (e.startTime + e.duration > began) longest = Math.max(longest, e.duration);
    }).observe({ type: "longtask" });
    window.watch = {
      begin: (vertices) => {
        wanted = vertices;
        began = Number.POSITIVE_INFINITY;
        longest = 0;
        picture = Number.POSITIVE_INFINITY;
        window.watch.done = new Promise((r) => {
          resolve = r;
        });
      },
      done: Promise.resolve({ picture: 0, last: 0, longest: 0 }),
    };
    for (const input of ["click", "input"] as const)
      window.addEventListener(
        input,
        () => {
          if (began === Number.POSITIVE_INFINITY && wanted !== Number.POSITIVE_INFINITY) began = performance.now();
        },
        { capture: true },
      );
    /** saw counts what a frame draws; a fence tells when it stands on the screen. */
    const saw = (gl: WebGL2RenderingContext, vertices: number) => {
      if (began === Number.POSITIVE_INFINITY) return;
      if (drawn === 0) {
        queueMicrotask(() => {
          const enough = drawn >= wanted;
          drawn = 0;
          if (!enough) return;
          clearTimeout(rest);
          const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0) as WebGLSync;
          gl.flush();
          const look = () => {
            if (gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED) {
              setTimeout(look, 1);
              return;
            }
            last = performance.now() - began;
            picture = Math.min(picture, last);
            clearTimeout(rest);
            rest = setTimeout(() => {
              wanted = Number.POSITIVE_INFINITY;
              resolve({ picture, last, longest });
            }, REST);
          };
          setTimeout(look, 1);
        });
      }
      drawn += vertices;
    };
    const { drawArrays, drawElements } = WebGL2RenderingContext.prototype;
    WebGL2RenderingContext.prototype.drawArrays = function (mode, first, count) {
      drawArrays.call(this, mode, first, count);
      saw(this, count);
    };
    WebGL2RenderingContext.prototype.drawElements = function (mode, count, type, offset) {
      drawElements.call(this, mode, count, type, offset);
      saw(this, count);
    };
  }, REST);
}

/** watched does something that leads to a picture of at least so many vertices, and returns what that took. */
export async function watched(page: Page, vertices: number, act: () => Promise<unknown>): Promise<Watched> {
  await page.evaluate((v) => window.watch.begin(v), vertices);
  await act();
  return page.evaluate(() =>
    Promise.race([
      window.watch.done,
      new Promise<never>((_, no) => setTimeout(() => no(new Error("nothing was drawn")), 60_000)),
    ]),
  );
}

export interface Memory {
  /** Of the page's own process, in MB. */
  page: number;
  /** Of the process that draws, in MB: what lies on a graphics card elsewhere. */
  graphics: number;
  /** The most that the page's own process held at any time, in MB. */
  peak: number;
}

/** memory returns what a browser holds for its one page once what is not needed has been collected. */
export async function memory(browser: Browser, page: Page): Promise<Memory> {
  const session = await page.context().newCDPSession(page);
  for (const _ of [1, 2]) await session.send("HeapProfiler.collectGarbage");
  await page.waitForTimeout(1500);
  const cdp = await browser.newBrowserCDPSession();
  const { processInfo } = (await cdp.send("SystemInfo.getProcessInfo")) as { processInfo: { type: string; id: number }[] };
  const of = (type: string, file: string, field: string) =>
    processInfo.filter((p) => p.type === type).reduce((n, p) => n + read(p.id, file, field), 0);
  return {
    page: of("renderer", "smaps_rollup", "Pss"),
    graphics: of("GPU", "smaps_rollup", "Pss"),
    peak: of("renderer", "status", "VmHWM"),
  };
}

/** less is what is held beyond a blank page. */
export function less(m: Memory, blank: Memory): Memory {
  return { page: m.page - blank.page, graphics: m.graphics - blank.graphics, peak: m.peak - blank.peak };
}

/** read returns a figure that Linux tells of a process, in MB. */
function read(pid: number, file: string, field: string): number {
  const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/${file}`, "utf8")) ?? [];
  return Number(kilobytes) / 1000;
}
