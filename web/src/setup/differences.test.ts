import { expect, it } from "vitest";
import type { Spec } from "../api/client";
import { differences } from "./differences";

const standard: Spec = {
  strategy: "auto",
  element: "tet",
  order: 1,
  size: { fineness: 5 },
  heal: "auto",
  device: "auto",
  time_limit: "2m0s",
  formats: ["msh", "vtk"],
};

it("a mesh by the defaults differs in nothing", () => {
  expect(differences(undefined, standard)).toEqual([]);
  expect(differences(standard, standard)).toEqual([]);
});

it("what changed is said in words, with units", () => {
  const now: Spec = {
    ...standard,
    strategy: "hxt",
    size: { fineness: 5, max: 2.5, min: 0.1 },
    groups: [{ name: "wall", dim: 2, entities: [1] }],
    layers: [{ groups: ["wall"], first_height: 0.1, ratio: 1.2, count: 5 }],
    refine: [{ faces: [3], size: 0.2 }],
  };
  expect(differences(standard, now, "mm")).toEqual([
    "edges ≤ 2.5\u202fmm",
    "edges ≥ 0.1\u202fmm",
    "hxt",
    "5 layers on wall",
    "face 3 at 0.2\u202fmm",
    "group wall",
  ]);
});

it("what went back to the default is said too", () => {
  const before: Spec = {
    ...standard,
    size: { fineness: 5, max: 2, growth: 1.2 },
    order: 2,
    refine: [{ sphere: { center: [0, 0, 0], radius: 1 }, size: 0.1 }],
  };
  expect(differences(before, standard)).toEqual(["fineness 5", "growth by default", "order by default", "no finer places"]);
});
