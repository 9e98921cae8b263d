// @vitest-environment jsdom
import { Sphere, Vector3 } from "three";
import { describe, expect, it } from "vitest";
import { CameraRig } from "./cameraRig";
import { Placement } from "./placement";
import type { Surface } from "./surfaceFile";
import type { Point, StandardView } from "./types";
import { applyCamera, type CameraState, captureCamera } from "./viewState";

// A box of 20 × 10 × 5 far from the origin.
const quantum = 20 / 65535;
const surface = {
  positions: Uint16Array.from([0, 0, 0, 65535, Math.round(10 / quantum), Math.round(5 / quantum)]),
  quantum,
  origin: [1000, -500, 7],
} as unknown as Surface;
const placement = new Placement(surface);

function rig(): { rig: CameraRig; told: () => number } {
  let n = 0;
  const r = new CameraRig(document.createElement("canvas"), () => n++);
  r.around(new Sphere(new Vector3(), placement.radius), placement.radius);
  r.resize(1.5);
  r.look("iso");
  return { rig: r, told: () => n };
}

const close = (a: readonly number[], b: readonly number[]) => a.forEach((x, k) => void expect(x).toBeCloseTo(b[k], 3));

describe("a camera", () => {
  it("is captured in the lengths of the geometry, and another viewer looks from the same place", () => {
    for (const projection of ["perspective", "orthographic"] as const) {
      const { rig: one } = rig();
      one.setProjection(projection);
      one.target.copy(placement.inWorld([1005, -498, 8])); // as a hand moves it
      const state = captureCamera(one, placement);
      expect(state.projection).toBe(projection);
      close(state.target, [1005, -498, 8]);
      const { rig: other } = rig();
      applyCamera(other, placement, state);
      const after = captureCamera(other, placement);
      close(after.target, state.target);
      close(after.towardsEye, state.towardsEye);
      expect(after.height).toBeCloseTo(state.height, 6);
      expect(after.projection).toBe(projection);
    }
  });

  it("that is set tells nobody, so that two can follow each other", () => {
    const { rig: r, told } = rig();
    const before = told();
    applyCamera(r, placement, { projection: "orthographic", target: [1010, -495, 9], towardsEye: [0, 0, 1], height: 4 });
    expect(told()).toBe(before);
    r.look("front");
    expect(told()).toBeGreaterThan(before);
  });

  it("shows as much from bottom to top in either projection", () => {
    const { rig: r } = rig();
    const state: CameraState = { projection: "perspective", target: [1010, -495, 9], towardsEye: [1, 0, 0], height: 3 };
    applyCamera(r, placement, state);
    r.setProjection("orthographic");
    expect(r.height).toBeCloseTo(3, 6);
    r.setProjection("perspective");
    expect(r.height).toBeCloseTo(3, 6);
  });

  it("steps back as what there is to look at grows, and keeps in view what was", () => {
    for (const projection of ["perspective", "orthographic"] as const) {
      const { rig: r } = rig();
      r.setProjection(projection);
      const [small, large] = [new Sphere(new Vector3(), 10), new Sphere(new Vector3(5, 0, 1), 25)];
      const place = new Vector3(0, 9, 0); // at the rim
      const share = () => {
        r.camera.updateMatrixWorld();
        r.camera.updateProjectionMatrix();
        return place.clone().project(r.camera).toArray();
      };
      const [height, before] = [r.height, share()];
      r.grow(small, large);
      place.multiplyScalar(2.5).add(large.center);
      close(share().slice(0, 2), before.slice(0, 2));
      expect(r.height).toBeCloseTo(2.5 * height, 6);
    }
  });

  it("keeps what is up above, in every view", () => {
    const { rig: r } = rig();
    const ups: [StandardView, Point][] = [
      ["front", [0, 0, 1]],
      ["top", [0, 1, 0]],
      ["bottom", [0, -1, 0]],
    ];
    for (const [view, up] of ups) {
      r.look(view);
      r.camera.updateMatrixWorld();
      close(r.camera.matrixWorld.elements.slice(4, 7), up);
    }
  });
});
