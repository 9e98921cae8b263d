/** Fetches and decodes a surface beside the page, so that the page never waits for it. A worker does so once, and ends (load.ts). */
import { buffers, type Prepared, prepare } from "./prepare";
import { readSurface } from "./surfaceFile";

export type Answer = { error: string } | { prepared: Prepared };

self.onmessage = async (e: MessageEvent<{ url: string }>) => {
  try {
    const response = await fetch(e.data.url);
    if (!response.ok) throw new Error(`The store answered ${response.status}.`);
    const prepared = prepare(await readSurface(await response.arrayBuffer()));
    answer({ prepared }, buffers(prepared));
  } catch (error) {
    answer({ error: error instanceof Error ? error.message : String(error) });
  }
};

function answer(a: Answer, transfer: ArrayBuffer[] = []): void {
  self.postMessage(a, { transfer });
}
