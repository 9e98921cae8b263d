/** Fetches and decodes a surface beside the page, so that the page never waits for it. */
import { buffers, prepare } from "./prepare";
import { readSurface } from "./surfaceFile";

export type Answer = { url: string; error: string } | ({ url: string } & ReturnType<typeof prepare>);

self.onmessage = async (e: MessageEvent<{ url: string }>) => {
  const { url } = e.data;
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`The store answered ${response.status}.`);
    const prepared = prepare(await readSurface(await response.arrayBuffer()));
    self.postMessage({ url, ...prepared }, { transfer: buffers(prepared) });
  } catch (error) {
    self.postMessage({ url, error: error instanceof Error ? error.message : String(error) });
  }
};
