/** The keys that turn, move and zoom the view while the canvas has the focus: what a hand does with a mouse can be done without one. */
import type { CameraRig } from "./cameraRig";

const TURN = Math.PI / 12;
const MOVE = 0.1; // of what is in view
const ZOOM = 1.2;

type Way = readonly [right: number, up: number];

/** As a hand drags: the part goes where the arrow points, with control held: arrows alone move the pointer. */
const ARROWS: Record<string, Way> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
/** The same by letters: macOS keeps the arrows with control for itself. */
const LETTERS: Record<string, Way> = { j: [-1, 0], l: [1, 0], u: [0, 1], k: [0, -1] };
const ZOOMS: Record<string, number> = { "+": ZOOM, "=": ZOOM, "-": 1 / ZOOM, "−": 1 / ZOOM };

/** listenToCameraKeys moves the camera until the signal ends it. */
export function listenToCameraKeys(canvas: HTMLElement, rig: CameraRig, signal: AbortSignal): void {
  canvas.addEventListener(
    "keydown",
    (e) => {
      const plain = !e.ctrlKey && !e.metaKey && !e.altKey;
      const way = plain ? LETTERS[e.key.toLowerCase()] : e.ctrlKey && ARROWS[e.key];
      const zoom = ZOOMS[e.key];
      if (way) {
        const [right, up] = way;
        if (e.shiftKey) rig.move(MOVE * right, MOVE * up);
        else rig.turn(TURN * right, TURN * up);
      } else if (zoom && plain) rig.zoom(zoom);
      else return;
      e.preventDefault();
    },
    { signal },
  );
}
