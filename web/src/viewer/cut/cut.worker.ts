/** Fetches, decodes and cuts a volume beside the page, so that the page never waits for it. */
import type { Scale } from "../glb";
import { volumeSizes } from "../sizes";
import { type CutFaces, Cutting, type Plane, type VolumeFacts } from "./cutting";
import type { SurfaceTriangles } from "./topology";
import { readVolume } from "./volumeFile";

export type Request = { load: string; surface?: SurfaceTriangles; sizes?: Scale } | { cut: Plane };

export type Answer = { facts: VolumeFacts } | { faces: CutFaces; plane: Plane; ms: number } | { error: string };

let cutting: Cutting | null = null;

self.onmessage = async (e: MessageEvent<Request>) => {
  try {
    if ("load" in e.data) {
      const response = await fetch(e.data.load);
      if (!response.ok) throw new Error(`The store answered ${response.status}.`);
      const volume = await readVolume(await response.arrayBuffer());
      volume.measures.push(volumeSizes(volume, e.data.sizes));
      cutting = new Cutting(volume, e.data.surface);
      answer({ facts: cutting.facts });
    } else if (cutting) {
      const began = performance.now();
      const faces = cutting.cut(e.data.cut);
      const ms = performance.now() - began;
      const arrays = [
        faces.corners,
        faces.elements,
        faces.solids,
        faces.types,
        ...faces.values,
        ...(faces.surface ? [faces.surface] : []),
      ];
      answer({ faces, plane: e.data.cut, ms }, [...new Set(arrays.map((a) => a.buffer as ArrayBuffer))]);
    }
  } catch (error) {
    answer({ error: error instanceof Error ? error.message : String(error) });
  }
};

function answer(a: Answer, transfer: ArrayBuffer[] = []): void {
  self.postMessage(a, { transfer });
}
