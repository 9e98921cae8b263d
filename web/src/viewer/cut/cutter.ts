/**
 * Cuts a volume in a worker. While one cut is being made only the latest wish is kept: a plane that is dragged is answered as
 * fast as the worker can, and never later than that.
 */
import type { Scale } from "../glb";
import type { Answer, Request } from "./cut.worker";
import type { CutFaces, Plane, VolumeFacts } from "./cutting";
import type { SurfaceTriangles } from "./topology";

export interface CutterEvents {
  ready: (facts: VolumeFacts) => void;
  cut: (faces: CutFaces, plane: Plane, facts: VolumeFacts, ms: number) => void;
  failed: (reason: string) => void;
}

export class Cutter {
  private readonly worker = new Worker(new URL("./cut.worker.ts", import.meta.url), { type: "module" });
  private facts: VolumeFacts | null = null;
  private busy = true; // with loading, at first
  private wanted: ((facts: VolumeFacts) => Plane) | null = null;

  /** The surface is given away. */
  constructor(url: string, surface: SurfaceTriangles, sizes: Scale | undefined, events: CutterEvents) {
    this.worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      this.busy = false;
      if ("error" in data) {
        events.failed(data.error);
        return;
      }
      if ("facts" in data) {
        this.facts = data.facts;
        events.ready(data.facts);
      } else if (this.facts) {
        events.cut(data.faces, data.plane, this.facts, data.ms);
      }
      this.next();
    };
    this.worker.onerror = (e) => events.failed(e.message || "The worker could not be started.");
    const { corners, elements } = surface;
    const given = [corners, ...(elements ? [elements] : [])].map((a) => a.buffer);
    this.post({ load: url, surface, sizes: sizes && { low: sizes.low, high: sizes.high } }, given);
  }

  /** cut asks for a cut; the plane is computed once the volume is known. */
  cut(plane: (facts: VolumeFacts) => Plane): void {
    this.wanted = plane;
    this.next();
  }

  /** forget drops the wish that waits. */
  forget(): void {
    this.wanted = null;
  }

  dispose(): void {
    this.worker.terminate();
  }

  private next(): void {
    if (this.busy || !this.wanted || !this.facts) return;
    const plane = this.wanted(this.facts);
    this.wanted = null;
    this.post({ cut: plane });
  }

  private post(request: Request, transfer: ArrayBufferLike[] = []): void {
    this.busy = true;
    this.worker.postMessage(request, { transfer: transfer as ArrayBuffer[] });
  }
}
