/** Which colours stand for what, where a part is coloured by things that are told apart. */
import { entityName } from "../entities/rows";
import { PLAIN } from "../viewer/colors";
import { type ElementType, Palette, typeColor } from "../viewer/palette";
import type { Structure } from "../viewer/structure";
import type { ColorBy, Group } from "../viewer/types";
import type { Swatch } from "./Legend";

/** What there is to tell apart. */
export interface Things {
  structure: Structure;
  solids: readonly { tag: number; name?: string }[];
  groups: readonly Group[];
  types: readonly ElementType[];
}

const TYPE_NAMES: Record<ElementType, string> = {
  tetrahedron: "Tetrahedra",
  hexahedron: "Hexahedra",
  prism: "Prisms",
  pyramid: "Pyramids",
  triangle: "Triangles",
  quadrangle: "Quadrangles",
};

/** swatchesOf returns the title and the rows of a legend; undefined where colours need none. */
export function swatchesOf({ by }: ColorBy, things: Things): { title: string; swatches: Swatch[] } | undefined {
  const palette = new Palette(things.structure, things.groups);
  switch (by) {
    case "solid":
      return {
        title: "Solids",
        swatches: things.solids.map(({ tag, name }) => ({ label: entityName("solid", tag, name), color: palette.solid(tag) })),
      };
    case "group":
      return {
        title: "Groups",
        swatches: [
          ...things.groups.map((g, i) => ({ label: g.name, color: palette.groupAt(i) })),
          { label: "in no group", color: PLAIN },
        ],
      };
    case "type":
      return {
        title: "Element types",
        swatches: things.types.map((type) => ({ label: TYPE_NAMES[type], color: typeColor(type) })),
      };
  }
}
