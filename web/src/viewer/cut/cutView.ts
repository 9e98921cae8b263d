/** A part that is cut open: the faces of its elements where the cut is, and the surface as the same cut leaves it. */
import { Color, Matrix4, type Ray, Triangle, Vector2, Vector3, Vector4 } from "three";
import { verticesOf } from "../corners";
import { FaceTable } from "../faceTable";
import { valueOf } from "../glb";
import type { Edge } from "../measure/snap";
import { numbersOf } from "../numbers";
import type { Palette } from "../palette";
import type { Part } from "../part";
import { SIZE } from "../sizes";
import { TriangleLayer } from "../triangleLayer";
import { Coloring } from "../triangleShader";
import type { ColorBy, Cut, Theme } from "../types";
import { Cutter } from "./cutter";
import type { CutFaces, Plane, VolumeFacts } from "./cutting";

/** What a ray meets on a cut. */
export interface CutHit {
  point: Vector3;
  /** How far its solid is moved from where it is. */
  move: Vector3;
  distance: number;
  element: number;
  solid: { tag: number; name?: string };
  /** Around the polygon that is met, as it is seen. */
  edges: Edge[];
  values: { name: string; value: number }[];
}

/** How things look. */
export interface CutStyle {
  coloring: ColorBy;
  palette: Palette;
  edges: boolean;
  theme: Theme;
  brush: [number, number] | null;
  pixelRatio: number;
}

export interface CutViewEvents {
  /** The elements are there. */
  ready: (facts: VolumeFacts) => void;
  /** Another cut is to be drawn, that took the worker so long, in milliseconds. */
  cut: (triangles: number, ms: number) => void;
  failed: (reason: string) => void;
}

export class CutView {
  private readonly cutter: Cutter;
  private layer: TriangleLayer | null = null;
  private table: FaceTable | null = null;
  private faces: CutFaces | null = null;
  private facts: VolumeFacts | null = null;
  private open = false;

  constructor(
    private readonly part: Part,
    url: string,
    private style: CutStyle,
    private readonly events: CutViewEvents,
  ) {
    const { corners, elements, measures } = part.prepared.surface;
    this.cutter = new Cutter(
      url,
      { corners: verticesOf(corners), elements: elements && numbersOf(elements) },
      measures.find((m) => m.name === SIZE),
      {
        ready: (facts) => {
          this.facts = facts;
          events.ready(facts);
        },
        cut: (faces, plane, facts, ms) => {
          if (this.open) this.show(faces, plane, facts, ms);
        },
        failed: events.failed,
      },
    );
  }

  /** set cuts the part. Until the volume is there, its surface alone is. */
  set(cut: Cut, hidden: readonly number[]): void {
    this.open = true;
    if (!this.layer) this.part.setCut(cut);
    const plane = this.part.planeOf(cut);
    this.cutter.cut((facts) => {
      const at = this.part.placement.inWorld(facts.origin);
      const depth = (plane.w - at.dot(new Vector3(plane.x, plane.y, plane.z))) / facts.quantum;
      return { direction: [plane.x, plane.y, plane.z], depth, manner: cut.manner, hidden };
    });
  }

  /** close shows the part whole again. */
  close(): void {
    this.open = false;
    this.cutter.forget();
    this.clear();
    this.part.setCut(null);
  }

  restyle(style: CutStyle): void {
    this.style = style;
    this.paint();
  }

  /** meet returns what a ray meets first on the cut. */
  meet(ray: Ray): CutHit | null {
    const { faces, facts, layer } = this;
    if (!faces || !facts || !layer) return null;
    const back = new Matrix4().copy(layer.object.matrix).invert();
    const moves = facts.solids.map((s) => this.part.moveOf(s.tag));
    const rays = moves.map((m) => {
      const own = ray.clone();
      own.origin.sub(m);
      return own.applyMatrix4(back);
    });
    const t = new Triangle();
    const at = new Vector3();
    let best: { triangle: number; point: Vector3; distance: number } | null = null;
    for (let i = 0; i < faces.elements.length; i++) {
      const own = rays[faces.solids[i]];
      t.a.fromArray(faces.corners, 12 * i);
      t.b.fromArray(faces.corners, 12 * i + 4);
      t.c.fromArray(faces.corners, 12 * i + 8);
      if (!own.intersectTriangle(t.a, t.b, t.c, false, at)) continue;
      const distance = at.distanceTo(own.origin);
      if (!best || distance < best.distance) best = { triangle: i, point: at.clone(), distance };
    }
    if (!best) return null;
    const { triangle } = best;
    const solid = faces.solids[triangle];
    const point = best.point.applyMatrix4(layer.object.matrix).add(moves[solid]);
    return {
      point,
      move: moves[solid],
      distance: point.distanceTo(ray.origin),
      element: faces.elements[triangle],
      solid: facts.solids[solid],
      edges: this.edgesOf(triangle, layer.object.matrix, moves[solid]),
      values: facts.measures.map((m, i) => ({
        name: m.name,
        value: valueOf(m, faces.values[i][triangle]),
      })),
    };
  }

