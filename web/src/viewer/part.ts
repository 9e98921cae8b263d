/** The part as it is drawn: its faces and their outlines, how they are coloured, hidden, cut and drawn apart. */
import { Color, Group, type Ray, Sphere, Vector3, Vector4 } from "three";
import { spread } from "./borders";
import { categoryColor, PLAIN, parseColor, type RGB } from "./colors";
import { FaceTable, HIDDEN } from "./faceTable";
import { EdgeFinder } from "./measure/edges";
import type { Edge } from "./measure/snap";
import { numbersOf } from "./numbers";
import { OutlineLayer } from "./outlineLayer";
import { AS_IT_IS, type Palette, surfaceTypes } from "./palette";
import { Placement } from "./placement";
import { type Prepared, unshare } from "./prepare";
import { rescale } from "./sizes";
import { type Marked, Slots } from "./slots";
import type { Entities, Structure } from "./structure";
import { faceAt, tagsOf } from "./surfaceFile";
import { bytesWithRoom } from "./texels";
import { meetAll } from "./tree";
import { TriangleLayer } from "./triangleLayer";
import { Coloring } from "./triangleShader";
import type { ColorBy, Cut, Theme } from "./types";

/** A triangle on a ray. */
export interface Hit {
  triangle: number;
  /** Where it is seen, in the scene. */
  point: Vector3;
  /** How far its solid is moved from where it is. */
  move: Vector3;
  /** Tag of the face of the geometry, and that of the solid: of two that touch there, the first that is shown; 0 and absent where there is none. */
  tag: number;
  solid?: number;
}

const STAYS = new Vector3();

export class Part {
  readonly object = new Group();
  readonly placement: Placement;
  readonly prepared: Prepared;
  /** All there is to know of it was known when this was made: the facts come into the same object, and are not drawn yet. */
  readonly whole: boolean;
  readonly slots: Slots;
  apart = 0;
  private hidden: Entities | null = null;
  private readonly table: FaceTable;
  private readonly layer: TriangleLayer;
  private readonly seconds: TriangleLayer | null = null;
  private readonly secondTriangles: number[] = []; // those of the surface that are drawn a second time
  private readonly outline: OutlineLayer;
  private readonly marked = new Map<number, Marked>(); // by their bits
  private readonly lineOf: { triangle: number; slot: number }[] = []; // which triangle each line of the outline is an edge of
  private readonly edges: EdgeFinder;
  private plane: Vector4 | null = null;
  private readonly through = { opacity: false, brushed: false }; // why one sees what is behind the surface
  private depths: Float32Array | null = null;
  private painted: { coloring: ColorBy; palette: Palette } | null = null; // what colours faces now
  private crinkled: number | null = null;
  private released = false;

  /** drawn is what a part of the same surface has released. */
  constructor(prepared: Prepared, structure: Structure, drawn?: TriangleLayer) {
    this.prepared = prepared;
    this.whole = prepared.known;
    this.edges = new EdgeFinder(prepared);
    this.placement = new Placement(prepared.surface);
    const { toWorld, radius } = this.placement;
    this.slots = new Slots(prepared, structure, toWorld, radius);
    this.table = new FaceTable(this.slots.all.length);
    this.slots.move(this.table);
    this.layer = drawn ?? new TriangleLayer(prepared, this.table);
    drawn?.renew(this.table);
    this.object.add(this.layer.object);
    if (this.slots.second.length > 0) {
      this.seconds = this.drawTwice();
      this.object.add(this.seconds.object);
    }
    const lines = this.lines();
    const triangles = Uint32Array.from(this.lineOf, (l) => l.triangle);
    this.outline = new OutlineLayer(lines, triangles, this.table, this.layer.colors);
    this.object.add(this.outline.object);
    for (const o of this.object.children) {
      o.matrixAutoUpdate = false;
      o.matrix.copy(toWorld);
    }
  }

  /** release gives away what the card has of the surface, for another part of it: this one is not drawn any more. */
  release(): TriangleLayer {
    this.released = true;
    this.object.remove(this.layer.object);
    return this.layer;
  }

