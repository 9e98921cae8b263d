/** A surface with a hole: shown with the place, and meshed all the same. */
import { expect, it } from "vitest";
import { person } from "../person";

const p = person();

/** open returns a box without its last face, as a file that no other test sent. */
function open(size: number) {
  const at = (i: number) => [i & 1, (i >> 1) & 1, (i >> 2) & 1].map((x) => x * size).join(" ");
  const faces = [
    [0, 2, 3, 1],
    [4, 5, 7, 6],
    [0, 1, 5, 4],
    [2, 6, 7, 3],
    [0, 4, 6, 2],
  ];
  const facets = faces.flatMap(([a, b, c, d]) => [
    [a, b, c],
    [a, c, d],
  ]);
  const text = facets.map(
    (f) => `facet normal 0 0 0\nouter loop\n${f.map((i) => `vertex ${at(i)}`).join("\n")}\nendloop\nendfacet`,
  );
  return { name: "open.stl", mimeType: "model/stl", buffer: Buffer.from(`solid open\n${text.join("\n")}\nendsolid open\n`) };
}

it("shows where it is open, and fills it by a lattice", async () => {
  await p.open(open(20 + Math.random()));
  const part = p.page.getByRole("region", { name: "The part" });
  await part.getByText("This surface does not close").waitFor();
  expect(await part.getByText("10 triangles").count()).toBe(1);
  await part.getByRole("button", { name: /Show hole/ }).click();
  await p.clean();
  await part.getByRole("button", { name: "Mesh by lattice" }).click();
  await p.page.waitForSelector("[data-status=succeeded]");
  await p.page.getByText(/The lattice fills what the triangles surround for the most part/).waitFor();
  await p.page.getByText(/^lattice in/).waitFor();
  await p.page.goto(p.base);
  await p.page.getByText("10 triangles that do not close").waitFor();
});
