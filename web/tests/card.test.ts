/** A graphics card that cannot draw as much as there is. */
import { expect, it } from "vitest";
import { sceneImage } from "./browser";
import { person } from "./person";

const p = person();

it("is told of where a mesh is too large for it, and what is small enough is drawn", async () => {
  await p.context.addInitScript(() => {
    const real = WebGL2RenderingContext.prototype.getParameter;
    WebGL2RenderingContext.prototype.getParameter = function (name: number) {
      return name === WebGL2RenderingContext.MAX_TEXTURE_SIZE ? 1 : real.call(this, name);
    };
  });
  await p.open();
  const part = await sceneImage(p.page);
  expect(part.covered).toBeGreaterThan(0.05);
  await p.page.getByRole("button", { name: "Coarse" }).click();
  await p.mesh();
  await p.page
    .getByText(/The picture cannot be drawn: it has \d\u202f?\d+ triangles, and .* draws 1\u202f?365 at most/)
    .waitFor();
  await p.page.getByText("Every solid is filled").waitFor();
  await p.clean();
});