  /** refill gives everything to a card that has lost it. */
  refill(): void {
    this.layer.refill();
  }

  /** set changes uniforms of what draws the triangles. */
  set(values: Record<string, unknown>): void {
    this.layer.set(values);
    this.seconds?.set(values);
  }

  /** seeThrough draws a surface of that opacity. */
  seeThrough(opacity: number): void {
    this.set({ opacity });
    this.through.opacity = opacity < 1;
    this.showThrough();
  }

  brush(range: readonly [number, number] | null): void {
    this.layer.brush(range);
    this.seconds?.brush(range);
    this.through.brushed = range !== null;
    this.showThrough();
  }

  /** mark has faces stand out by bits of their state, and no others any more. */
  mark(bits: number, marked: Marked): void {
    this.marked.set(bits, marked);
    this.slots.mark(this.table, bits, marked);
  }

  paint(coloring: ColorBy, palette: Palette): void {
    const { measures } = this.prepared.surface;
    const measure = coloring.by === "measure" && measures.find((m) => m.name === coloring.name);
    if (measure) {
      this.value(measure.values, "scale", palette.stretch(measure));
      return;
    }
    if (coloring.by === "type" && this.prepared.surface.elements) {
      this.value(surfaceTypes(numbersOf(this.prepared.surface.elements)), "types");
      return;
    }
    this.set({ coloring: Coloring.Face, flatColors: !["plain", "measure", "type"].includes(coloring.by) });
    this.painted = { coloring, palette };
    this.paintFaces();
  }

  private paintFaces(): void {
    if (!this.painted) return;
    const { coloring, palette } = this.painted;
    const { faces } = this.prepared.surface;
    const given = new Map(faces.map((f) => [f.tag, f.color])); // a face that two solids touch in comes with the colour of one
    this.slots.all.forEach((_, i) => {
      const { face, tag, solid } = this.slots.seen(i);
      const colors: Partial<Record<ColorBy["by"], () => RGB>> = {
        face: () => categoryColor(face),
        cad: () => parseColor(given.get(tag)),
        solid: () => palette.solid(solid),
        group: () => this.groupColor(i, palette),
      };
      this.table.color(i, colors[coloring.by]?.() ?? PLAIN);
    });
  }

  /** groupColor is of the group that either solid's face is in, where it is there once for both. */
  private groupColor(i: number, palette: Palette): RGB {
    const { face, tag, solid } = this.slots.seen(i);
    const own = palette.group(tag, solid);
    const both = this.apart > 0 ? [] : [face, this.slots.secondOf(face)].filter((k) => k >= 0).map((k) => this.slots.all[k]);
    return own !== PLAIN ? own : (both.map((s) => palette.group(s.tag, s.solid)).find((c) => c !== PLAIN) ?? PLAIN);
  }

  /** widen brings the measure of that name to a wider scale. */
  widen({ name, low, high }: { name: string; low: number; high: number }): void {
    const own = this.prepared.surface.measures.find((m) => m.name === name);
    if (own && (own.low !== low || own.high !== high)) rescale(own, { low, high });
  }

  /** setEdges draws the edges of elements; the triangles of a tessellation are none. */
  setEdges(shown: boolean): void {
    const { surface, faces } = this.prepared;
    this.set({ edgeOpacity: shown && (faces || surface.elements !== undefined) ? 0.55 : 0 });
  }

  setOutlines(shown: boolean): void {
    this.outline.object.visible = shown;
  }

  setTheme(theme: Theme): void {
    this.set({ edgeColor: new Color(theme.edge), accent: new Color(theme.accent) });
    this.outline.set({ color: new Color(theme.outline).convertLinearToSRGB() });
  }

  /** arrange hides entities and draws solids apart, 1 being as far as they go. */
  arrange(hidden: Entities, apart: number): void {
    const only = hidden === this.hidden && apart > 0 === this.apart > 0; // solids move, and that is all
    this.hidden = hidden;
    this.apart = apart;
    this.set({ apart });
    this.outline.set({ apart });
    if (only) return;
    this.slots.hide(this.table, hidden, apart > 0);
    if (this.slots.second.length > 0) {
      this.paintFaces(); // what is there for two solids may stand for the other now
      for (const [bits, marked] of this.marked) this.slots.mark(this.table, bits, marked);
    }
    this.showDepths();
  }

