/** The tree that finds the triangles on a ray. It is grown in the worker, and comes after the picture: a million take a second. */
import { BufferAttribute, BufferGeometry } from "three";
import { MeshBVH, type SerializedBVH } from "three-mesh-bvh";
import type { Surface } from "./surfaceFile";

// Triangles in a leaf. One ray at a time looks at a few leaves: with more in each the tree is a fraction as large, and grown sooner.
const LEAF = 48;

export type Shape = Pick<Surface, "positions" | "corners">;

/** growTree returns the tree of a surface as it can be sent to another thread. */
export function growTree(s: Shape): SerializedBVH {
  // The tree must not change the order of the triangles: their numbers mean something.
  return MeshBVH.serialize(new MeshBVH(geometryOf(s), { indirect: true, targetLeafSize: LEAF }), { cloneBuffers: false });
}

/** treeBuffers lists what is handed over with a tree. */
export function treeBuffers(t: SerializedBVH): ArrayBuffer[] {
  return [...t.roots, ...(t.indirectBuffer ? [t.indirectBuffer.buffer as ArrayBuffer] : [])];
}

/** plantTree makes the tree of a surface ready to be asked. */
export function plantTree(s: Shape, tree: SerializedBVH): MeshBVH {
  return MeshBVH.deserialize(tree, geometryOf(s), { setIndex: false });
}

function geometryOf(s: Shape): BufferGeometry {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(s.positions, 3));
  geometry.setIndex(new BufferAttribute(s.corners, 1));
  return geometry;
}
