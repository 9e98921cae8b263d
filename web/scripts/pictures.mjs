// Makes the pictures of the page for the documentation, from a service that runs (`make run`):
//
//   scripts/debian chromium
//   cd web && node scripts/pictures.mjs [http://localhost:8080]
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const base = process.argv[2] ?? "http://localhost:8080";
const root = join(import.meta.dirname, "../..");
// A file that was never meshed: its stages are seen.
const step = readFileSync(join(root, "examples/filleted-bracket.step"));
const variant = (name, n) => ({ name, mimeType: "model/step", buffer: Buffer.concat([step, Buffer.from(`/* ${n} */\n`)]) });
const to = (name) => ({ path: join(root, "docs/images", `page-${name}.png`) });

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-background-networking",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
  ],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
page.setDefaultTimeout(120_000); // the machine may be busy with other work

const none = (route) => route.fulfill({ json: { items: [] } });
const lists = ["**/v1/geometries?*", "**/v1/batches?*"];
for (const list of lists) await page.route(list, none);
await page.goto(base);
await page.getByText("None yet").waitFor();
await page.screenshot(to("empty"));
for (const list of lists) await page.unroute(list, none);

await page.goto(base);
await page.setInputFiles("input[type=file]", variant("filleted-bracket.step", Date.now()));
await page.waitForURL("**/parts/*");
await page.waitForSelector("[data-triangles]");
await page.getByText(/about/).waitFor();
await page.screenshot(to("part"));

await page.goto(`${base}/queue`);
await page.getByRole("heading", { name: "Engines" }).waitFor();
await page.screenshot(to("queue"));
await page.goBack();
await page.waitForSelector("[data-triangles]");
await page.getByText(/about/).waitFor();

// What the slider is followed by.
await page.getByRole("slider", { name: "Fineness" }).focus();
for (const _ of [1, 2, 3]) await page.keyboard.press("ArrowRight");
await page.getByRole("region", { name: "Draft" }).waitFor();
await page.waitForTimeout(1500);
await page.screenshot(to("draft"));
await page.getByRole("button", { name: "Leave the draft" }).click();
await page.getByRole("button", { name: "Back to the defaults" }).click();

await page.getByRole("button", { name: "Mesh", exact: true }).click();
await page.waitForSelector("[data-status=succeeded]");
await page.waitForFunction(() => Number(document.querySelector("[data-triangles]")?.getAttribute("data-triangles")) > 1000);
await page.waitForTimeout(500);
await page.screenshot(to("mesh"));

// From one place of the plate that stands to one of the other.
await page.keyboard.press("m");
for (const position of [
  { x: 217, y: 211 },
  { x: 560, y: 643 },
])
  await page.locator("canvas").click({ position });
await page.mouse.move(1, 1);
await page.waitForTimeout(300);
await page.screenshot(to("measure"));
await page.keyboard.press("m");

await page.getByLabel("Colour by").selectOption("measure:gamma");
await page.keyboard.press("c");
await page.waitForSelector("[data-cut]");
await page.getByLabel("Place of the cut").fill("0.07");
await page.waitForTimeout(700);
await page.mouse.move(300, 400);
await page.waitForTimeout(700);
await page.screenshot(to("quality"));

await page.getByLabel("Direction of the cut").selectOption("y");
await page.getByLabel("Place of the cut").fill("0.5");
await page.getByLabel("other side").check();
await page.getByLabel("whole elements").check();
await page.waitForTimeout(700);
await page.screenshot(to("cut"));

await page.getByLabel("Colour by").selectOption("measure:size");
await page.getByLabel("whole elements").uncheck();
await page.waitForTimeout(700);
await page.screenshot(to("size"));
await page.getByLabel("Colour by").selectOption("measure:gamma");
await page.getByLabel("whole elements").check();
await page.waitForTimeout(700);

await page.getByLabel("Dark colours").click();
await page.waitForTimeout(300);
await page.screenshot(to("dark"));

await page.keyboard.press("c");
await page.setViewportSize({ width: 390, height: 844 });
await page.waitForTimeout(500);
await page.keyboard.press("f");
await page.waitForTimeout(300);
await page.evaluate(() => document.activeElement.blur());
await page.screenshot(to("phone"));

