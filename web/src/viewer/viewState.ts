/** Where one looks from, as it can be kept, sent, and given to another viewer. */
import type { CameraRig } from "./cameraRig";
import type { Placement } from "./placement";
import type { Point, Projection } from "./types";

/** A camera in the geometry's lengths: it shows the same in a window of any size, to the height. */
export interface CameraState {
  projection: Projection;
  /** What is in the middle. */
  target: Point;
  /** Direction from there to the eye, of length 1. */
  towardsEye: Point;
  /** Half of what is in view from bottom to top, at the target. */
  height: number;
}

/** captureCamera returns where one looks from. */
export function captureCamera(rig: CameraRig, placement: Placement): CameraState {
  return {
    projection: rig.projection,
    target: placement.outside(rig.target),
    towardsEye: rig.towardsEye().toArray(),
    height: rig.height,
  };
}

/** applyCamera looks from there. */
export function applyCamera(
  rig: CameraRig,
  placement: Placement,
  { projection, target, towardsEye, height }: CameraState,
): void {
  rig.set(projection, placement.inWorld(target), towardsEye, height);
}

/** sameCamera tells whether two look alike, but for rounding. */
export function sameCamera(a: CameraState, b: CameraState): boolean {
  const close = (x: number, y: number, size: number) => Math.abs(x - y) <= 1e-6 * size;
  return (
    a.projection === b.projection &&
    close(a.height, b.height, a.height) &&
    a.target.every((x, k) => close(x, b.target[k], a.height)) &&
    a.towardsEye.every((x, k) => close(x, b.towardsEye[k], 1))
  );
}
