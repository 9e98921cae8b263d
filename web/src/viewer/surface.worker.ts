/** Fetches and decodes a surface beside the page, so that the page never waits for it, and grows the tree that it is picked by. */
import type { SerializedBVH } from "three-mesh-bvh";
import { buffers, type Prepared, prepare } from "./prepare";
import { readSurface } from "./surfaceFile";
import { growTree, treeBuffers } from "./tree";

export type Answer = { url: string } & ({ error: string } | { prepared: Prepared } | { tree: SerializedBVH });

self.onmessage = async (e: MessageEvent<{ url: string }>) => {
  const { url } = e.data;
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`The store answered ${response.status}.`);
    const prepared = prepare(await readSurface(await response.arrayBuffer()));
    const kept = { positions: prepared.surface.positions.slice(), corners: prepared.surface.corners.slice() };
    answer({ url, prepared }, buffers(prepared));
    const tree = growTree(kept);
    answer({ url, tree: { ...tree, index: null } }, treeBuffers(tree));
  } catch (error) {
    answer({ url, error: error instanceof Error ? error.message : String(error) });
  }
};

function answer(a: Answer, transfer: ArrayBuffer[] = []): void {
  self.postMessage(a, { transfer });
}
