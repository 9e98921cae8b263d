/** The colours of things that are told apart, solids, groups and types of elements, and the scale that measures are coloured by. */
import { categoryColor, PLAIN, type RGB } from "./colors";
import { onto, type Scale } from "./glb";
import type { Structure } from "./structure";
import type { Surface } from "./surfaceFile";
import type { Group } from "./types";

/** The types of elements, in the order of their colours. */
export const TYPES = ["tetrahedron", "hexahedron", "prism", "pyramid", "triangle", "quadrangle"] as const;
export type ElementType = (typeof TYPES)[number];

export const typeColor = (type: ElementType): RGB => categoryColor(TYPES.indexOf(type));

/** typeTexture returns 256 RGBA texels: those of the types, by their numbers. */
export function typeTexture(): Uint8Array {
  const out = new Uint8Array(256 * 4);
  TYPES.forEach((type, i) => {
    out.set([...typeColor(type), 255], 4 * i);
  });
  return out;
}

/** surfaceTypes returns the type of each triangle, by their elements: a quadrangle lies in the file as two triangles of one element. */
export function surfaceTypes(elements: Uint32Array): Uint8Array {
  const out = new Uint8Array(elements.length).fill(TYPES.indexOf("triangle"));
  for (let t = 1; t < elements.length; t++) {
    if (elements[t] === elements[t - 1]) out[t] = out[t - 1] = TYPES.indexOf("quadrangle");
  }
  return out;
}

/** typesOf returns which types of elements a surface has; a tessellation has none. */
export function typesOf({ elements }: Pick<Surface, "elements">): ElementType[] {
  if (!elements) return [];
  let pairs = 0;
  for (let t = 1; t < elements.length; t++) if (elements[t] === elements[t - 1]) pairs++;
  const all: [ElementType, boolean][] = [
    ["triangle", 2 * pairs < elements.length],
    ["quadrangle", pairs > 0],
  ];
  return all.filter(([, there]) => there).map(([type]) => type);
}

export const AS_IT_IS: [number, number] = [1, 0];

/** The scale of a measure. */
export type NamedScale = { name: string } & Scale;

export class Palette {
  private readonly solids: Map<number, number>;
  private readonly ofFace = new Map<number, number>(); // indices of groups, by the tags of what is in them
  private readonly ofSolid = new Map<number, number>();

  constructor(
    structure: Structure,
    groups: readonly Group[],
    private readonly scale: NamedScale | null = null,
  ) {
    this.solids = new Map(structure.solids.map((s, i) => [s.tag, i]));
    groups.forEach(({ dim, entities }, i) => {
      const known = dim === 3 ? this.ofSolid : this.ofFace;
      for (const tag of entities) if (!known.has(tag)) known.set(tag, i); // the first of several
    });
  }

  /** stretch returns what brings numbers of a measure to the scale that it is coloured by (onto). */
  stretch(measure: NamedScale): [number, number] {
    return this.scale?.name === measure.name ? onto(measure, this.scale) : AS_IT_IS;
  }

  /** solid returns the colour of a solid; faces that bound none are plain. */
  solid(tag: number | undefined): RGB {
    if (tag === undefined) return PLAIN;
    return categoryColor(this.solids.get(tag) ?? 0);
  }

  /** group returns the colour of the first group that a face is in, or else its solid; plain where there is none. */
  group(face: number | undefined, solid: number | undefined): RGB {
    const index = this.ofFace.get(face ?? -1) ?? this.ofSolid.get(solid ?? -1);
    return index === undefined ? PLAIN : this.groupAt(index);
  }

  /** groupAt returns the colour of the i-th group. */
  groupAt(i: number): RGB {
    return categoryColor(i);
  }
}
