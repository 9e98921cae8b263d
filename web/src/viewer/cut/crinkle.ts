/** The crinkle cut: whole elements are left out, and the faces of the others that were hidden behind them are seen. */
import type { Extents } from "./extents";
import { FaceList, type Faces } from "./faces";
import { SHAPES } from "./shapes";
import { NONE, type Topology } from "./topology";
import { blockIndex, everything, type Shown, type Volume } from "./volumeFile";

/**
 * crinkle returns the faces between elements whose middle lies within the plane, which stay, and elements whose middle lies
 * beyond it. The plane passes through at least one of the two: of each such pair the one that it passes through is asked, or of
 * two the one that stays. Elements that are not shown are not there: what they touch is the surface of the part.
 */
export function crinkle(volume: Volume, topology: Topology, extents: Extents, depth: number, shown: Shown = everything): Faces {
  const out = new FaceList();
  const { middles, nodes } = extents;
  const { neighbours, firstFace } = topology;
  const p = volume.positions;
  const polygon = new Float64Array(12);

  const passed = (element: number): boolean => {
    const block = volume.blocks[blockIndex(volume, element)];
    const size = SHAPES[block.shape].corners;
    const base = (element - block.first) * size;
    let beyond = 0;
    for (let k = 0; k < size; k++) if (nodes[block.corners[base + k]] > depth) beyond++;
    return beyond > 0 && beyond < size;
  };

  extents.near(depth, (element) => {
    if (!passed(element) || !shown(element)) return;
    const b = blockIndex(volume, element);
    const block = volume.blocks[b];
    const shape = SHAPES[block.shape];
    const stays = middles[element] <= depth;
    const base = (element - block.first) * shape.corners;
    const first = firstFace[b] + (element - block.first) * shape.faces.length;
    for (let f = 0; f < shape.faces.length; f++) {
      const other = neighbours[first + f];
      if (other === NONE || middles[other] <= depth === stays) continue;
      if ((!stays && passed(other)) || !shown(other)) continue;
      const face = shape.faces[f];
      for (let k = 0; k < face.length; k++) {
        const node = 3 * block.corners[base + face[k]];
        polygon[3 * k] = p[node];
        polygon[3 * k + 1] = p[node + 1];
        polygon[3 * k + 2] = p[node + 2];
      }
      out.add(stays ? element : other, polygon, face.length);
    }
  });
  return out.done();
}

const ALWAYS = -1e30;

/**
 * triangleDepths returns, for each triangle of the surface, from which depth of the plane on it is seen with either element
 * behind it: where the middle of that lies. The element of the solid with the lower tag comes first; where there is one element,
 * it stands for both; a triangle that has none is always seen.
 */
export function triangleDepths(topology: Topology, extents: Extents, solidTag: (element: number) => number): Float32Array {
  const { behind } = topology;
  const { middles } = extents;
  const out = new Float32Array(behind.length);
  for (let t = 0; t < out.length; t += 2) {
    let a = behind[t];
    let b = behind[t + 1];
    if (a === NONE) [a, b] = [b, a];
    if (b === NONE) {
      out[t] = out[t + 1] = a === NONE ? ALWAYS : middles[a];
      continue;
    }
    if (solidTag(a) > solidTag(b)) [a, b] = [b, a];
    out[t] = middles[a];
    out[t + 1] = middles[b];
  }
  return out;
}
