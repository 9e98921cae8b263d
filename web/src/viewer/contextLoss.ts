/** The graphics card may be taken away from a page, and given back. */

export interface ContextActions {
  lost: () => void;
  restored: () => void;
}

/** listenToContext calls the actions until the signal ends it. */
export function listenToContext(canvas: HTMLCanvasElement, { lost, restored }: ContextActions, signal: AbortSignal): void {
  canvas.addEventListener(
    "webglcontextlost",
    (e) => {
      e.preventDefault(); // so that it may come back
      lost();
    },
    { signal },
  );
  canvas.addEventListener("webglcontextrestored", restored, { signal });
}
