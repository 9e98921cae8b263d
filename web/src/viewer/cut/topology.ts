/** Which elements share a face, and which lie behind each triangle of the surface. */
import { SHAPES } from "./shapes";
import { type Block, NO_NODE, type Volume } from "./volumeFile";

export const NONE = -1;

export interface Topology {
  /** Element on the other side of each face, NONE where there is none: the faces of all elements one after the other. */
  neighbours: Int32Array;
  /** Number of the first face of each block. */
  firstFace: number[];
  /** The one or two elements behind each triangle of the surface: two numbers each, NONE where there is none. */
  behind: Int32Array;
}

/** The triangles of a surface file, as far as they are needed here. */
export interface SurfaceTriangles {
  corners: Uint32Array;
  elements?: Uint32Array;
}

const QUADRANGLE = 0x80000000;

/**
 * connect finds the topology of a volume. Every face is looked for among those that stand on the same lowest node and have not
 * found their like; since neighbours follow each other in the file, that is a handful.
 */
export function connect(volume: Volume, surface?: SurfaceTriangles): Topology {
  const firstFace: number[] = [];
  let faceCount = 0;
  for (const b of volume.blocks) {
    firstFace.push(faceCount);
    faceCount += b.count * SHAPES[b.shape].faces.length;
  }
  const triangles = surface && volume.surface ? surface.corners.length / 3 : 0;
  const total = faceCount + triangles;
  // Of each face that waits: its second lowest and its highest node, which with the lowest tell it from all others.
  const second = new Uint32Array(total);
  const highest = new Uint32Array(total);
  const next = new Int32Array(total);
  const heads = new Int32Array(volume.positions.length / 3).fill(NONE);
  const neighbours = new Int32Array(faceCount).fill(NONE);
  const behind = new Int32Array(2 * triangles).fill(NONE);
  const twin = new Int32Array(triangles).fill(NONE); // the other half of a quadrangle

  const sorted = new Uint32Array(4);
  if (surface && volume.surface) {
    const { corners, elements } = surface;
    for (let t = 0; t < triangles; t++) {
      let n = 3;
      for (let k = 0; k < 3; k++) sorted[k] = volume.surface[corners[3 * t + k]];
      if (elements && t + 1 < triangles && elements[t] === elements[t + 1]) {
        for (let k = 3; k < 6; k++) {
          const node = volume.surface[corners[3 * t + k]];
          if (node !== sorted[0] && node !== sorted[1] && node !== sorted[2]) sorted[n++] = node;
        }
        if (n === 4) twin[t] = t + 1;
      }
      sort(sorted, n);
      const at = faceCount + t;
      if (sorted[n - 1] !== NO_NODE) {
        second[at] = sorted[1] + (n === 4 ? QUADRANGLE : 0);
        highest[at] = sorted[n - 1];
        next[at] = heads[sorted[0]];
        heads[sorted[0]] = at;
      }
      if (n === 4) t++;
    }
  }

  let face = 0;
  for (const block of volume.blocks) {
    face = pair(block, face);
  }
  return { neighbours, firstFace, behind };

  function pair(block: Block, from: number): number {
    const { faces, corners: size } = SHAPES[block.shape];
    const count = faces.length;
    const nodes = block.corners;
    let at = from;
    for (let e = 0; e < block.count; e++) {
      const base = e * size;
      for (let f = 0; f < count; f++, at++) {
        const own = faces[f];
        const n = own.length;
        for (let k = 0; k < n; k++) sorted[k] = nodes[base + own[k]];
        sort(sorted, n);
        const low = sorted[0];
        const mid = (n === 4 ? sorted[1] + QUADRANGLE : sorted[1]) >>> 0;
        const high = sorted[n - 1];
        let before = NONE;
        let other = heads[low];
        let found = false;
        while (other !== NONE) {
          if (second[other] === mid && highest[other] === high) {
            if (other >= faceCount) {
              note(other - faceCount, block.first + e);
            } else {
              neighbours[at] = elementOf(other);
              neighbours[other] = block.first + e;
              if (before === NONE) heads[low] = next[other];
              else next[before] = next[other];
              found = true;
              // Triangles of the surface lie deepest in the list: they were there first.
              other = next[other];
              continue;
            }
          }
          before = other;
          other = next[other];
        }
        if (!found) {
          second[at] = mid;
          highest[at] = high;
          next[at] = heads[low];
          heads[low] = at;
        }
      }
    }
    return at;
  }

  function elementOf(face: number): number {
    let b = volume.blocks.length - 1;
    while (firstFace[b] > face) b--;
    const block = volume.blocks[b];
    return block.first + Math.floor((face - firstFace[b]) / SHAPES[block.shape].faces.length);
  }

  function note(triangle: number, element: number): void {
    for (let t = triangle; t !== NONE; t = twin[t]) {
      behind[behind[2 * t] === NONE ? 2 * t : 2 * t + 1] = element;
    }
  }
}

/** sort puts the first three or four numbers in order. */
function sort(a: Uint32Array, n: number): void {
  for (let i = 1; i < n; i++) {
    const v = a[i];
    let k = i - 1;
    while (k >= 0 && a[k] > v) {
      a[k + 1] = a[k];
      k--;
    }
    a[k + 1] = v;
  }
}
