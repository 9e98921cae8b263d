/** Reads the volume files that Meshgen writes (docs/viewer-format.md): the elements that fill a part, to be cut open. */
import { GLB, type Measure, type ValueExtras } from "../glb";
import { SHAPES, type ShapeName } from "./shapes";

/** The elements of one shape. */
export interface Block {
  shape: ShapeName;
  /** Number of the first among all elements. */
  first: number;
  count: number;
  /** Nodes of each element, in Gmsh's order. */
  corners: Uint32Array;
}

/** The elements of one shape in one solid: a range of them. */
export interface Part {
  solid: number;
  name?: string;
  shape: ShapeName;
  first: number;
  count: number;
}

export interface Volume {
  /** x y z of each node as multiples of quantum from origin. */
  positions: Uint16Array;
  count: number;
  blocks: Block[];
  parts: Part[];
  /** Number of each element in the mesh file. */
  elements: Uint32Array;
  measures: Measure[];
  /** Node of each vertex of the surface file, NO_NODE where there is none. */
  surface?: Uint32Array;
  quantum: number;
  origin: [number, number, number];
}

export const NO_NODE = 0xffffffff;

/** Whether an element is shown. */
export type Shown = (element: number) => boolean;
export const everything: Shown = () => true;

interface Extras {
  version: number;
  parts: Part[];
  corners: Partial<Record<ShapeName, number>>;
  elements: number;
  values: ValueExtras[];
  surface?: number;
}

/** readVolume returns what a volume file holds, or throws an Error that says what is wrong with it. */
export async function readVolume(file: ArrayBuffer): Promise<Volume> {
  const glb = await GLB.read<Extras>(file);
  const { parts, corners, elements, values, surface } = glb.extras;
  if (!parts || !corners) throw new Error("The file is a surface, not a volume.");
  const blocks: Block[] = [];
  for (const part of parts) {
    const last = blocks.at(-1);
    if (last?.shape === part.shape) {
      last.count += part.count;
      continue;
    }
    const stored = glb.numbers(corners[part.shape] as number);
    blocks.push({
      shape: part.shape,
      first: part.first,
      count: part.count,
      corners: part.shape === "tetrahedron" ? tetrahedra(stored) : stored,
    });
  }
  for (const b of blocks) {
    if (b.corners.length !== b.count * SHAPES[b.shape].corners) throw new Error("The file is not whole.");
  }
  return {
    positions: glb.positions(),
    count: blocks.reduce((n, b) => n + b.count, 0),
    blocks,
    parts,
    elements: glb.numbers(elements),
    measures: glb.measures(values),
    surface: surface === undefined ? undefined : glb.numbers(surface),
    quantum: glb.quantum,
    origin: glb.origin,
  };
}

/** blockIndex returns which block an element is in. */
export function blockIndex(volume: Volume, element: number): number {
  let b = volume.blocks.length - 1;
  while (volume.blocks[b].first > element) b--;
  return b;
}

export function blockOf(volume: Volume, element: number): Block {
  return volume.blocks[blockIndex(volume, element)];
}

/** tetrahedra makes four corners of each pair of triangles: those of the first, and the one that only the second has. */
function tetrahedra(pairs: Uint32Array): Uint32Array {
  const out = new Uint32Array((pairs.length / 6) * 4);
  for (let from = 0, to = 0; from < pairs.length; from += 6, to += 4) {
    const a = pairs[from];
    const b = pairs[from + 1];
    const c = pairs[from + 2];
    out[to] = a;
    out[to + 1] = b;
    out[to + 2] = c;
    for (let k = from + 3; k < from + 6; k++) {
      const d = pairs[k];
      if (d !== a && d !== b && d !== c) out[to + 3] = d;
    }
  }
  return out;
}
