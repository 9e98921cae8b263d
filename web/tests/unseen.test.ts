/** A picture that cannot be loaded: nothing else is shown in its place, the page says so, and it can be tried again. */
import { expect, it } from "vitest";
import { sceneImage } from "./browser";
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

  await p.context.unroute(/-surface\.glb/);
  await again.press("Enter");
  await p.shown();
  expect(await again.count()).toBe(0);
  expect(await p.page.locator("canvas").evaluate((c) => c === document.activeElement), "the focus stays in the scene").toBe(
    true,
  );
});
