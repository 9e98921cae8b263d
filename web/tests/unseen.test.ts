/** A picture that cannot be loaded: nothing else is shown in its place, the page says so, and it can be tried again. */
import { expect, it } from "vitest";
import { changed, sceneImage } from "./browser";
import { person } from "./person";

const p = person();

it("is told of in the scene, without the picture before, and comes when it is tried again", async () => {
  await p.open();
  const part = await sceneImage(p.page);
  expect(part.covered).toBeGreaterThan(0.1);
  let refused = 0;
  await p.context.route(/-surface\.glb/, (route) => {
    refused++;
    return route.fulfill({ status: 503 });
  });
  await p.mesh();
  const scene = p.page.getByRole("region", { name: "Scene" });
  await scene.getByText("The picture could not be loaded: The store answered 503.").waitFor();
  expect(await p.page.locator("[data-triangles]").count(), "the part is no mesh").toBe(0);
  await p.clean();

  const again = scene.getByRole("button", { name: "Try again" });
  const before = refused;
  await again.press("Enter");
  await expect.poll(() => refused).toBe(before + 1);
  await again.waitFor();

  // Only an address of the answer that the press asks for serves.
  await p.context.unroute(/-surface\.glb/);
  let answered = 0;
  await p.context.route(/\/v1\/meshes\/msh_[^/]*$/, async (route) => {
    const response = await route.fetch();
    const text = (await response.text()).replaceAll("-surface.glb?", `-surface.glb?answer=${++answered}&`);
    await route.fulfill({ response, body: text });
  });
  const stale: string[] = [];
  await p.context.route(/-surface\.glb/, (route) => {
    const url = route.request().url();
    if (url.includes(`?answer=${answered}&`)) return route.continue({ url: url.replace(/answer=\d+&/, "") });
    stale.push(url);
    return route.fulfill({ status: 403 });
  });
  await again.press("Enter");
  await p.shown();
  expect([answered > 0, stale]).toEqual([true, []]);
  expect(await again.count()).toBe(0);
  expect(await p.page.locator("canvas").evaluate((c) => c === document.activeElement), "the focus stays in the scene").toBe(
    true,
  );
});

it("of the faces alone has the edges of their elements while the solids are being filled", async () => {
  await p.open();
  await p.page.getByRole("slider", { name: "Fineness" }).fill("8"); // more faces than are worth a picture of their own
  await p.mesh();
  await p.shown();
  const mesh = p.page.url();
  // As the service answers meanwhile.
  await p.context.route(/\/v1\/meshes\/msh_[^/?]*$/, async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    answer.artifacts = answer.artifacts.filter(
      (a: { format: string; preview?: boolean }) => a.format === "surface" && a.preview,
    );
    expect(answer.artifacts).toHaveLength(1);
    await route.fulfill({ response, json: answer });
  });
  await p.page.goto(mesh);
  await p.shown();
  const edged = await sceneImage(p.page);
  await p.page.keyboard.press("e");
  await expect.poll(async () => changed(edged, await sceneImage(p.page))).toBeGreaterThan(20);
});

it("leaves the view as it was turned", async () => {
  await p.open();
  await p.mesh();
  await p.shown();
  const canvas = p.page.locator("canvas");
  await canvas.focus();
  for (const key of ["j", "u", "+", "e"]) await p.page.keyboard.press(key);
  const [camera, edges] = ["camera", "edges"].map((of) => () => new URL(p.page.url()).searchParams.get(of));
  await expect.poll(edges, { message: "the address is written, after the last key" }).toBe("0");
  const turned = camera();
  expect(turned).not.toBeNull();
  const refuse = await p.context.route(/-surface\.glb/, (route) => route.fulfill({ status: 503 }));
  await p.page.getByRole("button", { name: "Fine", exact: true }).click();
  await p.mesh();
  const again = p.page.getByRole("button", { name: "Try again" });
  await again.waitFor();
  await refuse.dispose();
  await again.press("Enter");
  await p.shown();
  await p.page.keyboard.press("e"); // the address is written anew
  await expect.poll(edges).toBeNull();
  expect(camera()).toBe(turned);
});

it("has nobody wait for a surface that the answer holds no more", async () => {
  await p.open();
  const refuse = /-surface\.glb/;
  await p.context.route(refuse, (route) => route.fulfill({ status: 503 }));
  await p.mesh();
  const scene = p.page.getByRole("region", { name: "Scene" });
  const again = scene.getByRole("button", { name: "Try again" });
  await again.waitFor();
  const without = (o: object) => JSON.stringify(o, (name, v) => (name === "preview" && typeof v === "object" ? undefined : v));
  await p.context.route(/\/v1\/geometries\/geo_[^/]*$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: without(await response.json()) });
  });
  await p.context.route(/\/v1\/meshes\/msh_[^/]*$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), artifacts: [] } });
  });
  await again.press("Enter");
  await scene.getByText("There is nothing to show").waitFor();
  expect(await scene.getByText("Loading the picture").count()).toBe(0);
});
