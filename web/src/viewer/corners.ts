/**
 * The corners of a million triangles in two bytes each, on the card as in the page.
 *
 * Triangles use vertices that were used shortly before, and those that are new have the next numbers: in a block of triangles nearly all
 * corners lie within a window of numbers. A corner is where its vertex lies in the window of its block; the few that lie elsewhere stand
 * in a list. Any order of triangles and vertices can be written so, as the files have it in half of the room.
 */
import { room, WIDTH } from "./texels";

/** Triangles in a block: a row of what is known of each. */
const BLOCK = WIDTH;

/** Offsets from here on count what stands in the list: as many are left as a block has corners. */
export const WINDOW = 65536 - 3 * BLOCK;

export interface Corners {
  /** How many there are. */
  length: number;
  /** Whole rows of texels. */
  offsets: Uint16Array;
  /** Of each block: the first vertex of its window, and where its list begins. Whole rows of two numbers a texel. */
  blocks: Uint32Array;
  /** The lists, one after the other. Whole rows of texels. */
  listed: Uint32Array;
}

/** packCorners returns the corners of triangles, given as the vertex of each. */
export function packCorners(vertices: Uint32Array): Corners {
  const { length } = vertices;
  const offsets = new Uint16Array(room(length));
  const blocks = new Uint32Array(2 * room(Math.ceil(length / (3 * BLOCK))));
  const listed: number[] = [];
  for (let block = 0, from = 0; from < length; block++, from += 3 * BLOCK) {
    const end = Math.min(from + 3 * BLOCK, length);
    let highest = 0;
    for (let i = from; i < end; i++) if (vertices[i] > highest) highest = vertices[i];
    const first = Math.max(0, highest - WINDOW + 1);
    const list = listed.length;
    blocks[2 * block] = first;
    blocks[2 * block + 1] = list;
    for (let i = from; i < end; i++) {
      if (vertices[i] >= first) offsets[i] = vertices[i] - first;
      else offsets[i] = WINDOW + listed.push(vertices[i]) - 1 - list;
    }
  }
  const whole = new Uint32Array(room(listed.length));
  whole.set(listed);
  return { length, offsets, blocks, listed: whole };
}

/** vertexOf returns the vertex of a corner. */
export function vertexOf({ offsets, blocks, listed }: Corners, corner: number): number {
  const block = 2 * Math.floor(corner / (3 * BLOCK));
  const offset = offsets[corner];
  return offset < WINDOW ? blocks[block] + offset : listed[blocks[block + 1] + offset - WINDOW];
}

/** verticesOf returns the vertex of each corner. */
export function verticesOf(c: Corners): Uint32Array {
  const out = new Uint32Array(c.length);
  for (let i = 0; i < out.length; i++) out[i] = vertexOf(c, i);
  return out;
}

/** readCorners is how a shader does the same, with rows of texels as above. */
export const readCorners = /* glsl */ `
  uniform usampler2D offsets;
  uniform usampler2D blocks;
  uniform usampler2D listed;
  int vertexOf(int corner, int triangle) {
    int offset = int(texelFetch(offsets, texel(corner), 0).r);
    ivec2 block = ivec2(texelFetch(blocks, texel(triangle >> ${Math.log2(BLOCK)}), 0).rg);
    if (offset < ${WINDOW}) return block.x + offset;
    return int(texelFetch(listed, texel(block.y + offset - ${WINDOW}), 0).r);
  }
`;
