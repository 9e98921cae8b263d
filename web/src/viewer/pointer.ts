/** What a pointer does over the canvas, beside turning the part: it points, and it clicks. */

export interface PointerActions {
  /** The pointer rests at a place of the canvas, in CSS pixels; null where it has left. At most once a frame. */
  point: (at: { x: number; y: number } | null) => void;
  /** A click that was no drag; add is wanted with shift, control or command. */
  click: (at: { x: number; y: number }, add: boolean) => void;
}

const STILL = 4; // pixels that a click may slip

/** listenToPointer calls the actions until the signal ends it. */
export function listenToPointer(canvas: HTMLCanvasElement, actions: PointerActions, signal: AbortSignal): void {
  let pressed: { x: number; y: number } | null = null;
  let last = { x: 0, y: 0 };
  let waiting = 0;
  const on = <K extends keyof HTMLElementEventMap>(event: K, f: (e: HTMLElementEventMap[K]) => void) =>
    canvas.addEventListener(event, f, { signal });
  on("pointerdown", (e) => {
    pressed = { x: e.clientX, y: e.clientY };
  });
  on("pointerup", (e) => {
    const still = pressed && Math.hypot(e.clientX - pressed.x, e.clientY - pressed.y) < STILL;
    pressed = null;
    if (still && e.button === 0) actions.click({ x: e.offsetX, y: e.offsetY }, e.shiftKey || e.ctrlKey || e.metaKey);
  });
  on("pointermove", (e) => {
    if (pressed || e.pointerType === "touch") return;
    last = { x: e.offsetX, y: e.offsetY };
    if (waiting) return; // the frame takes the last place: the pointer may rest there
    waiting = requestAnimationFrame(() => {
      waiting = 0;
      if (!signal.aborted) actions.point(last);
    });
  });
  on("pointerleave", () => {
    cancelAnimationFrame(waiting);
    waiting = 0;
    actions.point(null);
  });
}
