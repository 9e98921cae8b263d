/** What goes into a MeshViewer and comes out of it. Lengths and places are those of the geometry. */

export type Point = [number, number, number];
export type Kinds = "plain" | "face" | "cad" | "solid" | "group" | "type";
export type ColorBy = { by: Kinds } | { by: "measure"; name: string };

/** A group of faces (dim 2) or solids (dim 3), by their tags. */
export interface Group {
  name: string;
  dim: number;
  entities: readonly number[];
}
export type StandardView = "iso" | "front" | "back" | "left" | "right" | "top" | "bottom";
export type Projection = "perspective" | "orthographic";

/** A place under the pointer: on a face of the model, or on a cut, where face is -1 and tag and name are of the solid. */
export interface Pick {
  face: number;
  tag: number;
  name?: string;
  /** Tag of the solid: of two that touch there, the first. */
  solid?: number;
  triangle: number;
  element?: number;
  values: { name: string; value: number }[];
  point: Point;
}

/**
 * A cut: what lies beyond the plane is left out. offset is a share of the box along the normal, from 0 to 1; manner is whether
 * the plane cuts through elements or leaves out whole ones.
 */
export interface Cut {
  normal: Point;
  offset: number;
  flipped: boolean;
  manner: "section" | "crinkle";
}

export interface Theme {
  background: string;
  edge: string;
  accent: string;
  outline: string;
  /** Of x, y and z. */
  axes: readonly [string, string, string];
}
