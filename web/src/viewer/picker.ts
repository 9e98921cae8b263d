/** What is at a place of the picture: what is named there, and what a ruler is drawn to. */
import { Raycaster, Vector2, type Vector3 } from "three";
import type { CameraRig } from "./cameraRig";
import type { Cuts } from "./cut/cuts";
import type { CutHit } from "./cut/cutView";
import { valueOf } from "./glb";
import type { Place } from "./measure/measuring";
import { snap } from "./measure/snap";
import { numberAt } from "./numbers";
import type { Hit, Part } from "./part";
import { faceAt } from "./surfaceFile";
import type { Pick, Point } from "./types";

/** A size in CSS pixels. */
interface Size {
  clientWidth: number;
  clientHeight: number;
}

export class Picker {
  constructor(
    private readonly rig: CameraRig,
    private readonly cuts: Cuts,
    private readonly canvas: Size,
  ) {}

  /** pick returns what is at a place of the canvas, in CSS pixels. */
  pick(part: Part, x: number, y: number): Pick | null {
    const met = this.meet(part, x, y);
    if (!met) return null;
    const point = outside(part, met.point, met.move);
    if ("element" in met) {
      const { solid, element, values } = met;
      return { face: -1, ...solid, solid: solid.tag, triangle: -1, element, values, point };
    }
    const { surface } = part.prepared;
    const { triangle, tag, solid } = met;
    const face = faceAt(surface.faces, triangle);
    const name = surface.faces.find((f) => f.tag === tag)?.name; // where two solids touch, the face has the name of one of both
    const values = surface.measures.map((m) => ({ name: m.name, value: valueOf(m, m.values[triangle]) }));
    const element = surface.elements && numberAt(surface.elements, triangle);
    return { face, tag, name, solid, triangle, element, values, point };
  }

  /** snap returns the corner, the point of an edge or that of a face which is meant at a place of the canvas. */
  snap(part: Part, x: number, y: number): Place | null {
    const met = this.meet(part, x, y);
    if (!met) return null;
    const edges = "element" in met ? met.edges : part.edgesAt(met);
    const { place, on } = snap(met.point, edges, this.pixelAt(met.point), (v) => this.onCanvas(v));
    const solid = typeof met.solid === "object" ? met.solid.tag : met.solid;
    return { point: outside(part, place, met.move), on, solid };
  }

  /** pixelAt returns how long a pixel is at a place of the scene. */
  pixelAt(place: Vector3): number {
    return (2 * this.rig.heightAt(place)) / this.canvas.clientHeight;
  }

  private meet(part: Part, x: number, y: number): Hit | CutHit | null {
    const { clientWidth, clientHeight } = this.canvas;
    const caster = new Raycaster();
    caster.setFromCamera(new Vector2((2 * x) / clientWidth - 1, 1 - (2 * y) / clientHeight), this.rig.camera);
    const hit = part.meet(caster.ray);
    const inside = this.cuts.meet(caster.ray);
    return inside && (!hit || inside.distance < hit.point.distanceTo(caster.ray.origin)) ? inside : hit;
  }

  private onCanvas(place: Vector3): Vector2 {
    const { x, y } = place.clone().project(this.rig.camera);
    return new Vector2(((x + 1) / 2) * this.canvas.clientWidth, ((1 - y) / 2) * this.canvas.clientHeight);
  }
}

/** outside returns where a point of the scene is. Positions are no finer; what is left of a zero would look like a number. */
function outside(part: Part, point: Vector3, move: Vector3): Point {
  const { quantum } = part.prepared.surface;
  const place = part.placement.outside(point.clone().sub(move));
  return place.map((v) => Math.round(v / quantum) * quantum) as Point;
}