await page.setViewportSize({ width: 1280, height: 800 });
await page.getByLabel("Light colours").click();
await page.getByRole("slider", { name: "Fineness" }).fill("8.5"); // long enough to be seen at work, and coarse enough for its edges
const triangles = () => page.evaluate(() => document.querySelector("[data-triangles]")?.getAttribute("data-triangles"));
const before = await triangles();
await page.getByRole("button", { name: "Mesh", exact: true }).click();
await page.getByText("Filling the solids").waitFor();
while ((await triangles()) === before || !(await triangles())) await page.waitForTimeout(20); // its faces
await page.waitForTimeout(100);
await page.screenshot(to("meshing"));
await page.waitForSelector("[data-status=succeeded]");
await page.getByRole("button", { name: "Fine", exact: true }).click();
await page.getByRole("button", { name: "Mesh", exact: true }).click();
await page.getByRole("region", { name: "Meshes" }).getByText(/γ ≥/).nth(2).waitFor();
await page
  .getByRole("button", { name: /^Compare with the one chosen/ })
  .last()
  .press("Enter");
await page.waitForURL("**/compare/**");
await page.waitForFunction(() => document.querySelectorAll("[data-triangles]").length === 2);
await page.getByLabel("Colour by").selectOption("measure:gamma");
await page.locator("canvas").first().focus();
await page.keyboard.press("c");
await page.waitForFunction(() => document.querySelectorAll("[data-cut]").length === 2);
await page.getByLabel("whole elements").check();
await page.waitForTimeout(1000);
await page.screenshot(to("compare"));
const wall = (t) => `facet normal 0 0 0\nouter loop\n${t.map((v) => `vertex ${v}`).join("\n")}\nendloop\nendfacet`;
const sides = [
  ["0 0 0", "0 9 0", "9 9 0"],
  ["0 0 0", "9 9 0", "9 0 0"],
  ["0 0 0", "9 0 0", "9 0 9"],
  ["0 0 0", "9 0 9", "0 0 9"],
];
await page.goto(base);
await page.setInputFiles("input[type=file]", {
  name: "open-corner.stl",
  mimeType: "model/stl",
  buffer: Buffer.from(`solid open\n${sides.map(wall).join("\n")}\nendsolid open\n`),
});
await page.getByText("This surface does not close").waitFor();
await page.waitForSelector("[data-triangles]");
await page.waitForTimeout(500);
await page.screenshot(to("failure"));

await page.goto(base);
await page
  .getByRole("link", { name: /filleted-bracket/ })
  .first()
  .click();
await page.getByText(/about/).waitFor();
await page.waitForSelector("[data-triangles]");
await page.getByText("All settings").click();
await page.locator("summary", { hasText: "Sizes" }).last().click();
await page.locator("summary", { hasText: "Sizes" }).last().scrollIntoViewIfNeeded();
await page.waitForTimeout(300);
await page.screenshot(to("setup"));

await page.getByRole("region", { name: "Meshes" }).getByRole("button").first().click();
const quality = page.getByRole("region", { name: "Quality" });
await quality.waitFor();
await page.getByRole("slider", { name: /up to$/ }).focus();
await page.keyboard.press("PageDown");
await quality.scrollIntoViewIfNeeded();
await page.waitForTimeout(700);
await page.screenshot(to("brush"));

await page.goto(base);
await page.setInputFiles("input[type=file]", join(root, "web/tests/testdata/named-coloured.step"));
await page.waitForURL("**/parts/*");
await page.waitForSelector("[data-triangles]");
await page.getByText(/about/).waitFor();
await page.keyboard.press("t");
await page.getByLabel("Colour by").selectOption("solid");
await page.keyboard.press("d");
await page.waitForTimeout(500);
await page.screenshot(to("apart"));

await page.goto(base);
await page.setInputFiles(
  "input[type=file]",
  [1, 2, 3].map((n) => variant(`bracket-${n}.step`, `${Date.now()} ${n}`)), // none was meshed before: each takes its time
);
await page.waitForURL("**/batches/new");
for (const n of [1, 2, 3])
  await page
    .getByRole("checkbox", { name: `bracket-${n}.step` })
    .first()
    .waitFor();
for (const preset of ["Coarse", "Fine"]) await page.getByRole("checkbox", { name: new RegExp(`^${preset}`) }).check();
await page.getByRole("textbox", { name: "Name" }).fill("brackets");
await page.getByRole("button", { name: "Make 9 meshes" }).click();
await page.waitForSelector("[data-batch=done]");
await page.screenshot(to("batch"));
await browser.close();
