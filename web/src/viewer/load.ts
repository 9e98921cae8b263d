/** Loads surfaces in a worker, one after the other; a later wish makes an earlier one void. */
import type { Prepared } from "./prepare";
import type { Answer } from "./surface.worker";

export class SurfaceLoader {
  private readonly worker = new Worker(new URL("./surface.worker.ts", import.meta.url), { type: "module" });
  private wanted = "";

  /** load returns the surface at a URL, or null where another has been asked for meanwhile. */
  load(url: string): Promise<Prepared | null> {
    this.wanted = url;
    return new Promise((resolve, reject) => {
      const listen = (e: MessageEvent<Answer>) => {
        if (e.data.url !== url) return;
        this.worker.removeEventListener("message", listen);
        if (this.wanted !== url) resolve(null);
        else if ("error" in e.data) reject(new Error(e.data.error));
        else resolve(e.data);
      };
      this.worker.addEventListener("message", listen);
      this.worker.postMessage({ url });
    });
  }

  dispose(): void {
    this.worker.terminate();
  }
}
