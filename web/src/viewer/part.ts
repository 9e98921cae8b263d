/** The part as it is drawn: its triangles and the outlines of its faces, how they are coloured and cut, and what a ray meets. */
import {
  BufferAttribute,
  BufferGeometry,
  Color,
  Group,
  LineBasicMaterial,
  LineSegments,
  Plane,
  type Ray,
  Vector3,
  Vector4,
} from "three";
import { MeshBVH } from "three-mesh-bvh";
import { categoryColor, PLAIN, parseColor } from "./colors";
import { Placement } from "./placement";
import type { Prepared } from "./prepare";
import { Coloring, TriangleLayer } from "./triangleLayer";
import type { ColorBy, Cut, Theme } from "./types";

export class Part {
  readonly object = new Group();
  readonly placement: Placement;
  readonly layer: TriangleLayer;
  private readonly outline: LineSegments<BufferGeometry, LineBasicMaterial>;
  private tree: MeshBVH | null = null;
  private plane: Vector4 | null = null;
  private depths: Float32Array | null = null;
  private crinkled: number | null = null;

  constructor(readonly prepared: Prepared) {
    this.placement = new Placement(prepared.surface);
    this.layer = new TriangleLayer(prepared.triangles);
    const lines = new BufferGeometry();
    lines.setAttribute("position", new BufferAttribute(prepared.outlines, 3));
    this.outline = new LineSegments(lines, new LineBasicMaterial({ transparent: true, opacity: 0.85 }));
    this.outline.frustumCulled = false;
    for (const o of [this.layer.object, this.outline]) {
      o.matrixAutoUpdate = false;
      o.matrix.copy(this.placement.toWorld);
      this.object.add(o);
    }
  }

  paint(coloring: ColorBy): void {
    const { layer } = this;
    const { faces, measures } = this.prepared.surface;
    if (coloring.by === "measure") {
      const measure = measures.find((m) => m.name === coloring.name);
      if (measure) layer.value(measure.values);
      layer.set({ coloring: measure ? Coloring.Value : Coloring.Face, flatColors: true });
      if (measure) return;
    }
    layer.set({ coloring: Coloring.Face, flatColors: coloring.by !== "plain" });
    faces.forEach((f, i) => {
      layer.colorFace(i, coloring.by === "face" ? categoryColor(i) : coloring.by === "cad" ? parseColor(f.color) : PLAIN);
    });
  }

  /** setEdges draws the edges of elements; the triangles of a tessellation are none. */
  setEdges(shown: boolean): void {
    const elements = this.prepared.surface.elements !== undefined;
    this.layer.set({ edgeOpacity: shown && elements ? 0.55 : 0 });
  }

  setTheme(theme: Theme): void {
    this.layer.set({ edgeColor: new Color(theme.edge), accent: new Color(theme.accent) });
    this.outline.material.color.set(theme.outline);
  }

  /** planeOf returns where a cut lies in the scene: what is left out is where the product with xyz is more than w. */
  planeOf(cut: Cut): Vector4 {
    const normal = new Vector3(...cut.normal).normalize();
    const { size } = this.placement;
    const extent = Math.abs(normal.x) * size.x + Math.abs(normal.y) * size.y + Math.abs(normal.z) * size.z;
    const at = (cut.offset - 0.5) * extent;
    return new Vector4(normal.x, normal.y, normal.z, at).multiplyScalar(cut.flipped ? -1 : 1);
  }

  /** setCut cuts the surface alone. */
  setCut(cut: Cut | null): void {
    this.clip(cut && this.planeOf(cut));
  }

  /** clip leaves out what lies beyond a plane. */
  clip(plane: Vector4 | null): void {
    this.plane = plane;
    this.crinkled = null;
    this.layer.set({ clipped: plane !== null, crinkled: false, ...(plane ? { plane } : {}) });
    const { geometry, material } = this.outline;
    geometry.setIndex(null);
    material.clippingPlanes = plane && [new Plane(new Vector3(-plane.x, -plane.y, -plane.z), plane.w)];
  }

  /** setDepths sets how deep each triangle lies for crinkle. */
  setDepths(depths: Float32Array): void {
    this.depths = depths;
    this.layer.depths(depths);
  }

  /** crinkle leaves out whole triangles: those that lie deeper than that. */
  crinkle(depth: number): void {
    this.clip(null);
    this.crinkled = Math.fround(depth);
    this.layer.set({ crinkled: true, crinkle: depth });
    const seen: number[] = [];
    this.prepared.outlineOf.forEach((triangle, line) => {
      if (!this.leftOut(triangle)) seen.push(2 * line, 2 * line + 1);
    });
    this.outline.geometry.setIndex(new BufferAttribute(new Uint32Array(seen), 1));
  }

  private leftOut(triangle: number): boolean {
    return this.crinkled !== null && this.depths !== null && this.depths[triangle] > this.crinkled;
  }

  /** meet returns the first triangle on a ray that is drawn, and where. */
  meet(ray: Ray): { triangle: number; point: Vector3 } | null {
    this.tree ??= this.makeTree();
    const own = ray.clone().applyMatrix4(this.placement.fromWorld);
    for (const hit of this.tree.raycast(own, 2).sort((a, b) => a.distance - b.distance)) {
      const triangle = hit.faceIndex as number;
      const point = hit.point.clone().applyMatrix4(this.placement.toWorld);
      if (this.leftOut(triangle)) continue;
      if (this.plane && point.x * this.plane.x + point.y * this.plane.y + point.z * this.plane.z > this.plane.w) continue;
      return { triangle, point };
    }
    return null;
  }

  dispose(): void {
    this.layer.dispose();
    this.outline.geometry.dispose();
    this.outline.material.dispose();
  }

  private makeTree(): MeshBVH {
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(this.prepared.surface.positions, 3));
    geometry.setIndex(new BufferAttribute(this.prepared.surface.corners, 1));
    // The tree must not change the order of the triangles: their numbers mean something.
    return new MeshBVH(geometry, { indirect: true });
  }
}
