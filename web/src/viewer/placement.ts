/** Where a part lies: around the origin of the scene, so that single precision is enough wherever the geometry lies. */
import { Matrix4, Vector3 } from "three";
import type { Surface } from "./surfaceFile";
import type { Point } from "./types";

export class Placement {
  /** From positions of the surface to the scene, and back. */
  readonly toWorld = new Matrix4();
  readonly fromWorld: Matrix4;
  /** Sides of the box around the part. */
  readonly size: Vector3;
  /** Radius of the sphere around the part. */
  readonly radius: number;
  private readonly origin: Point;

  constructor(s: Pick<Surface, "positions" | "quantum" | "origin">) {
    const [low, high] = bounds(s.positions);
    this.size = new Vector3(high[0] - low[0], high[1] - low[1], high[2] - low[2]).multiplyScalar(s.quantum);
    this.radius = Math.max(this.size.length() / 2, 1e-9);
    this.toWorld
      .makeScale(s.quantum, s.quantum, s.quantum)
      .multiply(new Matrix4().makeTranslation(-(low[0] + high[0]) / 2, -(low[1] + high[1]) / 2, -(low[2] + high[2]) / 2));
    this.fromWorld = this.toWorld.clone().invert();
    this.origin = [0, 1, 2].map((k) => s.origin[k] + (s.quantum * (low[k] + high[k])) / 2) as Point;
  }

  inWorld(p: Readonly<Point>): Vector3 {
    return new Vector3(p[0] - this.origin[0], p[1] - this.origin[1], p[2] - this.origin[2]);
  }

  outside(p: Vector3): Point {
    return [p.x + this.origin[0], p.y + this.origin[1], p.z + this.origin[2]];
  }
}

/** bounds returns the least and the greatest x, y and z. */
function bounds(positions: Uint16Array): [number[], number[]] {
  const low = [65535, 65535, 65535];
  const high = [0, 0, 0];
  for (let k = 0; k < 3; k++) {
    let least = low[k];
    let most = high[k];
    for (let i = k; i < positions.length; i += 3) {
      const v = positions[i];
      if (v < least) least = v;
      if (v > most) most = v;
    }
    low[k] = least;
    high[k] = most;
  }
  return [low, high];
}
