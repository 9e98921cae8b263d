/** The shapes of elements of volume: corners are numbered as Gmsh does (reference manual, "Node ordering"). */

export type ShapeName = "tetrahedron" | "hexahedron" | "prism" | "pyramid";

export interface Shape {
  corners: number;
  /** Corners of each face, counter-clockwise seen from outside. */
  faces: readonly (readonly number[])[];
}

export const SHAPES: Record<ShapeName, Shape> = {
  tetrahedron: {
    corners: 4,
    faces: [
      [0, 2, 1],
      [0, 1, 3],
      [0, 3, 2],
      [1, 2, 3],
    ],
  },
  hexahedron: {
    corners: 8,
    faces: [
      [0, 3, 2, 1],
      [0, 1, 5, 4],
      [1, 2, 6, 5],
      [2, 3, 7, 6],
      [3, 0, 4, 7],
      [4, 5, 6, 7],
    ],
  },
  prism: {
    corners: 6,
    faces: [
      [0, 2, 1],
      [3, 4, 5],
      [0, 1, 4, 3],
      [1, 2, 5, 4],
      [2, 0, 3, 5],
    ],
  },
  pyramid: {
    corners: 5,
    faces: [
      [0, 3, 2, 1],
      [0, 1, 4],
      [1, 2, 4],
      [2, 3, 4],
      [3, 0, 4],
    ],
  },
};
