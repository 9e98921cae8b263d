/**
 * A pointer that is moved by the arrow keys while the canvas has the focus, with Enter for a click: what a mouse points at can be
 * reached without one.
 */
import type { PointerActions } from "./pointer";

const STEP = 12; // pixels
const FINE = 1; // with shift
const SIZE = 21;

const WAYS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * listenToKeys calls the actions until the signal ends it; the host shows the pointer. The returned function is called when the view
 * has changed: with the next frame it is pointed at what is there now.
 */
export function listenToKeys(host: HTMLElement, canvas: HTMLElement, actions: PointerActions, signal: AbortSignal): () => void {
  let at: { x: number; y: number } | null = null;
  const cross = document.createElement("div");
  cross.setAttribute("aria-hidden", "true");
  cross.style.cssText = `position:absolute;top:0;left:0;width:${SIZE}px;height:${SIZE}px;pointer-events:none;display:none;mix-blend-mode:difference;
    background:linear-gradient(#fff,#fff) center/1px 100% no-repeat,linear-gradient(#fff,#fff) center/100% 1px no-repeat`;
  host.append(cross);
  signal.addEventListener("abort", () => cross.remove());
  const show = () => {
    cross.style.display = at ? "block" : "none";
    if (at) cross.style.transform = `translate(${at.x - SIZE / 2}px, ${at.y - SIZE / 2}px)`;
  };
  const leave = () => {
    if (at) actions.point(null);
    at = null;
    show();
  };
  canvas.addEventListener(
    "keydown",
    (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey) return;
      const { clientWidth: width, clientHeight: height } = canvas;
      const way = WAYS[e.key];
      if (way) {
        const step = e.shiftKey ? FINE : STEP;
        const from = at ?? { x: width / 2 - step * way[0], y: height / 2 - step * way[1] };
        at = {
          x: Math.min(Math.max(from.x + step * way[0], 0), width - 1),
          y: Math.min(Math.max(from.y + step * way[1], 0), height - 1),
        };
        show();
        actions.point(at);
        e.preventDefault(); // a page that is scrolled moves the canvas away
      } else if (e.key === "Enter" && at) {
        actions.click(at, e.shiftKey);
        e.preventDefault();
      }
    },
    { signal },
  );
  canvas.addEventListener("blur", leave, { signal });
  // A hand on the mouse takes over.
  canvas.addEventListener("pointermove", () => at && leave(), { signal });
  let waiting = 0;
  signal.addEventListener("abort", () => cancelAnimationFrame(waiting));
  return () => {
    if (!at || waiting) return;
    waiting = requestAnimationFrame(() => {
      waiting = 0;
      if (at) actions.point(at);
    });
  };
}
