/** What every test of the page begins with: a browser, a page of its own, and no script that failed. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from "vitest";
import { launch, oneSample } from "./browser";

const step = readFileSync(join(import.meta.dirname, "../../examples/filleted-bracket.step"));

/** bracket returns the bracket as a file that no other test sent: what was meshed for one test must not answer another. */
export const bracket = (name = "filleted-bracket.step") => ({
  name,
  mimeType: "model/step",
  buffer: Buffer.concat([step, Buffer.from(`/* ${randomUUID()} */\n`)]),
});

const axe = readFileSync(join(import.meta.dirname, "../node_modules/axe-core/axe.min.js"), "utf8");

/** clean tells what a screen reader would stumble over. */
export async function clean(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor(); // a page that is just being changed for another has none yet
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof import("axe-core") }).axe.run();
    return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html} ${n.failureSummary}`));
  });
  expect(found).toEqual([]);
}

/** How long what comes by itself may take, on a machine that has other work: as long as vitest's own polls. */
const PATIENCE = 90_000; // ms

export class Person {
  browser!: Browser;
  context!: BrowserContext;
  page!: Page;
  readonly base = inject("base");
  readonly problems: string[] = []; // of scripts

  /** open uploads a file and returns when its part is shown. */
  async open(file: Parameters<Page["setInputFiles"]>[1] = bracket()): Promise<void> {
    await this.page.goto(this.base);
    await this.page.setInputFiles("input[type=file]", file);
    await this.page.waitForURL("**/parts/geo_*");
    await this.shown();
    await this.page.getByText(/about/).waitFor();
  }

  async shown(): Promise<void> {
    await this.page.waitForSelector("[data-triangles]");
  }

  /** mesh presses the button and returns when the mesh has come to an end. */
  async mesh(status = "succeeded"): Promise<void> {
    await this.page.getByRole("button", { name: "Mesh", exact: true }).click();
    await this.page.waitForSelector(`[data-status=${status}]`);
  }

  clean(): Promise<void> {
    return clean(this.page);
  }

  /** newPage opens one whose scripts must not fail either. */
  async newPage(context: BrowserContext): Promise<Page> {
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    await oneSample(page);
    page.on("pageerror", (e) => this.problems.push(e.message));
    return page;
  }
}

/** person gives each test of a file a page of its own. */
export function person(): Person {
  const p = new Person();
  beforeAll(async () => {
    p.browser = await launch();
  });
  afterAll(() => p.browser?.close());
  beforeEach(async () => {
    p.problems.length = 0;
    p.context = await p.browser.newContext({
      viewport: { width: 1280, height: 800 },
      colorScheme: "light",
      reducedMotion: "reduce",
    });
    await p.context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: p.base });
    p.page = await p.newPage(p.context);
  });
  afterEach(async () => {
    // A page may be asking for something at any moment: that nobody answers it any more is no failure of who would have.
    await Promise.all([p.context, ...p.context.pages()].map((c) => c.unrouteAll({ behavior: "ignoreErrors" })));
    await p.context.close();
    expect(p.problems, "no script failed").toEqual([]);
  });
  return p;
}
