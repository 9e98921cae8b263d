/**
 * Reads the surface files that Meshgen writes (docs/viewer-format.md): GLB with one primitive, compressed with meshopt, whose
 * extras say which triangles belong to which face of the model and what they are worth.
 *
 * It runs where it is called: call it in a worker, since a million triangles take some tens of milliseconds.
 */
import { GLB, type Measure, type ValueExtras } from "./glb";

export type { Measure } from "./glb";

/** A face of the model: a range of triangles. */
export interface Face {
  /** By the geometry's list; 0 where it is none of those. */
  tag: number;
  /** Where solids were cut along what they share: the faces of the geometry that it lies on, two where two solids touch in it. */
  of?: number[];
  name?: string;
  color?: string;
  first: number;
  count: number;
}

export interface Surface {
  /** x y z of each vertex as multiples of quantum from origin. */
  positions: Uint16Array;
  /** Three vertices of each triangle. */
  corners: Uint32Array;
  faces: Face[];
  /** Numbers of the elements in the mesh file; absent for a tessellation. */
  elements?: Uint32Array;
  measures: Measure[];
  units?: string;
  /** Length of one step of a position, in the geometry's units. */
  quantum: number;
  origin: [number, number, number];
}

interface Extras {
  version: number;
  units?: string;
  faces: Face[];
  elements?: number;
  values: ValueExtras[];
}

/** tagsOf returns the faces of the geometry that a face is, or lies on. */
export const tagsOf = ({ tag, of }: Pick<Face, "tag" | "of">): readonly number[] => (of?.length ? of : [tag]);

/** inGeometry names a face as the geometry does: the file has the number that it has in the mesh file. */
export const inGeometry = (f: Face): Face => (f.of ? { ...f, tag: f.of[0] ?? 0 } : f);

/** faceAt returns the index of the face that a triangle belongs to. */
export function faceAt(faces: readonly Pick<Face, "first">[], triangle: number): number {
  let [low, high] = [0, faces.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (faces[middle].first <= triangle) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * readSurface returns what a surface file holds, or throws an Error that says what is wrong with it. shaped is called in between, with
 * the surface as it is before its elements and measures are read.
 */
export async function readSurface(file: ArrayBuffer, shaped?: (surface: Surface) => void): Promise<Surface> {
  const glb = await GLB.read<Extras>(file);
  const { elements, values, units } = glb.extras;
  const faces = glb.extras.faces.map(inGeometry);
  const { quantum, origin } = glb;
  const surface: Surface = { positions: glb.positions(), corners: glb.indices, faces, measures: [], units, quantum, origin };
  shaped?.(surface);
  if (elements !== undefined) surface.elements = glb.numbers(elements);
  surface.measures = glb.measures(values);
  return surface;
}
