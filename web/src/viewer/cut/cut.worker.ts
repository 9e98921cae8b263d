/** Fetches, decodes and cuts a volume beside the page, so that the page never waits for it. */
import { type CutFaces, Cutting, type Plane, type VolumeFacts } from "./cutting";
import type { SurfaceTriangles } from "./topology";
import { readVolume } from "./volumeFile";

export type Request = { load: string; surface?: SurfaceTriangles } | { cut: Plane };

export type Answer = { facts: VolumeFacts } | { faces: CutFaces; plane: Plane; ms: number } | { error: string };

let cutting: Cutting | null = null;

self.onmessage = async (e: MessageEvent<Request>) => {
  try {
    if ("load" in e.data) {
      const response = await fetch(e.data.load);
      if (!response.ok) throw new Error(`The store answered ${response.status}.`);
      cutting = new Cutting(await readVolume(await response.arrayBuffer()), e.data.surface);
      answer({ facts: cutting.facts });
    } else if (cutting) {
      const began = performance.now();
      const faces = cutting.cut(e.data.cut);
      const ms = performance.now() - began;
      const arrays = [faces.corners, faces.elements, faces.solids, ...faces.values, ...(faces.surface ? [faces.surface] : [])];
      answer({ faces, plane: e.data.cut, ms }, [...new Set(arrays.map((a) => a.buffer as ArrayBuffer))]);
    }
  } catch (error) {
    answer({ error: error instanceof Error ? error.message : String(error) });
  }
};

function answer(a: Answer, transfer: ArrayBuffer[] = []): void {
  self.postMessage(a, { transfer });
}
