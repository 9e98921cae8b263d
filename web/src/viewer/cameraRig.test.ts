// @vitest-environment jsdom
import { Sphere, Vector3 } from "three";
import { expect, it } from "vitest";
import { CameraRig } from "./cameraRig";
import type { Projection } from "./types";

const EXTENT = 50;

function rig(projection: Projection): CameraRig {
  const r = new CameraRig(document.createElement("canvas"), () => {});
  r.around(new Sphere(new Vector3(), EXTENT), EXTENT);
  r.resize(1.5);
  r.look("iso");
  r.setProjection(projection);
  return r;
}

const numbers = ({ camera, target, height }: CameraRig) => [...camera.position.toArray(), ...target.toArray(), height];

it.each(["perspective", "orthographic"] as const)(
  "zooms no closer or farther than there is something to see: %s",
  (projection) => {
    const r = rig(projection);
    const from = r.towardsEye().toArray();
    for (const [times, end] of [
      [1.2, 1e-4],
      [1 / 1.2, 1e3],
    ]) {
      for (let i = 0; i < 2000; i++) r.zoom(times); // a key that is held
      expect(r.height / EXTENT / end).toBeCloseTo(1, 6);
      r.turn(0.3, 0.1);
      r.turn(-0.3, -0.1);
      expect(numbers(r).every(Number.isFinite)).toBe(true);
      r.towardsEye()
        .toArray()
        .forEach((x, k) => {
          expect(x).toBeCloseTo(from[k], 5);
        });
    }
    // What is looked at lies between what is near and far.
    r.set(projection, new Vector3(EXTENT / 2, 0, 0), [1, 0, 0], 0);
    r.embrace();
    expect(r.height / EXTENT).toBeCloseTo(1e-4, 8);
    expect(r.camera.near).toBeLessThan(r.camera.position.distanceTo(r.target));
  },
);

it("finds back to the part from anywhere", () => {
  const r = rig("perspective");
  r.fit();
  const { height } = r;
  r.camera.position.copy(r.target);
  r.turn(1, 1);
  expect(numbers(r).every(Number.isFinite)).toBe(true);
  for (const lost of [Number.NaN, Number.POSITIVE_INFINITY]) {
    r.camera.position.setScalar(lost);
    r.fit();
    expect(numbers(r).every(Number.isFinite)).toBe(true);
    expect(r.height).toBeCloseTo(height, 6);
  }
});