  /** around returns the sphere around what is drawn; around everything where nothing is. */
  around(): Sphere {
    const box = this.slots.bounds(this.placement.toWorld, this.apart);
    return box.isEmpty() ? new Sphere(new Vector3(), this.placement.radius) : box.getBoundingSphere(new Sphere());
  }

  /** extent is how far from the origin of the scene anything lies, hidden or not. */
  extent(): number {
    return Math.max(
      this.placement.radius,
      ...[...this.slots.boxes].map(([solid, box]) => {
        const sphere = box.getBoundingSphere(new Sphere());
        return sphere.center.add(this.moveOf(solid)).length() + sphere.radius;
      }),
    );
  }

  /** moveOf returns how far a solid is moved from where it is. */
  moveOf(solid: number): Vector3 {
    return (this.slots.moves.get(solid) ?? STAYS).clone().multiplyScalar(this.apart);
  }

  /** smoothlyFrom returns the tags of the faces that one comes to from others without crossing an edge. */
  smoothlyFrom(tags: Iterable<number>): number[] {
    const { surface, smooth } = this.prepared;
    const wanted = new Set(tags);
    const from = surface.faces.flatMap((f, i) => (tagsOf(f).some((t) => wanted.has(t)) ? [i] : []));
    const beyond = spread(from, smooth).filter((i) => !from.includes(i));
    return [...new Set([...wanted, ...beyond.map((i) => this.slots.seen(i).tag).filter((t) => t !== 0)])];
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
    const values = { clipped: plane !== null, ...(plane ? { plane } : {}) };
    this.set({ ...values, crinkled: false });
    this.outline.set(values);
    this.outline.only(null);
  }

  /**
   * setDepths sets how deep the elements behind each triangle lie, for crinkle: two numbers each, of the solid with the lower tag
   * first.
   */
  setDepths(depths: Float32Array): void {
    this.depths = depths;
    this.showDepths();
  }

  /** crinkle leaves out whole triangles: those that lie deeper than that. */
  crinkle(depth: number): void {
    this.clip(null);
    this.crinkled = Math.fround(depth);
    this.set({ crinkled: true, crinkle: depth });
    this.showLines();
  }

  /** meet returns the first triangle on a ray that is drawn, and where. */
  meet(ray: Ray): Hit | null {
    if (this.apart === 0) return this.meetWhere(ray, STAYS, (face) => face);
    let best: Hit | null = null;
    const look = (move: Vector3, slotOf: (face: number) => number) => {
      const own = ray.clone();
      own.origin.sub(move);
      const hit = this.meetWhere(own, move, slotOf);
      if (hit && (!best || hit.point.distanceTo(ray.origin) < best.point.distanceTo(ray.origin))) best = hit;
    };
    look(STAYS, (face) => (this.slots.all[face].solid === undefined ? face : -1));
    for (const [solid, box] of this.slots.boxes) {
      const move = this.moveOf(solid);
      if (ray.intersectsBox(box.clone().translate(move))) look(move, (face) => this.slots.slotOf(face, solid));
    }
    return best;
  }

  /** edgesAt returns the edges beside what a ray met, as they are seen. */
  edgesAt({ triangle, move }: Hit): Edge[] {
    const seen = (v: Vector3) => v.applyMatrix4(this.placement.toWorld).add(move);
    return this.edges.at(triangle).map(({ from, to, corners }) => ({ from: seen(from), to: seen(to), corners }));
  }

  dispose(): void {
    if (!this.released) this.layer.dispose();
    this.seconds?.dispose();
    this.outline.dispose();
    this.table.dispose();
  }

  /** value colours triangles by a value each. */
  private value(values: Uint8Array, colors: "scale" | "types", stretch = AS_IT_IS): void {
    this.layer.value(values, colors, stretch);
    if (this.seconds) {
      const own = bytesWithRoom(this.secondTriangles.length);
      this.secondTriangles.forEach((t, i) => {
        own[i] = values[t];
      });
      this.seconds.value(own, colors, stretch);
    }
    this.set({ coloring: Coloring.Value, flatColors: true });
  }

