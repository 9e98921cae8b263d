/** The capped section: the polygons in which a plane passes through elements. */
import type { Extents } from "./extents";
import { FaceList, type Faces } from "./faces";
import { SHAPES, type Shape } from "./shapes";
import { type Block, blockOf, everything, type Shown, type Volume } from "./volumeFile";

const MOST_CORNERS = 8;

/**
 * section returns the polygon of every element shown that has corners on both sides of a plane. A corner on the plane counts as kept.
 * What two elements share is computed from the same two nodes in the same order, so that the polygons meet without gaps.
 */
export function section(volume: Volume, extents: Extents, depth: number, shown: Shown = everything): Faces {
  const out = new FaceList();
  const d = extents.nodes;
  const p = volume.positions;
  const beyond = new Uint8Array(MOST_CORNERS);
  const onward = new Int8Array(MOST_CORNERS * MOST_CORNERS); // edge by which a polygon goes on from an edge; -1 where there is none
  const polygon = new Float64Array(3 * 16);

  extents.near(depth, (element) => {
    if (!shown(element)) return;
    const block = blockOf(volume, element);
    const shape = SHAPES[block.shape];
    const base = (element - block.first) * shape.corners;
    let count = 0;
    for (let k = 0; k < shape.corners; k++) {
      beyond[k] = d[block.corners[base + k]] > depth ? 1 : 0;
      count += beyond[k];
    }
    if (count === 0 || count === shape.corners) return;
    trace(element, block, base, shape.faces);
  });
  return out.done();

  function trace(element: number, block: Block, base: number, faces: Shape["faces"]): void {
    onward.fill(-1);
    for (const face of faces) {
      // Around a face the plane is crossed outward and inward in turn; the polygon runs from each way out to the next way in.
      const n = face.length;
      for (let k = 0; k < n; k++) {
        const a = face[k];
        const b = face[(k + 1) % n];
        if (beyond[a] || !beyond[b]) continue;
        for (let i = k + 1; ; i++) {
          const c = face[i % n];
          const e = face[(i + 1) % n];
          if (beyond[c] && !beyond[e]) {
            onward[edge(a, b)] = edge(e, c);
            break;
          }
        }
      }
    }
    for (let start = 0; start < onward.length; start++) {
      if (onward[start] < 0) continue;
      let n = 0;
      for (let at = start; onward[at] >= 0; ) {
        const to = onward[at];
        onward[at] = -1;
        crossing(block.corners[base + (at >> 3)], block.corners[base + (at & 7)], n++);
        at = to;
      }
      if (n > 2) out.add(element, polygon, n);
    }
  }

  /** crossing puts where an edge passes the plane; always seen from the lower node. */
  function crossing(from: number, to: number, n: number): void {
    const a = Math.min(from, to);
    const b = Math.max(from, to);
    const t = (depth - d[a]) / (d[b] - d[a]);
    for (let k = 0; k < 3; k++) polygon[3 * n + k] = p[3 * a + k] + t * (p[3 * b + k] - p[3 * a + k]);
  }
}

/** edge numbers the edge from a kept corner to one beyond. */
function edge(kept: number, beyond: number): number {
  return (kept << 3) | beyond;
}
