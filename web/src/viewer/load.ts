/** Loads surfaces in a worker, one after the other; a later wish makes an earlier one void. */
import type { SerializedBVH } from "three-mesh-bvh";
import type { Prepared } from "./prepare";
import type { Answer } from "./surface.worker";

// Triangles from which on a worker ends with its surface: what it decoded with is memory that it would keep.
const LARGE = 200_000;

export interface Loaded {
  prepared: Prepared;
  /** What it is picked by: that comes when the surface can be seen already. */
  tree: Promise<SerializedBVH>;
}

export class SurfaceLoader {
  private worker: Worker | null = start();
  private wanted = "";

  /** load returns the surface at a URL, or null where another has been asked for meanwhile. */
  load(url: string): Promise<Loaded | null> {
    this.wanted = url;
    this.worker ??= start();
    const { worker } = this;
    return new Promise((resolve, reject) => {
      let grown: (tree: SerializedBVH) => void = () => {};
      const tree = new Promise<SerializedBVH>((done) => {
        grown = done;
      });
      let large = false;
      const listen = ({ data }: MessageEvent<Answer>) => {
        if (data.url !== url) return;
        if ("prepared" in data) {
          large = data.prepared.triangles.faceOf.length >= LARGE;
          resolve(this.wanted === url ? { prepared: data.prepared, tree } : null);
          return;
        }
        worker.removeEventListener("message", listen);
        if ("tree" in data) {
          grown(data.tree);
          if (large && this.worker === worker && this.wanted === url) this.dispose();
        } else if (this.wanted === url) reject(new Error(data.error));
        else resolve(null);
      };
      worker.addEventListener("message", listen);
      worker.postMessage({ url });
    });
  }

  dispose(): void {
    this.worker?.terminate();
    this.worker = null;
  }
}

function start(): Worker {
  return new Worker(new URL("./surface.worker.ts", import.meta.url), { type: "module" });
}
