/** A graphics card that cannot draw as much as there is. */
import { expect, it } from "vitest";
import { sceneImage } from "./browser";
import { person } from "./person";

const p = person();

/** meshed has the part of the page meshed, and returns the mesh. */
async function meshed(geometry_id: string, spec: object): Promise<string> {
  const answer = await fetch(`${p.base}/v1/meshes`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ geometry_id, spec }),
  });
  const { id } = await answer.json();
  await expect.poll(async () => (await (await fetch(`${p.base}/v1/meshes/${id}`)).json()).status).toBe("succeeded");
  return id;
}

/** small has a card that draws very little. */
const small = () =>
  p.context.addInitScript(() => {
    const real = WebGL2RenderingContext.prototype.getParameter;
    WebGL2RenderingContext.prototype.getParameter = function (name: number) {
      return name === WebGL2RenderingContext.MAX_TEXTURE_SIZE ? 1 : real.call(this, name);
    };
  });

it("is told of where a mesh is too large for it, and what is small enough is drawn", async () => {
  await small();
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

it("is told of beside another mesh too, whose colours have then a scale of their own", async () => {
  await small();
  await p.open();
  const part = new URL(p.page.url()).pathname.split("/")[2];
  const few = await meshed(part, { size: { max: 100 } });
  const many = await meshed(part, { size: { fineness: 3 } });
  await p.page.goto(`${p.base}/compare/${part}/${few}/${few}`);
  await expect.poll(() => p.page.locator("[data-triangles]").count()).toBe(2);
  await p.page.getByLabel("Colour by").selectOption("measure:gamma");
  const legend = p.page.getByRole("figure");
  await legend.waitFor();
  await p.page.getByLabel("Right mesh").last().selectOption(many);
  await p.page
    .getByRole("region", { name: "Right mesh" })
    .getByText(/The picture cannot be drawn: it has/)
    .waitFor();
  expect(await p.page.locator("[data-triangles]").count()).toBe(1);
  await legend.waitFor({ state: "detached" });
  await p.clean();
});
