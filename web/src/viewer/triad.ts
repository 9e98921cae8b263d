/** The directions of x, y and z, in a corner of the picture: a cut, and how far places are apart, are along them. */
import { type Quaternion, Vector3 } from "three";
import type { Theme } from "./types";

const NAMES = ["x", "y", "z"] as const;
const SIZE = 68; // pixels across
const MARGIN = 6; // from the edges of the picture
const LENGTH = 20; // of an axis that is seen in full
const WIDTH = 2;
const HALO = 6; // around it, of the ground: the part may lie behind
const BEYOND = 9; // from the end of an axis to the middle of its letter
const AWAY = 0.45; // how much is seen of one that points away
const FONT = "600 12px system-ui, sans-serif";
const SVG = "http://www.w3.org/2000/svg";

export interface Axis {
  /** Which of the three. */
  of: number;
  /** Its end, and the middle of its letter, in pixels to the right and down. */
  end: [number, number];
  letter: [number, number];
  away: boolean;
}

/** axesSeenBy returns the axes as a camera sees them, those behind first. */
export function axesSeenBy(camera: Quaternion): Axis[] {
  const turn = camera.clone().invert();
  return NAMES.map((_, of) => ({ of, at: new Vector3().setComponent(of, 1).applyQuaternion(turn) }))
    .sort((a, b) => a.at.z - b.at.z)
    .map(({ of, at }) => {
      const seen = Math.hypot(at.x, at.y);
      const from = (right: number, down: number, length: number): [number, number] => [right * length, down * length];
      const end = from(at.x, -at.y, LENGTH);
      // The letter of one that is seen from its end stands beside it.
      const beside = 1 - Math.min(1, seen / 0.3);
      const [right, down] = seen > 0 ? [at.x / seen, -at.y / seen] : [0, 0];
      const letter = from(right, down, (1 - beside) * BEYOND);
      return {
        of,
        end,
        letter: [end[0] + letter[0] - beside * BEYOND, end[1] + letter[1] + beside * BEYOND],
        away: at.z < -0.01,
      };
    });
}

function setAll(e: Element, attributes: Record<string, string | number>): void {
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, String(value));
}

export class Triad {
  private readonly svg = document.createElementNS(SVG, "svg");
  private readonly axes = NAMES.map((name) => {
    const line = document.createElementNS(SVG, "line");
    const halo = document.createElementNS(SVG, "line");
    const text = document.createElementNS(SVG, "text");
    text.textContent = name;
    const group = document.createElementNS(SVG, "g");
    group.append(halo, line, text);
    return { group, halo, line, text };
  });
  private seen: Axis[] = [];
  private seenBy: Quaternion | null = null;
  private colors: readonly string[] = [];
  private background = "";

  constructor(host: HTMLElement) {
    const { svg } = this;
    svg.setAttribute("aria-hidden", "true"); // the standard views are named
    svg.setAttribute("viewBox", `${-SIZE / 2} ${-SIZE / 2} ${SIZE} ${SIZE}`);
    svg.dataset.triad = "";
    svg.style.cssText = `position:absolute;left:${MARGIN}px;bottom:${MARGIN}px;width:${SIZE}px;height:${SIZE}px;pointer-events:none;font:${FONT};
      stroke-linecap:round;stroke-linejoin:round;text-anchor:middle;dominant-baseline:central`;
    host.append(svg);
  }

  setTheme({ axes, background }: Pick<Theme, "axes" | "background">): void {
    this.colors = axes;
    this.background = background;
    this.axes.forEach(({ halo, line, text }, i) => {
      setAll(halo, { stroke: background, "stroke-width": HALO });
      setAll(line, { stroke: axes[i], "stroke-width": WIDTH });
      setAll(text, { fill: axes[i], stroke: background, "stroke-width": HALO / 2, "paint-order": "stroke" });
    });
  }

  /** turn shows the axes as a camera sees them; null shows none, where there is nothing to see. */
  turn(camera: Quaternion | null): void {
    if (camera && this.seenBy?.equals(camera)) return; // most frames show a picture that changes otherwise
    const before = this.seen.map((a) => a.of).join();
    this.seenBy = camera?.clone() ?? null;
    this.svg.style.display = camera ? "" : "none";
    this.seen = camera ? axesSeenBy(camera) : [];
    for (const { of, end, letter, away } of this.seen) {
      const { group, halo, line, text } = this.axes[of];
      const [x2, y2] = end.map((v) => v.toFixed(1));
      for (const l of [halo, line]) setAll(l, { x2, y2 });
      setAll(text, { x: letter[0].toFixed(1), y: letter[1].toFixed(1) });
      setAll(group, { opacity: away ? AWAY : 1 });
    }
    if (this.seen.map((a) => a.of).join() === before) return;
    for (const { of } of this.seen) this.svg.append(this.axes[of].group); // over those behind
  }

  /** paint draws the same into a picture of so many pixels, ratio of them to one of the screen. */
  paint(to: CanvasRenderingContext2D, height: number, ratio: number): void {
    to.setTransform(ratio, 0, 0, ratio, ratio * (MARGIN + SIZE / 2), height - ratio * (MARGIN + SIZE / 2));
    Object.assign(to, { lineCap: "round", lineJoin: "round", font: FONT, textAlign: "center", textBaseline: "middle" });
    for (const { of, end, letter, away } of this.seen) {
      to.globalAlpha = away ? AWAY : 1;
      to.beginPath();
      to.moveTo(0, 0);
      to.lineTo(...end);
      for (const [strokeStyle, lineWidth] of [
        [this.background, HALO],
        [this.colors[of], WIDTH],
      ]) {
        Object.assign(to, { strokeStyle, lineWidth });
        to.stroke();
      }
      Object.assign(to, { strokeStyle: this.background, lineWidth: HALO / 2, fillStyle: this.colors[of] });
      to.strokeText(NAMES[of], ...letter);
      to.fillText(NAMES[of], ...letter);
    }
  }

  dispose(): void {
    this.svg.remove();
  }
}
