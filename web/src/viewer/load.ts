/** Loads surfaces in a worker, one after the other; a later wish makes an earlier one void. */
import type { Prepared } from "./prepare";
import type { Answer } from "./surface.worker";

// Triangles from which on a worker ends with its surface: what it decoded with is memory that it would keep.
const LARGE = 200_000;

export class SurfaceLoader {
  private worker: Worker | null = start();
  private wanted = "";

  /** load returns the surface at a URL, or null where another has been asked for meanwhile. */
  load(url: string): Promise<Prepared | null> {
    this.wanted = url;
    this.worker ??= start();
    const { worker } = this;
    return new Promise((resolve, reject) => {
      const listen = (e: MessageEvent<Answer>) => {
        if (e.data.url !== url) return;
        worker.removeEventListener("message", listen);
        if (this.wanted !== url) resolve(null);
        else if ("error" in e.data) reject(new Error(e.data.error));
        else {
          if (e.data.triangles.faceOf.length >= LARGE) this.dispose();
          resolve(e.data);
        }
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