  dispose(): void {
    this.open = false;
    this.cutter.dispose();
    this.clear();
    this.table?.dispose();
  }

  /** edgesOf returns the sides of a triangle that are edges of its polygon. */
  private edgesOf(triangle: number, toWorld: Matrix4, move: Vector3): Edge[] {
    const { corners } = this.faces as CutFaces;
    const at = [0, 1, 2].map((k) =>
      new Vector3()
        .fromArray(corners, 12 * triangle + 4 * k)
        .applyMatrix4(toWorld)
        .add(move),
    );
    const drawn = corners[12 * triangle + 3];
    return [0, 1, 2]
      .filter((k) => drawn & (1 << k))
      .map((k) => ({ from: at[(k + 1) % 3], to: at[(k + 2) % 3], corners: [true, true] }));
  }

  private show(faces: CutFaces, plane: Plane, facts: VolumeFacts, ms: number): void {
    this.clear();
    this.faces = faces;
    const at = this.part.placement.inWorld(facts.origin);
    if (faces.surface) this.part.setDepths(faces.surface);
    if (plane.manner === "crinkle") {
      this.part.crinkle(plane.depth);
    } else {
      const [x, y, z] = plane.direction;
      this.part.clip(new Vector4(x, y, z, plane.depth * facts.quantum + at.dot(new Vector3(x, y, z))));
    }

    const count = faces.elements.length;
    this.table ??= this.tableOf(facts);
    this.layer = new TriangleLayer({ corners: faces.corners, faceOf: faces.solids }, this.table);
    this.layer.object.matrixAutoUpdate = false;
    this.layer.object.matrix.makeScale(facts.quantum, facts.quantum, facts.quantum).setPosition(at);
    this.part.object.add(this.layer.object);
    this.paint();
    this.events.cut(count, ms);
  }

  private paint(): void {
    const { layer, faces, facts, table } = this;
    if (!layer || !faces || !facts || !table) return;
    const { coloring, palette, edges, theme, brush, pixelRatio } = this.style;
    const measure = coloring.by === "measure" ? facts.measures.findIndex((m) => m.name === coloring.name) : -1;
    if (measure >= 0) layer.value(faces.values[measure], "scale", palette.stretch(facts.measures[measure]));
    else if (coloring.by === "type") layer.value(faces.types, "types");
    facts.solids.forEach(({ tag }, i) => {
      table.color(i, coloring.by === "group" ? palette.group(undefined, tag) : palette.solid(tag));
    });
    layer.set({
      apart: this.part.apart,
      coloring: measure >= 0 || coloring.by === "type" ? Coloring.Value : Coloring.Face,
      flatColors: true,
      edgeColor: new Color(theme.edge),
      edgeOpacity: edges ? 0.75 : 0,
      edgeFade: new Vector2(0.8, 4), // polygons are cut into slivers, and here every element counts
      accent: new Color(theme.accent),
      pixelRatio,
    });
    layer.brush(measure >= 0 ? brush : null);
  }

  private tableOf(facts: VolumeFacts): FaceTable {
    const table = new FaceTable(facts.solids.length);
    facts.solids.forEach(({ tag }, i) => {
      const move = this.part.slots.moves.get(tag);
      if (move) table.move(i, move);
    });
    return table;
  }

  private clear(): void {
    if (this.layer) {
      this.layer.object.removeFromParent();
      this.layer.dispose();
    }
    this.layer = null;
    this.faces = null;
  }
}
