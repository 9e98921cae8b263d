/**
 * Loads surfaces in workers; a later wish makes an earlier one void. A worker ends with its surface: what it decoded with is memory
 * that it would keep.
 */
import type { Prepared } from "./prepare";
import type { Answer } from "./surface.worker";

export class SurfaceLoader {
  private worker: Worker | null = start(); // ready for the first
  private voided: (() => void) | null = null;

  /** load returns the surface at a URL, or null where another has been asked for meanwhile. */
  load(url: string): Promise<Prepared | null> {
    this.drop();
    this.worker ??= start();
    const { worker } = this;
    return new Promise((resolve, reject) => {
      this.voided = () => resolve(null);
      worker.onmessage = ({ data }: MessageEvent<Answer>) => {
        this.end();
        if ("error" in data) reject(new Error(data.error));
        else resolve(data.prepared);
      };
      worker.onerror = (e) => {
        this.end();
        reject(new Error(e.message || "The worker could not be started."));
      };
      worker.postMessage({ url });
    });
  }

  /** drop makes what is under way void. */
  drop(): void {
    if (!this.voided) return;
    this.voided();
    this.end();
  }

  dispose(): void {
    this.drop();
    this.end();
  }

  private end(): void {
    this.worker?.terminate();
    this.worker = null;
    this.voided = null;
  }
}

function start(): Worker {
  return new Worker(new URL("./surface.worker.ts", import.meta.url), { type: "module" });
}
