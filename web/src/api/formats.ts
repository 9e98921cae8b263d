/** Fetches a mesh in a format that is made when it is asked for. */
import { ApiError, type Problem } from "./client";

const TRIES = 60; // each waits as long as the service says

/** fetchFormat has a format written, waits for it, and lets the browser save it. */
export async function fetchFormat(mesh: string, format: string): Promise<void> {
  const url = `/v1/meshes/${mesh}/download?format=${format}`;
  for (let i = 0; i < TRIES; i++) {
    const answer = await fetch(url, { redirect: "manual" });
    // The way to the file is a redirect; the bytes are for the browser to save, not for the page to hold.
    if (answer.type === "opaqueredirect") return save(url);
    if (answer.status !== 503)
      throw new ApiError(answer.status, (await answer.json().catch(() => undefined)) as Problem | undefined);
    const pause = Number(answer.headers.get("Retry-After")) || 1;
    await new Promise((done) => setTimeout(done, 1000 * pause));
  }
  throw new ApiError(503, { detail: "The file is not there yet. Try again later." } as Problem);
}

function save(url: string): void {
  const a = document.createElement("a");
  a.href = url;
  a.download = "";
  a.click();
}
