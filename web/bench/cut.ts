/** What it takes to cut a mesh that is shown, in milliseconds. */
import type { Page } from "playwright-core";

export interface CutTimes {
  /** From the key to the first cut: the elements are fetched and put in order meanwhile. */
  first: number;
  /** From the slider to the cut, and of that in the worker. */
  moved: number[];
  worker: number[];
  /** From another direction to the cut. */
  turned: number[];
  /** The longest task of the main thread meanwhile; 0 where none took 50. */
  longest: number;
}

const PLACES = ["0.31", "0.42", "0.47", "0.53", "0.58", "0.64", "0.36"];
const DIRECTIONS = ["y", "z", "x", "y", "z", "x"];

/** measureCut cuts the mesh that is shown again and again. */
export async function measureCut(page: Page, manner: "crinkle" | "section"): Promise<CutTimes> {
  await page.waitForFunction(() => Number(document.querySelector("[data-triangles]")?.getAttribute("data-triangles")) > 20_000);
  const began = Date.now();
  await page.keyboard.press("c");
  await page.waitForSelector("[data-cut]", { timeout: 120_000 });
  const first = Date.now() - began;
  const out: CutTimes = { first, moved: [], worker: [], turned: [], longest: 0 };
  if (manner === "crinkle") {
    await page.getByLabel("whole elements").check();
    await page.waitForTimeout(5000); // until that cut, too, is shown
  }
  const change = async (label: string, value: string, times: number[]) => {
    const took = await page.evaluate(changed, [label, value] as const);
    times.push(took.ms);
    out.longest = Math.max(out.longest, took.longest);
    return took;
  };
  for (const place of PLACES) out.worker.push((await change("Place of the cut", place, out.moved)).worker);
  for (const direction of DIRECTIONS) await change("Direction of the cut", direction, out.turned);
  return out;
}

/** changed gives a field of the page another value and settles when the next cut is shown. */
function changed([label, value]: readonly [string, string]): Promise<{ ms: number; worker: number; longest: number }> {
  const field = document.querySelector(`[aria-label="${label}"]`) as HTMLInputElement | HTMLSelectElement;
  const host = document.querySelector("[data-triangles]") as HTMLElement;
  return new Promise((resolve) => {
    let longest = 0;
    const tasks = new PerformanceObserver((list) => {
      for (const e of list.getEntries()) longest = Math.max(longest, e.duration);
    });
    tasks.observe({ type: "longtask" });
    const began = performance.now();
    const seen = new MutationObserver(() => {
      seen.disconnect();
      const ms = performance.now() - began;
      // Long tasks are told of with delay.
      setTimeout(() => {
        tasks.disconnect();
        resolve({ ms, worker: Number(host.dataset.cutMs), longest });
      }, 400);
    });
    seen.observe(host, { attributeFilter: ["data-cut-ms"] });
    const { set } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value") as PropertyDescriptor;
    set?.call(field, value); // as React sees it
    field.dispatchEvent(new Event(field instanceof HTMLSelectElement ? "change" : "input", { bubbles: true }));
  });
}
