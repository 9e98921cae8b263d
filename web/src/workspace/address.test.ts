import { expect, it } from "vitest";
import { readShown, type Shown, writeShown } from "./address";

const FIRST: Shown = {
  coloring: { by: "plain" },
  edges: true,
  xray: false,
  cut: null,
  hidden: { solids: [], faces: [] },
  apart: null,
  brush: null,
  camera: null,
};

it("says nothing of what is as at first", () => {
  expect(writeShown(FIRST)).toBe("");
  expect(readShown("")).toEqual(FIRST);
});

it("says everything that differs, and is read as it was written", () => {
  const shown: Shown = {
    coloring: { by: "measure", name: "min_dihedral" },
    edges: false,
    xray: true,
    cut: { normal: [0.6, 0, -0.8], offset: 0.25, flipped: true, manner: "crinkle" },
    hidden: { solids: [2], faces: [1, 2, 3, 9] },
    apart: 0,
    brush: { name: "sicn", bins: [0, 24] },
    camera: { projection: "orthographic", target: [1, -2.5, 1e-4], towardsEye: [0, -1, 0], height: 12.5 },
  };
  expect(readShown(writeShown(shown))).toEqual(shown);
});

it("takes nonsense for nothing", () => {
  expect(readShown("color=measure:<b>&cut=0,0,0,1,this,section&camera=perspective,1,2,3,0,0,0,1&edges=maybe")).toEqual(FIRST);
  expect(readShown("cut=x,y,z&camera=1,2")).toEqual(FIRST);
  expect(readShown("hide=s,f-2,x9,f1-999999999&apart=2&brush=gamma,5,5")).toEqual(FIRST);
  expect(readShown("hide=&apart=&brush=gamma,1")).toEqual(FIRST);
});
