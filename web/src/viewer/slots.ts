/**
 * What is drawn of the faces: each once, and a second time where two solids touch in it, so that both keep it when they are drawn
 * apart.
 */
import { Box3, type Matrix4, Vector3 } from "three";
import { type FaceTable, HIDDEN } from "./faceTable";
import { partingOf } from "./parting";
import type { Prepared } from "./prepare";
import { type Entities, type Hiding, hiding, NONE, type Structure } from "./structure";
import { tagsOf } from "./surfaceFile";

export interface Slot {
  /** Index of the face. */
  face: number;
  /** Tag of the face of the geometry that it is for that solid; 0 where it is none. */
  tag: number;
  /** All the tags that it has for that solid, or has at all where it bounds none. */
  tags: readonly number[];
  /** Tag of the solid that it is drawn for; absent where it bounds none. */
  solid?: number;
}

/** Faces that stand out, by their tags: of one solid alone where it is given. */
export interface Marked {
  tags: ReadonlySet<number>;
  solid?: number;
}

export class Slots {
  /** The faces in their order, then the second ones. */
  readonly all: readonly Slot[];
  /** Where each solid is moved to, at most. */
  readonly moves = new Map<number, Vector3>();
  /** Around each solid before it is moved. */
  readonly boxes = new Map<number, Box3>();
  private readonly owners: readonly (readonly number[])[];
  private readonly twice = new Map<number, number>(); // second slots of faces
  private hidden: Hiding = hiding(NONE);
  private apart = false;

  constructor(
    private readonly prepared: Prepared,
    readonly structure: Structure,
    toWorld: Matrix4,
    radius: number,
  ) {
    const { faces } = prepared.surface;
    this.owners = faces.map((_, face) => this.ownersOf(face));
    const first = this.owners.map((solids, face) => this.slot(face, solids[0]));
    const second = this.owners.flatMap((solids, face) => (solids.length > 1 ? [this.slot(face, solids[1])] : []));
    this.all = [...first, ...second];
    second.forEach(({ face }, i) => void this.twice.set(face, faces.length + i));

    for (const { face, solid } of this.all) {
      if (solid === undefined || faces[face].count === 0) continue;
      const box = this.boxes.get(solid) ?? new Box3();
      this.boxes.set(solid, box.union(this.boxOf(face).applyMatrix4(toWorld)));
    }
    const moves = partingOf([...this.boxes.values()], radius);
    [...this.boxes.keys()].forEach((solid, i) => {
      this.moves.set(solid, moves[i]);
    });
  }

  /** The slots beyond those of the faces themselves. */
  get second(): readonly Slot[] {
    return this.all.slice(this.prepared.surface.faces.length);
  }

  /** secondOf returns the second slot of a face, -1 where it has none. */
  secondOf(face: number): number {
    return this.twice.get(face) ?? -1;
  }

  /** slotOf returns where a face is drawn for a solid, -1 where it is not. */
  slotOf(face: number, solid: number): number {
    if (this.all[face].solid === solid) return face;
    const second = this.secondOf(face);
    return second >= 0 && this.all[second].solid === solid ? second : -1;
  }

  /**
   * seen returns what a slot stands for: itself where solids are apart. Where they are not, a face is there once for both solids, and stands
   * for the first that is shown.
   */
  seen(i: number): Slot {
    const slot = this.all[i];
    const second = this.all[this.secondOf(slot.face)];
    return this.apart || !second || this.isShown(slot) || !this.isShown(second) ? slot : second;
  }

  /** isHidden tells whether the first or second solid that a face bounds is hidden; false where there is none. */
  isHidden(face: number, which: 0 | 1): boolean {
    const solid = this.owners[face][which];
    return solid !== undefined && this.hidden.solids.has(solid);
  }

  /**
   * mark has the faces with some tags stand out: each of the two that two solids have of a face by what it is for its own, and of a solid alone
   * where one is given. Where solids are not apart, the one that is drawn stands for both.
   */
  mark(table: FaceTable, bits: number, { tags, solid }: Marked): void {
    const named = (slot: Slot) => slot.tags.some((t) => tags.has(t));
    this.all.forEach((slot, i) => {
      const other = this.apart ? undefined : this.all[this.secondOf(slot.face)];
      const one = !this.apart || solid === undefined || slot.solid === undefined || slot.solid === solid;
      table.mark(i, bits, one && (named(slot) || (other !== undefined && named(other))));
    });
  }

  move(table: FaceTable): void {
    this.all.forEach(({ solid }, i) => {
      const by = solid !== undefined && this.moves.get(solid);
      if (by) table.move(i, by);
    });
  }

  /** hide leaves out what is hidden, and the second faces where solids are not apart. */
  hide(table: FaceTable, hidden: Entities, apart: boolean): void {
    this.hidden = hiding(hidden);
    this.apart = apart;
    this.all.forEach((slot, i) => {
      table.mark(i, HIDDEN, !this.isDrawn(slot, i));
    });
  }

  /** bounds returns the box around what is drawn, with solids so far apart. */
  bounds(toWorld: Matrix4, apart: number): Box3 {
    const out = new Box3();
    this.all.forEach((slot, i) => {
      if (!this.isDrawn(slot, i) || this.prepared.surface.faces[slot.face].count === 0) return;
      const box = this.boxOf(slot.face).applyMatrix4(toWorld);
      const move = slot.solid !== undefined && this.moves.get(slot.solid);
      out.union(move ? box.translate(move.clone().multiplyScalar(apart)) : box);
    });
    return out;
  }

  /** ownersOf returns the solids that a face bounds, the lowest first: one, or two that touch in it, or none. */
  private ownersOf(face: number): readonly number[] {
    const tags = tagsOf(this.prepared.surface.faces[face]);
    const owners = new Set(tags.flatMap((tag) => this.structure.solidsOf(tag)));
    return [...owners].sort((a, b) => a - b);
  }

  private slot(face: number, solid: number | undefined): Slot {
    const { structure } = this;
    const tags = tagsOf(this.prepared.surface.faces[face]);
    const own = solid === undefined ? [] : tags.filter((t) => structure.facesOf(solid).includes(t));
    return { face, tag: own[0] ?? tags[0], tags: own.length > 0 ? own : tags, solid };
  }

  private isDrawn(slot: Slot, i: number): boolean {
    if (this.apart) return this.isShown(slot);
    const second = this.all[this.secondOf(slot.face)];
    return i < this.prepared.surface.faces.length && (this.isShown(slot) || (second !== undefined && this.isShown(second)));
  }

  /** isShown tells whether a face is shown for the solid of its slot. One that nobody can name goes with the last solid. */
  private isShown({ tag, solid }: Slot): boolean {
    const { faces, solids } = this.hidden;
    if (faces.has(tag)) return false;
    if (solid !== undefined) return !solids.has(solid);
    return tag !== 0 || this.structure.solids.length === 0 || this.structure.solids.some((s) => !solids.has(s.tag));
  }

  /** boxOf returns the box around a face, as positions of the surface. */
  private boxOf(face: number): Box3 {
    const b = this.prepared.boxes;
    return new Box3(
      new Vector3(b[6 * face], b[6 * face + 1], b[6 * face + 2]),
      new Vector3(b[6 * face + 3], b[6 * face + 4], b[6 * face + 5]),
    );
  }
}
