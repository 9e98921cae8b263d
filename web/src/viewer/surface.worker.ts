/** Fetches and decodes a surface beside the page, so that the page never waits for it. A worker does so once, and ends (load.ts). */
import { buffersIn, type Facts, facts, type Shaped, shape } from "./prepare";
import { readSurface } from "./surfaceFile";

/** First what can be drawn, then what else there is to know. */
export type Answer = { error: string } | { shaped: Shaped } | { facts: Facts };

self.onmessage = async (e: MessageEvent<{ url: string }>) => {
  try {
    const response = await fetch(e.data.url);
    if (!response.ok) throw new Error(`The store answered ${response.status}.`);
    const surface = await readSurface(await response.arrayBuffer(), (s) => {
      const shaped = shape({ ...s, positions: s.positions.slice() }); // the facts are found by them, too
      answer({ shaped }, buffersIn(shaped));
    });
    const found = facts(surface);
    answer({ facts: found }, buffersIn(found));
  } catch (error) {
    answer({ error: error instanceof Error ? error.message : String(error) });
  }
};

function answer(a: Answer, transfer: ArrayBuffer[] = []): void {
  self.postMessage(a, { transfer });
}
