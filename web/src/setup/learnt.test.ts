import { expect, it } from "vitest";
import type { Estimate, MeshSummary, Spec } from "../api/client";
import { corrected, like } from "./learnt";

const mesh = (id: string, spec: Spec, tetrahedron: number, status = "succeeded") =>
  ({ id, spec, status, counts: { nodes: 1, elements: { tetrahedron, triangle: 7 } } }) as unknown as MeshSummary;
const estimate = (expected: number) => ({ tetrahedra: { expected, low: 0, high: 0 } }) as Estimate;

it("learns from the last mesh that was made alike", () => {
  const meshes = [
    mesh("running", {}, 0, "running"),
    mesh("failed", {}, 5, "failed"),
    mesh("hex", { element: "hex-dominant" }, 5),
    mesh("refined", { refine: [{ size: 1, entities: { dim: "face", tags: [1] } }] as unknown as Spec["refine"] }, 5),
    mesh("last", { strategy: "auto", element: "tet", size: { fineness: 8 } }, 5),
    mesh("before", {}, 5),
  ];
  expect(like(meshes, { size: { max: 2 } })?.id).toBe("last");
  expect(like(meshes, { element: "hex-dominant" })?.id).toBe("hex");
  expect(like(meshes, { strategy: "lattice" })).toBeUndefined();
});

it("expects of the next what became of the last", () => {
  expect(corrected(estimate(9200))).toBe(9200);
  expect(corrected(estimate(9200), 13_156, estimate(9200))).toBe(13_156);
  expect(corrected(estimate(2000), 13_156, estimate(9200))).toBeCloseTo(2860);
  expect(corrected(estimate(9200), 13_156), "nothing is said of that one yet").toBe(9200);
  expect(corrected(estimate(9200), 50_000, estimate(9200)), "another mesh altogether").toBe(9200);
});