  /** meetWhere returns what a ray meets of faces where they are before they are moved; slotOf is -1 for those that do not count. */
  private meetWhere(ray: Ray, move: Vector3, slotOf: (face: number) => number): Hit | null {
    const own = ray.clone().applyMatrix4(this.placement.fromWorld);
    for (const hit of meetAll(this.prepared.tree, this.prepared.surface, own)) {
      const { triangle } = hit;
      const slot = slotOf(faceAt(this.prepared.surface.faces, triangle));
      if (slot < 0 || this.table.is(slot, HIDDEN) || this.leftOut(triangle, slot)) continue;
      const point = hit.point.applyMatrix4(this.placement.toWorld);
      if (this.plane && point.x * this.plane.x + point.y * this.plane.y + point.z * this.plane.z > this.plane.w) continue;
      const { tag, solid } = this.slots.seen(slot);
      return { triangle, point: point.add(move), move, tag, solid };
    }
    return null;
  }

  /** drawTwice makes a layer of the triangles that two solids touch in. */
  private drawTwice(): TriangleLayer {
    const { faces } = this.prepared.surface;
    const faceOf: number[] = [];
    this.slots.second.forEach(({ face }, i) => {
      const { first, count } = faces[face];
      for (let t = first; t < first + count; t++) {
        this.secondTriangles.push(t);
        faceOf.push(faces.length + i);
      }
    });
    const corners = unshare(this.prepared, this.secondTriangles);
    return new TriangleLayer({ corners, faceOf: Uint16Array.from(faceOf) }, this.table);
  }

  /** lines returns the outlines, those of second faces too. */
  private lines(): Uint16Array {
    const { outlines, outlineOf } = this.prepared;
    const twice: number[] = [];
    outlineOf.forEach((triangle, line) => {
      const face = outlines[8 * line + 3];
      this.lineOf.push({ triangle, slot: face });
      if (this.slots.secondOf(face) >= 0) twice.push(line);
    });
    const out = new Uint16Array(8 * (outlineOf.length + twice.length));
    out.set(outlines);
    for (const line of twice) {
      const at = 8 * this.lineOf.length;
      const slot = this.slots.secondOf(outlines[8 * line + 3]);
      out.set(outlines.subarray(8 * line, 8 * line + 8), at);
      out[at + 3] = slot;
      out[at + 7] = slot;
      this.lineOf.push({ triangle: outlineOf[line], slot });
    }
    return out;
  }

  /** showDepths gives each layer its depths. */
  private showDepths(): void {
    if (!this.depths) return;
    const { faces } = this.prepared.surface;
    const { length } = faces;
    const own = new Float32Array(this.layer.count);
    faces.forEach(({ first, count }, face) => {
      for (let t = first; t < first + count; t++) own[t] = this.depthOf(t, face);
    });
    this.layer.depths(own);
    this.seconds?.depths(Float32Array.from(this.secondTriangles, (t) => this.depthOf(t, length)));
    if (this.crinkled !== null) this.showLines();
  }

  private showLines(): void {
    this.outline.only(this.lineOf.flatMap(({ triangle, slot }, line) => (this.leftOut(triangle, slot) ? [] : [line])));
  }

  /** depthOf returns from which depth on a triangle is seen: together with the nearest element behind it that is shown. */
  private depthOf(triangle: number, slot: number): number {
    const { depths, slots } = this;
    if (!depths) return Number.NEGATIVE_INFINITY;
    const first = depths[2 * triangle];
    const second = depths[2 * triangle + 1];
    if (slot >= this.prepared.surface.faces.length) return second;
    if (this.apart > 0) return first;
    return Math.min(slots.isHidden(slot, 0) ? second : first, slots.isHidden(slot, 1) ? first : second);
  }

  private showThrough(): void {
    this.outline.set({ through: this.through.opacity || this.through.brushed });
  }

  private leftOut(triangle: number, slot: number): boolean {
    return this.crinkled !== null && this.depthOf(triangle, slot) > this.crinkled;
  }
}
