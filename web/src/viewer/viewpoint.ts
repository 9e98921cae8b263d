/**
 * Where one looks from. It outlasts what is looked at: what comes next is seen as what was there before, where it is the same part,
 * and what a link says waits until there is something to see.
 */
import type { CameraRig } from "./cameraRig";
import type { Part } from "./part";
import { differs, type Place } from "./prepare";
import type { Point, Projection } from "./types";
import { applyCamera, type CameraState, captureCamera, sameCamera } from "./viewState";

export class Viewpoint {
  private part: Part | null = null;
  private wanted: CameraState | null = null; // until there is a part to look at
  private fitted: CameraState | null = null; // where one looked from at first
  private left: Place | null = null; // of what was removed

  constructor(private readonly rig: CameraRig) {}

  /** camera is where one looks from, in the geometry's lengths; null while there is nothing to look at. */
  get camera(): CameraState | null {
    return this.part ? captureCamera(this.rig, this.part.placement) : this.wanted;
  }

  /** turned tells whether one looks from elsewhere than at first. */
  get turned(): boolean {
    const { camera, fitted } = this;
    return camera !== null && (fitted === null || !sameCamera(camera, fitted));
  }

  /** show looks at a part: from where one looked before, unless it has another size or place. */
  show(part: Part): void {
    const { wanted, left } = this;
    const before = this.part?.prepared.surface ?? left;
    const other = !before || differs(before, part.prepared.surface);
    this.part = part;
    this.wanted = null;
    this.left = null;
    if (wanted && !(left && other)) {
      this.set(wanted);
    } else if (other) {
      this.rig.fit();
      this.fitted = this.camera;
    }
  }

  /** leave remembers from where a part was seen that is removed. */
  leave(): void {
    if (!this.part) return;
    this.wanted = this.camera;
    const { quantum, origin } = this.part.prepared.surface;
    this.left = { quantum, origin };
    this.part = null;
  }

  /** set looks from there, now or once there is a part. */
  set(camera: CameraState): void {
    if (this.part) {
      applyCamera(this.rig, this.part.placement, camera);
      return;
    }
    this.wanted = camera;
    this.left = null; // where one looked before does not count any more
  }

  /** setProjection changes the camera; what is in the middle keeps its size. */
  setProjection(projection: Projection): void {
    this.rig.setProjection(projection);
    if (this.wanted) this.wanted = { ...this.wanted, projection };
  }

  /** flyTo brings a place to the middle, with the given radius around it in view. */
  flyTo(point: Point, radius: number): void {
    if (this.part) this.rig.flyTo(this.part.placement.inWorld(point), radius);
  }
}
