import { expect, it } from "vitest";
import type { Spec } from "../api/client";
import { remedies } from "./remedies";

const labels = (code: string, spec: Spec) => remedies(code, spec, "mm").map((r) => r.label.replaceAll("\u202f", " "));
const standard: Spec = { size: { fineness: 5 }, time_limit: "2m0s", strategy: "auto", order: 1 };

it("more time, or fewer elements, where the time was up", () => {
  expect(labels("time_limit", standard)).toEqual(["Allow 8 min 0 s", "Coarser: fineness 3"]);
  expect(remedies("time_limit", standard)[0].spec, "and nothing else changes").toEqual({ time_limit: "480s" });
  expect(labels("time_limit", { ...standard, time_limit: "30m0s" }), "no more than is allowed").toEqual([
    "Coarser: fineness 3",
  ]);
  expect(labels("too_large", { ...standard, size: { ...standard.size, fineness: 1 } }), "no coarser than can be").toEqual([]);
});

it("keeps to the way in which sizes were given", () => {
  expect(labels("out_of_memory", { ...standard, size: { max: 2, min: 1 } })).toEqual(["Coarser: edges up to 4 mm"]);
  const half = remedies("surface_meshing_failed", { ...standard, size: { max: 2, min: 1.5 } })[0].spec;
  expect(half.size, "the shortest is no longer than the longest").toEqual({ max: 1, min: 1 });
  expect(labels("too_large", { size: { target_elements: 1e6 } })[0]).toBe("Coarser: 500000 elements");
});

it("takes away what may be the cause", () => {
  expect(labels("quality_below_threshold", { ...standard, order: 2 })[0]).toBe("Straight elements");
  expect(labels("boundary_recovery_failed", { ...standard, strategy: "mmg" })[0]).toBe("Automatic strategy");
  expect(labels("degenerate_geometry", standard), "the default mends already").toEqual([]);
  expect(labels("not_watertight", { ...standard, heal: "off" })).toEqual(["Mend the part", "Mesh by lattice"]);
});

it("fills by a lattice what does not close, without what that cannot do", () => {
  const layered: Spec = { ...standard, strategy: "hxt", order: 2, size: { max: 2, growth: 1.2 }, formats: ["vtu"] };
  expect(remedies("self_intersecting", layered)[0].spec).toEqual({
    strategy: "lattice",
    size: { max: 2, growth: 1.2 },
    formats: ["vtu"],
  });
  const wall = { name: "wall", dim: 2, entities: [1] };
  const ball = { sphere: { center: [0, 0, 0], radius: 1 }, size: 1 };
  const refined: Spec = {
    size: { wall_elements: 2 },
    groups: [wall, { name: "rim", dim: 1, entities: [4] }],
    refine: [
      ball,
      { group: "wall", size: 1 },
      { group: "rim", size: 1 },
      { edges: [4], size: 1 },
      { near: { points: [2], from: 1 }, size: 1 },
    ],
  };
  expect(remedies("not_watertight", refined)[0].spec).toEqual({
    strategy: "lattice",
    groups: [wall],
    refine: [ball, { group: "wall", size: 1 }],
  });
  expect(labels("self_intersecting", { ...standard, strategy: "lattice" })).toEqual([]);
});

it("has nothing where only another file helps", () => {
  expect(remedies("not_watertight", standard, "mm", true), "a sheet that surrounds nothing").toEqual([]);
  expect(labels("no_volume", standard)).toEqual([]);
  expect(labels("no_such_code", standard)).toEqual([]);
});
