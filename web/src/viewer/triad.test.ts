// @vitest-environment jsdom
import { Sphere, Vector3 } from "three";
import { expect, it } from "vitest";
import { CameraRig } from "./cameraRig";
import { axesSeenBy } from "./triad";
import type { StandardView } from "./types";

/** seen says where x, y and z point in a view: right, left, up, down, or at or from who looks. */
function seen(view: StandardView): string[] {
  const rig = new CameraRig(document.createElement("canvas"), () => {});
  rig.around(new Sphere(new Vector3(), 1), 1);
  rig.look(view);
  const words: string[] = [];
  for (const { of, end, away } of axesSeenBy(rig.camera.quaternion)) {
    const [right, down] = end.map(Math.round);
    words[of] = right > 15 ? "right" : right < -15 ? "left" : down < -15 ? "up" : down > 15 ? "down" : away ? "away" : "here";
  }
  return words;
}

it.each([
  ["front", ["right", "away", "up"]],
  ["back", ["left", "here", "up"]],
  ["left", ["away", "left", "up"]],
  ["right", ["here", "right", "up"]],
  ["top", ["right", "up", "here"]],
  ["bottom", ["right", "down", "away"]],
] as const)("points along the axes: from the %s", (view, axes) => {
  expect(seen(view)).toEqual(axes);
});

it("has the axes that are behind drawn first, and every letter beside its axis", () => {
  const rig = new CameraRig(document.createElement("canvas"), () => {});
  rig.around(new Sphere(new Vector3(), 1), 1);
  for (const view of ["iso", "front", "top"] as const) {
    rig.look(view);
    const axes = axesSeenBy(rig.camera.quaternion);
    expect(axes.map((a) => a.away)).toEqual(axes.map((a) => a.away).sort((a, b) => Number(b) - Number(a)));
    for (const a of axes)
      for (const b of axes) expect(Math.hypot(a.letter[0] - b.end[0], a.letter[1] - b.end[1])).toBeGreaterThan(5);
  }
});
