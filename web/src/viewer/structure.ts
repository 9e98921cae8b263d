/** What a part is made of, what of it is hidden, and how that changes. Entities are named by their tags. */

export interface Solid {
  tag: number;
  /** Tags of the faces that bound it. Solids that touch share faces. */
  faces: readonly number[];
}

/** Entities of a part. */
export interface Entities {
  solids: readonly number[];
  faces: readonly number[];
}

export const NONE: Entities = { solids: [], faces: [] };

export class Structure {
  private readonly owners = new Map<number, number[]>();
  private readonly bounds: Map<number, readonly number[]>;

  constructor(
    readonly solids: readonly Solid[],
    readonly faces: readonly number[],
  ) {
    this.bounds = new Map(solids.map((s) => [s.tag, s.faces]));
    for (const { tag, faces: own } of [...solids].sort((a, b) => a.tag - b.tag)) {
      for (const face of own) {
        const owners = this.owners.get(face);
        if (owners) owners.push(tag);
        else this.owners.set(face, [tag]);
      }
    }
  }

  /** solidsOf returns the solids that a face bounds, the lowest first: one, or two that touch in it, or none. */
  solidsOf(face: number): readonly number[] {
    return this.owners.get(face) ?? [];
  }

  facesOf(solid: number): readonly number[] {
    return this.bounds.get(solid) ?? [];
  }

  /** isShown tells whether a face is drawn: it is not hidden itself, nor are all the solids that it bounds. */
  isShown(face: number, hidden: Hiding): boolean {
    if (hidden.faces.has(face)) return false;
    const solids = this.solidsOf(face);
    return solids.length === 0 || solids.some((s) => !hidden.solids.has(s));
  }

  /** isSolidShown tells whether a solid is there to be seen: one that has lost all its faces is not. */
  isSolidShown(solid: number, hidden: Hiding): boolean {
    if (hidden.solids.has(solid)) return false;
    const faces = this.facesOf(solid);
    return faces.length === 0 || faces.some((f) => !hidden.faces.has(f));
  }

  /** hiddenSolids returns the tags of the solids that are not to be seen. */
  hiddenSolids(hidden: Entities): number[] {
    const h = hiding(hidden);
    return this.solids.map((s) => s.tag).filter((tag) => !this.isSolidShown(tag, h));
  }

  hide(before: Entities, { solids, faces }: Entities): Entities {
    return { solids: union(before.solids, solids), faces: union(before.faces, faces) };
  }

  /** show brings entities back: a face of a hidden solid alone, its other faces stay away. */
  show(before: Entities, { solids, faces }: Entities): Entities {
    const hidden = hiding(before);
    for (const s of solids) {
      hidden.solids.delete(s);
      for (const f of this.facesOf(s)) hidden.faces.delete(f);
    }
    const wanted = new Set(faces);
    for (const f of faces) {
      hidden.faces.delete(f);
      if (this.isShown(f, hidden)) continue;
      const [solid] = this.solidsOf(f);
      const others = this.facesOf(solid).filter((o) => !wanted.has(o) && !this.isShown(o, hidden));
      hidden.solids.delete(solid);
      for (const o of others) hidden.faces.add(o);
    }
    return { solids: [...hidden.solids], faces: [...hidden.faces] };
  }

  /** isolate hides everything else. */
  isolate({ solids, faces }: Entities): Entities {
    const kept = new Set(solids);
    const alone = new Set(faces);
    const hidden = this.solids.map((s) => s.tag).filter((s) => !kept.has(s));
    const bounding = new Set(solids.flatMap((s) => this.facesOf(s)));
    // Faces that no solid has have to be hidden by themselves.
    const free = this.faces.filter((f) => this.solidsOf(f).length === 0 && !bounding.has(f));
    return this.show({ solids: hidden, faces: free.filter((f) => !alone.has(f)) }, { solids: [], faces });
  }
}

/** What is hidden, as it is asked. */
export interface Hiding {
  solids: Set<number>;
  faces: Set<number>;
}

export function hiding(e: Entities): Hiding {
  return { solids: new Set(e.solids), faces: new Set(e.faces) };
}

function union(a: readonly number[], b: readonly number[]): number[] {
  return [...new Set([...a, ...b])];
}
