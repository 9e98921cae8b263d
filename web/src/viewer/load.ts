/**
 * Loads surfaces in workers; a later wish makes an earlier one void. A worker ends with its surface: what it decoded with is memory
 * that it would keep.
 */
import { begun, complete, type Prepared } from "./prepare";
import type { Answer } from "./surface.worker";

const LARGE = 200_000; // triangles: what else there is to know of fewer is there at once

export class SurfaceLoader {
  // Ready for the first.
  private worker: Worker | null = start(() => {
    this.worker = null;
  });
  private voided: (() => void) | null = null;

  /**
   * load returns the surface at a URL, or null where another has been asked for meanwhile. A large one is told of before that, too: as
   * soon as it can be drawn.
   */
  load(url: string, drawable: (surface: Prepared) => void = () => {}): Promise<Prepared | null> {
    this.drop();
    this.worker ??= take();
    const { worker } = this;
    let surface: Prepared | null = null;
    return new Promise((resolve, reject) => {
      this.voided = () => resolve(null);
      worker.onmessage = ({ data }: MessageEvent<Answer>) => {
        if ("shaped" in data) {
          surface = begun(data.shaped);
          if (surface.surface.corners.length >= 3 * LARGE) drawable(surface);
          return;
        }
        this.end();
        if ("error" in data) reject(new Error(data.error));
        else if (surface) resolve(complete(surface, data.facts));
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

const EXPECTED = 10_000; // ms that a worker is kept for a surface that may come
let spare: Worker | null = null;
let forgotten: ReturnType<typeof setTimeout> | undefined;

/** expectSurface has a worker start for a surface that may be wanted in a moment. */
export function expectSurface(): void {
  clearTimeout(forgotten);
  spare ??= start(forget);
  forgotten = setTimeout(() => {
    spare?.terminate();
    forget();
  }, EXPECTED);
}

function forget(): void {
  clearTimeout(forgotten);
  spare = null;
}

function take(): Worker {
  const taken = spare ?? start(() => {});
  forget();
  return taken;
}

/** start starts a worker; died is called should it die before it is given anything to do. */
function start(died: () => void): Worker {
  const worker = new Worker(new URL("./surface.worker.ts", import.meta.url), { type: "module" });
  worker.onerror = died;
  return worker;
}
