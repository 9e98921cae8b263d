/** What a pointer does over the canvas, beside turning the part: it points, and it clicks. */

export interface PointerActions {
  /** The pointer is at a place of the canvas, in CSS pixels; null where it has left. At most once a frame. */
  point: (at: { x: number; y: number } | null) => void;
  /** A click that was no drag; add is wanted with shift, control or command. */
  click: (at: { x: number; y: number }, add: boolean) => void;
}

const STILL = 4; // pixels that a click may slip

/**
 * listenToPointer calls the actions until the signal ends it. The returned function is called when what is seen has changed: with the
 * next frame a pointer that rests is pointed at what is there now.
 */
export function listenToPointer(canvas: HTMLCanvasElement, actions: PointerActions, signal: AbortSignal): () => void {
  let pressed: { x: number; y: number } | null = null;
  let dragged = false;
  let last: { x: number; y: number } | null = null; // where it is, over the canvas
  let waiting = 0;
  const on = <K extends keyof HTMLElementEventMap>(event: K, f: (e: HTMLElementEventMap[K]) => void) =>
    canvas.addEventListener(event, f, { signal });
  const again = () => {
    if (!last || pressed || waiting) return; // the frame takes the last place: the pointer may rest there
    waiting = requestAnimationFrame(() => {
      waiting = 0;
      if (last && !pressed && !signal.aborted) actions.point(last);
    });
  };
  const leave = () => {
    cancelAnimationFrame(waiting);
    waiting = 0;
    if (last) actions.point(null);
    last = null;
  };
  on("pointerdown", (e) => {
    pressed = { x: e.clientX, y: e.clientY };
    dragged = false;
  });
  on("pointerup", (e) => {
    const click = pressed && !dragged && e.button === 0;
    pressed = null;
    if (click) actions.click({ x: e.offsetX, y: e.offsetY }, e.shiftKey || e.ctrlKey || e.metaKey);
    again(); // where a drag has ended
  });
  on("pointercancel", () => {
    pressed = null;
  });
  on("pointermove", (e) => {
    if (pressed && !dragged && Math.hypot(e.clientX - pressed.x, e.clientY - pressed.y) >= STILL) {
      dragged = true;
      if (last) actions.point(null); // what was pointed at moves away from under it
    }
    if (e.pointerType === "touch") return;
    last = { x: e.offsetX, y: e.offsetY };
    again();
  });
  on("pointerleave", leave);
  // Who points by the arrow keys takes over from a hand that has left the mouse where it lies.
  on("keydown", (e) => {
    if (e.key.startsWith("Arrow") && !e.ctrlKey && !e.metaKey && !e.altKey) last = null;
  });
  return again;
}
