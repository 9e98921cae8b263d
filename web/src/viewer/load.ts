/** Loads surfaces in a worker, one after the other; a later wish makes an earlier one void. */
import type { SerializedBVH } from "three-mesh-bvh";
import type { Prepared } from "./prepare";
import type { Answer } from "./surface.worker";

// Triangles from which on a worker ends with its surface: what it decoded with is memory that it would keep.
const LARGE = 200_000;

export interface Loaded {
  prepared: Prepared;
  /** What it is picked by: that comes when the surface can be seen already, or fails with a reason. */
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
      let stunted: (reason: Error) => void = () => {};
      const tree = new Promise<SerializedBVH>((yes, no) => {
        grown = yes;
        stunted = no;
      });
      tree.catch(() => {}); // who shows the surface hears of it, and perhaps nobody shows it
      let triangles = 0; // of the surface, once that is there
      const end = () => {
        worker.removeEventListener("message", listen);
        worker.removeEventListener("error", died);
        if (triangles >= LARGE && this.worker === worker && this.wanted === url) this.dispose();
      };
      const fail = (reason: string) => {
        if (triangles > 0) stunted(new Error(reason));
        else if (this.wanted === url) reject(new Error(reason));
        else resolve(null);
        end();
      };
      const listen = ({ data }: MessageEvent<Answer>) => {
        if (data.url !== url) return;
        if ("prepared" in data) {
          triangles = data.prepared.surface.corners.length / 3;
          resolve(this.wanted === url ? { prepared: data.prepared, tree } : null);
        } else if ("tree" in data) {
          grown(data.tree);
          end();
        } else fail(data.error);
      };
      const died = (e: ErrorEvent) => {
        if (this.worker === worker) this.dispose(); // another one is started for what comes next
        fail(e.message || "The worker could not be started.");
      };
      worker.addEventListener("message", listen);
      worker.addEventListener("error", died);
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
