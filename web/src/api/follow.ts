/** Follows the events of a job until it has ended. */

export interface JobEvents {
  status?: (e: { status: string; stage?: string; progress: number }) => void;
  stage?: (e: { stage: string; progress: number; detail?: string }) => void;
  log?: (lines: { level: string; text: string; seconds: number }[]) => void;
  artifact?: (e: { name: string; format: string; preview?: boolean }) => void;
  done?: () => void;
  /** The stream broke and is being resumed, or runs again. */
  connection?: (connected: boolean) => void;
}

/** follow listens to the events at a path and returns a function that ends it. The browser resumes a broken stream by itself. */
export function follow(path: string, on: JobEvents): () => void {
  const source = new EventSource(path);
  const listen = (type: string, f: (data: never) => void) =>
    source.addEventListener(type, (e) => f(JSON.parse((e as MessageEvent<string>).data) as never));
  source.onopen = () => on.connection?.(true);
  source.onerror = () => on.connection?.(false);
  listen("status", (d: { status: string; stage?: string; progress: number }) => on.status?.(d));
  listen("stage", (d: { stage: string; progress: number }) => on.stage?.(d));
  listen("progress", (d: { stage: string; progress: number }) => on.stage?.(d));
  listen("log", (d: { lines: { level: string; text: string; seconds: number }[] }) => on.log?.(d.lines));
  listen("artifact", (d: { name: string; format: string; preview?: boolean }) => on.artifact?.(d));
  source.addEventListener("done", () => {
    source.close();
    on.done?.();
  });
  return () => source.close();
}

export interface WorkEvents {
  /** Of a geometry or a mesh: where it stands. */
  status: (e: { subject: string; status: string; progress: number }) => void;
  progress?: (e: { subject: string; stage: string; progress: number }) => void;
  /** The stream broke and runs again: something may have been missed. */
  resumed: () => void;
}

/** followAll listens to all work of the person and returns a function that ends it. */
export function followAll(on: WorkEvents): () => void {
  const source = new EventSource("/v1/events");
  let broke = false;
  source.onerror = () => {
    broke = true;
  };
  source.onopen = () => {
    if (broke) on.resumed();
    broke = false;
  };
  const listen = (type: string, f: ((data: never) => void) | undefined) =>
    source.addEventListener(type, (e) => f?.(JSON.parse((e as MessageEvent<string>).data) as never));
  listen("status", on.status);
  listen("done", on.status);
  listen("stage", on.progress);
  listen("progress", on.progress);
  return () => source.close();
}
