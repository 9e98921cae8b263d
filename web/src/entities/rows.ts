/** The rows of the entity tree: solids with their faces, faces that bound none, and groups. */
import type { Geometry, Spec } from "../api/client";
import type { Entities } from "../viewer/structure";

/** A group of the spec or of the file, of solids or faces. */
export interface Group {
  name: string;
  dim: number;
  entities: readonly number[];
}

export interface Row {
  key: string;
  kind: "section" | "solid" | "face" | "group";
  level: number;
  name: string;
  /** Of a solid or face. */
  tag?: number;
  color?: string;
  /** Area of a face, volume of a solid. */
  measure?: number;
  /** How many it holds. */
  count?: number;
  /** What the row stands for. */
  entities: Entities;
  /** Tag of the solid that it is, or is a face of in this place; absent where it is of none, or of whichever. */
  solid?: number;
  /** Key of the row that it belongs to. */
  parent?: string;
  /** Whether its rows are seen; absent where there are none. */
  open?: boolean;
  /** Its place among those of the same parent, from 1, and their number. */
  place: readonly [number, number];
}

/** A row and those below it. */
interface Branch {
  row: Omit<Row, "level" | "parent" | "open" | "place">;
  children: Branch[];
}

/** groupsOf returns the groups that there are of solids and faces: those of a spec first, then those of the file. */
export function groupsOf(geometry: Geometry, wanted: Spec["groups"]): Group[] {
  const own = (wanted ?? []).filter((g) => g.name).map((g) => ({ ...g, dim: g.dim ?? 2 }));
  const names = new Set(own.map((g) => g.name));
  return [...own, ...geometry.groups.filter((g) => !names.has(g.name))].filter((g) => g.dim >= 2);
}

/** swatchOf returns the colour that a group of the file stands for, if it does. */
export function swatchOf(group: string): string | undefined {
  const m = /^color_([0-9a-f]{6})$/i.exec(group);
  return m ? `#${m[1]}` : undefined;
}

export const entityName = (kind: "solid" | "face", tag: number, name?: string): string =>
  name || `${kind === "solid" ? "Solid" : "Face"} ${tag}`;

/** branches returns the whole tree of a part. */
export function branches(geometry: Geometry, groups: readonly Group[]): Branch[] {
  const faces = new Map(geometry.faces.map((f) => [f.tag, f]));
  const solids = new Map(geometry.solids.map((s) => [s.tag, s]));
  const face = (under: string, tag: number, of?: number): Branch => {
    const f = faces.get(tag);
    return {
      row: {
        key: `${under}/face-${tag}`,
        kind: "face",
        name: entityName("face", tag, f?.name),
        tag,
        color: f?.color,
        measure: f?.measure,
        entities: { solids: [], faces: [tag] },
        solid: of,
      },
      children: [],
    };
  };
  const solid = (under: string, tag: number): Branch => {
    const s = solids.get(tag);
    const key = `${under}/solid-${tag}`;
    const own = s?.faces ?? [];
    return {
      row: {
        key,
        kind: "solid",
        name: entityName("solid", tag, s?.name),
        tag,
        color: s?.color,
        measure: s?.measure,
        count: own.length,
        entities: { solids: [tag], faces: [] },
        solid: tag,
      },
      children: under === "solids" ? own.map((t) => face(key, t, tag)) : [], // in a group it stands for itself
    };
  };
  const section = (key: string, name: string, children: Branch[], entities: Entities): Branch => ({
    row: { key, kind: "section", name, count: children.length, entities },
    children,
  });

  const bounding = new Set(geometry.solids.flatMap((s) => s.faces ?? []));
  const free = geometry.faces.filter((f) => !bounding.has(f.tag)).map((f) => f.tag);
  const all = geometry.solids.map((s) => s.tag);
  const grouped = groups.map((g, i): Branch => {
    const key = `groups/${i}`;
    const own = [...g.entities];
    return {
      row: {
        key,
        kind: "group",
        name: g.name,
        color: swatchOf(g.name),
        count: own.length,
        entities: g.dim === 3 ? { solids: own, faces: [] } : { solids: [], faces: own },
      },
      children: own.map((t) => (g.dim === 3 ? solid(key, t) : face(key, t))),
    };
  });
  const sections = [
    section(
      "solids",
      "Solids",
      all.map((t) => solid("solids", t)),
      { solids: all, faces: [] },
    ),
    section(
      "faces",
      all.length ? "Faces without a solid" : "Faces",
      free.map((t) => face("faces", t)),
      { solids: [], faces: free },
    ),
    section("groups", "Groups", grouped, {
      solids: grouped.flatMap((b) => b.row.entities.solids),
      faces: grouped.flatMap((b) => b.row.entities.faces),
    }),
  ];
  return sections.filter((b) => b.children.length > 0);
}

/** rowsOf returns the rows that are seen: those of what is open, or with a filter those that match and what holds them. */
export function rowsOf(tree: readonly Branch[], open: ReadonlySet<string>, filter: string): Row[] {
  const out: Row[] = [];
  const wanted = filter.trim().toLowerCase();
  const matches = ({ name, tag }: Branch["row"]) =>
    name.toLowerCase().includes(wanted) || (tag !== undefined && `${tag}` === wanted);
  const found = (b: Branch): boolean => (b.row.kind !== "section" && matches(b.row)) || b.children.some(found);
  const add = (siblings: readonly Branch[], level: number, parent: string | undefined, all: boolean) => {
    const seen = all ? siblings : siblings.filter(found);
    seen.forEach((b, i) => {
      // A solid that matches is shown with all its faces, once it is opened.
      const own = all || (b.row.kind !== "section" && matches(b.row));
      const inside = !all && b.children.some(found);
      const isOpen = inside || open.has(b.row.key);
      out.push({ ...b.row, level, parent, place: [i + 1, seen.length], open: b.children.length ? isOpen : undefined });
      if (b.children.length && isOpen) add(b.children, level + 1, b.row.key, own && !inside);
    });
  };
  add(tree, 1, undefined, wanted === "");
  return out;
}
